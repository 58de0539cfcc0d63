"""Syslog: the form of messages and frames, and what counts as a confirmation. Real servers are asked in tests/clients."""

from __future__ import annotations

import re
import socket
import ssl
import struct
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from tests.outbound.server import LOOPBACK
from tests.sinks.conftest import event

from akia.outbound.client import OutboundClient
from akia.sinks import Undelivered
from akia.sinks.syslog import Syslog

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

MESSAGE = re.compile(
    r"<(?P<pri>[0-9]{1,3})>1 (?P<at>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z) (?P<host>[!-~]{1,255}) akia - (?P<id>[!-~]{1,32}) "
    r'\[origin software="akia" swVersion="[^"]+"\] \ufeff(?P<text>.*)',
    re.DOTALL,
)


@contextmanager
def server(folder: Path, end: Callable[[ssl.SSLSocket], None]) -> Iterator[tuple[int, list[bytes]]]:
    """A TLS server that reads until the other side's closure alert, and then ends the connection as `end` says."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "chain.pem", folder / "key.pem")
    listening = socket.create_server(("127.0.0.1", 0))
    got: list[bytes] = []

    def serve() -> None:
        plain, _ = listening.accept()
        with context.wrap_socket(plain, server_side=True, suppress_ragged_eofs=False) as stream:
            data = b""
            while part := stream.recv(65_536):
                data += part
            got.append(data)
            end(stream)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield listening.getsockname()[1], got
    finally:
        thread.join(10)
        listening.close()


def answer(stream: ssl.SSLSocket) -> None:
    stream.unwrap().close()


def just_close(stream: ssl.SSLSocket) -> None:
    socket.socket(fileno=stream.detach()).close()


def reset(stream: ssl.SSLSocket) -> None:
    stream.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    just_close(stream)


def say_nothing(_: ssl.SSLSocket) -> None:
    threading.Event().wait(2)


def client(folder: Path, seconds: float = 5.0) -> OutboundClient:
    return OutboundClient(LOOPBACK, authorities=folder / "ca.pem", seconds=seconds)


def frames(data: bytes) -> list[str]:
    """The messages in octet-counted `data`."""
    found = []
    while data:
        length, _, data = data.partition(b" ")
        found.append(data[: int(length)].decode())
        data = data[int(length) :]
    return found


def test_messages_are_counted_in_octets_and_have_the_form_of_the_standard(certificate: Path) -> None:
    events = [event(1), event(2, error="AccessDenied"), event(3, name="Name with spaces\u00e9" + "x" * 40)]
    with server(certificate, answer) as (port, got):
        Syslog(client(certificate), "127.0.0.1", port, hostname="h").send(events)
    told = [MESSAGE.fullmatch(message) for message in frames(got[0])]
    assert [one["pri"] for one in told if one] == ["109", "108", "109"]
    assert [one["id"] for one in told if one] == ["CreateUser", "CreateUser", "Namewithspaces" + "x" * 18]
    assert [one["text"] for one in told if one] == [one.record for one in events]
    assert told[0] is not None
    assert told[0]["at"] == "2023-11-14T22:13:20.001Z"


@pytest.mark.parametrize("end", [just_close, reset])
def test_without_the_closure_alert_it_is_to_be_sent_again(end: Any, certificate: Path) -> None:
    with server(certificate, end) as (port, _), pytest.raises(Undelivered, match="does not confirm"):
        Syslog(client(certificate), "127.0.0.1", port).send([event(1)])


def test_a_server_that_never_answers_confirms_nothing(certificate: Path) -> None:
    with (
        server(certificate, say_nothing) as (port, _),
        pytest.raises(Undelivered, match="does not confirm"),
    ):
        Syslog(client(certificate, 0.5), "127.0.0.1", port).send([event(1)])


def test_a_plain_end_is_enough_if_the_settings_say_so_but_a_reset_never_is(certificate: Path) -> None:
    with server(certificate, just_close) as (port, _):
        assert Syslog(client(certificate), "127.0.0.1", port, needs_alert=False).send([event(1)]) == 0
    with server(certificate, reset) as (port, _), pytest.raises(Undelivered):
        Syslog(client(certificate), "127.0.0.1", port, needs_alert=False).send([event(1)])


def test_nothing_is_sent_to_a_server_that_is_not_trusted_or_not_allowed(certificate: Path) -> None:
    with pytest.raises(Undelivered, match="not in an allowed network"):
        Syslog(OutboundClient((), authorities=certificate / "ca.pem"), "127.0.0.1", 1).send([event(1)])
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate / "chain.pem", certificate / "key.pem")
    with socket.create_server(("127.0.0.1", 0)) as listening:
        got: list[bytes] = []

        def serve() -> None:
            plain, _ = listening.accept()
            try:
                with context.wrap_socket(plain, server_side=True) as stream:
                    got.append(stream.recv(100))
            except OSError:
                plain.close()

        thread = threading.Thread(target=serve)
        thread.start()
        with pytest.raises(Undelivered, match=r"certificate of 127\.0\.0\.1 is not valid"):
            Syslog(OutboundClient(LOOPBACK), "127.0.0.1", listening.getsockname()[1]).send([event(1)])
        thread.join()
    assert not any(got)
