"""The trail's tables. Times of events are in epoch milliseconds."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, Table, Text, UniqueConstraint, text

from akia.store.tables import METADATA
from akia.store.trail.columns import keys, numbers, texts

events = Table(
    "events",
    METADATA,
    Column("event_id", Text, nullable=False, unique=True),
    Column("request_id", Text, nullable=False, index=True),
    *texts("account"),
    *numbers("at_ms"),
    *texts("name", "source", "username", "access_key_id"),
    Column("verified", Integer, nullable=False),
    Column("read_only", Integer, nullable=False),
    *texts("error_code", "region", "record", "decision", "resources"),
    # the last two only to be looked at: whoever asks for a rare source reads this index and not the events
    Index(None, "account", "at_ms", "source", "read_only"),
    Index(None, "account", "name", "at_ms"),
    Index(None, "account", "username", "at_ms"),
    Index(None, "account", "access_key_id", "at_ms"),
)
Index(
    "ix_events_making_sessions",
    events.c.account,
    events.c.access_key_id,
    events.c.at_ms,
    sqlite_where=text("source = 'sts.amazonaws.com' AND resources != '[]'"),
)
"""Which sessions a key has made, among millions of its calls (G10)."""

event_resources = Table(
    "event_resources",
    METADATA,
    *keys("account", "name"),
    Column("at_ms", BigInteger, primary_key=True),
    *keys("event_id", "type"),
    Index(None, "account", "type", "at_ms"),
    sqlite_with_rowid=False,
)
"""An index of `events.resources`; the row is its own key, so writing it twice is writing it once."""

event_principals = Table(
    "event_principals",
    METADATA,
    *keys("account", "principal"),
    Column("at_ms", BigInteger, primary_key=True),
    *keys("event_id"),
    sqlite_with_rowid=False,
)
"""Whom the decisions beside the events were about: the unique id of a user, `role id:session` of a session."""

key_uses = Table(
    "key_uses",
    METADATA,
    *keys("access_key_id"),
    *numbers("at"),
    *texts("service", "region"),
    # "" if it is from before these were noted
    Column("address", Text, nullable=False, server_default=text("''")),
    Column("agent", Text, nullable=False, server_default=text("''")),
    Column("action", Text, nullable=False, server_default=text("''")),
    sqlite_with_rowid=False,
)
"""The latest verified use of each key (`at` in epoch milliseconds): outlives the events that told of it (NT-93)."""

role_uses = Table(
    "role_uses",
    METADATA,
    *keys("role_id"),
    *numbers("at"),
    *texts("region"),
    sqlite_with_rowid=False,
)
"""The latest verified call of any session of each role, in the same way."""

analysis_jobs = Table(
    "analysis_jobs",
    METADATA,
    *keys("id"),
    *texts("account", "kind", "subject"),
    *numbers("started"),
    Column("canceled", Integer, nullable=False),
    *texts("token", "details"),
    UniqueConstraint("account", "kind", "token"),
    Index(None, "account", "kind", "started"),
    sqlite_with_rowid=False,
)
"""Questions about what somebody has used: asked once (`started`, epoch seconds), answered from the events whenever the answer is read."""

analyzers = Table(
    "analyzers",
    METADATA,
    *keys("account", "region", "name"),
    *texts("type"),
    *numbers("created"),
    *texts("configuration", "tags"),
    sqlite_with_rowid=False,
)
"""Access Analyzer's analyzers; `configuration` and `tags` are JSON."""

event_cursors = Table(
    "event_cursors",
    METADATA,
    *keys("reader"),
    *numbers("number"),
    sqlite_with_rowid=False,
)
"""How far those have come who go through the events in the order in which they came in."""
