"""HTTPS servers on 127.0.0.1 for tests, each under a private authority of its own."""

from __future__ import annotations

import hashlib
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from tests.https import Handler, listening, server_context

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

LOOPBACK = ("127.0.0.0/8",)
Answer = tuple[int, dict[str, str], bytes]


@dataclass
class Authority:
    """A private authority and the certificate of one server under it."""

    chain: Path
    key: Path
    top: x509.Certificate

    @property
    def thumbprint(self) -> str:
        return hashlib.sha1(self.top.public_bytes(serialization.Encoding.DER)).hexdigest()


def authority(folder: Path, *names: str, days: int = 30, with_top: bool = True) -> Authority:
    """An authority in `folder`, and a certificate for `names`. The server presents the authority's certificate too, if `with_top`."""
    top_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    top = _certificate("authority", top_key.public_key(), "authority", top_key, [], days, is_authority=True)
    own = _certificate("server", key.public_key(), "authority", top_key, list(names), days, is_authority=False)
    folder.mkdir(parents=True, exist_ok=True)
    presented = [own, top] if with_top else [own]
    (folder / "chain.pem").write_bytes(b"".join(one.public_bytes(serialization.Encoding.PEM) for one in presented))
    (folder / "ca.pem").write_bytes(top.public_bytes(serialization.Encoding.PEM))
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "key.pem").write_bytes(private)
    return Authority(folder / "chain.pem", folder / "key.pem", presented[-1])


def _certificate(subject: str, public: Any, issuer: str, key: Any, names: list[str], days: int, *, is_authority: bool) -> x509.Certificate:
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=60))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.BasicConstraints(is_authority, None), critical=True)
    )
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName([_name(name) for name in names]), critical=False)
    return builder.sign(key, hashes.SHA256())


def _name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)


@dataclass
class Server:
    """A running server. `requests` are the requests that it was sent: path and headers."""

    port: int
    thumbprint: str
    requests: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.port}"


@contextmanager
def serving(made: Authority, answer: Callable[[str], Answer | Callable[[Any], None]]) -> Iterator[Server]:
    """A server that answers each path with what `answer` says: a status, headers and a body; or a function that is given the handler."""

    class Answering(Handler):
        def do_GET(self) -> None:
            server.requests.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
            answered = answer(self.path)
            if not isinstance(answered, tuple):
                answered(self)
                return
            status, headers, body = answered
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            if not any(name.lower() in ("content-length", "transfer-encoding") for name in headers):
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_POST(self) -> None:
            self.do_GET()

    with listening(Answering, server_context(made.chain, made.key)) as port:
        server = Server(port, made.thumbprint)
        yield server
