"""Tables of insights: how often what is called, and when that was unusual. Minutes are epoch seconds divided by 60."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Float, Index, Integer, Table, Text

from akia.store.tables import METADATA
from akia.store.trail.columns import keys, numbers, texts

_SERIES = ("account", "region", "source", "name", "error")

call_minutes = Table(
    "call_minutes",
    METADATA,
    *keys(*_SERIES),
    Column("minute", BigInteger, primary_key=True),
    *numbers("count"),
    Index(None, "account", "minute"),
    sqlite_with_rowid=False,
)
"""How many calls in each minute that had any: of changes if `error` is "", else of calls that failed so."""

insight_watches = Table(
    "insight_watches",
    METADATA,
    *keys("account"),
    *numbers("since", "examined"),
    sqlite_with_rowid=False,
)
"""Accounts whose calls are counted: since which minute, and up to which their counts have been looked at."""

insights = Table(
    "insights",
    METADATA,
    *keys(*_SERIES),
    *texts("id"),
    *numbers("started", "last", "bound"),
    Column("average", Float, nullable=False),
    *numbers("minutes"),
    sqlite_with_rowid=False,
)
"""What is unusual now: from which minute, up to which; more than `bound` calls a minute are. The last two are those of its baseline."""

insight_events = Table(
    "insight_events",
    METADATA,
    # Integer, since SQLite counts on without ever reusing a number only for this exact type
    Column("number", Integer, primary_key=True),
    Column("event_id", Text, nullable=False, unique=True),
    *texts("account", "region"),
    *numbers("at_ms"),
    *texts("source", "name", "kind", "record"),
    Index(None, "account", "at_ms"),
    sqlite_autoincrement=True,
)
"""Insights events: apart from the others, which are calls. `at_ms` is in epoch milliseconds."""
