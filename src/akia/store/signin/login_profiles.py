"""Login profiles. Hashes are sealed, each bound to its owner: a blob moved to somebody else's row does not open."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from akia.identity.login_profile import LoginProfile
from akia.keyring import Keyring, Purpose, Unsealable
from akia.store.core import p, sa, signin
from akia.store.errors import StoreUnavailable
from akia.store.statement import Query

if TYPE_CHECKING:
    from collections.abc import Mapping

    from akia.store.connection import Connection, Row, Value

_COLUMNS = ("owner", "account", "created", "changed", "reset_required", "used", "failures", "failed", "sealed")
_CHANGED = ("changed", "reset_required", "used", "failures", "failed", "sealed")


def _select() -> sa.Select[tuple[object, ...]]:
    return sa.select(*(signin.login_profiles.c[name] for name in _COLUMNS))


_OF = Query("login_profiles.of", lambda: _select().where(signin.login_profiles.c.owner == p("owner")))
_ALL = Query(
    "login_profiles.all", lambda: _select().where(signin.login_profiles.c.account == p("account")).order_by(signin.login_profiles.c.owner)
)
_USED = Query(
    "login_profiles.used",
    lambda: sa.select(signin.login_profiles.c.owner, signin.login_profiles.c.used).where(
        signin.login_profiles.c.account == p("account"), signin.login_profiles.c.used.is_not(None)
    ),
)
_ADD = Query("login_profiles.add", lambda: sa.insert(signin.login_profiles))
_REPLACE = Query(
    "login_profiles.replace",
    lambda: (
        sa.update(signin.login_profiles)
        .where(signin.login_profiles.c.owner == p("of_owner"))
        .values({name: p(f"new_{name}") for name in _CHANGED})
    ),
)
_DELETE = Query("login_profiles.delete", lambda: sa.delete(signin.login_profiles).where(signin.login_profiles.c.owner == p("owner")))


class LoginProfiles:
    """Owners are user ids, or account ids for root. No caller's standing depends on them: they are no subject of changes."""

    def __init__(self, connection: Connection, keyring: Keyring) -> None:
        self._connection = connection
        self._keyring = keyring

    def of(self, owner: str) -> LoginProfile | None:
        """The owner's. Raises StoreUnavailable if the row was tampered with."""
        row = self._connection.row(_OF, owner=owner)
        return self._profile(row) if row else None

    def all(self, account: str) -> Mapping[str, LoginProfile]:
        """Every one of the account, by owner. Raises StoreUnavailable."""
        return {row[0]: self._profile(row) for row in self._connection.rows(_ALL, account=account)}

    def used(self, account: str) -> Mapping[str, int]:
        """When passwords were last signed in with, in epoch seconds, by owner; those that never were are not in it."""
        return dict(self._connection.rows(_USED, account=account))

    def add(self, profile: LoginProfile) -> None:
        """Raises IdTaken if the owner has one, StillReferred if there is no such owner."""
        user_id = None if profile.of_root else profile.owner
        self._connection.run(
            _ADD, owner=profile.owner, account=profile.account, user_id=user_id, created=profile.created, **self._changed(profile)
        )

    def replace(self, profile: LoginProfile) -> None:
        """Writes what may change, by owner."""
        changed = {f"new_{name}": value for name, value in self._changed(profile).items()}
        self._connection.run(_REPLACE, of_owner=profile.owner, **changed)

    def delete(self, owner: str) -> bool:
        """Whether there was one."""
        return self._connection.run(_DELETE, owner=owner) > 0

    def _changed(self, profile: LoginProfile) -> dict[str, Value]:
        hashes = orjson.dumps([profile.hash, *profile.history])
        sealed = self._keyring.seal(Purpose.SECRETS, hashes, additional=_row_name(profile.owner, profile.account))
        return {
            "changed": profile.changed,
            "reset_required": profile.reset_required,
            "used": profile.used,
            "failures": profile.failures,
            "failed": profile.failed,
            "sealed": sealed,
        }

    def _profile(self, row: Row) -> LoginProfile:
        owner, account, created, changed, reset_required, used, failures, failed, sealed = row
        try:
            hash_, *history = orjson.loads(self._keyring.unseal(Purpose.SECRETS, sealed, additional=_row_name(owner, account)))
        except Unsealable:
            raise StoreUnavailable(f"password of {owner} is damaged") from None
        return LoginProfile(owner, account, created, changed, bool(reset_required), hash_, tuple(history), used, failures, failed)


def _row_name(owner: str, account: str) -> bytes:
    return f"login_profiles\0{account}\0{owner}".encode()
