"""rest-json: members spread over path, query string, headers and body (W5.6, W6.3, W7.6, W7.7)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import orjson

from akia.aws.errors import AwsError, Family
from akia.wire import forms
from akia.wire.protocols.aws_json import json_refusal, printable
from akia.wire.protocols.header_values import header_reader, header_writer, read_prefixed
from akia.wire.protocols.json_reader import JsonReader, load_object
from akia.wire.protocols.json_writer import JsonWriter
from akia.wire.protocols.text import text_reader
from akia.wire.request import Answer, HttpRequest

if TYPE_CHECKING:
    from akia.wire.protocols.protocol import Interface, Parse, Succeed
    from akia.wire.schema import Shape

_JSON = b"application/json"
_CAPITAL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_OAUTH_CODES = {"InternalServerException": "server_error", "InvalidRequestRegionException": "invalid_request"}

ReadPart = Callable[[HttpRequest, Mapping[str, str], dict[str, Any]], None]
"""(request, labels of the path, members found so far)."""


class RestJson:
    """The rest-json protocol of one service. With `oauth` errors carry OAuth's members too (W7.7)."""

    family = Family.REST_JSON

    def __init__(self, *, oauth: bool) -> None:
        self._oauth = oauth
        self._reader, self._writer = JsonReader(), JsonWriter()

    def parser(self, interface: Interface) -> Parse:
        parts = self._parts(interface.input) if interface.input else []

        def parse(request: HttpRequest, labels: Mapping[str, str]) -> dict[str, Any]:
            members: dict[str, Any] = {}
            for read_part in parts:
                read_part(request, labels, members)
            return members

        return parse

    def _parts(self, shape: Shape) -> list[ReadPart]:
        by_location: dict[str | None, dict[str, Shape]] = {}
        for name, member in shape.members.items():
            by_location.setdefault(member.location, {})[name] = member
        readers = {"uri": _labels, "querystring": _query_string, "header": _headers, "headers": _prefixed_headers}
        parts = [readers[location](members) for location, members in by_location.items() if location]
        payload = shape.traits.get("payload")
        if payload is not None:
            return [*parts, self._payload(payload, shape.members[payload])]
        return [*parts, self._body(by_location[None])] if None in by_location else parts

    def _body(self, members: dict[str, Shape]) -> ReadPart:
        read = self._reader.structure_of(members)
        return lambda request, _, found: found.update(read(load_object(request.body)))

    def _payload(self, name: str, shape: Shape) -> ReadPart:
        if shape.type in ("blob", "string"):
            return lambda request, _, found: found.update({name: request.body if shape.type == "blob" else forms.utf_8(request.body)})
        read = self._reader.of(shape)

        def read_payload(request: HttpRequest, _: Mapping[str, str], found: dict[str, Any]) -> None:
            if request.body:
                found[name] = read(load_object(request.body))

        return read_payload

    def succeeder(self, interface: Interface) -> Succeed:
        write_headers, write_body, status = *self._result(interface.output), interface.status

        def succeed(result: Mapping[str, Any], request_id: str) -> Answer:
            headers = [(b"content-type", _JSON), (b"x-amzn-requestid", request_id.encode())]
            for name, header, write in write_headers:
                if result.get(name) is not None:
                    headers.append((header, write(result[name])))
            return Answer(status, headers, write_body(result))

        return succeed

    def _result(self, shape: Shape | None) -> tuple[list[tuple[str, bytes, Callable[[Any], bytes]]], Callable[[Mapping[str, Any]], bytes]]:
        if shape is None:
            return [], lambda _: b"{}"
        in_headers = {name: member for name, member in shape.members.items() if member.location == "header"}
        headers = [(name, member.wire_name(name).lower().encode(), header_writer(member)) for name, member in in_headers.items()]
        payload = shape.traits.get("payload")
        if payload is not None:
            return headers, self._payload_writer(payload, shape.members[payload])
        write = self._writer.structure_of({name: member for name, member in shape.members.items() if member.location is None})
        return headers, lambda result: orjson.dumps(write(result))

    def _payload_writer(self, name: str, shape: Shape) -> Callable[[Mapping[str, Any]], bytes]:
        if shape.type in ("blob", "string"):
            return lambda result: _raw(result.get(name) or b"")
        write = self._writer.of(shape)
        return lambda result: orjson.dumps(write(result.get(name) or {}) if write else result.get(name))

    def refuse(self, error: AwsError, request_id: str) -> Answer:
        code, _ = error.seen_through(self.family)
        oauth = {"error": _oauth_code(code), "error_description": printable(error.message)} if self._oauth else {}
        return json_refusal(error, self.family, _JSON, request_id, {**error.more, **oauth})


def _labels(members: dict[str, Shape]) -> ReadPart:
    rows = [(name, member.wire_name(name), text_reader(member, "iso8601")) for name, member in members.items()]

    def read(_: HttpRequest, labels: Mapping[str, str], found: dict[str, Any]) -> None:
        for name, label, read_text in rows:
            found[name] = read_text(labels[label])

    return read


def _query_string(members: dict[str, Shape]) -> ReadPart:
    scalars = {name: member for name, member in members.items() if member.type not in ("list", "map")}
    one = {member.wire_name(name): (name, text_reader(member, "iso8601")) for name, member in scalars.items()}
    many = {
        member.wire_name(name): (name, text_reader(member.element, "iso8601")) for name, member in members.items() if member.type == "list"
    }
    rest = [name for name, member in members.items() if member.type == "map"]

    def read(request: HttpRequest, _: Mapping[str, str], found: dict[str, Any]) -> None:
        for wire_name, text in forms.pairs(request.query):
            if wire_name in one:
                name, read_text = one[wire_name]
                if name not in found:
                    found[name] = read_text(text)
            elif wire_name in many:
                name, read_text = many[wire_name]
                found.setdefault(name, []).append(read_text(text))
            elif rest:
                found.setdefault(rest[0], {}).setdefault(wire_name, text)

    return read


def _headers(members: dict[str, Shape]) -> ReadPart:
    rows = {member.wire_name(name).lower().encode(): (name, header_reader(member)) for name, member in members.items()}

    def read(request: HttpRequest, _: Mapping[str, str], found: dict[str, Any]) -> None:
        for header, value in request.headers:
            row = rows.get(header)
            if row is not None and row[0] not in found:
                found[row[0]] = row[1](value)

    return read


def _prefixed_headers(members: dict[str, Shape]) -> ReadPart:
    prefixes = [(name, member.wire_name("").lower().encode()) for name, member in members.items()]

    def read(request: HttpRequest, _: Mapping[str, str], found: dict[str, Any]) -> None:
        for name, prefix in prefixes:
            values = read_prefixed(request.headers, prefix)
            if values:
                found[name] = values

    return read


def _oauth_code(code: str) -> str:
    """`AuthorizationPendingException` -> `authorization_pending`."""
    return _OAUTH_CODES.get(code) or _CAPITAL.sub("_", code.removesuffix("Exception")).lower()


def _raw(value: bytes | str) -> bytes:
    return value.encode() if isinstance(value, str) else value
