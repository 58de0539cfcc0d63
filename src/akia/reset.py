"""Back to an empty account: what test suites do between tests. Only a throw-away akia has it, with its one worker."""

from __future__ import annotations

import secrets
import time
from typing import TYPE_CHECKING

import orjson

from akia.identity.account import Account
from akia.keyring import DataKey, Keyring, Purpose
from akia.store.changes import EVERYTHING
from akia.store.founding import KeyPair, add_root_key
from akia.store.private_file import write_private
from akia.wire import Answer, HttpRequest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from akia.assembly import Akia
    from akia.installation import Installation

_TOKEN = "reset-token"  # noqa: S105 - a file's name
_PREFIX = "/_akia/reset/"
_HEADERS = [(b"content-type", b"application/json"), (b"cache-control", b"no-store")]


def make_token(data: Path) -> None:
    """Put a new token, for the page's path, into the data directory. Raises OSError."""
    write_private(data / _TOKEN, secrets.token_urlsafe(32))


def path(data: Path) -> str:
    """The path of the page of the akia in `data`. Raises OSError."""
    return _PREFIX + (data / _TOKEN).read_text("ascii")


def described(endpoint: str, account: str, reset_path: str, **keys: KeyPair) -> dict[str, object]:
    """What a test suite needs to know of a throw-away akia: where it is, its account, key pairs by whose they are, and how to empty it."""
    pairs = {name: {"access_key_id": key.access_key_id, "secret_access_key": key.secret_access_key} for name, key in keys.items()}
    return {"endpoint": endpoint, "account_id": account, **pairs, "reset_url": endpoint + reset_path}


def reset(akia: Akia, account: str) -> KeyPair:
    """Leave nothing but the empty account and one key of its root user, which is returned. AWS's managed policies stay attachable.

    Call it where requests are served, between two of them: what was in flight finds its caller gone. Raises StoreUnavailable.
    """
    store, now = akia.store, int(time.time())
    akia.journal.discard()
    store.wipe()
    store.connection.begin_immediate()
    try:
        store.accounts.add(Account(account, "akia", now))
        root = add_root_key(store, account, now)
        store.connection.commit()
    except BaseException:
        store.connection.rollback()
        raise
    akia.recorder.forget_unverified()
    akia.authority.passwords.forget()
    akia.authority.tokens.rekey(Keyring([DataKey.generate(Purpose.SESSION_TOKENS, now)]))
    akia.authority.messages.rekey(Keyring([DataKey.generate(Purpose.AUTHORIZATION_MESSAGES, now)]))
    akia.authority.provider_keys.forget()
    akia.authority.limits.limiter.forget()
    akia.authority.applied([EVERYTHING], store.changes.latest())
    store.changed.clear()
    return root


class ResetPage:
    """POST empties the akia and answers its new root key. `forget` empties what its edge remembers of callers."""

    def __init__(self, akia: Akia, installation: Installation, endpoint: str, forget: Callable[[], None]) -> None:
        self.path = path(installation.directory)
        self._akia = akia
        self._account = installation.account
        self._endpoint = endpoint
        self._forget = forget

    async def __call__(self, request: HttpRequest) -> Answer:
        if request.method != b"POST":
            return Answer(405, [(b"allow", b"POST"), (b"cache-control", b"no-store")], b"")
        root = reset(self._akia, self._account)
        self._forget()
        return Answer(200, list(_HEADERS), orjson.dumps(described(self._endpoint, self._account, self.path, root=root)))
