"""awsJson 1.0 and 1.1: one JSON object each way (W3.2, W5.5, W6.3, W7.6)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from akia.aws.errors import AwsError, Family
from akia.wire.protocols.json_reader import JsonReader, load_object
from akia.wire.protocols.json_writer import JsonWriter
from akia.wire.request import Answer, HttpRequest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from akia.wire.protocols.protocol import Interface, Parse, Succeed


class AwsJson:
    """The JSON protocol of one service; `version` is `1.0` or `1.1`, which differ in the content type only."""

    family = Family.JSON

    def __init__(self, version: str) -> None:
        self._content_type = f"application/x-amz-json-{version}".encode()
        self._reader, self._writer = JsonReader(), JsonWriter()

    def parser(self, interface: Interface) -> Parse:
        if interface.input is None:
            return _nothing
        read = self._reader.of(interface.input)

        def parse(request: HttpRequest, _: Mapping[str, str]) -> dict[str, Any]:
            members: dict[str, Any] = read(load_object(request.body))
            return members

        return parse

    def succeeder(self, interface: Interface) -> Succeed:
        write = self._writer.of(interface.output) if interface.output else None
        content_type, status = (b"content-type", self._content_type), interface.status

        def succeed(result: Mapping[str, Any], request_id: str) -> Answer:
            body = b"{}" if write is None else orjson.dumps(write(result), option=orjson.OPT_NON_STR_KEYS)
            return Answer(status, [content_type, (b"x-amzn-requestid", request_id.encode())], body)

        return succeed

    def refuse(self, error: AwsError, request_id: str) -> Answer:
        return json_refusal(error, self.family, self._content_type, request_id, error.more)


def json_refusal(error: AwsError, family: Family, content_type: bytes, request_id: str, more: Mapping[str, str] = {}) -> Answer:
    """An error in JSON: its code both as `__type` and in the header, since clients read one or the other (W7.6)."""
    code, status = error.seen_through(family)
    headers = [(b"content-type", content_type), (b"x-amzn-requestid", request_id.encode()), (b"x-amzn-errortype", code.encode())]
    return Answer(status, headers, orjson.dumps({"__type": code, "message": printable(error.message), **more}))


def printable(message: str) -> str:
    """`message` without lone surrogates, which UTF-8 cannot carry."""
    return message.encode("utf-8", "replace").decode()


def _nothing(_request: HttpRequest, _given: Mapping[str, str]) -> dict[str, Any]:
    return {}
