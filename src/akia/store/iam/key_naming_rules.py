"""What accounts want their access keys to say of themselves: one rule an account, or none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from akia.identity.key_naming_rule import KeyNamingRule
from akia.store.core import keys, p, sa, upsert
from akia.store.statement import Query

if TYPE_CHECKING:
    from akia.store.connection import Connection

_COLUMNS = ("account", "pattern", "required", "allowed")

_GET = Query(
    "key_naming_rules.get",
    lambda: sa.select(*(keys.key_naming_rules.c[name] for name in _COLUMNS)).where(keys.key_naming_rules.c.account == p("account")),
)
_PUT = Query("key_naming_rules.put", lambda: upsert(keys.key_naming_rules, ("account",), "pattern", "required", "allowed"))
_DELETE = Query("key_naming_rules.delete", lambda: sa.delete(keys.key_naming_rules).where(keys.key_naming_rules.c.account == p("account")))


class KeyNamingRules:
    """Nothing that is kept in memory depends on them."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of(self, account: str) -> KeyNamingRule | None:
        row = self._connection.row(_GET, account=account)
        if row is None:
            return None
        allowed = {name: tuple(values) for name, values in orjson.loads(row[3]).items()}
        return KeyNamingRule(row[0], row[1], tuple(orjson.loads(row[2])), allowed)

    def put(self, rule: KeyNamingRule) -> None:
        """In place of the one before. Raises StillReferred if there is no such account."""
        required, allowed = orjson.dumps(rule.required).decode(), orjson.dumps(dict(rule.allowed)).decode()
        self._connection.run(_PUT, account=rule.account, pattern=rule.pattern, required=required, allowed=allowed)

    def delete(self, account: str) -> bool:
        """Whether there was one."""
        return self._connection.run(_DELETE, account=account) > 0
