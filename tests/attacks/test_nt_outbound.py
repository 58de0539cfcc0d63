"""NT-23: a URL that somebody else has chosen never makes akia ask an address inside."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any

import pytest
from tests.outbound.server import LOOPBACK, Answer, Authority, authority, serving

from akia.outbound import OutboundClient, OutboundError, OutboundRefused
from akia.outbound.addresses import Addresses
from akia.outbound.destination import destination

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.covers("I4.federation.ssrf")

INSIDE = [
    "127.0.0.1", "127.8.9.10", "0.0.0.0", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.1.1", "100.64.0.1", "192.0.0.1",
    "198.18.0.1", "203.0.113.1", "240.0.0.1", "255.255.255.255", "224.0.0.1", "::", "::1", "fe80::1", "fc00::1", "fd12::1", "ff02::1",
    "2001:db8::1", "fec0::1",
]  # fmt: skip
METADATA = ["169.254.169.254", "100.100.100.200", "168.63.129.16", "192.0.0.192", "fd00:ec2::254"]
DISGUISED = [
    "::ffff:127.0.0.1", "::ffff:169.254.169.254", "::ffff:10.0.0.1", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::7f00:1",
    "2002:7f00:1::", "2001:0:7f00:1::", "fe80::1%eth0",
]  # fmt: skip
PUBLIC = ["1.1.1.1", "8.8.8.8", "93.184.216.34", "2606:4700:4700::1111", "::ffff:8.8.8.8"]


def resolving(*answers: list[str]) -> Callable[..., Any]:
    """A resolver that gives one list of addresses after the other."""
    left = list(answers)

    def resolve(host: str, port: int, **_: Any) -> Any:
        addresses = left.pop(0)
        return [(socket.AF_INET6 if ":" in address else socket.AF_INET, 1, 6, "", (address, port)) for address in addresses]

    return resolve


@pytest.fixture
def connected(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The addresses that were connected to; none of these connections succeeds."""
    found: list[str] = []

    def connect(address: Any, *_: Any, **__: Any) -> Any:
        found.append(address[0])
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "create_connection", connect)
    return found


