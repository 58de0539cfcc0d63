"""What is not as it should be with the keys of an account, one function a rule; each finding with the command that mends it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from akia.cli.account_keys.inventory import ROOT
from akia.cli.printing import counted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    from akia.cli.account_keys.inventory import Inventory, Key, User
    from akia.cli.account_keys.remedies import Remedies

SEVERITIES = ("critical", "high", "medium", "low")
"""From the worst on."""


@dataclass(frozen=True, slots=True)
class Limits:
    """In days. A key is told of from `warn_age`, `unused_warn` on, more loudly from `max_age`, `unused` on (D1, D2)."""

    max_age: int = 90
    warn_age: int = 75
    unused: int = 90
    unused_warn: int = 45
    new: int = 7
    """A key that was never used is told of from then on."""


@dataclass(frozen=True, slots=True)
class Finding:
    """`access_key_id` is "" if the finding is about a user. `command` is for a shell; capitals in it are for the reader to replace."""

    rule: str
    severity: str
    user: str
    access_key_id: str
    text: str
    command: str


@dataclass(frozen=True, slots=True)
class Case:
    """One user's keys, as rules look at them. `user` is None for the root user."""

    user: User | None
    keys: Sequence[Key]
    limits: Limits
    now: datetime
    remedies: Remedies
    is_akia: bool

    @property
    def active(self) -> list[Key]:
        """Those that work."""
        return [key for key in self.keys if key.active]

    def finding(self, rule: str, severity: str, key: Key, text: str, command: str) -> Finding:
        """A finding about one key."""
        return Finding(rule, severity, key.user, key.access_key_id, text, command)


def find(inventory: Inventory, remedies: Remedies, limits: Limits | None = None) -> list[Finding]:
    """All findings, the worst first, then by user."""
    limits = limits or Limits()
    keys: dict[str, list[Key]] = {}
    for key in inventory.keys:
        keys.setdefault(key.user, []).append(key)
    users: dict[str, User | None] = {user.name: user for user in inventory.users}
    found = [
        finding
        for name in dict.fromkeys([*keys, *users])
        for rule in _RULES
        for finding in rule(Case(users.get(name), keys.get(name, ()), limits, inventory.taken, remedies, inventory.is_akia))
    ]
    return sorted(found, key=lambda each: (SEVERITIES.index(each.severity), each.user != ROOT, each.user, each.access_key_id, each.rule))


def _root_key(case: Case) -> Iterator[Finding]:
    for key in case.keys:
        if key.user == ROOT:
            text = "the root user has an access key, which nothing can limit"
            yield case.finding("root-key", "critical", key, text, case.remedies.delete(key))


def _age(case: Case) -> Iterator[Finding]:
    for key in case.active:
        age = key.age_days(case.now)
        if age >= case.limits.warn_age and key.user != ROOT:
            severity = "high" if age >= case.limits.max_age else "medium"
            text = f"the key is {counted(age, 'day')} old; it is to be replaced after {case.limits.max_age}"
            yield case.finding("key-age", severity, key, text, case.remedies.rotate(key))


def _unused(case: Case) -> Iterator[Finding]:
    for key in case.active:
        idle = key.idle_days(case.now)
        if key.used is not None and idle >= case.limits.unused_warn:
            severity = "high" if idle >= case.limits.unused else "medium"
            yield case.finding(
                "key-unused", severity, key, f"nobody has used the key for {counted(idle, 'day')}", case.remedies.deactivate(key)
            )


def _never_used(case: Case) -> Iterator[Finding]:
    for key in case.active:
        age = key.age_days(case.now)
        if key.used is None and age >= case.limits.new:
            limits = case.limits
            severity = "high" if age >= limits.unused else "medium" if age >= limits.unused_warn else "low"
            yield case.finding(
                "key-never-used", severity, key, f"nobody has ever used the key in {counted(age, 'day')}", case.remedies.deactivate(key)
            )


def _two_active(case: Case) -> Iterator[Finding]:
    if len(case.active) > 1:
        key = max(case.active, key=lambda each: (each.idle_days(case.now), each.age_days(case.now)))
        text = f"the user has {len(case.active)} active keys; this one was used less lately"
        yield case.finding("two-active-keys", "medium", key, text, case.remedies.deactivate(key))


def _inactive(case: Case) -> Iterator[Finding]:
    for key in case.keys:
        if not key.active and not _is_over(key, case.now):
            yield case.finding(
                "inactive-key", "low", key, "an inactive key lies about, and can be switched on again", case.remedies.delete(key)
            )


def _expiry(case: Case) -> Iterator[Finding]:
    for key in case.keys:
        if key.expires is None:
            continue
        if _is_over(key, case.now):
            text = f"the key expired on {key.expires:%Y-%m-%d}, and lies about"
            yield case.finding("key-expired", "low", key, text, case.remedies.delete(key))
        elif key.active and (key.expires - case.now).days < 14:
            text = f"the key ends on {key.expires:%Y-%m-%d}"
            yield case.finding("key-ends-soon", "medium", key, text, case.remedies.rotate(key))


def _is_over(key: Key, now: datetime) -> bool:
    return key.expires is not None and key.expires <= now


def _second_factor(case: Case) -> Iterator[Finding]:
    user = case.user
    if user is not None and user.has_mfa is False and (user.has_password or case.active):
        severity, what = ("high", "a password") if user.has_password else ("low", "an access key")
        text = f"the user has {what} and no second factor"
        yield Finding("no-mfa", severity, user.name, "", text, case.remedies.second_factor(user.name))


def _administrator(case: Case) -> Iterator[Finding]:
    if case.user is None or not case.active:
        return
    for grant in case.user.grants or ():
        through = f" through the group {grant.group}" if grant.group else ""
        policy = f"the inline policy {grant.policy}" if grant.is_inline else grant.policy
        text = f"whoever has the user's key is an administrator: {policy}{through}"
        yield Finding("admin-policy", "high", case.user.name, "", text, case.remedies.take_away(case.user.name, grant))


def _anywhere(case: Case) -> Iterator[Finding]:
    if case.user is None or case.user.bound_to_sources is not False:
        return
    for key in case.active:
        if key.restrictions is not None and not key.restrictions.get("Networks"):
            yield case.finding("no-ip-restriction", "low", key, "the key can be used from everywhere", case.remedies.bind(key))


def _undescribed(case: Case) -> Iterator[Finding]:
    for key in case.active:
        if not key.description and key.access_key_id and (key.user != ROOT or case.is_akia):
            yield case.finding("no-description", "low", key, "nothing says what the key is for", case.remedies.describe(key))


_RULES: Sequence[Callable[[Case], Iterator[Finding]]] = (
    _root_key, _age, _unused, _never_used, _two_active, _inactive, _expiry, _second_factor, _administrator, _anywhere, _undescribed,
)  # fmt: skip

RULES = (
    "root-key", "key-age", "key-unused", "key-never-used", "two-active-keys", "inactive-key", "key-expired", "key-ends-soon", "no-mfa",
    "admin-policy", "no-ip-restriction", "no-description",
)  # fmt: skip
"""The names of the findings."""
