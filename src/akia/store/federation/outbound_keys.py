"""The keys that web identity tokens are signed with. Private halves are sealed, each bound to its row."""

from __future__ import annotations

from typing import TYPE_CHECKING

from akia.identity.outbound_key import OutboundKey
from akia.keyring import Keyring, Purpose
from akia.store.core import fed, p, sa
from akia.store.statement import Query

if TYPE_CHECKING:
    from akia.store.connection import Connection

_COLUMNS = ("id", "algorithm", "created", "public")
_ALL = Query(
    "outbound_keys.all",
    lambda: sa.select(*(fed.outbound_keys.c[name] for name in _COLUMNS)).order_by(fed.outbound_keys.c.created, fed.outbound_keys.c.id),
)
_ADD = Query("outbound_keys.add", lambda: sa.insert(fed.outbound_keys))
_DELETE = Query("outbound_keys.delete", lambda: sa.delete(fed.outbound_keys).where(fed.outbound_keys.c.id == p("id")))
_SEALED = Query("outbound_keys.sealed", lambda: sa.select(fed.outbound_keys.c.sealed).where(fed.outbound_keys.c.id == p("id")))


class OutboundKeys:
    """Nothing in memory depends on these rows, so no change is announced."""

    def __init__(self, connection: Connection, keyring: Keyring) -> None:
        self._connection = connection
        self._keyring = keyring

    def all(self) -> list[OutboundKey]:
        """Every key that is published, oldest first."""
        return [OutboundKey(*row) for row in self._connection.rows(_ALL)]

    def add(self, key: OutboundKey, private: bytes) -> None:
        """`private` is the private half (PKCS #8, DER)."""
        sealed = self._keyring.seal(Purpose.SIGNING_KEYS, private, additional=_row_name(key))
        self._connection.run(_ADD, id=key.id, algorithm=key.algorithm, created=key.created, public=key.public, sealed=sealed)

    def private(self, key: OutboundKey) -> bytes:
        """The private half of a key that `all` has answered. Raises Unsealable if the row was tampered with."""
        row = self._connection.row(_SEALED, id=key.id)
        assert row is not None
        return self._keyring.unseal(Purpose.SIGNING_KEYS, row[0], additional=_row_name(key))

    def delete(self, key: OutboundKey) -> None:
        self._connection.run(_DELETE, id=key.id)


def _row_name(key: OutboundKey) -> bytes:
    return f"outbound_keys\0{key.id}\0{key.algorithm}\0{key.public}".encode()
