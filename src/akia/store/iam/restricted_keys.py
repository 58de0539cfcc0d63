"""What access keys may not be used for. A key without restrictions has no row."""

from __future__ import annotations

from dataclasses import astuple
from typing import TYPE_CHECKING, Any

import orjson

from akia.identity.key_restrictions import GlobalServices, KeyRestrictions
from akia.store.core import keys, p, sa, upsert
from akia.store.statement import Query

if TYPE_CHECKING:
    from akia.store.changes import Changes
    from akia.store.connection import Connection, Value

_COLUMNS = ("not_before", "expires", "grace_until", "regions", "global_services", "networks", "services", "policy")
"""In the order of the fields of `KeyRestrictions`."""
_LISTS = frozenset({"regions", "networks", "services"})

_GET = Query(
    "restricted_keys.get",
    lambda: sa.select(*(keys.key_restrictions.c[name] for name in _COLUMNS)).where(keys.key_restrictions.c.key_id == p("key_id")),
)
_PUT = Query("restricted_keys.put", lambda: upsert(keys.key_restrictions, ("key_id",), *_COLUMNS))
_DELETE = Query("restricted_keys.delete", lambda: sa.delete(keys.key_restrictions).where(keys.key_restrictions.c.key_id == p("key_id")))


class RestrictedKeys:
    """Subjects of changes are key ids."""

    def __init__(self, connection: Connection, changes: Changes) -> None:
        self._connection = connection
        self._changes = changes

    def get(self, key_id: str) -> KeyRestrictions | None:
        """What the key may not; None if nothing is restricted."""
        row = self._connection.row(_GET, key_id=key_id)
        return KeyRestrictions(*map(_read, _COLUMNS, row)) if row else None

    def put(self, key_id: str, restrictions: KeyRestrictions) -> None:
        """In place of what was there. Raises StillReferred if there is no such key."""
        written = {name: _written(name, value) for name, value in zip(_COLUMNS, astuple(restrictions), strict=True)}
        self._connection.run(_PUT, key_id=key_id, **written)
        self._changes.add(key_id)

    def delete(self, key_id: str) -> bool:
        """Whether there were any."""
        found = self._connection.run(_DELETE, key_id=key_id) > 0
        if found:
            self._changes.add(key_id)
        return found


def _read(name: str, value: Any) -> Any:
    if name in _LISTS:
        return tuple(orjson.loads(value))
    return GlobalServices(value) if name == "global_services" else value


def _written(name: str, value: Any) -> Value:
    written: Value = orjson.dumps(value).decode() if name in _LISTS else value
    return written
