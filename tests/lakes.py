"""What tests of event data stores share: the jobs that fill them and run their queries, done by hand."""

from __future__ import annotations

import asyncio
import json
import time
from typing import TYPE_CHECKING, Any

from tests.turns import turns

from akia.jobs.fill_event_data_stores import FillEventDataStores
from akia.jobs.run_queries import RunQueries

if TYPE_CHECKING:
    from akia.querying.question import Limits
    from akia.store.store import Store
    from akia.testing.in_process import InProcess


class Lake:
    """The jobs of one worker, some `seconds` from now. `client` is the root user's."""

    def __init__(self, akia: InProcess, limits: Limits | None = None) -> None:
        self.akia, self.seconds = akia.akia, 0.0
        self.client = akia.client("cloudtrail")
        self.do = turns(self.akia)
        self.fills = FillEventDataStores(self.store, self.do, self.clock)
        self.queries = RunQueries(self.akia.authority, akia.directory / "lake", limits, self.clock)

    def clock(self) -> float:
        return time.time() + self.seconds

    @property
    def store(self) -> Store:
        return self.akia.store

    def made(self, name: str = "main", **settings: Any) -> str:
        """The ARN of a new store, which anybody may delete."""
        arn: str = self.client.create_event_data_store(Name=name, TerminationProtectionEnabled=False, **settings)["EventDataStoreArn"]
        return arn

    def fill(self) -> None:
        """Everything that was answered comes into the stores."""
        self.akia.authority.drain()
        asyncio.run(self.fills.fill(self.store.event_data_stores.all()))

    def trim(self) -> None:
        asyncio.run(self.fills.trim())

    def answer(self) -> None:
        """Every query that waits is run."""
        asyncio.run(self.queries.once(self.do))

    def names(self, arn: str) -> list[str]:
        """What happened, of the events in a store, oldest first."""
        return [json.loads(event.record)["eventName"] for _, event in self.store.lake_events.page(arn[-36:])]

    def rows(self, statement: str, **options: Any) -> list[dict[str, str]]:
        """What a query answers, each row as a mapping."""
        query = self.client.start_query(QueryStatement=statement, **options)["QueryId"]
        told = self.client.get_query_results(QueryId=query)
        assert told["QueryStatus"] == "FINISHED", told
        return [{name: value for cell in row for name, value in cell.items()} for row in told["QueryResultRows"]]
