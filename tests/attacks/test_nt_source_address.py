"""NT-07, NT-45: where a request comes from is what the connection says, or what a proxy says that we trust."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest
from tests.attacks.signer import Signer, form

from akia.authority.facts import RequestFacts
from akia.aws.ids import new_guid
from akia.http.addresses import Proxies
from akia.pipeline.request import Request

if TYPE_CHECKING:
    from tests.conftest import Person, World

NONE = Proxies()
PRIVATE = Proxies(("10.0.0.0/8", "fd00::/8"))
Headers = list[tuple[bytes, bytes]]


def forwarded(*chain: str) -> Headers:
    return [(b"x-forwarded-for", hop.encode()) for hop in chain]


@pytest.mark.parametrize("peer", ["10.0.0.1", "127.0.0.1", "192.168.1.1", "::1", "fd00::1", "203.0.113.9"])
def test_nt_45_nobody_is_believed_by_default(peer: str) -> None:
    headers = [*forwarded("8.8.8.8"), (b"x-forwarded-proto", b"https"), (b"forwarded", b"for=8.8.8.8"), (b"x-real-ip", b"8.8.8.8")]
    assert NONE.origin(peer, "http", headers) == (peer, False)


def test_nt_45_an_untrusted_peer_is_not_believed() -> None:
    assert PRIVATE.origin("203.0.113.9", "http", [*forwarded("8.8.8.8"), (b"x-forwarded-proto", b"https")]) == ("203.0.113.9", False)


@pytest.mark.parametrize(
    ("chain", "origin"),
    [
        (["8.8.8.8"], "8.8.8.8"),
        (["1.1.1.1, 8.8.8.8"], "8.8.8.8"),
        (["1.1.1.1", "8.8.8.8, 10.0.0.2"], "8.8.8.8"),
        (["10.0.0.3, 10.0.0.2"], "10.0.0.3"),
        (["8.8.8.8, rubbish"], "10.0.0.1"),
        (["8.8.8.8, 10.0.0.2, rubbish, 10.0.0.3"], "10.0.0.3"),
        (["8.8.8.8:443"], "10.0.0.1"),
        (["0x08080808"], "10.0.0.1"),
        (["134744072"], "10.0.0.1"),
        (["٨.8.8.8"], "10.0.0.1"),
        (["010.8.8.8"], "10.0.0.1"),
        (["::ffff:8.8.8.8"], "8.8.8.8"),
        (["fe80::1%eth0"], "fe80::1"),
        ([""], "10.0.0.1"),
        ([], "10.0.0.1"),
        (["8" * 100_000], "10.0.0.1"),
    ],
)
def test_nt_45_a_trusted_chain_is_read_from_the_right(chain: list[str], origin: str) -> None:
    assert PRIVATE.origin("10.0.0.1", "http", forwarded(*chain))[0] == origin


def test_nt_45_mapped_addresses_and_zones() -> None:
    assert NONE.origin("::ffff:10.0.0.1", "http", [])[0] == "10.0.0.1"
    assert PRIVATE.origin("::ffff:10.0.0.1", "http", forwarded("8.8.8.8"))[0] == "8.8.8.8"
    assert NONE.origin("fe80::1%eth0", "http", [])[0] == "fe80::1"
    assert NONE.origin(None, "http", forwarded("8.8.8.8")) == (None, False)
    assert NONE.origin("", "https", []) == (None, True)


@pytest.mark.parametrize("proto", [b"https", b" https ", b"http, https"])
def test_nt_07_only_a_trusted_proxy_says_that_there_was_tls(proto: bytes) -> None:
    headers = [*forwarded("8.8.8.8"), (b"x-forwarded-proto", proto)]
    assert PRIVATE.origin("10.0.0.1", "http", headers) == ("8.8.8.8", True)
    assert PRIVATE.origin("10.0.0.1", "http", [*headers, (b"x-forwarded-proto", b"http")]) == ("8.8.8.8", False)
    assert NONE.origin("10.0.0.1", "http", headers) == ("10.0.0.1", False)
    assert PRIVATE.origin("10.0.0.1", "https", forwarded("8.8.8.8")) == ("8.8.8.8", True)


@pytest.fixture(scope="module")
def inside(shared: World) -> Person:
    """May list users from 10.0.0.0/8 and nowhere else."""
    return shared.person("inside", {"Action": "iam:ListUsers", "Condition": {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}})


@pytest.fixture(scope="module")
def outside(shared: World) -> Person:
    """May list users unless it is known that they come from outside 10.0.0.0/8."""
    deny = {
        "Effect": "Deny",
        "Action": "*",
        "Condition": {"NotIpAddressIfExists": {"aws:SourceIp": "10.0.0.0/8"}, "Null": {"aws:SourceIp": "false"}},
    }
    return shared.person("outside", {"Action": "iam:ListUsers"}, deny)


def status(shared: World, person: Person, source_ip: str | None, headers: Headers | None = None) -> int:
    http = Signer.of(person.key).header(form("ListUsers"))
    http = http._replace(headers=[*http.headers, *(headers or [])])
    facts: dict[str, Any] = {"secure": False, "user_agent": "", "host": "akia.local:2542"}
    request = Request(http, RequestFacts(new_guid(), time.time(), source_ip, **facts))
    return shared.akia.direct().answer(request).status


@pytest.mark.parametrize(
    ("source_ip", "expected"),
    [("10.0.0.1", 200), ("10.255.255.255", 200), ("11.0.0.1", 403), ("::1", 403), ("127.0.0.1", 403), (None, 403)],
)
def test_nt_45_a_policy_sees_the_source_and_no_header(shared: World, inside: Person, source_ip: str | None, expected: int) -> None:
    assert status(shared, inside, source_ip, forwarded("10.0.0.1" if expected == 403 else "8.8.8.8")) == expected


def test_nt_45_over_a_unix_socket_the_key_is_absent(shared: World, outside: Person) -> None:
    assert status(shared, outside, None) == 200
    assert status(shared, outside, "10.0.0.1") == 200
    assert status(shared, outside, "8.8.8.8") == 403
