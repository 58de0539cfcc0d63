"""Which limits concern a call: AWS's published rates, the operator's, and those that the caller's account has set itself.

All of them must have something left. Only AWS's rate of an action stands back where the operator or the account has set another one.
Whoever sets a limit for each key, principal or address may set another for one of them, which then counts instead.
"""

from __future__ import annotations

import time
from functools import lru_cache
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING, NamedTuple

from akia.authority.limits_file import Bound, OperatorLimits
from akia.aws.rates import every, published
from akia.identity.limit import EACH, Limit, Scope
from akia.identity.principal import FederatedIdentity, FederatedUser, IamUser, RoleSession
from akia.store.changes import EVERYTHING
from akia.store.limits import subject_of_account
from akia.throttle import Allowance, Claim, Hand, Limiter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from akia.authority.caller import Caller
    from akia.identity.principal import Principal
    from akia.store.store import Store

RESERVED = 0.1
"""The part of a bucket that there is more of for modest callers, where several share it."""
MOST_REMEMBERED = 20_000
PUBLISHED, OPERATOR, ACCOUNT = "AWS", "OPERATOR", "ACCOUNT"
"""Who has set a limit."""


class Limits:
    """Belongs to one thread. `clock` is that of the limiter's buckets: monotonic, in seconds."""

    def __init__(self, operator: OperatorLimits, limiter: Limiter, clock: Callable[[], float]) -> None:
        self.operator = operator
        self.limiter = limiter
        self.clock = clock
        self._accounts: dict[str, AccountLimits] = {}

    def concerning(self, caller: Caller, action: str, address: str | None, store: Store) -> Sequence[Claim]:
        """What a call of `action` by `caller` from `address` must take from. Nearly always at hand."""
        account = self._accounts.get(caller.account) or self._read(caller.account, store)
        found = account.by_action.get(action)
        return found if found is not None else account.concerning(caller, action, address)

    def clocks(self) -> tuple[float, int]:
        """The times that limits go by: monotonic seconds, and the day of UTC."""
        return self.clock(), int(time.time()) // 86_400

    def _read(self, account: str, store: Store) -> AccountLimits:
        if len(self._accounts) >= MOST_REMEMBERED:
            self._accounts.clear()
        self._accounts[account] = found = self.of_account(account, store)
        return found

    def of_account(self, account: str, store: Store) -> AccountLimits:
        """The limits that hold in an account, as `store` has them now."""
        return AccountLimits(account, self.operator, store.limits.of(account))

    def forget(self, changed: Iterable[str]) -> None:
        """Read the limits of an account anew that has changed them."""
        for subject in changed:
            if subject == EVERYTHING:
                self._accounts.clear()
            else:
                self._accounts.pop(subject.removeprefix(subject_of_account("")), None)


class InForce(NamedTuple):
    """A limit as it is listed. `claim` is on its bucket; of what holds for each one by itself there are many, and `claim` is on none."""

    source: str
    scope: Scope
    subject: str
    action: str
    bound: Bound
    claim: Claim
    has_one_bucket: bool
    created: int


