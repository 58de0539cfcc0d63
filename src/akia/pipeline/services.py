"""The services that this akia speaks for, as the pipeline sees them: a total table. What nobody has built yet stands in it too, and says
so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

from akia.aws import catalogue
from akia.aws.errors import NotImplementedHere
from akia.operation import Access, Action, Context, Operation, Operations, everything

if TYPE_CHECKING:
    from collections.abc import Mapping


class Services:
    """Operations by service and name."""

    def __init__(self, implemented: Mapping[str, Operations]) -> None:
        self._implemented = implemented
        self._missing: dict[tuple[str, str], Operation] = {}

    def operation(self, service: str, name: str) -> Operation:
        """The operation `name` of the service whose model is `service`. For one that is not built: an operation that refuses, after
        authorization."""
        operations = self._implemented.get(service)
        operation = operations.get(name) if operations is not None else None
        if operation is not None:
            return operation
        missing = self._missing.get((service, name))
        if missing is None:
            missing = self._missing[service, name] = _not_built(service, name)
        return missing


def _not_built(service: str, name: str) -> Operation:
    prefix, _, action = (catalogue.action_of(service, name) or f"{service}:{name}").partition(":")

    def refuse(context: Context, request: Any) -> NoReturn:
        raise NotImplementedHere(f"{name} is not implemented by this endpoint.")

    return Operation(
        service=service,
        name=name,
        action=Action(prefix, action, Access.WRITE),
        resource=everything,
        body=refuse,
        writes=False,
        read_only_event=False,
    )
