"""Assertions that were used: whoever overhears one cannot use it once more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from akia.store.core import insert_once, p, sa, saml
from akia.store.statement import Query

if TYPE_CHECKING:
    from akia.store.connection import Connection

_USE = Query("used_assertions.use", lambda: insert_once(saml.used_assertions, "provider", "assertion"))
_FORGET = Query("used_assertions.forget_expired", lambda: sa.delete(saml.used_assertions).where(saml.used_assertions.c.expires < p("now")))


KEPT_LONGER = 600
"""Seconds for which a used assertion is remembered beyond its time: a call that came before its end may have waited for its turn."""


class UsedAssertions:
    """Nothing that is cached depends on these: they are only asked for by the write that adds one."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def use(self, provider: str, assertion: str, expires: int) -> bool:
        """Notes that the assertion of this id of `provider` (an ARN) was used; False if it had been before.

        `expires` (epoch seconds) is when it will be refused for its age alone.
        """
        return self._connection.run(_USE, provider=provider, assertion=assertion, expires=expires) == 1

    def forget_expired(self, now: int) -> None:
        """Drops those that expired long enough before `now` (epoch seconds)."""
        self._connection.run(_FORGET, now=now - KEPT_LONGER)
