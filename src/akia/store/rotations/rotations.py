"""Rotations and their histories. Each is written in one step after the other: whoever would write on an older state writes nothing."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any

from akia.identity.key_rotation import INACTIVE, KeyRotation, RotationState, RotationStep
from akia.store.core import limited, p, rotating, sa
from akia.store.organizations.records import Records, Repository, columns_of

if TYPE_CHECKING:
    from sqlalchemy.sql import Select

_FIXED = ("id", "account", "owner", "user_name", "old_key", "new_key", "started_ms", "started_by", "targets")
_MOVED = tuple(each.name for each in fields(KeyRotation) if each.name not in _FIXED)
_ROTATIONS = Records("rotations", lambda: rotating.rotations, KeyRotation, "id")
_STEPS = Records("rotation_steps", lambda: rotating.rotation_steps, RotationStep, "rotation_id", "number")


def _is_open(t: sa.Table) -> Any:
    return t.c.ended_ms == sa.literal_column("0")


def _newest(t: sa.Table) -> Select[Any]:
    any_state, any_user = p("state") == sa.literal_column("''"), p("user_name") == sa.literal_column("''")
    chosen = sa.select(t).where(t.c.account == p("account"), t.c.id < p("before"), sa.or_(any_state, t.c.state == p("state")))
    return limited(chosen.where(sa.or_(any_user, t.c.user_name == p("user_name"))).order_by(t.c.id.desc()))


def _advance(t: sa.Table) -> Any:
    here = sa.and_(t.c.id == p("old_id"), t.c.version == p("old_version"), _is_open(t))
    return sa.update(t).where(here).values({name: p(f"new_{name}") for name in _MOVED})


def _disown(t: sa.Table) -> Any:
    """Somebody else has set the status of a key: the rotation that has made it inactive is not to bring it back."""
    one: Any = sa.literal_column("1")
    return sa.update(t).where(t.c.stilled == p("key_id"), _is_open(t)).values(stilled=sa.literal_column("''"), version=t.c.version + one)


_OF_OWNER = _ROTATIONS.query("of_owner", lambda t: sa.select(t).where(t.c.owner == p("owner"), _is_open(t)))
_ROLLED_BACK = _ROTATIONS.query(
    "rolled_back", lambda t: sa.select(t.c.id).where(t.c.owner == p("owner"), t.c.old_key == p("key_id"), t.c.state == p("state"))
)
_NEWEST = _ROTATIONS.query("newest", _newest)
_ADVANCE = _ROTATIONS.query("advance", _advance)
DISOWN = _ROTATIONS.query("disown", _disown)
_DUE = _ROTATIONS.query("due", lambda t: limited(sa.select(t).where(_is_open(t), t.c.due_ms <= p("now_ms")).order_by(t.c.due_ms, t.c.id)))
_IN_STATE = _ROTATIONS.query("in_state", lambda t: sa.select(t).where(_is_open(t), t.c.state == p("state")).order_by(t.c.id))
_HISTORY = _STEPS.query("of_rotation", lambda t: sa.select(t).where(t.c.rotation_id == p("rotation_id")).order_by(t.c.number))


class Rotations(Repository[KeyRotation]):
    """Nothing that is kept in memory depends on them."""

    records = _ROTATIONS

    def start(self, rotation: KeyRotation, step: RotationStep) -> None:
        """A new rotation, with the first entry of its history."""
        self.add(rotation)
        self._connection.run(_STEPS.add, **columns_of(step))

    def advance(self, before: KeyRotation, after: KeyRotation, step: RotationStep | None = None) -> bool:
        """Writes how `before` has become `after`, with the entry of its history. Whether it was done: not if somebody else has written it
        meanwhile. `after` has the next version."""
        wanted = columns_of(after)
        moved = {f"new_{name}": wanted[name] for name in _MOVED}
        if not self._connection.run(_ADVANCE, old_id=before.id, old_version=before.version, **moved):
            return False
        if step is not None:
            self._connection.run(_STEPS.add, **columns_of(step))
        return True

    def history(self, rotation_id: str) -> list[RotationStep]:
        """The oldest first."""
        return [RotationStep(*row) for row in self._connection.rows(_HISTORY, rotation_id=rotation_id)]

    def open_of(self, owner: str) -> KeyRotation | None:
        """The open rotation of a user, by its unique id; there is one at most."""
        return self._one(_OF_OWNER, owner=owner)

    def was_rolled_back(self, owner: str, key_id: str) -> bool:
        """Whether the user's key was to be replaced, and was not."""
        return self._connection.row(_ROLLED_BACK, owner=owner, key_id=key_id, state=RotationState.ROLLED_BACK.value) is not None

    def newest(self, account: str, state: str, user_name: str, before: str, limit: int) -> list[KeyRotation]:
        """At most `limit` of the account with ids below `before`, the youngest first; of one state and one user, or of any ("")."""
        rows = self._connection.rows(_NEWEST, account=account, state=state, user_name=user_name, before=before, limit=limit)
        return [self._value(row) for row in rows]

    def due(self, now_ms: int, limit: int) -> list[KeyRotation]:
        """At most `limit` open ones of all accounts that somebody is to look at, the longest due first."""
        return [self._value(row) for row in self._connection.rows(_DUE, now_ms=now_ms, limit=limit)]

    def with_inactive_key(self) -> list[KeyRotation]:
        """Those of all accounts in which a call of the inactive key must be noticed."""
        return [self._value(row) for state in sorted(INACTIVE) for row in self._connection.rows(_IN_STATE, state=state.value)]
