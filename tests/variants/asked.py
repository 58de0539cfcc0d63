"""An operation that is asked of a world, through an unmodified client that checks nothing of what it sends."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from botocore import xform_name
from botocore.exceptions import ClientError
from tests.variants import expected
from tests.variants.generator import Variant, Variants

from akia.aws import own_models
from akia.wire import Models

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.variants.plenty import Plenty

    from akia.wire import Operation

CALLERS = ("ann", "root")
"""An administrator, who has all that a user can have, and the root user."""


@dataclass(frozen=True)
class Told:
    """What somebody is answered to a variant."""

    caller: str
    variant: Variant
    response: Mapping[str, Any]

    @property
    def status(self) -> int:
        status: int = self.response["ResponseMetadata"]["HTTPStatusCode"]
        return status

    @property
    def code(self) -> str:
        return str(self.response.get("Error", {}).get("Code", ""))

    @property
    def message(self) -> str:
        return str(self.response.get("Error", {}).get("Message", ""))

    def __str__(self) -> str:
        return f"{self.variant} ({self.caller}): {self.status} {self.code} {self.message[:160]}"


@dataclass(frozen=True)
class Asked:
    """One operation in the world."""

    service: str
    name: str

    def __str__(self) -> str:
        return f"{self.service}.{self.name}"

    @property
    def key(self) -> tuple[str, str]:
        return self.service, self.name

    @property
    def operation(self) -> Operation:
        return _models().service(self.service).operation(self.name)

    def variants(self, world: Plenty) -> Variants | None:
        """None for an operation that takes no input."""
        shape = self.operation.interface.input
        query = self.operation.service.protocol == "query"
        return Variants(shape, world.known(*self.key), sends_empty=not query) if shape and shape.members else None

    def good(self, world: Plenty) -> Iterator[Told]:
        variants = self.variants(world)
        for variant in variants.good() if variants else [Variant("least", {})]:
            for caller in (*CALLERS, *filter(None, [expected.ASKED_BY.get(self.key)])):
                yield self.told(world, caller, variant)

    def broken(self, world: Plenty) -> Iterator[Told]:
        variants = self.variants(world)
        for variant in variants.broken() if variants else ():
            for caller in CALLERS:
                yield self.told(world, caller, variant)

    def told(self, world: Plenty, caller: str, variant: Variant) -> Told:
        client = world.client(caller, self.service)
        with self._bent(client, variant.bent):
            try:
                response = getattr(client, xform_name(self.name))(**variant.members)
            except ClientError as refused:
                response = refused.response
        return Told(caller, variant, response)

    @contextmanager
    def _bent(self, client: Any, member: str | None) -> Iterator[None]:
        """What the client sends has `member` too, with a value that is not of its type."""
        if member is None:
            yield
            return

        def bend(params: dict[str, Any], **_: Any) -> None:
            self._add(params, member)

        client.meta.events.register("before-call", bend)
        yield
        client.meta.events.unregister("before-call", bend)

    def _add(self, params: dict[str, Any], name: str) -> None:
        shape: Any = self.operation.interface.input
        member = shape.members[name]
        wire_name = member.wire_name(name)
        if member.location == "querystring":
            params["url"] += f"{'&' if '?' in params['url'] else '?'}{quote(wire_name)}=x+y"
        elif self.operation.service.protocol == "query":
            params["body"][f"{wire_name}.x" if member.type == "string" else wire_name] = "x y"
        else:
            wrong = 5 if member.type in ("string", "structure", "list", "map", "blob") else {"x": 1}
            params["body"] = json.dumps(json.loads(params["body"] or b"{}") | {wire_name: wrong}).encode()

    def modelled(self, world: Plenty) -> set[str]:
        """The codes of the errors that the model lists for it."""
        shapes = world.client("root", self.service).meta.service_model.operation_model(self.name).error_shapes
        return {shape.metadata.get("error", {}).get("code", shape.name) for shape in shapes}


@cache
def _models() -> Models:
    return Models(extra=(own_models.DIRECTORY,))
