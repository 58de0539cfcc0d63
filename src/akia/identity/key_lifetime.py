"""How long access keys live (O1): a rule of an organization, an account, a group, a user or a key, and what follows from it for one key."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from akia.identity.key_restrictions import KeyRestrictions

DAY = 86_400
WARN_DAYS = 14
"""How many days before its end a key is warned of, by default."""


class LifetimeMode(StrEnum):
    OFF = "OFF"
    WARN = "WARN"
    """Keys that are too old are told to be, and go on working."""
    ENFORCE = "ENFORCE"


_STRICTNESS = list(LifetimeMode)


@dataclass(frozen=True, slots=True)
class KeyLifetime:
    """`days` is how old a key may become, `grace_days` how much longer it works all the same."""

    mode: LifetimeMode
    days: int = 0
    grace_days: int = 0
    warn_days: int = WARN_DAYS

    @property
    def strictness(self) -> tuple[int, int]:
        """Of two rules the one with the greater strictness leaves a key less time."""
        return _STRICTNESS.index(self.mode), -(self.days + self.grace_days)


NO_LIFETIME = KeyLifetime(LifetimeMode.OFF)


def strictest(lifetimes: Iterable[KeyLifetime]) -> KeyLifetime:
    """The one that leaves a key the least time; NO_LIFETIME if there are none."""
    return max(lifetimes, key=lambda lifetime: lifetime.strictness, default=NO_LIFETIME)


def in_force(
    *,
    key: KeyLifetime | None = None,
    user: KeyLifetime | None = None,
    groups: Iterable[KeyLifetime] = (),
    account: KeyLifetime | None = None,
    organization: KeyLifetime | None = None,
) -> KeyLifetime:
    """Which rule holds for a key. Within an account the nearest one counts: the key's own, then the user's, the strictest of its groups,
    the account's. An organization's is a fence: within it there may be stricter ones, and no laxer ones."""
    nearest = next((rule for rule in (key, user, *_one(groups), account) if rule is not None), NO_LIFETIME)
    return nearest if organization is None else strictest((nearest, organization))


def _one(groups: Iterable[KeyLifetime]) -> Iterable[KeyLifetime]:
    found = list(groups)
    return (strictest(found),) if found else ()


@dataclass(frozen=True, slots=True)
class Validity:
    """From when to when a key may be used, in epoch seconds; None: without end.

    `expires` is what is told, `refused_from` when it ceases to work, `warned_from` when answers begin to tell.
    """

    not_before: int | None = None
    expires: int | None = None
    refused_from: int | None = None
    warned_from: int | None = None

    @property
    def binds(self) -> bool:
        """Whether there is a time at which the key is refused, not only told that it is old."""
        return self.not_before is not None or self.refused_from is not None

    def is_early(self, now: float) -> bool:
        return self.not_before is not None and now < self.not_before

    def has_ended(self, now: float) -> bool:
        return self.refused_from is not None and now >= self.refused_from

    def is_told(self, now: float) -> bool:
        """Whether answers say when the key expires."""
        return self.warned_from is not None and now >= self.warned_from


ALWAYS = Validity()
"""The one of a key without end: whoever asks first whether it is this one need not ask for more."""


def validity(created: int, restrictions: KeyRestrictions, lifetime: KeyLifetime) -> Validity:
    """When a key that was made at `created` (epoch seconds) may be used: its own dates, and its lifetime; what comes first counts."""
    of_age = None if lifetime.mode is LifetimeMode.OFF else created + lifetime.days * DAY
    enforced = of_age + lifetime.grace_days * DAY if of_age is not None and lifetime.mode is LifetimeMode.ENFORCE else None
    expires = _first(restrictions.expires, of_age)
    own_end = None if restrictions.expires is None else max(restrictions.expires, restrictions.grace_until or 0)
    warned = None if expires is None else expires - lifetime.warn_days * DAY
    found = Validity(restrictions.not_before, expires, _first(own_end, enforced), warned)
    return ALWAYS if found == ALWAYS else found


def _first(*times: int | None) -> int | None:
    return min((time for time in times if time is not None), default=None)
