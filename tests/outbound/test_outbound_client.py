"""The client that asks the outside world: what it answers, whom it trusts, how much it takes (NT-23)."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest
from tests.outbound.server import LOOPBACK, Answer, Authority, authority, serving

from akia.outbound import NotTrusted, OutboundClient, OutboundError, OutboundRefused

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.covers("I4.federation.outbound_client")


@pytest.fixture(scope="module")
def private(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return authority(tmp_path_factory.mktemp("authority"), "127.0.0.1", "idp.test")


def hello(path: str) -> Answer:
    return 200, {"Content-Type": "text/plain"}, path.encode()


def test_an_answer_is_read_whole(private: Authority) -> None:
    with serving(private, hello) as server:
        reply = OutboundClient(LOOPBACK).get(f"{server.url}/a?b=c", thumbprints=[server.thumbprint])
    assert (reply.status, reply.body, reply.headers["content-type"]) == (200, b"/a?b=c", "text/plain")


def test_a_request_says_little_and_brings_no_cookie(private: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    client = OutboundClient(LOOPBACK)
    with serving(private, lambda path: (200, {"Set-Cookie": "a=b"}, b"")) as server:
        for _ in range(2):
            client.get(f"{server.url}/", thumbprints=[server.thumbprint])
    for _, headers in server.requests:
        assert headers == {
            "host": f"127.0.0.1:{server.port}",
            "user-agent": "akia",
            "accept-encoding": "identity",
            "connection": "close",
        }


def test_a_post_sends_its_body_and_follows_nothing(private: Authority) -> None:
    def moved(path: str) -> Answer:
        return 307, {"Location": "/elsewhere"}, b""

    with serving(private, moved) as server:
        reply = OutboundClient(LOOPBACK).post(f"{server.url}/hook", b"{}", {"Content-Type": "a/b"}, thumbprints=[server.thumbprint])
    assert reply.status == 307
    [(path, headers)] = server.requests
    assert (path, headers["content-length"], headers["content-type"]) == ("/hook", "2", "a/b")


def test_redirects_are_followed_as_far_as_allowed(private: Authority) -> None:
    def onward(path: str) -> Answer:
        step = int(path[1:])
        return (302, {"Location": f"/{step - 1}"}, b"") if step else (200, {}, b"there")

    client = OutboundClient(LOOPBACK)
    with serving(private, onward) as server:
        assert client.get(f"{server.url}/3", thumbprints=[server.thumbprint], redirects=3).body == b"there"
        with pytest.raises(OutboundRefused, match="redirects too often"):
            client.get(f"{server.url}/6", thumbprints=[server.thumbprint], redirects=3)
        with pytest.raises(OutboundRefused, match="redirects too often"):
            client.get(f"{server.url}/1", thumbprints=[server.thumbprint])


@pytest.mark.parametrize("location", ["https://[", "https://[::1", "//[x]/"])
def test_nt_71_a_redirect_to_what_is_no_url_is_refused(private: Authority, location: str) -> None:
    with serving(private, lambda path: (302, {"Location": location}, b"")) as server, pytest.raises(OutboundRefused):
        OutboundClient(LOOPBACK).get(f"{server.url}/", thumbprints=[server.thumbprint], redirects=3)


# Trust


def test_an_unknown_authority_is_not_trusted_without_its_thumbprint(private: Authority) -> None:
    with serving(private, hello) as server:
        for thumbprints in ([], ["00" * 20]):
            with pytest.raises(NotTrusted):
                OutboundClient(LOOPBACK).get(f"{server.url}/", thumbprints=thumbprints)
        assert server.requests == []


def test_a_thumbprint_may_be_written_in_capitals(private: Authority) -> None:
    with serving(private, hello) as server:
        assert OutboundClient(LOOPBACK).get(f"{server.url}/", thumbprints=[server.thumbprint.upper()])


@pytest.mark.parametrize(("names", "days"), [(["other.test"], 30), (["127.0.0.1"], -1)], ids=["another name", "over"])
def test_a_thumbprint_does_not_excuse_a_wrong_name_or_an_old_certificate(tmp_path: Path, names: list[str], days: int) -> None:
    with serving(authority(tmp_path, *names, days=days), hello) as server:
        with pytest.raises(NotTrusted, match="not valid"):
            OutboundClient(LOOPBACK).get(f"{server.url}/", thumbprints=[server.thumbprint])
        assert server.requests == []


def test_a_certificate_that_stands_alone_is_its_own_top(tmp_path: Path) -> None:
    with serving(authority(tmp_path, "127.0.0.1", with_top=False), hello) as server:
        client = OutboundClient(LOOPBACK)
        assert client.thumbprint(f"{server.url}/x") == server.thumbprint
        assert client.get(f"{server.url}/", thumbprints=[server.thumbprint]).status == 200


def test_the_thumbprint_is_that_of_the_last_certificate(private: Authority) -> None:
    with serving(private, hello) as server:
        assert OutboundClient(LOOPBACK).thumbprint(server.url) == server.thumbprint == private.thumbprint
        assert server.requests == []


def test_the_systems_authorities_are_trusted_without_thumbprints(private: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    import ssl

    from akia.outbound import trust

    monkeypatch.setattr(trust, "system", lambda: ssl.create_default_context(cafile=str(private.chain.with_name("ca.pem"))))
    with serving(private, hello) as server:
        assert OutboundClient(LOOPBACK).get(f"{server.url}/").status == 200


# Bounds


@pytest.mark.parametrize("announced", [True, False])
def test_nt_23_a_body_that_is_too_large_is_not_read(private: Authority, announced: bool) -> None:
    def huge(handler: Any) -> None:
        handler.send_response(200)
        if announced:
            handler.send_header("Content-Length", str(2 << 20))
        handler.end_headers()
        handler.wfile.write(b"x" * (2 << 20))
        handler.close_connection = True

    with serving(private, lambda path: huge) as server, pytest.raises(OutboundError, match="too large"):
        OutboundClient(LOOPBACK).get(f"{server.url}/", thumbprints=[server.thumbprint])


def test_a_body_in_an_encoding_that_was_not_asked_for_is_refused(private: Authority) -> None:
    answer: Answer = (200, {"Content-Encoding": "gzip"}, b"bomb")
    with serving(private, lambda path: answer) as server, pytest.raises(OutboundError, match="encoding"):
        OutboundClient(LOOPBACK).get(f"{server.url}/", thumbprints=[server.thumbprint])


@pytest.mark.parametrize("where", ["head", "body"])
def test_nt_23_who_drips_is_not_waited_for(private: Authority, where: str) -> None:
    def drip(handler: Any) -> None:
        if where == "body":
            handler.send_response(200)
            handler.send_header("Content-Length", "1000")
            handler.end_headers()
        else:
            handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
        for number in range(100):
            handler.wfile.write(b"x" if where == "body" else b"x-%d: y\r\n" % number)
            handler.wfile.flush()
            time.sleep(0.1)

    started = time.monotonic()
    with serving(private, lambda path: drip) as server, pytest.raises(OutboundError, match="no answer"):
        OutboundClient(LOOPBACK, seconds=0.8).get(f"{server.url}/", thumbprints=[server.thumbprint])
    assert time.monotonic() - started < 5


def test_nobody_there_is_told(private: Authority) -> None:
    with serving(private, hello) as server:
        pass
    with pytest.raises(OutboundError, match="no connection"):
        OutboundClient(LOOPBACK, seconds=2).get(f"{server.url}/")
    with pytest.raises(OutboundError, match="no TLS"):
        OutboundClient(LOOPBACK, seconds=2).thumbprint(f"{server.url}/")


def test_a_name_that_does_not_resolve_is_told() -> None:
    def unknown(*_: Any, **__: Any) -> Any:
        raise OSError("no such name")

    with pytest.raises(OutboundError, match="cannot be resolved"):
        OutboundClient(resolve=unknown).get("https://idp.test/")
    with pytest.raises(OutboundError, match="no address"):
        OutboundClient(resolve=lambda *_, **__: []).get("https://idp.test/")
