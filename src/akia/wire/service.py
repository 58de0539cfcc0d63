"""One service: its facts and its operations."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from akia.aws.errors import AwsError, Family
from akia.wire.constraints import Constraints
from akia.wire.directory import PREFERENCE
from akia.wire.events import Redaction
from akia.wire.operation import Authentication, Operation
from akia.wire.protocols.aws_json import AwsJson
from akia.wire.protocols.query import Query, QueryAsJson
from akia.wire.protocols.rest_json import RestJson
from akia.wire.schema import Shape
from akia.wire.uri_templates import UriTemplate, most_literal_first

if TYPE_CHECKING:
    from collections.abc import Mapping

    from akia.wire.protocols.protocol import WireProtocol
    from akia.wire.request import Answer

_PERCENT_ENCODED = {"iam": frozenset({"policyDocumentType"})}
"""Shapes that a service writes percent-encoded (W6.6, W6.7)."""

_WITHOUT_VALUES = frozenset({"iam"})
"""Services whose validation errors do not quote the value (P5.3-2)."""

_INVALID = "The specified value for {} is invalid. It must "
_A_PATH = _INVALID + "begin and end with / and contain only alphanumeric characters and/or / characters."
_OWN_WORDS: Mapping[str, Mapping[str, str]] = {
    "iam": {
        r"[\w+=,.@-]+": _INVALID + "contain only alphanumeric characters and/or the following: +=,.@_-",
        "path": _A_PATH,
        "newPath": _A_PATH,
        "pathPrefix": _INVALID + "begin with the / character and contain only alphanumeric characters and/or / characters.",
    }
}
"""What a service says itself of strings that do not match their pattern, by member or pattern (P5.3-2)."""

_WITH_OAUTH_ERRORS = frozenset({"sso-oidc"})
"""Services whose errors have OAuth's members too (W7.7)."""

_THROTTLING = ("ThrottlingException", "TooManyRequestsException")
"""What models call it that all clients recognise (W8.2)."""


class Service:
    """A service as its pruned model describes it. Operations are made at their first use."""

    def __init__(self, name: str, model: Mapping[str, Any]) -> None:
        metadata = model["metadata"]
        self.name = name
        self.protocol = chosen_protocol(metadata)
        self.api_version: str = metadata["apiVersion"]
        self.endpoint_prefix: str = metadata["endpointPrefix"]
        self.signing_name: str = metadata.get("signingName", self.endpoint_prefix)
        self.target_prefix: str | None = metadata.get("targetPrefix")
        self.authentication: Authentication = "bearer" if metadata.get("signatureVersion") == "bearer" else "sigv4"
        self.sigv4a = "aws.auth#sigv4a" in metadata.get("auth", ())
        self.speaks: WireProtocol = _protocol(name, self.protocol, metadata)
        self.speaks_json = QueryAsJson() if self.family is Family.QUERY else None
        self.constraints = Constraints(quote_values=name not in _WITHOUT_VALUES, own_words=_OWN_WORDS.get(name, {}))
        self.redaction = Redaction(name)
        self._raw_operations: Mapping[str, Mapping[str, Any]] = model["operations"]
        self._shapes: Mapping[str, Mapping[str, Any]] = model["shapes"]
        self._operations: dict[str, Operation] = {}

    def __repr__(self) -> str:
        return f"<Service {self.name}>"

    @property
    def family(self) -> Family:
        return self.speaks.family

    @property
    def operation_names(self) -> tuple[str, ...]:
        """All operations of the model, in its order."""
        return tuple(self._raw_operations)

    def operation(self, name: str) -> Operation:
        """The operation called `name`. Raises KeyError."""
        known = self._operations.get(name)
        if known is None:
            known = self._operations[name] = Operation(self, self._raw_operations[name], self._shapes)
        return known

    def __contains__(self, operation: object) -> bool:
        return operation in self._raw_operations

    def error(self, error: AwsError, request_id: str, *, accept_json: bool = False) -> Answer:
        """The response for `error`, whose code and status are those of this service's family (W7.5, W7.6, SV7)."""
        speaks = self.speaks_json if accept_json and self.speaks_json else self.speaks
        return speaks.refuse(error, request_id)

    @cached_property
    def throttling(self) -> tuple[str, int] | None:
        """The code and status that this service's model has for too many requests, or None if it has none of its own (W8.1)."""
        for name in _THROTTLING:
            traits = self._shapes.get(name, {}).get("error", {})
            if self._shapes.get(name, {}).get("exception") or traits:
                return traits.get("code", name), traits.get("httpStatusCode", 429 if self.family is Family.REST_JSON else 400)
        return None

    @cached_property
    def uri_templates(self) -> list[UriTemplate]:
        """The paths of the operations in the order in which they must be tried (W3.5)."""
        operations = self._raw_operations.values()
        return most_literal_first(
            UriTemplate.parse(each["name"], each["http"]["method"], each["http"]["requestUri"]) for each in operations
        )

    def shape(self, name: str) -> Shape:
        """A shape of the model. Raises KeyError."""
        return Shape({"shape": name}, self._shapes)

    @property
    def shape_names(self) -> tuple[str, ...]:
        return tuple(self._shapes)


def chosen_protocol(metadata: Mapping[str, Any]) -> str:
    """The protocol of a model among those that are spoken here (W2.3). Raises ValueError if there is none."""
    declared = metadata.get("protocols") or [metadata["protocol"]]
    for protocol in PREFERENCE:
        if protocol in declared:
            return protocol
    raise ValueError(f"no protocol in common: {declared}")


def _protocol(name: str, protocol: str, metadata: Mapping[str, Any]) -> WireProtocol:
    match protocol:
        case "query":
            return Query(metadata["xmlNamespace"], _PERCENT_ENCODED.get(name, frozenset()))
        case "json":
            return AwsJson(metadata.get("jsonVersion", "1.1"))
        case _:
            return RestJson(oauth=name in _WITH_OAUTH_ERRORS)
