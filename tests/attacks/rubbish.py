"""Makers of malformed requests: bytes at random, good requests with something broken, good signatures over nonsense."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from tests.attacks.every_operation import SERVICES, operations
from tests.attacks.signer import HOST

from akia.wire import HttpRequest

if TYPE_CHECKING:
    import random

    from tests.attacks.signer import Signer

    from akia.wire import Operation

PIECES = [
    b"\0",
    b"\xff\xfe",
    b"\xed\xa0\x80",
    b"%00",
    b"%FF",
    b"%",
    b"%zz",
    b"%ED%A0%80",
    b"%F0%9F%98%80",
    b"%EF%BF%BF",
    b"\r\n",
    b"\n",
    b" ",
    b"\x0b",
    b"=",
    b"&",
    b"&&==",
    b";",
    b"..",
    b"/../",
    b"*",
    b"${aws:username}",
    b"${",
    b"<!DOCTYPE x [<!ENTITY a 'b'>]>&a;",
    b"]]>",
    b"'\"\\",
    b"{}",
    b"[]",
    b"null",
    b"NaN",
    b"1e400",
    b"-1",
    b"1_0",
    b"+60",
    b"0x10",
    b"\xd9\xa1",
    b"9" * 5_000,
    b"A" * 20_000,
    b"[" * 3_000,
    b'{"a":' * 2_000,
    b'"\\ud800"',
    b'{"a":1,"a":2}',
    b"\x1f\x8b\x08\x00rubbish",
    b"arn:aws:iam::",
    b"AWS4-HMAC-SHA256 Credential=",
    b"2026-02-30T25:61:61Z",
]
NAMES = [
    b"authorization",
    b"x-amz-date",
    b"x-amz-target",
    b"content-type",
    b"content-encoding",
    b"accept",
    b"host",
    b"x-amz-security-token",
    b"x-amz-content-sha256",
]
VALUES = [
    b"application/json",
    b"application/x-amz-json-1.0",
    b"application/x-www-form-urlencoded",
    b"application/cbor",
    b"gzip",
    b"aws-chunked",
    b"AmazonSSM.GetParameter",
    b"AWS4-HMAC-SHA256 Credential=a/b/c/iam/aws4_request, SignedHeaders=host, Signature=x",
]
METHODS = [b"GET", b"POST", b"PUT", b"DELETE", b"HEAD", b"OPTIONS", b"PATCH", b"PROPFIND", b"get", b""]


@cache
def _calls() -> list[tuple[Operation, HttpRequest]]:
    return [call for service in SERVICES for call in operations(service)]


@cache
def _calls_of_built_services() -> list[tuple[Operation, HttpRequest]]:
    return [call for service in ("iam", "sts", "cloudtrail") for call in operations(service, 0.5)]


def at_random(chance: random.Random) -> HttpRequest:
    """Bytes that look like a request only from afar."""
    headers = [(chance.choice(NAMES), piece(chance)) for _ in range(chance.randrange(6))]
    return HttpRequest(chance.choice(METHODS), b"/" + piece(chance), piece(chance), [HOST, *headers], piece(chance))


def broken(chance: random.Random, signer: Signer) -> HttpRequest:
    """A good request, signed, and then broken in one to three places."""
    operation, request = chance.choice(_calls())
    request = signer.header(request, operation.signing_name)
    for _ in range(chance.randint(1, 3)):
        request = _broken_once(chance, request)
    return request


def well_signed(chance: random.Random, signer: Signer) -> HttpRequest:
    """Nonsense with a good signature, so that it comes further."""
    operation, request = chance.choice(_calls_of_built_services() if chance.random() < 0.5 else _calls())
    part = chance.choice(("body", "body", "body", "query", "path"))
    if part == "path" and request.raw_path == b"/":
        part = "body"
    if part == "body":
        request = request._replace(body=_mutated(chance, request.body))
    elif part == "query":
        request = request._replace(query=_mutated(chance, request.query))
    else:
        request = request._replace(raw_path=b"/" + _mutated(chance, request.raw_path[1:]).replace(b"/", b"x").replace(b"..", b""))
    if chance.random() < 0.1:
        request = request._replace(headers=[*request.headers, (b"content-encoding", b"gzip")])
    return signer.header(request, operation.signing_name)


def _broken_once(chance: random.Random, request: HttpRequest) -> HttpRequest:
    headers = list(request.headers)
    index = chance.randrange(len(headers))
    match chance.randrange(8):
        case 0:
            return request._replace(method=chance.choice(METHODS))
        case 1:
            return request._replace(raw_path=b"/" + _mutated(chance, request.raw_path[1:]))
        case 2:
            return request._replace(query=_mutated(chance, request.query))
        case 3:
            return request._replace(body=_mutated(chance, request.body))
        case 4:
            del headers[index]
        case 5:
            headers.insert(index, headers[index])
        case 6:
            headers[index] = (headers[index][0], _mutated(chance, headers[index][1]))
        case _:
            headers.append((chance.choice(NAMES), piece(chance)))
    return request._replace(headers=headers or [HOST])


def piece(chance: random.Random) -> bytes:
    if chance.random() < 0.3:
        return chance.choice(VALUES)
    return b"".join(
        chance.choice(PIECES) if chance.random() < 0.7 else chance.randbytes(chance.randrange(20)) for _ in range(chance.randrange(4))
    )


def _mutated(chance: random.Random, data: bytes) -> bytes:
    """`data` with a piece put in, taken out or put in another's place."""
    start = chance.randrange(len(data) + 1)
    end = min(len(data), start + chance.randrange(12))
    match chance.randrange(4):
        case 0:
            return data[:start] + chance.choice(PIECES) + data[start:]
        case 1:
            return data[:start] + data[end:]
        case 2:
            return data[:start] + chance.choice(PIECES) + data[end:]
        case _:
            return data[:start] + data[start:end] * 2 + data[end:]
