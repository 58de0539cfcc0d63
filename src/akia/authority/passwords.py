"""Passwords: what an account's policy says of a new one, hashing, and the verification that sign-in will ask for.

Hashing is slow on purpose. `hashed`, `is_right` and `NewPassword.prepared` belong outside any transaction and off the event loop.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cache
from hmac import compare_digest
from typing import TYPE_CHECKING

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from akia.aws.errors import PasswordPolicyViolation
from akia.identity.password_policy import PasswordPolicy, violations_by_default
from akia.throttle.attempts import Attempts
from akia.throttle.failures import Failures

if TYPE_CHECKING:
    from collections.abc import Sequence

    from akia.identity.login_profile import LoginProfile
    from akia.store.store import Store

MEMORY_KIB = 19_456
PASSES = 2
LANES = 1
"""argon2id as OWASP recommends at least: 19 MiB, two passes, one lane; some 40 ms. A dozen at once, which is what threads there are, take
230 MiB, and a policy that compares with 24 old passwords takes a second."""

REUSED = "Policy constraint violation with password reuse prevention during password change"
FAILURES_OF_SOURCE_AT_ONCE = 50.0
FAILURES_OF_SOURCE_A_SECOND = 1 / 30
"""Wrong passwords from one address, which many people may share. Whoever knows one password there does not start the count anew."""

_HASHER = PasswordHasher(time_cost=PASSES, memory_cost=MEMORY_KIB, parallelism=LANES)


def hashed(password: str) -> str:
    """The argon2id hash of `password`, with its salt and parameters."""
    return _HASHER.hash(password)


def is_right(hash_: str, password: str) -> bool:
    """Whether `hash_` is of `password`. False for no hash at all, after the same work."""
    try:
        return _HASHER.verify(hash_ or _nobodys(), password) and bool(hash_)
    except (Argon2Error, InvalidHashError):
        return False


@cache
def _nobodys() -> str:
    """The hash that is compared with where there is none, so that time does not tell (NT-38)."""
    return hashed("")


@dataclass(frozen=True, slots=True)
class NewPassword:
    """A password that somebody is to have, and what it is measured by. `names` are what it must not be; `recent` the hashes that it must
    not repeat; `policy` is None for an account that has set none."""

    password: str = field(repr=False)
    policy: PasswordPolicy | None
    names: tuple[str, ...] = ()
    recent: Sequence[str] = field(default=(), repr=False)

    def prepared(self) -> str:
        """Its hash. Raises PasswordPolicyViolation."""
        policy = self.policy
        lacks = list(policy.violations(self.password) if policy is not None else violations_by_default(self.password, self.names))
        if lacks:
            raise PasswordPolicyViolation(", ".join(lacks))
        if any(is_right(old, self.password) for old in self.recent):
            raise PasswordPolicyViolation(REUSED)
        return hashed(self.password)


def new_password(store: Store, account: str, password: str, profile: LoginProfile | None = None) -> NewPassword:
    """`password` with all that it is measured by in `store`; `profile` is that of its owner, if it has one already."""
    policy = store.password_policies.get(account)
    found = store.accounts.get(account)
    names = tuple(filter(None, (found.name, found.email))) if found is not None else ()
    recent = profile.recent(policy.reuse_prevention) if policy is not None and profile is not None else ()
    return NewPassword(password, policy, names, recent)


class SignInRefused(Exception):
    """The one answer to a wrong password, an unknown user, one without a password, and too many attempts (NT-38)."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who wants to sign in: the profile is None if there is none to sign in with."""

    account: str
    name: str
    source: str
    profile: LoginProfile | None = field(repr=False)

    def gives(self, password: str) -> bool:
        """Whether that is the password. The same work whoever it is; off the event loop, outside any transaction."""
        return is_right(self.profile.hash if self.profile is not None else "", password)


@dataclass(frozen=True, slots=True)
class PasswordAccepted:
    """Whose password it was, and whether another one must be set before anything else: `locked` says that only an administrator can."""

    owner: str
    must_change: bool
    locked: bool


class PasswordVerifier:
    """Verifies passwords of sign-ins, for one process. `now` is in epoch seconds, `ticks` are monotonic seconds.

        candidate = verifier.candidate(store, account, name, source, ticks)     # main thread
        right = candidate.gives(password)                                       # in a thread
        accepted = verifier.conclude(store, candidate, right, now, ticks)       # main thread, in a write transaction

    Wrong guesses are counted for each name of an account, be there such a user or not, and for each source. They delay sign-in with the
    password only: no access key is ever locked.
    """

    def __init__(self) -> None:
        self._of_names = Attempts()
        self._of_sources = Failures(FAILURES_OF_SOURCE_A_SECOND, FAILURES_OF_SOURCE_AT_ONCE)

    def candidate(self, store: Store, account: str, name: str | None, source: str, ticks: int) -> Candidate:
        """Who `name` of `account` is; without a name, its root user. Raises SignInRefused if it is too early for another attempt."""
        self._require_patience((account, name or ""), source, ticks)
        if name is None:
            return Candidate(account, "", source, store.login_profiles.of(account))
        user = store.users.named(account, name)
        return Candidate(account, name, source, store.login_profiles.of(user.id if user is not None else ""))

    def conclude(self, store: Store, candidate: Candidate, right: bool, now: int, ticks: int) -> PasswordAccepted:
        """Count what came of it, and note a success in `store`. Raises SignInRefused."""
        key = (candidate.account, candidate.name)
        self._require_patience(key, candidate.source, ticks)
        profile = candidate.profile
        current = store.login_profiles.of(profile.owner) if profile is not None else None
        if not right or profile is None or current is None or not compare_digest(current.hash, profile.hash):
            self._of_names.failed(key, ticks)
            self._of_sources.failed(candidate.source, ticks)
            raise SignInRefused
        self._of_names.succeeded(key)
        store.login_profiles.replace(replace(current, used=now))
        return _accepted(current, store.password_policies.get(current.account), now)

    def forget(self) -> None:
        """Start counting anew. A throw-away akia's reset does this."""
        self._of_names = Attempts()
        self._of_sources.forget()

    def _require_patience(self, key: tuple[str, str], source: str, ticks: int) -> None:
        if self._of_sources.turned_away(source, ticks) or not self._of_names.may_try(key, ticks):
            raise SignInRefused


def _accepted(profile: LoginProfile, policy: PasswordPolicy | None, now: int) -> PasswordAccepted:
    expires = policy.expires(profile.changed) if policy is not None and not profile.of_root else None
    expired = expires is not None and now >= expires
    return PasswordAccepted(profile.owner, profile.reset_required or expired, expired and policy is not None and policy.hard_expiry)
