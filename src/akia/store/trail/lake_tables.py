"""Tables of event data stores, what they hold, and the queries that were asked of them. Times are in epoch seconds unless they say `ms`."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, Table, Text, UniqueConstraint

from akia.store.tables import METADATA

event_data_stores = Table(
    "event_data_stores",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("account", Text, nullable=False),
    Column("region", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("deleted", BigInteger, nullable=False),
    Column("settings", Text, nullable=False),
    UniqueConstraint("account", "region", "name"),
    sqlite_with_rowid=False,
)
"""`settings` is JSON of everything else. `deleted` is 0 for those whose deletion nobody has asked for."""

event_data_store_events = Table(
    "event_data_store_events",
    METADATA,
    Column("store", Text, nullable=False),
    Column("event_id", Text, nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("record", Text, nullable=False),
    UniqueConstraint("store", "event_id"),
    Index(None, "store", "at_ms"),
)
"""Copies, so that they outlive the event history: each store keeps its events as long as it was told to."""

lake_queries = Table(
    "lake_queries",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("account", Text, nullable=False),
    Column("region", Text, nullable=False),
    Column("store", Text, nullable=False),
    Column("alias", Text, nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("status", Text, nullable=False),
    Column("holder", Text, nullable=False),
    Column("until", BigInteger, nullable=False),
    Column("details", Text, nullable=False),
    Index(None, "account", "region", "created"),
    Index(None, "status", "created"),
    sqlite_with_rowid=False,
)
"""`store` is the first store that the query names. `holder` is the worker that runs it, `until` says for how long it may be taken to be
alive; `details` is JSON of everything else."""

lake_results = Table(
    "lake_results",
    METADATA,
    Column("query_id", Text, primary_key=True),
    Column("first", Integer, primary_key=True),
    Column("rows", Integer, nullable=False),
    Column("body", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)
"""What queries have answered: pieces of `rows` rows from the row `first` on, each compressed JSON."""
