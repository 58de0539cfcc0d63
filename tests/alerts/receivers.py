"""Small servers on 127.0.0.1 that take what channels send: a webhook, a mail server, a syslog collector."""

from __future__ import annotations

import base64
import json
import socket
import ssl
import threading
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from typing import TYPE_CHECKING, Any

from tests.https import Handler, listening, server_context

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from email.message import EmailMessage

    from tests.outbound.server import Authority


@dataclass
class Taken:
    """A running receiver and what it was sent."""

    port: int
    requests: list[tuple[str, dict[str, str], Any]] = field(default_factory=list)
    mails: list[tuple[str, list[str], EmailMessage]] = field(default_factory=list)
    logins: list[str] = field(default_factory=list)
    lines: list[bytes] = field(default_factory=list)
    encrypted: list[bool] = field(default_factory=list)
    arrived: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.port}/hooks/s3cret-path"


def _context(made: Authority) -> ssl.SSLContext:
    return server_context(made.chain, made.key)


@contextmanager
def webhook(made: Authority, statuses: list[int] | None = None) -> Iterator[Taken]:
    """Answers with one of `statuses` after the other, and the last for ever (200)."""
    left = list(statuses or [200])

    class Hook(Handler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            taken.requests.append((self.path, {name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(left.pop(0) if len(left) > 1 else left[0])
            self.send_header("Content-Length", "0")
            self.end_headers()
            taken.arrived.set()

    with listening(Hook, _context(made)) as port:
        taken = Taken(port)
        yield taken


@contextmanager
def _listening(serve: Callable[[socket.socket, Taken], None]) -> Iterator[Taken]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        taken = Taken(server.getsockname()[1])

        def run() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                with connection, suppress(OSError):
                    serve(connection, taken)

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        try:
            yield taken
        finally:
            server.shutdown(socket.SHUT_RDWR)
            thread.join()


@contextmanager
def mail_server(made: Authority, tls: str, *, accepts: bool = True, refuses: dict[str, str] | None = None) -> Iterator[Taken]:
    """As much of SMTP as a client needs: EHLO, STARTTLS, AUTH PLAIN, MAIL, RCPT, DATA, RSET, QUIT. `tls` as in the channel's settings;
    `refuses` says with what words which recipients are refused."""

    def serve(connection: socket.socket, taken: Taken) -> None:
        if tls == "implicit":
            connection = _context(made).wrap_socket(connection, server_side=True)
        _Smtp(connection, taken, made if tls == "starttls" else None, accepts, refuses or {}).serve()

    with _listening(serve) as taken:
        yield taken


class _Smtp:
    def __init__(self, connection: socket.socket, taken: Taken, made: Authority | None, accepts: bool, refuses: dict[str, str]) -> None:
        self.connection, self.taken, self.made, self.accepts, self.refuses = connection, taken, made, accepts, refuses
        self.file: Any = connection.makefile("rb")
        self.sender, self.recipients = "", [""]

    def say(self, text: str) -> None:
        self.connection.sendall(text.encode() + b"\r\n")

    def serve(self) -> None:
        self.say("220 test")
        while line := self.file.readline().decode().strip():
            verb = line.split()[0].upper()
            if verb == "QUIT":
                self.say("221 bye")
                break
            self.answer(verb, line)
        self.file.close()
        self.connection.close()

    def answer(self, verb: str, line: str) -> None:
        encrypted = isinstance(self.connection, ssl.SSLSocket)
        if verb == "EHLO":
            self.say("250-test\r\n250-AUTH PLAIN" + ("\r\n250 STARTTLS" if self.made and not encrypted else "\r\n250 8BITMIME"))
        elif verb == "STARTTLS" and self.made:
            self.say("220 go")
            self.file.close()
            self.connection = _context(self.made).wrap_socket(self.connection, server_side=True)
            self.file = self.connection.makefile("rb")
        elif verb == "AUTH":
            self.taken.logins.append(base64.b64decode(line.split()[2]).decode().replace("\0", " ").strip())
            self.say("235 welcome")
        elif verb == "MAIL":
            self.sender, self.recipients = line.partition("<")[2].partition(">")[0], []
            self.say("250 ok")
        elif verb == "RCPT":
            recipient = line.partition("<")[2].partition(">")[0]
            if recipient not in self.refuses:
                self.recipients.append(recipient)
            self.say(self.refuses.get(recipient, "250 ok"))
        elif verb == "DATA":
            self.say("354 go on")
            lines = []
            while (text := self.file.readline()) != b".\r\n":
                lines.append(text.removeprefix(b".") if text.startswith(b"..") else text)
            if self.accepts:
                mail: Any = message_from_bytes(b"".join(lines), policy=policy.default)
                self.taken.mails.append((self.sender, self.recipients, mail))
                self.taken.encrypted.append(encrypted)
            self.say("250 taken" if self.accepts else "554 no s3cret here")
        elif verb == "RSET":
            self.say("250 ok")
        else:
            self.say("502 what?")


@contextmanager
def syslog_server(made: Authority, tls: str) -> Iterator[Taken]:
    """Takes messages framed by their length."""

    def serve(connection: socket.socket, taken: Taken) -> None:
        if tls == "implicit":
            connection = _context(made).wrap_socket(connection, server_side=True)
        with connection, connection.makefile("rb") as file:
            while length := b"".join(iter(lambda: file.read(1).strip(), b"")):
                taken.lines.append(file.read(int(length)))
                taken.encrypted.append(isinstance(connection, ssl.SSLSocket))
                taken.arrived.set()

    with _listening(serve) as taken:
        yield taken
