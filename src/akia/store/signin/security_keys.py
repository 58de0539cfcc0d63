"""What security keys are verified by, and what they are asked to sign."""

from __future__ import annotations

from typing import TYPE_CHECKING

from akia.identity.mfa_device import SecurityKey, SecurityKeyChallenge
from akia.store.core import p, sa, signin, upsert
from akia.store.organizations.records import Records, Repository, columns_of

if TYPE_CHECKING:
    from akia.store.connection import Connection


class SecurityKeys(Repository[SecurityKey]):
    """The device goes first in and first out: deleting it deletes the key."""

    records = Records("security_keys", lambda: signin.security_keys, SecurityKey, "serial")
    _by_credential = records.query("by_credential", lambda t: sa.select(t).where(t.c.credential == p("credential")))
    _count_use = records.query(
        "count_use",
        lambda t: sa.update(t).where(t.c.serial == p("of_serial"), t.c.sign_count == p("seen")).values(sign_count=p("new_sign_count")),
    )

    def with_credential(self, credential: bytes) -> SecurityKey | None:
        """The key that calls itself `credential`."""
        return self._one(self._by_credential, credential=credential)

    def count_use(self, key: SecurityKey, sign_count: int) -> bool:
        """Write how often `key` has signed now. False if that has changed since `key` was read."""
        return self._connection.run(self._count_use, of_serial=key.serial, seen=key.sign_count, new_sign_count=sign_count) > 0


class SecurityKeyChallenges:
    records = Records("security_key_challenges", lambda: signin.security_key_challenges, SecurityKeyChallenge, "owner", "purpose")
    _put = records.query("put", lambda t: upsert(t, ("owner", "purpose"), "account", "id", "name", "challenge", "expires"))
    _expired = records.query("forget_expired", lambda t: sa.delete(t).where(t.c.expires <= p("now")))

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, owner: str, purpose: str) -> SecurityKeyChallenge | None:
        row = self._connection.row(self.records.get, owner=owner, purpose=purpose)
        return SecurityKeyChallenge(*row) if row else None

    def put(self, challenge: SecurityKeyChallenge, now: int) -> None:
        """In place of the owner's last one of that purpose. What has expired by `now` (epoch seconds), anybody's, is forgotten."""
        self._connection.run(self._expired, now=now)
        self._connection.run(self._put, **columns_of(challenge))

    def delete(self, owner: str, purpose: str) -> bool:
        """Whether there was one: who deletes it has used it up."""
        return self._connection.run(self.records.delete, owner=owner, purpose=purpose) > 0
