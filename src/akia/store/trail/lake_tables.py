"""Tables of event data stores, what they hold, and the queries that were asked of them. Times are in epoch seconds unless they say `ms`."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, LargeBinary, Table, UniqueConstraint

from akia.store.tables import METADATA
from akia.store.trail.columns import keys, numbers, texts

event_data_stores = Table(
    "event_data_stores",
    METADATA,
    *keys("id"),
    *texts("account", "region", "name"),
    *numbers("created", "deleted"),
    *texts("settings"),
    UniqueConstraint("account", "region", "name"),
    sqlite_with_rowid=False,
)
"""`settings` is JSON of everything else. `deleted` is 0 for those whose deletion nobody has asked for."""

event_data_store_events = Table(
    "event_data_store_events",
    METADATA,
    *texts("store", "event_id"),
    *numbers("at_ms"),
    *texts("record"),
    UniqueConstraint("store", "event_id"),
    Index(None, "store", "at_ms"),
)
"""Copies, so that they outlive the event history: each store keeps its events as long as it was told to."""

lake_queries = Table(
    "lake_queries",
    METADATA,
    *keys("id"),
    *texts("account", "region", "store", "alias"),
    *numbers("created"),
    *texts("status", "holder"),
    *numbers("until"),
    *texts("details"),
    Index(None, "account", "region", "created"),
    Index(None, "status", "created"),
    sqlite_with_rowid=False,
)
"""`store` is the first store that the query names. `holder` is the worker that runs it, `until` says for how long it may be taken to be
alive; `details` is JSON of everything else."""

lake_results = Table(
    "lake_results",
    METADATA,
    *keys("query_id"),
    Column("first", Integer, primary_key=True),
    Column("rows", Integer, nullable=False),
    Column("body", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)
"""What queries have answered: pieces of `rows` rows from the row `first` on, each compressed JSON."""
