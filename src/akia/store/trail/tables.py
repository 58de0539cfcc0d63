"""The trail's tables. Times of events are in epoch milliseconds."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, Table, Text, UniqueConstraint, text

from akia.store.tables import METADATA

events = Table(
    "events",
    METADATA,
    Column("event_id", Text, nullable=False, unique=True),
    Column("request_id", Text, nullable=False, index=True),
    Column("account", Text, nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("name", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("username", Text, nullable=False),
    Column("access_key_id", Text, nullable=False),
    Column("verified", Integer, nullable=False),
    Column("read_only", Integer, nullable=False),
    Column("error_code", Text, nullable=False),
    Column("region", Text, nullable=False),
    Column("record", Text, nullable=False),
    Column("decision", Text, nullable=False),
    Column("resources", Text, nullable=False),
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
    Column("account", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("at_ms", BigInteger, primary_key=True),
    Column("event_id", Text, primary_key=True),
    Column("type", Text, primary_key=True),
    Index(None, "account", "type", "at_ms"),
    sqlite_with_rowid=False,
)
"""An index of `events.resources`; the row is its own key, so writing it twice is writing it once."""

event_principals = Table(
    "event_principals",
    METADATA,
    Column("account", Text, primary_key=True),
    Column("principal", Text, primary_key=True),
    Column("at_ms", BigInteger, primary_key=True),
    Column("event_id", Text, primary_key=True),
    sqlite_with_rowid=False,
)
"""Whom the decisions beside the events were about: the unique id of a user, `role id:session` of a session."""

key_uses = Table(
    "key_uses",
    METADATA,
    Column("access_key_id", Text, primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("service", Text, nullable=False),
    Column("region", Text, nullable=False),
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
    Column("role_id", Text, primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("region", Text, nullable=False),
    sqlite_with_rowid=False,
)
"""The latest verified call of any session of each role, in the same way."""

analysis_jobs = Table(
    "analysis_jobs",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("account", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("started", BigInteger, nullable=False),
    Column("canceled", Integer, nullable=False),
    Column("token", Text, nullable=False),
    Column("details", Text, nullable=False),
    UniqueConstraint("account", "kind", "token"),
    Index(None, "account", "kind", "started"),
    sqlite_with_rowid=False,
)
"""Questions about what somebody has used: asked once (`started`, epoch seconds), answered from the events whenever the answer is read."""

analyzers = Table(
    "analyzers",
    METADATA,
    Column("account", Text, primary_key=True),
    Column("region", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("type", Text, nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("configuration", Text, nullable=False),
    Column("tags", Text, nullable=False),
    sqlite_with_rowid=False,
)
"""Access Analyzer's analyzers; `configuration` and `tags` are JSON."""

event_cursors = Table(
    "event_cursors",
    METADATA,
    Column("reader", Text, primary_key=True),
    Column("number", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
"""How far those have come who go through the events in the order in which they came in."""
