"""The query protocol: forms in, XML out; JSON out for whoever asks for it (W4.9, W5.1, W6.3, W6.4, W7.5)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from akia.aws.errors import AwsError, Family, MalformedInput
from akia.wire.protocols.aws_json import printable
from akia.wire.protocols.json_writer import JsonWriter
from akia.wire.protocols.query_reader import QueryReader, nested, structure_reader
from akia.wire.protocols.xml import XmlWriter, escape, is_legal
from akia.wire.request import Answer, HttpRequest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from akia.wire.protocols.protocol import Interface, Parse, Succeed

_XML = (b"content-type", b"text/xml")
_JSON = (b"content-type", b"application/json")


class Query:
    """The query protocol of the service whose XML namespace is `namespace`."""

    family = Family.QUERY

    def __init__(self, namespace: str, percent_encoded: frozenset[str]) -> None:
        self._namespace = namespace
        self._reader, self._writer = QueryReader(), XmlWriter(percent_encoded)

    def parser(self, interface: Interface) -> Parse:
        rows = self._reader.rows(interface.input) if interface.input else {}
        read_tree = structure_reader(rows)

        def parse(_: HttpRequest, fields: Mapping[str, str]) -> dict[str, Any]:
            members: dict[str, Any] = {}
            for name, text in fields.items():
                row = rows.get(name)
                if row is not None:
                    members[row[0]] = row[1](text)
                elif "." in name:
                    members = read_tree(nested(fields))
                    break
            return members

        return parse

    def succeeder(self, interface: Interface) -> Succeed:
        write, status = (self._writer.of(interface.output) if interface.output else None), interface.status
        root, wrapper = f"{interface.name}Response", interface.result_wrapper
        before, after = (f"<{wrapper}>", f"</{wrapper}>") if wrapper else ("", "")
        start = f'<{root} xmlns="{self._namespace}">{before}'
        middle = f"{after}<ResponseMetadata><RequestId>"
        end = f"</RequestId></ResponseMetadata></{root}>"

        def succeed(result: Mapping[str, Any], request_id: str) -> Answer:
            inside = "" if write is None else write(result)
            body = f"{start}{inside}{middle}{request_id}{end}".encode()
            return Answer(status, [_XML, (b"x-amzn-requestid", request_id.encode())], body)

        return succeed

    def refuse(self, error: AwsError, request_id: str) -> Answer:
        return xml_refusal(error, self._namespace, request_id)


class QueryAsJson:
    """The same documents as JSON, for requests with `Accept: application/json` (W4.9)."""

    family = Family.QUERY

    def __init__(self) -> None:
        self._writer = JsonWriter()

    def succeeder(self, interface: Interface) -> Succeed:
        write, status = (self._writer.of(interface.output) if interface.output else None), interface.status
        root, wrapper = f"{interface.name}Response", interface.result_wrapper

        def succeed(result: Mapping[str, Any], request_id: str) -> Answer:
            written = {} if write is None else write(result)
            document = {wrapper: written} if wrapper else written
            body = orjson.dumps({root: {**document, "ResponseMetadata": {"RequestId": request_id}}}, option=orjson.OPT_NON_STR_KEYS)
            return Answer(status, [_JSON, (b"x-amzn-requestid", request_id.encode())], body)

        return succeed

    def refuse(self, error: AwsError, request_id: str) -> Answer:
        code, status = error.seen_through(self.family)
        about = {"Type": "Sender" if status < 500 else "Receiver", "Code": code, "Message": printable(error.message)}
        body = orjson.dumps({"Error": about, "RequestId": request_id})
        return Answer(status, [_JSON, (b"x-amzn-requestid", request_id.encode())], body)


def xml_refusal(error: AwsError, namespace: str, request_id: str) -> Answer:
    """The error envelope that clients of query services understand; botocore reads no other (W7.5)."""
    code, status = error.seen_through(Family.QUERY)
    fault = "Sender" if status < 500 else "Receiver"
    body = (
        f'<ErrorResponse xmlns="{namespace}"><Error><Type>{fault}</Type><Code>{code}</Code>'
        f"<Message>{escape(error.message)}</Message></Error><RequestId>{request_id}</RequestId></ErrorResponse>"
    )
    return Answer(status, [_XML, (b"x-amzn-requestid", request_id.encode())], body.encode())


def refuse_what_xml_cannot_carry(fields: Mapping[str, str]) -> None:
    """Raises MalformedInput: what comes in must be able to go out again. Called after validation, whose messages say more."""
    for text in fields.values():
        if not is_legal(text):
            raise MalformedInput("A parameter has a character that cannot be represented in XML")
