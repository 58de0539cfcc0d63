"""A throw-away akia as a child process: `akia up --ephemeral --json`. Needs the standard library only."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator

SECONDS_TO_END = 30.0


class StartFailed(Exception):
    """The child ended before it served. The message is what it said."""


@dataclass(frozen=True, slots=True)
class Key:
    """A key pair."""

    access_key_id: str
    secret_access_key: str = field(repr=False)


@dataclass(slots=True)
class EphemeralServer:
    """A running throw-away akia. `root` is the root user's key."""

    endpoint: str
    account_id: str
    root: Key
    reset_url: str = field(repr=False)
    _admin: Key | None = None

    @property
    def admin(self) -> Key:
        """The administrator's key. Raises LookupError after a reset: then there is no user any more."""
        if self._admin is None:
            raise LookupError("a reset leaves no user, the administrator neither: sign with the root user's key")
        return self._admin

    def client(
        self, service: str, key: Key | None = None, *, token: str | None = None, region: str = "us-east-1", config: Any = None
    ) -> Any:
        """A boto3 client of `service` that signs with `key` (the root user's by default) and, for a session, its `token`."""
        pair = key or self.root
        return _boto3_session().client(
            service,
            region_name=region,
            endpoint_url=self.endpoint,
            aws_access_key_id=pair.access_key_id,
            aws_secret_access_key=pair.secret_access_key,
            aws_session_token=token,
            config=config,
        )

    def reset(self) -> None:
        """Back to an empty account with a new root key and no user, in a few milliseconds.

        Raises OSError or http.client.HTTPException if the server is gone.
        """
        url = urlsplit(self.reset_url)
        with contextlib.closing(http.client.HTTPConnection(url.hostname or "", url.port, timeout=SECONDS_TO_END)) as connection:
            connection.request("POST", url.path)
            answer = connection.getresponse()
            told = answer.read()
        if answer.status != 200:
            raise http.client.HTTPException(f"the reset was answered with {answer.status}")
        self.root, self._admin = Key(**json.loads(told)["root"]), None


@contextmanager
def running(*options: str) -> Iterator[EphemeralServer]:
    """A throw-away akia on a free port of 127.0.0.1, for the length of a with-block. `options` are further ones of `akia up`.

    Raises StartFailed.
    """
    command = [sys.executable, "-P", "-m", "akia", "up", "--ephemeral", "--json", "--port", "0", *options]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AKIA_")}
    with (
        tempfile.TemporaryFile() as log,
        subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, env=environment) as child,  # noqa: S603 - ourselves
    ):
        try:
            line = child.stdout.readline() if child.stdout is not None else b""
            if not line:
                child.wait(SECONDS_TO_END)
                log.seek(0)
                raise StartFailed(log.read().decode(errors="replace").strip() or "akia ended without a word")
            yield _server(json.loads(line))
        finally:
            _end(child)


@cache
def _boto3_session() -> Any:
    """One for all clients, since it keeps the service models that it has read."""
    import boto3  # here: who only wants the server need not have it

    return boto3.Session()


def _server(told: dict[str, Any]) -> EphemeralServer:
    return EphemeralServer(told["endpoint"], told["account_id"], Key(**told["root"]), told["reset_url"], Key(**told["admin"]))


def _end(child: subprocess.Popen[bytes]) -> None:
    child.terminate()
    try:
        child.wait(SECONDS_TO_END)
    except subprocess.TimeoutExpired:
        child.kill()
