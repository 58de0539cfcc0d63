"""What the wire's tests share: the models, botocore's view of them, values made from shapes, and a client that is botocore itself."""

from __future__ import annotations

import random
import re
import string
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from botocore.awsrequest import create_request_object, prepare_request_dict
from botocore.loaders import Loader
from botocore.model import OperationModel, ServiceModel
from botocore.parsers import create_parser
from botocore.serialize import create_serializer

from akia.wire import Answer, HttpRequest, Models, Routed, Unrouted, route
from akia.wire.patterns import matcher, translate

# `re._parser` is how `re` itself reads patterns; typeshed does not know it.
from re import _parser as sre  # type: ignore[attr-defined]  # isort: skip

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from akia.wire.schema import Shape


FORM = (b"content-type", b"application/x-www-form-urlencoded; charset=utf-8")
AMZ_JSON = (b"content-type", b"application/x-amz-json-1.1")


@pytest.fixture(scope="session")
def models() -> Models:
    """All sixteen services."""
    return Models()


def parsed(routed: Routed | Unrouted) -> dict[str, Any]:
    """The members, or the error that kept a request from being routed, raised."""
    if isinstance(routed, Unrouted):
        raise routed.error
    return routed.parse()


@pytest.fixture(scope="session")
def query(models: Models) -> Callable[[str, bytes], dict[str, Any]]:
    """Parses `Action=...&...` of a service."""

    def parse(service: str, form: bytes) -> dict[str, Any]:
        routed = route(models, HttpRequest(b"POST", b"/", b"", [FORM], form), models.service(service).signing_name)
        return parsed(routed)

    return parse


@pytest.fixture(scope="session")
def json_call(models: Models) -> Callable[[str, bytes], dict[str, Any]]:
    """Parses the body of `service.Operation`."""

    def parse(call: str, body: bytes) -> dict[str, Any]:
        service, _, operation = call.partition(".")
        target = f"{models.service(service).target_prefix}.{operation}".encode()
        request = HttpRequest(b"POST", b"/", b"", [AMZ_JSON, (b"x-amz-target", target)], body)
        routed = route(models, request, models.service(service).signing_name)
        return parsed(routed)

    return parse


@cache
def botocore_model(service: str) -> ServiceModel:
    return ServiceModel(Loader().load_service_model(service, "service-2"), service)


class Client:
    """Botocore's own serializer and parser for one service."""

    def __init__(self, service: str, protocol: str) -> None:
        self._model = botocore_model(service)
        self._serializer = create_serializer(protocol)
        self._parser = create_parser(protocol)

    def operation(self, name: str) -> OperationModel:
        return self._model.operation_model(name)

    def request(self, operation: str, members: Mapping[str, Any]) -> HttpRequest:
        """The bytes that boto3 would send, without a signature."""
        asked = self._serializer.serialize_to_request(members, self.operation(operation))
        prepare_request_dict(asked, "http://127.0.0.1:2542")
        prepared = create_request_object(asked).prepare()
        url = urlsplit(prepared.url)
        headers = [(str(name).lower().encode(), _bytes(value)) for name, value in prepared.headers.items()]
        return HttpRequest(prepared.method.encode(), url.path.encode(), url.query.encode(), headers, _bytes(prepared.body or b""))

    def read(self, operation: str, answer: Answer) -> dict[str, Any]:
        """What boto3 makes of a response."""
        headers = {name.decode(): value.decode() for name, value in answer.headers}
        response = {"status_code": answer.status, "headers": headers, "body": answer.body}
        shape: Any = self.operation(operation).output_shape  # may be None, whatever the stubs say
        read: dict[str, Any] = self._parser.parse(response, shape)
        return read


def _bytes(value: Any) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()


@pytest.fixture(scope="session")
def client() -> Callable[[str], Client]:
    """A client for a service of any protocol."""
    models = Models()
    return lambda service: Client(service, models.service(service).protocol)


_ANY_TEXT = string.ascii_letters + string.digits + " <>&\"'%+=;,./\\:\t\n\ré漢😀"
_PLAIN = string.ascii_letters + string.digits
_PROPERTIES = {"L": "a-zA-Zé", "Z": " ", "N": "0-9", "M": "\u0301", "S": "+$", "P": "!?"}


