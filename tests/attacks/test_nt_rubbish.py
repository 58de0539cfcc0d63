"""NT-71: whatever is sent, the answer is AWS's: never a 500, never an exception, always a body that the client can read."""

from __future__ import annotations

import gzip
import random
from typing import TYPE_CHECKING

import pytest
from tests.attacks import rubbish
from tests.attacks.refusals import Observer, read
from tests.attacks.signer import Signer, form, json_call, with_header

from akia.wire import HttpRequest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.conftest import World

    from akia.wire import Answer

ROUNDS = 700


@pytest.fixture
def chance(request: pytest.FixtureRequest) -> random.Random:
    return random.Random(request.node.name)


@pytest.fixture(scope="module")
def fuzzed() -> Iterator[World]:
    """An akia that may be left in any state."""
    from tests.conftest import World

    world = World()
    yield world
    world.close()


@pytest.fixture
def watched(fuzzed: World) -> Observer:
    return Observer(fuzzed)


def assert_readable(answer: Answer, http: HttpRequest) -> None:
    assert answer.status != 500, (answer, http)
    if answer.status >= 400:
        refusal = read(answer)
        assert refusal.code and refusal.code != "InternalFailure", (answer, http)


def test_nt_71_bytes_at_random(watched: Observer, chance: random.Random) -> None:
    watched.watch()
    for _ in range(ROUNDS):
        http = rubbish.at_random(chance)
        answer = watched.send(http)
        assert answer.status >= 400
        assert_readable(answer, http)
    watched.settle()


def test_nt_71_good_requests_broken_after_they_were_signed(watched: Observer, chance: random.Random, fuzzed: World) -> None:
    signer = Signer.of(fuzzed.admin)
    for _ in range(ROUNDS):
        http = rubbish.broken(chance, signer)
        assert_readable(watched.send(http), http)


def test_nt_71_nonsense_with_a_good_signature(watched: Observer, chance: random.Random, fuzzed: World) -> None:
    signer = Signer.of(fuzzed.root)
    statuses = set()
    for _ in range(2 * ROUNDS):
        http = rubbish.well_signed(chance, signer)
        answer = watched.send(http)
        assert_readable(answer, http)
        statuses.add(answer.status)
    assert statuses >= {400, 501}


NESTED = b'{"a":' * 100_000
BOMB = gzip.compress(b"\0" * (64 << 20))


@pytest.mark.parametrize(
    "body", [NESTED, NESTED + b"1" + b"}" * 100_000, b"[" * 100_000, b"9" * 100_000, b'"' + b"\\" * 100_001, b"\xff" * 1_000]
)
def test_nt_71_json_that_exhausts_parsers(watched: Observer, fuzzed: World, body: bytes) -> None:
    signer = Signer.of(fuzzed.admin)
    watched.refused(signer.header(json_call("AmazonSSM.GetParameter", body), "ssm"), "SerializationException", 400)


def test_nt_71_compressed_bombs_are_not_inflated(watched: Observer, fuzzed: World) -> None:
    signer = Signer.of(fuzzed.admin)
    bomb = with_header(json_call("AmazonSSM.GetParameter", BOMB), b"content-encoding", b"gzip")
    watched.refused(signer.header(bomb, "ssm"), "RequestEntityTooLargeException", 413)
    watched.refused(bomb, "RequestEntityTooLargeException", 413)


def test_nt_71_xml_is_nothing_that_is_parsed_here(watched: Observer, fuzzed: World) -> None:
    entities = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'
    request = HttpRequest(b"POST", b"/", b"", [(b"host", b"h"), (b"content-type", b"text/xml")], entities)
    watched.refused(Signer.of(fuzzed.admin).header(request), "InvalidAction", 400)
    refusal = watched.refused(Signer.of(fuzzed.admin).header(form("GetUser", UserName="&x;<a>")), "ValidationError", 400)
    assert "root:" not in refusal.message


@pytest.mark.parametrize("text", ["\0", "\x0b", "\x1f", "\ufffe", "\uffff", "a\x08b"])
def test_nt_71_what_xml_cannot_carry_is_refused(watched: Observer, fuzzed: World, text: str) -> None:
    signer = Signer.of(fuzzed.admin)
    answer = watched.send(
        signer.header(form("TagUser", UserName="administrator", **{"Tags.member.1.Key": "k", "Tags.member.1.Value": text}))
    )
    assert answer.status == 400
    assert read(answer).code in {"ValidationError", "MalformedInput", "InvalidInput"}


def test_nt_71_many_fields_and_long_lists(watched: Observer, fuzzed: World) -> None:
    signer = Signer.of(fuzzed.admin)
    many = form("ListUsers")._replace(
        body=b"Action=ListUsers&Version=2010-05-08" + b"".join(b"&f%d=1" % number for number in range(50_000))
    )
    assert watched.send(signer.header(many)).status in (200, 400)
    tags = {f"Tags.member.{number}.Key": "k" for number in range(1, 2_000)}
    watched.refused(signer.header(form("TagUser", UserName="administrator", **tags)), "ValidationError", 400)
