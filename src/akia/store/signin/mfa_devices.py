"""MFA devices, virtual ones and security keys. Seeds are sealed, each bound to its device."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from akia.identity.mfa_device import MfaDevice
from akia.keyring import Keyring, Purpose, Unsealable
from akia.store.core import limited, p, sa, signin
from akia.store.errors import StoreUnavailable
from akia.store.iam import tags
from akia.store.statement import Query

if TYPE_CHECKING:
    from collections.abc import Callable

    from akia.store.connection import Connection, Row, Value

_COLUMNS = (
    "serial", "account", "name", "path", "created", "virtual", "owner", "enabled", "tags", "drift", "last_step", "failures", "failed",
)  # fmt: skip
_CHANGED = ("owner", "user_id", "enabled", "tags", "drift", "last_step", "failures", "failed")


def _query(what: str, build: Callable[[sa.Table], Any]) -> Query:
    return Query(f"mfa_devices.{what}", lambda: build(signin.mfa_devices))


def _select() -> sa.Select[tuple[Any, ...]]:
    return sa.select(*(signin.mfa_devices.c[name] for name in _COLUMNS))


def _page(*conditions: Callable[[sa.Table], Any]) -> Callable[[sa.Table], Any]:
    """Virtual devices of an account by serial number, those that fit all `conditions`."""

    def build(t: sa.Table) -> Any:
        mine = (t.c.account == p("account"), t.c.virtual == sa.true(), t.c.serial > p("after"))
        return limited(_select().where(*mine, *(fits(t) for fits in conditions)).order_by(t.c.serial))

    return build


def _counting(*conditions: Callable[[sa.Table], Any]) -> Callable[[sa.Table], Any]:
    return lambda t: sa.select(sa.func.count()).select_from(t).where(*(fits(t) for fits in conditions))


def _of_account(t: sa.Table) -> Any:
    return t.c.account == p("account")


def _assigned(t: sa.Table) -> Any:
    return t.c.owner.is_not(None)


def _unassigned(t: sa.Table) -> Any:
    return t.c.owner.is_(None)


_GET = _query("get", lambda t: _select().where(t.c.serial == p("serial")))
_OF = _query("of", lambda t: _select().where(t.c.owner == p("owner")).order_by(t.c.serial))
_SEED = _query("seed", lambda t: sa.select(t.c.sealed).where(t.c.serial == p("serial")))
_ADD = _query("add", lambda t: sa.insert(t))
_REPLACE = _query(
    "replace", lambda t: sa.update(t).where(t.c.serial == p("of_serial")).values({name: p(f"new_{name}") for name in _CHANGED})
)
_DELETE = _query("delete", lambda t: sa.delete(t).where(t.c.serial == p("serial")))
_PAGES = {
    None: _query("page", _page()),
    True: _query("page_assigned", _page(_assigned)),
    False: _query("page_unassigned", _page(_unassigned)),
}
_COUNT = _query("count", _counting(_of_account))
_COUNT_VIRTUAL = _query("count_virtual", _counting(_of_account, lambda t: t.c.virtual == sa.true()))
_COUNT_IN_USE = _query("count_in_use", _counting(_of_account, _assigned))
_OWNERS = _query("owners", lambda t: sa.select(t.c.owner, sa.func.count()).where(_of_account(t), _assigned(t)).group_by(t.c.owner))


class MfaDevices:
    """Owners are user ids, or account ids for root. No caller's standing depends on devices: they are no subject of changes."""

    def __init__(self, connection: Connection, keyring: Keyring) -> None:
        self._connection = connection
        self._keyring = keyring

    def get(self, serial: str) -> MfaDevice | None:
        row = self._connection.row(_GET, serial=serial)
        return _device(row) if row else None

    def of(self, owner: str) -> list[MfaDevice]:
        """Those that are enabled for `owner`, by serial number."""
        return [_device(row) for row in self._connection.rows(_OF, owner=owner)]

    def seed(self, serial: str) -> str | None:
        """The seed of a virtual device, in base32; None if there is no such device. Raises StoreUnavailable if it was tampered with."""
        row = self._connection.row(_SEED, serial=serial)
        if row is None or row[0] is None:
            return None
        try:
            return self._keyring.unseal(Purpose.SECRETS, row[0], additional=_row_name(serial)).decode("ascii")
        except Unsealable:
            raise StoreUnavailable(f"seed of {serial} is damaged") from None

    def page(self, account: str, *, assigned: bool | None, after: str | None, limit: int) -> list[MfaDevice]:
        """At most `limit` virtual devices of the account whose serial numbers come after `after`; all, or those (not) in use."""
        return [_device(row) for row in self._connection.rows(_PAGES[assigned], account=account, after=after or "", limit=limit)]

    def count(self, account: str) -> int:
        """All devices of the account, in use or not."""
        return self._connection.count(_COUNT, account=account)

    def count_virtual(self, account: str) -> int:
        return self._connection.count(_COUNT_VIRTUAL, account=account)

    def count_in_use(self, account: str) -> int:
        """Those that are enabled for somebody."""
        return self._connection.count(_COUNT_IN_USE, account=account)

    def owners(self, account: str) -> dict[str, int]:
        """Who has MFA, root by the account's id, and how many devices each."""
        return dict(self._connection.rows(_OWNERS, account=account))

    def add(self, device: MfaDevice, seed: str | None = None) -> None:
        """Raises IdTaken if there is such a serial number, StillReferred if there is no such owner. Security keys have no `seed`."""
        sealed = None
        if seed is not None:
            sealed = self._keyring.seal(Purpose.SECRETS, seed.encode("ascii"), additional=_row_name(device.serial))
        fixed = {name: getattr(device, name) for name in ("serial", "account", "name", "path", "created", "virtual")}
        self._connection.run(_ADD, **fixed, **_changed(device), sealed=sealed)

    def replace(self, device: MfaDevice) -> None:
        """Writes what may change, by serial number. Raises StillReferred if there is no such owner."""
        changed = {f"new_{name}": value for name, value in _changed(device).items()}
        self._connection.run(_REPLACE, of_serial=device.serial, **changed)

    def delete(self, serial: str) -> bool:
        """Whether there was one."""
        return self._connection.run(_DELETE, serial=serial) > 0


def _changed(device: MfaDevice) -> dict[str, Value]:
    return {
        "owner": device.owner,
        "user_id": None if device.owner == device.account else device.owner,
        "enabled": device.enabled,
        "tags": tags.to_text(device.tags),
        "drift": device.drift,
        "last_step": device.last_step,
        "failures": device.failures,
        "failed": device.failed,
    }


def _device(row: Row) -> MfaDevice:
    serial, account, name, path, created, virtual, owner, enabled, tag_text, *state = row
    return MfaDevice(serial, account, name, path, created, bool(virtual), owner, enabled, tags.from_text(tag_text), *state)


def _row_name(serial: str) -> bytes:
    return f"mfa_devices\0{serial}".encode()
