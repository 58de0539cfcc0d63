"""What an account has settled for itself: its properties, and the version of its session tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from akia.store.core import p, sa, settled, upsert
from akia.store.statement import Query

if TYPE_CHECKING:
    from collections.abc import Mapping

    from akia.store.connection import Connection

DEFAULT_TOKEN_VERSION = 1

_ALL = Query(
    "account_properties.all",
    lambda: (
        sa.select(settled.account_properties.c.name, settled.account_properties.c.value)
        .where(settled.account_properties.c.account == p("account"))
        .order_by(settled.account_properties.c.name)
    ),
)
_PUT = Query("account_properties.put", lambda: upsert(settled.account_properties, ("account", "name"), "value"))
_VERSION = Query(
    "token_preferences.get",
    lambda: sa.select(settled.token_preferences.c.version).where(settled.token_preferences.c.account == p("account")),
)
_SET_VERSION = Query("token_preferences.set", lambda: upsert(settled.token_preferences, ("account",), "version"))


class AccountSettings:
    """Nothing that is kept in memory depends on them."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def properties(self, account: str) -> dict[str, str]:
        """By `Namespace/PropertyName`: those that have been set."""
        return dict(self._connection.rows(_ALL, account=account))

    def put(self, account: str, properties: Mapping[str, str]) -> None:
        """Sets these; others stay as they are."""
        for name, value in properties.items():
            self._connection.run(_PUT, account=account, name=name, value=value)

    def token_version(self, account: str) -> int:
        """GetAccountSummary's `GlobalEndpointTokenVersion`: 1 unless set otherwise."""
        row = self._connection.row(_VERSION, account=account)
        return row[0] if row else DEFAULT_TOKEN_VERSION

    def set_token_version(self, account: str, version: int) -> None:
        self._connection.run(_SET_VERSION, account=account, version=version)
