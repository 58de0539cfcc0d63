"""Authorities of one's own in place of the system's, certificates to show, and connections that are not HTTP: as strict as the rest."""

from __future__ import annotations

import socket
import ssl
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from tests.outbound.server import LOOPBACK, authority, serving

from akia.outbound.client import OutboundClient
from akia.outbound.errors import NotTrusted, OutboundError, OutboundRefused

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def tls(folder: Path, *, wants: Path | None = None) -> Iterator[int]:
    """A TLS server that says `hello` once; to those only who show a certificate under `wants`."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "chain.pem", folder / "key.pem")
    if wants is not None:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(wants)
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            plain, _ = listening.accept()
            try:
                with context.wrap_socket(plain, server_side=True) as stream:
                    stream.sendall(b"hello")
            except OSError:
                plain.close()

        thread = threading.Thread(target=serve)
        thread.start()
        yield listening.getsockname()[1]
        thread.join(10)


def test_a_private_authority_is_believed_in_place_of_the_systems(tmp_path: Path) -> None:
    made = authority(tmp_path / "a", "127.0.0.1")
    authority(tmp_path / "b", "127.0.0.1")
    with serving(made, lambda _: (200, {}, b"ok")) as server:
        assert OutboundClient(LOOPBACK, authorities=tmp_path / "a/ca.pem").get(server.url).body == b"ok"
        with pytest.raises(NotTrusted):
            OutboundClient(LOOPBACK, authorities=tmp_path / "b/ca.pem").get(server.url)


def test_a_connection_is_to_a_host_with_a_certificate_of_its_name(tmp_path: Path) -> None:
    authority(tmp_path / "a", "127.0.0.1")
    authority(tmp_path / "b", "elsewhere.example.com")
    with tls(tmp_path / "a") as port, OutboundClient(LOOPBACK, authorities=tmp_path / "a/ca.pem").connected("127.0.0.1", port) as stream:
        assert stream.recv(10) == b"hello"
    with tls(tmp_path / "b") as port, pytest.raises(NotTrusted):
        OutboundClient(LOOPBACK, authorities=tmp_path / "b/ca.pem").connected("127.0.0.1", port)


@pytest.mark.parametrize("host", ["127.1", "2130706433", "a b", "a/b", "", "user@host", "::1%eth0"])
def test_nt_23_a_connection_has_one_way_to_write_a_host(host: str) -> None:
    with pytest.raises(OutboundRefused):
        OutboundClient(("0.0.0.0/0", "::/0")).connected(host, 6514)


@pytest.mark.parametrize("host", ["127.0.0.1", "10.0.0.1", "169.254.169.254", "::1", "::ffff:127.0.0.1"])
def test_nt_23_a_connection_goes_to_public_addresses_only(host: str) -> None:
    with pytest.raises(OutboundRefused):
        OutboundClient(()).connected(host, 6514)


def test_who_asks_for_a_certificate_is_shown_ours(tmp_path: Path) -> None:
    for name in ("server", "ours", "other"):
        authority(tmp_path / name, "127.0.0.1")
    trusted, wants = tmp_path / "server/ca.pem", tmp_path / "ours/ca.pem"
    for name, is_let_in in (("ours", True), ("other", False)):
        client = OutboundClient(
            LOOPBACK, authorities=trusted, certificate=tmp_path / name / "chain.pem", certificate_key=tmp_path / name / "key.pem"
        )
        with tls(tmp_path / "server", wants=wants) as port, client.connected("127.0.0.1", port) as stream:
            try:
                got = stream.recv(10)
            except OSError:
                got = b""
        assert (got == b"hello") is is_let_in


def test_files_of_no_use_are_told_at_once(tmp_path: Path) -> None:
    authority(tmp_path / "a", "127.0.0.1")
    (tmp_path / "rubbish").write_text("rubbish")
    for wrong in (tmp_path / "none", tmp_path / "rubbish"):
        with pytest.raises(OutboundError, match="expected PEM files"):
            OutboundClient((), authorities=wrong)
    with pytest.raises(OutboundError, match="expected PEM files"):
        OutboundClient((), certificate=tmp_path / "a/chain.pem", certificate_key=tmp_path / "rubbish")


def test_nobody_there_is_an_error_of_ours(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(OutboundError, match=r"no connection to 127\.0\.0\.1:"):
        OutboundClient(LOOPBACK).connected("127.0.0.1", port)