class AccountLimits:
    """The limits of one account."""

    def __init__(self, account: str, operator: OperatorLimits, own: Sequence[Limit]) -> None:
        self.account, self.operator, self.own = account, operator, own
        self._actions = {limit.action: _bound_of(limit) for limit in own if limit.scope == Scope.ACCOUNT_OPERATION}
        self._single = {(limit.scope, limit.subject): _bound_of(limit) for limit in own if limit.scope != Scope.ACCOUNT_OPERATION}
        self._networks = sorted(
            (ip_network(subject) for scope, subject in self._single if scope == Scope.ADDRESS and subject != EACH),
            key=lambda network: -network.prefixlen,
        )
        by_address = Scope.ADDRESS in operator.each or any(scope == Scope.ADDRESS for scope, _ in self._single)
        self._knows_addresses = by_address
        self._knows_callers = bool(self._single) or bool(operator.each)
        self._remembered: dict[tuple[str, str, str], Sequence[Claim]] = {}
        self._hands: dict[str, Hand] = {}
        self.by_action: dict[str, Sequence[Claim]] = {}
        """What concerns everybody's calls alike, where nothing else concerns them."""

    def concerning(self, caller: Caller, action: str, address: str | None) -> Sequence[Claim]:
        """See `Limits.concerning`."""
        if not self._knows_callers:
            for_all = self.by_action[action] = tuple(self.of_action(action))
            return for_all
        who = caller.access_key_id or owner_of(caller.principal)
        kind = (action, who, (address or "") if self._knows_addresses else "")
        found = self._remembered.get(kind)
        if found is None:
            found = tuple(self._claims(caller, action, address))
            if len(self._remembered) >= MOST_REMEMBERED:
                self._remembered.clear()
            self._remembered[kind] = found
        return found

    def _claims(self, caller: Caller, action: str, address: str | None) -> Iterator[Claim]:
        yield from self.of_action(action)
        owner = owner_of(caller.principal)
        yield from self._of_one(Scope.PRINCIPAL, owner, owner)
        key = key_of(caller)
        yield from self._of_one(Scope.KEY, key, key)
        if self._knows_addresses:
            yield from self._of_one(Scope.ADDRESS, self._network(address), place_of(address))

    def of_action(self, action: str) -> Iterator[Claim]:
        """The limits that hold for everybody's calls of `action` together."""
        for source, bounds in ((OPERATOR, self.operator.actions), (ACCOUNT, self._actions)):
            yield from (self.of_actions(source, name, bounds[name]) for name in _names(action) if name in bounds)
        rate = published(action) if self._published_counts(action) else None
        if rate is not None:
            yield self.of_actions(PUBLISHED, rate.name, Bound(rate.rate, rate.burst))

    def _published_counts(self, action: str) -> bool:
        """Whether AWS's rate counts for `action`: nobody has set another one."""
        by_hand = (self.operator.free, self.operator.actions, self._actions)
        return self.operator.published and not any(name in names for name in _names(action) for names in by_hand)

    def listed(self) -> Iterator[InForce]:
        """All of them: the operator's, AWS's as far as they count, the account's own."""
        for action, bound in self.operator.actions.items():
            yield self._of_action(OPERATOR, action, bound)
        for scope, bound in self.operator.each.items():
            yield self._of_subject(OPERATOR, scope, EACH, bound)
        for rate in every() if self.operator.published else ():
            if self._published_counts(rate.name):
                yield self._of_action(PUBLISHED, rate.name, Bound(rate.rate, rate.burst))
        for limit in self.own:
            yield self.listed_own(limit)

    def listed_own(self, limit: Limit) -> InForce:
        """One that the account has set."""
        if limit.scope == Scope.ACCOUNT_OPERATION:
            return self._of_action(ACCOUNT, limit.action, _bound_of(limit), limit.created)
        return self._of_subject(ACCOUNT, Scope(limit.scope), limit.subject, _bound_of(limit), limit.created)

    def _of_action(self, source: str, action: str, bound: Bound, created: int = 0) -> InForce:
        claim = self.of_actions(source, action, bound)
        return InForce(source, Scope.ACCOUNT_OPERATION, EACH, action, bound, claim, has_one_bucket=True, created=created)

    def _of_subject(self, source: str, scope: Scope, subject: str, bound: Bound, created: int = 0) -> InForce:
        claim = self.of_one(source, scope, subject, bound, subject)
        alone = subject != EACH and scope is not Scope.ADDRESS
        return InForce(source, scope, subject, "", bound, claim, has_one_bucket=alone, created=created)

    def of_actions(self, source: str, name: str, bound: Bound) -> Claim:
        """The bucket of an action, or of several that share it."""
        limit = f"{source}|{self.account}|{Scope.ACCOUNT_OPERATION}|{name}"
        return Claim(limit, _allowance(bound, shared=True), limit, Scope.ACCOUNT_OPERATION, name, self._hand(limit))

    def of_one(self, source: str, scope: Scope, subject: str, bound: Bound, limit_subject: str) -> Claim:
        """The bucket of one key, principal or address, by the limit for `limit_subject`."""
        limit = f"{source}|{self.account}|{scope}|{limit_subject}"
        bucket = f"{source}|{self.account}|{scope}|one|{subject}"
        return Claim(bucket, _allowance(bound, shared=scope is Scope.ADDRESS), limit, scope, limit_subject or "each", self._hand(bucket))

    def _hand(self, bucket: str) -> Hand:
        """The same for all claims on one bucket. It goes with these limits: what was at hand under others counts no more."""
        if len(self._hands) >= MOST_REMEMBERED:
            self._hands.clear()
        return self._hands.setdefault(bucket, Hand())

    def _of_one(self, scope: Scope, limit_subject: str, subject: str) -> Iterator[Claim]:
        operator = self.operator.each.get(scope)
        if operator is not None:
            yield self.of_one(OPERATOR, scope, subject, operator, EACH)
        for candidate in dict.fromkeys((limit_subject, EACH)):
            own = self._single.get((scope, candidate))
            if own is not None:
                yield self.of_one(ACCOUNT, scope, subject, own, candidate)
                return

    def _network(self, address: str | None) -> str:
        """The smallest network with a limit of its own that `address` lies in; EACH if there is none."""
        if address is None or not self._networks:
            return EACH
        place = ip_address(address)
        return next((str(network) for network in self._networks if place in network), EACH)


def owner_of(principal: Principal) -> str:
    """Whose allowance a principal uses: its own. Sessions are not somebody else, else everybody could multiply what they have."""
    match principal:
        case IamUser(user=owner) | RoleSession(role=owner):
            return owner.id
        case FederatedUser(user=owner) if owner is not None:
            return owner.id
        case FederatedIdentity(provider=provider):
            return str(provider)
    return principal.account


def key_of(caller: Caller) -> str:
    """Which key a caller counts as: the long-term one that it signs with or that its session descends from, so that no key has more by
    taking sessions. All sessions of one principal that descend from none are one."""
    lineage = caller.lineage
    return lineage.key if lineage is not None else f"sessions of {owner_of(caller.principal)}"


@lru_cache(maxsize=4_096)
def place_of(address: str | None) -> str:
    """What counts as one address: of IPv6 the /64, which one machine usually has to itself."""
    if address is None:
        return "unix"
    return str(ip_network(f"{address}/64", strict=False)) if ":" in address else address


def _names(action: str) -> Iterable[str]:
    """What limits of `action` may be called: it, and all of its service."""
    return dict.fromkeys((action, f"{action.partition(':')[0]}:*"))


def _bound_of(limit: Limit) -> Bound:
    return Bound(limit.rate_milli / 1000, float(limit.burst), limit.daily)


def _allowance(bound: Bound, *, shared: bool) -> Allowance:
    reserve = max(1.0, bound.burst * RESERVED) if shared else 0.0
    return Allowance(bound.rate, bound.burst, bound.daily, reserve)
