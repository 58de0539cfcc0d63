"""Access keys. Secrets are sealed, each bound to its row: a blob moved to another key or another owner does not open."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from akia.identity.access_key import AccessKey, KeyStatus
from akia.keyring import Keyring, Purpose
from akia.store.core import iam, p, sa
from akia.store.iam.named import count
from akia.store.rotations.rotations import DISOWN
from akia.store.statement import Query

if TYPE_CHECKING:
    from collections.abc import Sequence

    from akia.store.changes import Changes
    from akia.store.connection import Connection, Row, Value

_COLUMNS = ("account", "id", "user_id", "created", "status")


def _select() -> sa.Select[tuple[str, str, str | None, int, str]]:
    return sa.select(*(iam.access_keys.c[name] for name in _COLUMNS))


_GET = Query("access_keys.get", lambda: _select().where(iam.access_keys.c.id == p("id")))
_OF_USER = Query(
    "access_keys.of_user",
    lambda: _select().where(iam.access_keys.c.user_id == p("owner")).order_by(iam.access_keys.c.created, iam.access_keys.c.number),
)
_OF_ROOT = Query(
    "access_keys.of_root",
    lambda: (
        _select()
        .where(iam.access_keys.c.account == p("owner"), iam.access_keys.c.user_id.is_(None))
        .order_by(iam.access_keys.c.created, iam.access_keys.c.number)
    ),
)
_ADD = Query("access_keys.add", lambda: sa.insert(iam.access_keys))
_NEWEST = Query(
    "access_keys.newest", lambda: sa.select(sa.func.max(iam.access_keys.c.number)).where(iam.access_keys.c.account == p("account"))
)
_SET_STATUS = Query(
    "access_keys.set_status", lambda: sa.update(iam.access_keys).where(iam.access_keys.c.id == p("key")).values(status=p("new_status"))
)
_DELETE = Query("access_keys.delete", lambda: sa.delete(iam.access_keys).where(iam.access_keys.c.id == p("id")))
_SECRET = Query(
    "access_keys.secret", lambda: sa.select(iam.access_keys.c.sealed, *_select().selected_columns).where(iam.access_keys.c.id == p("id"))
)
_COUNT = Query(
    "access_keys.count", lambda: sa.select(sa.func.count()).select_from(iam.access_keys).where(iam.access_keys.c.account == p("account"))
)


class AccessKeys:
    """Owners are user ids, or account ids for the keys of root. Subjects of changes are key ids."""

    def __init__(self, connection: Connection, changes: Changes, keyring: Keyring) -> None:
        self._connection = connection
        self._changes = changes
        self._keyring = keyring

    def get(self, key_id: str) -> AccessKey | None:
        row = self._connection.row(_GET, id=key_id)
        return key_of(row) if row else None

    def of(self, owner_id: str) -> list[AccessKey]:
        """The owner's keys, oldest first; those of one second in the order in which they were added."""
        query = _OF_ROOT if owner_id.isdecimal() else _OF_USER
        return [key_of(row) for row in self._connection.rows(query, owner=owner_id)]

    def add(self, key: AccessKey, secret: str) -> None:
        """Raises IdTaken if there is such a key, StillReferred if its user or account is not there."""
        self._connection.run(_ADD, **self._row(key, secret, self._newest(key.account) + 1))

    def add_many(self, keys: Sequence[tuple[AccessKey, str]]) -> None:
        """As `add`, for many."""
        numbers = {account: itertools.count(self._newest(account) + 1) for account in {key.account for key, _ in keys}}
        self._connection.run_many(_ADD, [tuple(self._row(key, secret, next(numbers[key.account])).values()) for key, secret in keys])

    def set_status(self, key_id: str, status: KeyStatus, *, by_rotation: bool = False) -> None:
        """What somebody else than a rotation has decided about a key, no rotation takes back."""
        if self._connection.run(_SET_STATUS, key=key_id, new_status=status.value):
            self._changes.add(key_id)
        if not by_rotation:
            self._connection.run(DISOWN, key_id=key_id)

    def delete(self, key_id: str) -> None:
        if self._connection.run(_DELETE, id=key_id):
            self._changes.add(key_id)

    def secret(self, key_id: str) -> bytes | None:
        """The key's secret in the clear; None if there is no such key. Raises Unsealable if the row was tampered with."""
        row = self._connection.row(_SECRET, id=key_id)
        return self.unseal(key_of(row[1:]), row[0]) if row else None

    def unseal(self, key: AccessKey, sealed: bytes) -> bytes:
        """The secret inside `sealed`, which must be this very key's. Raises Unsealable."""
        return self._keyring.unseal(Purpose.SECRETS, sealed, additional=_row_name(key))

    def count(self, account: str) -> int:
        return count(self._connection, _COUNT, account=account)

    def _newest(self, account: str) -> int:
        row = self._connection.row(_NEWEST, account=account)
        return row[0] or 0 if row else 0

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


def key_of(row: Row) -> AccessKey:
    """The key in a row of account, id, user id (NULL: root), creation time and status."""
    account, key_id, user_id, created, status = row
    return AccessKey(account, key_id, user_id or account, created, KeyStatus(status))