@pytest.fixture(scope="module")
def private(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return authority(tmp_path_factory.mktemp("authority"), "127.0.0.1", "idp.test")


@pytest.mark.parametrize("address", [*INSIDE, *METADATA, *DISGUISED])
def test_nt_23_no_address_inside_is_asked(address: str, connected: list[str]) -> None:
    client = OutboundClient(resolve=resolving([address], [address]))
    with pytest.raises(OutboundRefused, match="not public"):
        client.get("https://idp.example.com/keys")
    with pytest.raises(OutboundRefused, match="not public"):
        client.thumbprint("https://idp.example.com/keys")
    assert connected == []


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are_asked(address: str, connected: list[str]) -> None:
    with pytest.raises(OutboundError, match="no connection"):
        OutboundClient(resolve=resolving([address])).get("https://idp.example.com/keys")
    assert connected == [address]


def test_nt_23_a_name_with_one_address_inside_is_not_asked_at_all(connected: list[str]) -> None:
    with pytest.raises(OutboundRefused):
        OutboundClient(resolve=resolving(["8.8.8.8", "10.0.0.1"])).get("https://idp.example.com/")
    assert connected == []


def test_nt_23_a_name_is_resolved_once_and_the_connection_goes_to_what_was_looked_at(connected: list[str]) -> None:
    """Rebinding: the second answer of the name server would be 127.0.0.1."""
    with pytest.raises(OutboundError, match="no connection"):
        OutboundClient(resolve=resolving(["8.8.8.8"], ["127.0.0.1"])).get("https://idp.example.com/")
    assert connected == ["8.8.8.8"]


def test_each_address_of_a_name_is_tried(connected: list[str]) -> None:
    client = OutboundClient(resolve=resolving(["8.8.8.8", "1.1.1.1"], ["8.8.8.8", "1.1.1.1"]))
    with pytest.raises(OutboundError, match="no connection"):
        client.get("https://idp.example.com/")
    with pytest.raises(OutboundError, match="no TLS"):
        client.thumbprint("https://idp.example.com/")
    assert connected == ["8.8.8.8", "1.1.1.1"] * 2


def test_nt_23_allowed_networks_open_what_they_name_and_nothing_else() -> None:
    addresses = Addresses(["10.1.0.0/16", "::1/128"], socket.getaddrinfo)
    assert [address for address in (*INSIDE, *METADATA, *DISGUISED, "10.1.2.3") if addresses.may_be_asked(address)] == ["::1", "10.1.2.3"]
    assert addresses.may_be_asked("::ffff:10.1.2.3")


@pytest.mark.parametrize(
    "url",
    [
        "http://idp.example.com/", "ftp://idp.example.com/", "file:///etc/passwd", "//idp.example.com/", "idp.example.com", "",
        "https://", "https:///path", "https://user@idp.example.com/", "https://user:pass@127.0.0.1/", "https://idp.example.com#x",
        "https://2130706433/", "https://0x7f000001/", "https://0x7f.1/", "https://127.1/", "https://0177.0.0.1/", "https://127.0.0.1./",
        "https://1.2.3/", "https://idp.example.com:0/", "https://idp.example.com:99999/", "https://idp.example.com:x/", "https://[::1",
        "https://[fe80::1%25eth0]/", "https://idp.example.com\\@127.0.0.1/", "https://idp example.com/", "https://idp.example.com/\r\nX: y",
        "https://\u217cocalhost/", "https://\uff49dp.example.com/", "https://-idp.example.com/", "https://idp..example.com/",
        "https://" + "a" * 3_000 + ".com/",
    ],
)  # fmt: skip
def test_nt_23_only_plain_https_urls_are_asked(url: str, connected: list[str]) -> None:
    with pytest.raises(OutboundRefused):
        OutboundClient(["0.0.0.0/0", "::/0"], resolve=resolving(["127.0.0.1"])).get(url)
    assert connected == []


def test_urls_are_taken_apart_as_written() -> None:
    for url in ("https://idp.example.com/a?b=c", "https://idp.example.com:8443/", "https://[2606:4700::1]/", "https://127.0.0.1:1/"):
        assert destination(url).url == url
    assert destination("https://idp.example.com").target == "/"


@pytest.mark.parametrize(
    "goal",
    ["https://10.0.0.1/", "https://169.254.169.254/latest/meta-data/", "https://[::1]/", "http://127.0.0.1/", "//[::ffff:10.0.0.1]/"],
)
def test_nt_23_a_redirect_is_looked_at_like_the_first_url(private: Authority, goal: str) -> None:
    answer: Answer = (302, {"Location": goal}, b"")
    with serving(private, lambda path: answer) as server:
        client = OutboundClient(LOOPBACK)
        with pytest.raises(OutboundRefused):
            client.get(f"{server.url}/", thumbprints=[server.thumbprint], redirects=3)
        assert len(server.requests) == 1


def test_nt_23_a_redirect_to_what_is_no_url_is_refused(private: Authority) -> None:
    answer: Answer = (302, {"Location": "https://[::1"}, b"")
    with serving(private, lambda path: answer) as server, pytest.raises(OutboundRefused, match="no URL"):
        OutboundClient(LOOPBACK).get(f"{server.url}/", thumbprints=[server.thumbprint], redirects=3)


def test_nt_23_six_redirects_are_too_many(private: Authority) -> None:
    answer: Answer = (302, {"Location": "/again"}, b"")
    with serving(private, lambda path: answer) as server, pytest.raises(OutboundRefused, match="too often"):
        OutboundClient(LOOPBACK).get(f"{server.url}/", thumbprints=[server.thumbprint], redirects=5)
    assert len(server.requests) == 6
