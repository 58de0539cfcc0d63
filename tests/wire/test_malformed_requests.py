"""NT-71: whatever arrives, the answer is an error of AWS's, never an exception of another kind."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from akia.aws.errors import AwsError
from akia.wire import HttpRequest, Models, Routed, Unrouted, route
from akia.wire.directory import SERVED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from akia.wire.service import Service

WRONG: list[Any] = [
    None,
    True,
    0,
    -1.5,
    1e300,
    2**70,
    "",
    "x",
    "\x00",
    "x" * 5_000,
    [],
    {},
    [None],
    [[]],
    [{}],
    {"": None},
    {"a": {"a": []}},
]


def outcome(models: Models, request: HttpRequest, scope: str | None) -> AwsError | dict[str, Any]:
    """What becomes of a request; any exception but AwsError passes through and fails the test."""
    routed = route(models, request, scope)
    try:
        if isinstance(routed, Unrouted):
            raise routed.error
        return routed.parse()
    except AwsError as error:
        refuser = routed.refuser if isinstance(routed, Unrouted) else routed.service
        for accept_json in (False, True):
            answer = refuser.error(error, "id-1", accept_json=accept_json)
            assert 400 <= answer.status < 500
            assert answer.body
        return error


def bodies(value: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """`value` with each part in turn, at every depth, replaced by something wrong."""
    for key in value:
        for wrong in WRONG:
            yield {**value, key: wrong}
        for inner in _inner(value[key]):
            yield {**value, key: inner}


def _inner(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        yield from bodies(value)
    elif isinstance(value, list):
        for wrong in WRONG:
            yield [wrong, *value[1:]]
        for inner in _inner(value[0]) if value else ():
            yield [inner, *value[1:]]


def _json_services() -> list[str]:
    return [entry.name for entry in SERVED if entry.protocol != "query"]


@pytest.mark.parametrize("name", _json_services())
def test_nt_71_no_wrong_json_value_crashes_any_operation(
    name: str, models: Models, client: Callable[[str], Any], values: Callable[..., Any]
) -> None:
    service = models.service(name)
    for operation in map(service.operation, service.operation_names):
        if operation.interface.input is None:
            continue
        members = values(f"{name} {operation.name}", sendable=True).structure(operation.interface.input, 0.6, 0)
        request = client(name).request(operation.name, members)
        if not request.body:
            continue
        for body in list(bodies(orjson.loads(request.body)))[:200]:
            try:
                raw = orjson.dumps(body)
            except TypeError:  # orjson writes no integers beyond 64 bits
                raw = repr(body).replace("'", '"').replace("None", "null").replace("True", "true").encode()
            outcome(models, request._replace(body=raw), operation.signing_name if operation.authentication == "sigv4" else None)


@pytest.mark.parametrize("name", [entry.name for entry in SERVED])
def test_nt_71_no_mutation_of_a_request_crashes(
    name: str, models: Models, client: Callable[[str], Any], values: Callable[..., Any]
) -> None:
    service: Service = models.service(name)
    chance = random.Random(name)
    for operation in map(service.operation, service.operation_names):
        source = values(f"{name} {operation.name}", sendable=True)
        members = source.structure(operation.interface.input, 0.6, 0) if operation.interface.input else {}
        request: HttpRequest = client(name).request(operation.name, members)
        for _ in range(12):
            outcome(models, mutated(request, chance), chance.choice([service.signing_name, service.signing_name, None, "other"]))


def mutated(request: HttpRequest, chance: random.Random) -> HttpRequest:
    parts = {"body": request.body, "query": request.query, "raw_path": request.raw_path}
    part = chance.choice(["body", "body", "query", "raw_path"])
    raw = bytearray(parts[part] or b"/")
    for _ in range(chance.randint(1, 4)):
        position = chance.randrange(len(raw) + 1)
        what = chance.choice([b"%", b"%00", b"&", b"=", b".", b"\xff", b'"', b"{", b"]", b"member.1", b"\r\n", b"", chance.randbytes(1)])
        raw[position : position + chance.randint(0, 3)] = what
    parts[part] = bytes(raw)
    return request._replace(body=parts["body"], query=parts["query"], raw_path=parts["raw_path"])


_PIECES = st.sampled_from(
    [b"Action=", b"CreateUser", b"Version=2010-05-08", b"&", b"=", b"Tags", b".member", b".1", b".Key", b"%", b"%C3", b"%A9", b"+"]
)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.one_of(_PIECES, st.binary(max_size=5)), max_size=20).map(b"".join), st.binary(max_size=10))
def test_nt_71_no_form_crashes(body: bytes, query: bytes) -> None:
    request = HttpRequest(b"POST", b"/", query, [(b"content-type", b"application/x-www-form-urlencoded")], b"Action=CreateUser&" + body)
    outcome(_MODELS, request, "iam")


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from([b"GET", b"POST", b"PUT", b""]),
    st.one_of(st.binary(max_size=20), st.sampled_from([b"/", b"/token", b"/tags/%ff", b"/access"])),
    st.binary(max_size=20),
    st.lists(
        st.tuples(
            st.sampled_from([b"x-amz-target", b"content-type", b"content-encoding", b"x-amz-sso_bearer_token"]), st.binary(max_size=30)
        ),
        max_size=4,
    ),
    st.binary(max_size=40),
    st.sampled_from([None, "iam", "sts", "sso-oauth", "access-analyzer", "x", ""]),
)
def test_nt_71_no_request_crashes(
    method: bytes, path: bytes, query: bytes, headers: list[tuple[bytes, bytes]], body: bytes, scope: str | None
) -> None:
    outcome(_MODELS, HttpRequest(method, path, query, headers, body), scope)


_MODELS = Models()


def test_nt_43_undeclared_members_change_nothing_in_any_operation(
    models: Models, client: Callable[[str], Any], values: Callable[..., Any]
) -> None:
    """`Policy`, `AccountId`, `user_id` and the like are ignored wherever they are not declared."""
    for entry in SERVED:
        service = models.service(entry.name)
        for operation in map(service.operation, service.operation_names):
            shape = operation.interface.input
            members = values(f"{entry.name} {operation.name}", sendable=True).structure(shape, 0.5, 0) if shape else {}
            request: HttpRequest = client(entry.name).request(operation.name, members)
            scope = operation.signing_name if operation.authentication == "sigv4" else None
            routed = route(models, request, scope)
            assert isinstance(routed, Routed)
            assert _with_undeclared(routed, entry.protocol).parse() == routed.parse() == members


def _with_undeclared(routed: Routed, protocol: str) -> Routed:
    extra = {"XAccountId": "1", "user_id": "2", "XPolicy": "3"}
    if protocol == "query":
        return routed._replace(given={**routed.given, **extra})
    body = routed.request.body
    if "payload" in (routed.operation.interface.input.traits if routed.operation.interface.input else {}) or not body:
        return routed
    return routed._replace(request=routed.request._replace(body=orjson.dumps({**orjson.loads(body), **extra})))
