"""A pipeline over operations made for the occasion, everything else being real."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from tests.attacks.signer import Signer, form

from akia.authority.facts import RequestFacts
from akia.aws.ids import new_guid
from akia.operation import Access, Operations, everything
from akia.pipeline.request import Request
from akia.pipeline.serve import Pipeline, Write
from akia.pipeline.services import Services

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.conftest import World

    from akia.store.trail.event_row import EventRow
    from akia.wire import Answer

USER = {"UserName": "new"}


@dataclass
class Stage:
    """One akia whose `iam:CreateUser` and `iam:ListUsers` are what the test says."""

    world: World
    pipeline: Pipeline

    def request(self, action: str = "CreateUser", signer: Signer | None = None, **fields: str) -> Request:
        http = (signer or Signer.of(self.world.admin)).header(form(action, **(fields or (USER if action == "CreateUser" else {}))))
        return Request(http, RequestFacts(new_guid(), time.time(), "192.0.2.7", secure=False, user_agent="stage/1", host="akia"))

    def answer(self, request: Request) -> Answer:
        return replace(self.world.akia, pipeline=self.pipeline).direct().answer(request)

    def admitted(self, request: Request) -> Write:
        """The write that a request becomes."""
        _, write = self.pipeline.serve(request)
        assert isinstance(write, Write)
        return write

    def events(self, request: Request) -> list[EventRow]:
        self.world.akia.authority.drain()
        return self.world.akia.store.events.by_request_id(request.facts.request_id)

    def users(self) -> set[str]:
        """As another process sees them."""
        with closing(sqlite3.connect(self.world.directory / "akia.db")) as connection:
            return {name for (name,) in connection.execute("SELECT name FROM users")}

    def is_locked(self) -> bool:
        """Whether somebody is in a write transaction."""
        with closing(sqlite3.connect(self.world.directory / "akia.db", timeout=0, isolation_level=None)) as connection:
            try:
                connection.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError:
                return True
            connection.execute("ROLLBACK")
            return False


def staged(world: World, body: Callable[[Any, Any], Any], **facts: Any) -> Stage:
    """A stage on which CreateUser does `body`; `facts` as in `Operations.operation`."""
    iam = Operations("iam")
    facts = {"access": Access.WRITE, "resource": everything, **facts}
    iam.operation("CreateUser", **facts)(body)
    iam.operation("ListUsers", **facts | {"writes": False})(body)
    return Stage(world, replace(world.akia.pipeline, services=Services({"iam": iam})))
