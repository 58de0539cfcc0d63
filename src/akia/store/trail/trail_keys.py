"""The keys that digests are signed with. Private halves are sealed, each bound to its row; public halves stay for ever (AC8.18)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from akia.identity.trail_delivery import TrailKey
from akia.keyring import Keyring, Purpose
from akia.store.core import deliveries, p, sa
from akia.store.statement import Query

if TYPE_CHECKING:
    from akia.store.connection import Connection

_COLUMNS = ("fingerprint", "created", "ends", "public")
_ALL = Query(
    "trail_keys.all",
    lambda: sa.select(*(deliveries.trail_keys.c[name] for name in _COLUMNS)).order_by(
        deliveries.trail_keys.c.created, deliveries.trail_keys.c.fingerprint
    ),
)
_ADD = Query("trail_keys.add", lambda: sa.insert(deliveries.trail_keys))
_SEALED = Query(
    "trail_keys.sealed", lambda: sa.select(deliveries.trail_keys.c.sealed).where(deliveries.trail_keys.c.fingerprint == p("fingerprint"))
)


class TrailKeys:
    """Nothing in memory depends on these rows, so no change is announced."""

    def __init__(self, connection: Connection, keyring: Keyring) -> None:
        self._connection = connection
        self._keyring = keyring

    def all(self) -> list[TrailKey]:
        """Every key that ever signed, oldest first."""
        return [TrailKey(*row) for row in self._connection.rows(_ALL)]

    def add(self, key: TrailKey, private: bytes) -> None:
        """`private` is the private half (PKCS #8, DER)."""
        sealed = self._keyring.seal(Purpose.SIGNING_KEYS, private, additional=_row_name(key))
        self._connection.run(_ADD, **{name: getattr(key, name) for name in _COLUMNS}, sealed=sealed)

    def private(self, key: TrailKey) -> bytes:
        """The private half of a key that `all` has answered. Raises Unsealable if the row was tampered with."""
        row = self._connection.row(_SEALED, fingerprint=key.fingerprint)
        assert row is not None
        return self._keyring.unseal(Purpose.SIGNING_KEYS, row[0], additional=_row_name(key))


def _row_name(key: TrailKey) -> bytes:
    return f"trail_keys\0{key.fingerprint}\0{key.created}\0{key.ends}".encode()
