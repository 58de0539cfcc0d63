"""Access keys. Secrets are sealed, each bound to its row: a blob moved to another key or another owner does not open."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from akia.identity.access_key import AccessKey, KeyStatus
from akia.keyring import Keyring, Purpose
from akia.store.core import iam, p, sa
from akia.store.iam.owned import OwnedWithRootQueries, OwnedWithRootRepository
from akia.store.rotations.rotations import DISOWN

if TYPE_CHECKING:
    from collections.abc import Sequence

    from akia.store.changes import Changes
    from akia.store.connection import Connection, Row, Value

_KEYS = OwnedWithRootQueries("access_keys", lambda: iam.access_keys, order="number")
_SECRET = _KEYS.query("secret", lambda t: sa.select(t.c.sealed, *_KEYS.select().selected_columns).where(t.c.id == p("id")))
_NEWEST = _KEYS.query("newest", lambda t: sa.select(sa.func.max(t.c.number)).where(t.c.account == p("account")))


class AccessKeys(OwnedWithRootRepository[AccessKey]):
    queries = _KEYS

    def __init__(self, connection: Connection, changes: Changes, keyring: Keyring) -> None:
        super().__init__(connection, changes)
        self._keyring = keyring

    def add(self, key: AccessKey, secret: str) -> None:
        """Raises IdTaken if there is such a key, StillReferred if its user or account is not there."""
        self._connection.run(_KEYS.add, **self._row(key, secret, self._newest(key.account) + 1))

    def add_many(self, keys: Sequence[tuple[AccessKey, str]]) -> None:
        """As `add`, for many."""
        numbers = {account: itertools.count(self._newest(account) + 1) for account in {key.account for key, _ in keys}}
        self._connection.run_many(_KEYS.add, [tuple(self._row(key, secret, next(numbers[key.account])).values()) for key, secret in keys])

    def set_status(self, unique_id: str, status: KeyStatus, *, by_rotation: bool = False) -> None:
        """What somebody else than a rotation has decided about a key, no rotation takes back."""
        super().set_status(unique_id, status)
        if not by_rotation:
            self._connection.run(DISOWN, key_id=unique_id)

    def secret(self, key_id: str) -> bytes | None:
        """The key's secret in the clear; None if there is no such key. Raises Unsealable if the row was tampered with."""
        row = self._connection.row(_SECRET, id=key_id)
        return self.unseal(self.value_of(row[1:]), row[0]) if row else None

    def unseal(self, key: AccessKey, sealed: bytes) -> bytes:
        """The secret inside `sealed`, which must be this very key's. Raises Unsealable."""
        return self._keyring.unseal(Purpose.SECRETS, sealed, additional=_row_name(key))

    @staticmethod
    def value_of(row: Row) -> AccessKey:
        """The key in a row of account, id, user id (NULL: root), creation time and status."""
        account, key_id, user_id, created, status = row
        return AccessKey(account, key_id, user_id or account, created, KeyStatus(status))

    def _newest(self, account: str) -> int:
        return self._connection.count(_NEWEST, account=account)

    def _row(self, key: AccessKey, secret: str, number: int) -> dict[str, Value]:
        """In the order of the table's columns."""
        return {
            "id": key.id,
            "account": key.account,
            "user_id": None if key.of_root else key.owner,
            "created": key.created,
            "status": key.status.value,
            "sealed": self._keyring.seal(Purpose.SECRETS, secret.encode("ascii"), additional=_row_name(key)),
            "number": number,
        }


def _row_name(key: AccessKey) -> bytes:
    return f"access_keys\0{key.id}\0{key.account}\0{key.owner}".encode()
