"""Tables of insights: how often what is called, and when that was unusual. Minutes are epoch seconds divided by 60."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Float, Index, Integer, Table, Text

from akia.store.tables import METADATA


def _series(*, key: bool) -> list[Column[str]]:
    return [Column(name, Text, primary_key=key, nullable=False) for name in ("account", "region", "source", "name", "error")]


call_minutes = Table(
    "call_minutes",
    METADATA,
    *_series(key=True),
    Column("minute", BigInteger, primary_key=True),
    Column("count", BigInteger, nullable=False),
    Index(None, "account", "minute"),
    sqlite_with_rowid=False,
)
"""How many calls in each minute that had any: of changes if `error` is "", else of calls that failed so."""

insight_watches = Table(
    "insight_watches",
    METADATA,
    Column("account", Text, primary_key=True),
    Column("since", BigInteger, nullable=False),
    Column("examined", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
"""Accounts whose calls are counted: since which minute, and up to which their counts have been looked at."""

insights = Table(
    "insights",
    METADATA,
    *_series(key=True),
    Column("id", Text, nullable=False),
    Column("started", BigInteger, nullable=False),
    Column("last", BigInteger, nullable=False),
    Column("bound", BigInteger, nullable=False),
    Column("average", Float, nullable=False),
    Column("minutes", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
"""What is unusual now: from which minute, up to which; more than `bound` calls a minute are. The last two are those of its baseline."""

insight_events = Table(
    "insight_events",
    METADATA,
    # Integer, since SQLite counts on without ever reusing a number only for this exact type
    Column("number", Integer, primary_key=True),
    Column("event_id", Text, nullable=False, unique=True),
    Column("account", Text, nullable=False),
    Column("region", Text, nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("source", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("record", Text, nullable=False),
    Index(None, "account", "at_ms"),
    sqlite_autoincrement=True,
)
"""Insights events: apart from the others, which are calls. `at_ms` is in epoch milliseconds."""
