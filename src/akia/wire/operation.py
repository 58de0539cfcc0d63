"""One operation: its facts, and the functions compiled from its model, each at its first use."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from akia.aws.errors import Family, InvalidMember, ValidationError
from akia.wire.constraints import Check, validation_error
from akia.wire.protocols.protocol import Interface, Parse, Succeed
from akia.wire.protocols.query import refuse_what_xml_cannot_carry
from akia.wire.schema import RawShapes, Shape

if TYPE_CHECKING:
    from collections.abc import Mapping

    from akia.wire.events import RedactMembers
    from akia.wire.request import Answer, HttpRequest
    from akia.wire.service import Service

Authentication = Literal["sigv4", "none", "bearer"]
"""How the model says that callers prove themselves."""

_ERRORS_OF_MEMBERS: Mapping[tuple[str, str], Mapping[str, str]] = {
    ("cloudtrail", "LookupEvents"): {
        "LookupAttributes": "InvalidLookupAttributesException",
        "EventCategory": "InvalidEventCategoryException",
        "MaxResults": "InvalidMaxResultsException",
    },
}
"""By service and operation, none of whose members is required: the errors that the model has for some of them (AC6.1)."""


class Operation:
    """An operation of `service` as its model describes it."""

    def __init__(self, service: Service, raw: Mapping[str, Any], shapes: RawShapes) -> None:
        self.service = service
        self.name: str = raw["name"]
        self.method: str = raw["http"]["method"]
        self.uri: str = raw["http"]["requestUri"]
        self.errors: tuple[str, ...] = tuple(raw.get("errors", ()))
        self.authentication: Authentication = "none" if raw.get("authtype") == "none" else service.authentication
        self.interface = Interface(
            self.name,
            Shape(raw["input"], shapes) if "input" in raw else None,
            Shape(raw["output"], shapes) if "output" in raw else None,
            raw.get("output", {}).get("resultWrapper"),
            raw["http"].get("responseCode", 200),
        )

    def __repr__(self) -> str:
        return f"<Operation {self.service.name}:{self.name}>"

    @property
    def has_input(self) -> bool:
        return self.interface.input is not None

    @property
    def signing_name(self) -> str:
        """The service that a credential scope must name for this operation; another one is refused (NT-87)."""
        return self.service.signing_name

    @property
    def unsigned(self) -> bool:
        """Whether the model marks the operation as reachable without a signature (NT-30, W3.8)."""
        return self.authentication == "none"

    @property
    def family(self) -> Family:
        return self.service.family

    def parse(self, request: HttpRequest, given: Mapping[str, str]) -> dict[str, Any]:
        """The members of the input, every constraint of the model met. `given` is what routing found: a form's fields or a path's labels.

        Timestamps are aware UTC datetimes, blobs bytes; undeclared members are dropped (NT-43).
        Raises MalformedInput for what cannot be read, ValidationError for what breaks a constraint (W9.4).
        """
        members = self._read(request, given)
        if self._check is not None:
            violations: list[str] = []
            self._check(members, "", violations)
            if violations:
                raise self._refusal(members, violations)
        if self.service.family is Family.QUERY:
            refuse_what_xml_cannot_carry(given)
        return members

    def success(self, result: Mapping[str, Any] | None, request_id: str, *, accept_json: bool = False) -> Answer:
        """The response for `result`, whose members are Python values; absent and None members are left out (W6.3).

        `accept_json` says that the client sent `Accept: application/json`, which matters to query services only (W4.9).
        """
        succeed = self._succeed_in_json if accept_json else self._succeed
        return succeed(result or {}, request_id)

    def event_input(self, members: Mapping[str, Any]) -> dict[str, Any]:
        """What the trail may say of the input (AC1.3, AC3.4)."""
        return self._redact_input(members)

    def event_output(self, result: Mapping[str, Any] | None) -> dict[str, Any]:
        """What the trail may say of the result (AC1.4, AC3.4)."""
        return self._redact_output(result or {})

    def _refusal(self, members: Mapping[str, Any], violations: list[str]) -> ValidationError:
        """The error for an input that breaks constraints: a member's own, if the model has one for it."""
        error, check = validation_error(violations), self._check
        for name, code in _ERRORS_OF_MEMBERS.get((self.service.name, self.name), {}).items():
            broken: list[str] = []
            if check is not None and name in members:
                check({name: members[name]}, "", broken)
            if broken:
                return InvalidMember(error.message, code)
        return error

    @cached_property
    def _read(self) -> Parse:
        return self.service.speaks.parser(self.interface)

    @cached_property
    def _check(self) -> Check | None:
        return self.service.constraints.of(self.interface.input) if self.interface.input else None

    @cached_property
    def _succeed(self) -> Succeed:
        return self.service.speaks.succeeder(self.interface)

    @cached_property
    def _succeed_in_json(self) -> Succeed:
        return self.service.speaks_json.succeeder(self.interface) if self.service.speaks_json else self._succeed

    @cached_property
    def _redact_input(self) -> RedactMembers:
        return self.service.redaction.top(self.name, self.interface.input)

    @cached_property
    def _redact_output(self) -> RedactMembers:
        return self.service.redaction.top(self.name, self.interface.output)
