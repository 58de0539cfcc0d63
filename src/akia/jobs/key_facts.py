"""What the store knows of the keys that events name, for the rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from akia.alerts import Known, policy_of
from akia.alerts.sighting import KeyState
from akia.alerts.singles import NOT_VALID
from akia.aws.arn import Arn
from akia.aws.ids import account_of
from akia.identity.access_key import KeyStatus
from akia.store.trail.events import Attribute

if TYPE_CHECKING:
    from akia.alerts import Sighting
    from akia.identity.role import Role
    from akia.identity.user import User
    from akia.store.store import Store

HONEYTOKEN = "akia:honeytoken"
"""A user or role with this tag lies about to be found."""
_MOST = 20_000
_ACCESS_KEY = "AWS::IAM::AccessKey"


class KeyFacts:
    """`honeytokens` are the key ids that the settings name. Remembers what it has found until something changes."""

    def __init__(self, store: Store, honeytokens: frozenset[str]) -> None:
        self._store = store
        self._honeytokens = honeytokens
        self._generation = -1
        self._found: dict[tuple[str, str], str] = {}

    def begin(self, generation: int) -> None:
        """Before a step: `generation` is the latest change of the store."""
        if generation != self._generation or len(self._found) > _MOST:
            self._found.clear()
            self._generation = generation

    def of(self, seen: Sighting) -> Known:
        """What is known beside the event."""
        document = self._document(seen)
        honeytoken = self._honeytoken(seen)
        alive = seen.verified and seen.error_code not in NOT_VALID
        if alive or not seen.has_long_term_key:
            return Known(KeyState.UNKNOWN, seen.account, honeytoken, document)
        state, account = self._state(seen)
        return Known(state, account, honeytoken, document)

    def _state(self, seen: Sighting) -> tuple[KeyState, str]:
        """A key that is active, and was refused after its signature had verified, has expired (O1)."""
        key_id = seen.access_key_id
        key = self._store.access_keys.get(key_id)
        if key is not None and key.status is KeyStatus.ACTIVE:
            return (KeyState.EXPIRED if seen.verified else KeyState.ACTIVE), key.account
        if key is not None:
            return KeyState.INACTIVE, key.account
        account = account_of(key_id) or ""
        return (KeyState.DELETED if account and self._has_existed(key_id, account) else KeyState.UNKNOWN), account

    def _has_existed(self, key_id: str, account: str) -> bool:
        """By its uses, or by the events of its making and its end: what callers merely claim leaves neither."""
        if self._store.events.last_used(key_id) is not None:
            return True
        told = self._store.events.lookup(account, Attribute.RESOURCE_NAME, key_id, limit=20)
        return any(event.verified and not event.error_code and (_ACCESS_KEY, key_id) in event.resources for event in told)

    def _honeytoken(self, seen: Sighting) -> str:
        if seen.access_key_id in self._honeytokens:
            return seen.access_key_id
        who = seen.access_key_id if seen.has_long_term_key else seen.issuer or seen.arn
        if not who:
            return ""
        key = "honeytoken", who
        if key not in self._found:
            self._found[key] = self._tagged(who)
        return self._found[key]

    def _tagged(self, who: str) -> str:
        """The ARN of the user of the key `who`, or of the role or user with the ARN `who`, if the tag stands on it."""
        bearer = self._with_arn(Arn.parse(who)) if who.startswith("arn:") else self._holder(who)
        return str(bearer.arn) if bearer is not None and HONEYTOKEN in bearer.tags else ""

    def _with_arn(self, arn: Arn) -> Role | User | None:
        kind, _, path = arn.resource.partition("/")
        name = path.rpartition("/")[2]
        if kind == "role":
            return self._store.roles.named(arn.account, name)
        return self._store.users.named(arn.account, name) if kind == "user" else None

    def _holder(self, key_id: str) -> User | None:
        key = self._store.access_keys.get(key_id)
        return self._store.users.with_id(key.owner) if key is not None and not key.of_root else None

    def _document(self, seen: Sighting) -> str | None:
        """The text of the managed policy that the event moves, as it is now."""
        meant = policy_of(seen)
        if meant is None:
            return None
        managed = self._store.managed_policies.with_arn(meant[0])
        if managed is None:
            return None
        version = self._store.managed_policies.version(managed.id, meant[1] or managed.default_version)
        return version.document if version is not None else None