class Values:
    """Makes values that satisfy the constraints of shapes; the same seed makes the same values.

    With `sendable` it makes nothing that a request cannot carry: empty maps (a query has no word for them, W5.1) and empty lists in a
    query string (W5.6). Nor, ever, empty structures as members, empty headers and labels, or headers with outer spaces.
    """

    def __init__(self, seed: str, *, sendable: bool = False) -> None:
        self.random = random.Random(seed)
        self._sendable = sendable

    def of(self, shape: Shape, fullness: float, depth: int = 0) -> Any:
        """A value; each optional member is there with probability `fullness`."""
        match shape.type:
            case "structure":
                return self.document() if shape.document else self.structure(shape, fullness, depth)
            case "list":
                return [self.of(shape.element, fullness, depth + 1) for _ in range(self._length(shape, depth))]
            case "map":
                keys = {self.of(shape.key, fullness, depth + 1) for _ in range(self._length(shape, depth))}
                return {key: self.of(shape.value, fullness, depth + 1) for key in sorted(keys)}
            case _:
                return self.scalar(shape)

    def structure(self, shape: Shape, fullness: float, depth: int) -> dict[str, Any]:
        members = dict(shape.members)
        if shape.traits.get("union"):
            chosen = self.random.choice(list(members))
            return {chosen: self.of(members[chosen], fullness, depth + 1)}
        fullness = fullness if depth < 4 else 0
        wanted = {name: member for name, member in members.items() if name in shape.required or self.random.random() < fullness}
        if depth and members and not wanted:
            wanted = dict([min(members.items(), key=lambda named: named[1].type in ("structure", "list", "map"))])
        return {name: self.of(member, fullness, depth + 1) for name, member in wanted.items()}

    def _length(self, shape: Shape, depth: int) -> int:
        needs_one = self._sendable and (shape.type == "map" or shape.location == "querystring")
        low = max(int(shape.traits.get("min", 0)), int(needs_one))
        return min(max(low, self.random.randint(0, 2 if depth < 4 else 0)), int(shape.traits.get("max", 10**6)))

    def scalar(self, shape: Shape) -> Any:
        match shape.type:
            case "string":
                return self.text(shape)
            case "integer" | "long":
                limit = 2**31 - 1 if shape.type == "integer" else 2**63 - 1
                return self.random.randint(shape.traits.get("min", -limit), min(shape.traits.get("max", limit), limit))
            case "float" | "double":
                return min(max(self.random.randint(-1000, 1000) / 8, shape.traits.get("min", -1000)), shape.traits.get("max", 1000))
            case "boolean":
                return self.random.random() < 0.5
            case "timestamp":
                return datetime(2024, 2, 29, tzinfo=UTC) + timedelta(milliseconds=self.random.randint(0, 10**11))
            case _:
                return self.random.randbytes(max(shape.traits.get("min", 0), self.random.randint(0, 9)))

    def document(self) -> Any:
        return self.random.choice([{"a": [1, None, {"b": "é"}]}, {"Version": "2012-10-17", "n": 1.5}, {}])

    def text(self, shape: Shape) -> str:
        low, high = shape.traits.get("min", 0), shape.traits.get("max", 10**6)
        if "enum" in shape.traits:
            return str(self.random.choice(shape.traits["enum"]))
        if "pattern" in shape.traits:
            return self._matching(shape.traits["pattern"], low, high)
        if shape.location in ("header", "uri"):
            low = max(low, 1)
        alphabet = _PLAIN if shape.location == "header" else _ANY_TEXT
        return "".join(self.random.choices(alphabet, k=min(high, low + self.random.randint(0, 12))))

    def _matching(self, pattern: str, low: int, high: int) -> str:
        tree = _tree(pattern)
        for attempt in range(2000):
            wanted = attempt % 7 + (low if attempt % 2 else 0)  # of the repetitions, which may or may not have to fill the length
            text = "".join(self._sample(tree, wanted))
            if low <= len(text) <= high and matcher(pattern)(text):
                return text
        raise AssertionError(f"no text of {low} to {high} characters found for {pattern}")

    def _sample(self, tree: Any, wanted: int) -> Iterator[str]:
        groups: dict[int, str] = {}
        for operator, argument in tree:
            yield self._node(operator, argument, wanted, groups)

    def _node(self, operator: Any, argument: Any, wanted: int, groups: dict[int, str]) -> str:
        match str(operator):
            case "LITERAL":
                return chr(argument)
            case "NOT_LITERAL":
                return "x" if argument != ord("x") else "y"
            case "ANY":
                return self.random.choice(_PLAIN)
            case "IN":
                return self._member(argument)
            case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT":
                least, most, inner = argument
                wide = most is sre.MAXREPEAT or most > 8
                count = max(least, min(int(most), wanted)) if wide else self.random.randint(least, int(most))
                return "".join("".join(self._sample(inner, wanted if not wide else 1)) for _ in range(count))
            case "SUBPATTERN":
                return "".join(self._sample(argument[-1], wanted))
            case "BRANCH":
                return "".join(self._sample(self.random.choice(argument[1]), wanted))
            case _:
                return ""  # assertions and references: what does not fit is tried again

    def _member(self, choices: Any) -> str:
        if str(choices[0][0]) == "NEGATE":
            members = [character for character in _PLAIN + " /:-" if not any(_is_in(character, choice) for choice in choices[1:])]
            return self.random.choice(members)
        operator, argument = self.random.choice(choices)
        match str(operator):
            case "LITERAL":
                return chr(argument)
            case "RANGE":
                return self._in_range(*argument)
            case _:
                return self.random.choice({"CATEGORY_DIGIT": "0123456789", "CATEGORY_SPACE": " "}.get(str(argument), _PLAIN))

    def _in_range(self, low: int, high: int) -> str:
        return chr(self.random.randint(low, min(high, max(low, 0x17F))))


def _is_in(character: str, choice: Any) -> bool:
    operator, argument = choice
    match str(operator):
        case "LITERAL":
            return bool(ord(character) == argument)
        case "RANGE":
            low, high = argument
            return bool(low <= ord(character) <= high)
        case _:
            kind = str(argument)
            return character.isspace() if kind == "CATEGORY_SPACE" else character.isdigit() if kind == "CATEGORY_DIGIT" else False


@cache
def _tree(pattern: str) -> Any:
    in_brackets = re.sub(r"\[(?:\\.|[^\]\\])*\]", lambda found: _spelt_out(found[0], "{}"), translate(pattern))
    spelt_out = _spelt_out(in_brackets, "[{}]")
    return sre.parse(spelt_out, re.ASCII)


def _spelt_out(pattern: str, form: str) -> str:
    """`pattern` with some members in place of each Unicode property."""
    return re.sub(r"\\p\{(\w)\}", lambda found: form.format(_PROPERTIES[found[1]]), pattern)


@pytest.fixture
def values() -> type[Values]:
    """Sources of values."""
    return Values
