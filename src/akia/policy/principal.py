"""Who asks, and the `Principal` and `NotPrincipal` elements (P1.4, P1.9, P2.3).

A caller answers to several names: itself, its role or user, its account, everybody. Each name in a resource's policy is worth a `Grant`.
Users and roles are named by their unique ids, into which saving turns their ARNs (P1.7-5): an ARN that stands in a stored document names
nobody who can be told apart from a namesake, so it grants nothing, but a Deny still heeds it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

EVERYBODY = "AWS:*"


class Grant(IntEnum):
    """How far an Allow in the resource's own policy carries (P1.4)."""

    NONE = 0
    ACCOUNT = 1
    """The account may pass the permission on: identity policies must allow too (P1.4-6)."""
    ENTITY = 2
    """Stands in for identity policies; boundary and session policies limit it (P1.4-2, P1.4-4)."""
    COMPLETE = 3
    """Nothing limits it but a Deny (P1.4-1, -3, -5, -7, -8)."""


class PrincipalKind(StrEnum):
    """The kinds of callers (P1.1)."""

    ROOT = "root"
    USER = "user"
    ROLE_SESSION = "role session"
    FEDERATED_USER = "federated user"
    SERVICE = "service"
    WEB_IDENTITY = "web identity"
    SAML = "saml"
    ANONYMOUS = "anonymous"


@dataclass(frozen=True, slots=True)
class Principal:
    """A verified caller as the engine sees it. Make one by the functions of this module; make it once and keep it."""

    kind: PrincipalKind
    arn: str | None
    """What a denial calls it: the ARN of the user, session, federated user or root; None for all others."""
    account: str | None
    """Twelve digits, or None for callers that belong to no account: they have no identity side (P1.5-1)."""
    grants: Mapping[str, Grant]
    """What each of its names is worth in an Allow, strongest first."""
    heeded: frozenset[str]
    """The names that a Deny may call it by: those above, and ARNs."""
    chain: tuple[str, ...]
    """The names that all must be in a `NotPrincipal` for it to escape (P1.9-2)."""
    is_service_linked: bool = False
    """A session of a service-linked role: neither SCPs nor RCPs bind it (P1.5-6)."""


def root(account: str, partition: str = "aws", *, canonical_user: str = "") -> Principal:
    """The root user of `account`, also through `sts:AssumeRoot`."""
    names = _of_account(account, canonical_user)
    return _principal(PrincipalKind.ROOT, f"arn:{partition}:iam::{account}:root", account, {}, names, [f"AWS:{account}"])


def user(arn: str, unique_id: str, account: str, *, canonical_user: str = "") -> Principal:
    """An IAM user, with a long-term key or through `GetSessionToken` (P1.4-1)."""
    own = {f"AWS:{unique_id}": Grant.COMPLETE}
    chain = [f"AWS:{unique_id}", f"AWS:{account}"]
    return _principal(PrincipalKind.USER, arn, account, own, _of_account(account, canonical_user), chain, [arn])


def role_session(session_arn: str, role_arn: str, role_id: str, account: str, *, canonical_user: str = "") -> Principal:
    """A session of a role, however it came to be (P1.4-4; P1.4-5, contested: `session_arn_grant_ignores_session_policy`)."""
    own = {f"AWS:{session_arn}": Grant.COMPLETE, f"AWS:{role_id}": Grant.ENTITY}
    chain = [f"AWS:{session_arn}", f"AWS:{role_id}", f"AWS:{account}"]
    return _principal(PrincipalKind.ROLE_SESSION, session_arn, account, own, _of_account(account, canonical_user), chain, [role_arn])


def limited(caller: Principal) -> Principal:
    """`caller`, whose boundary and session policies limit whatever a resource's policy grants it: no Allow is COMPLETE.

    For delegated credentials (SI17.6), which are somebody else's hand under the same names: they never do more than what was asked for.
    """
    return replace(caller, grants={name: min(grant, Grant.ENTITY) for name, grant in caller.grants.items()})


def federated_user(
    arn: str, account: str, user_arn: str | None = None, user_id: str | None = None, *, canonical_user: str = ""
) -> Principal:
    """A session of `GetFederationToken`; `user_arn` and `user_id` are of the user who asked for it, None for root (P1.4-2, P1.4-3)."""
    own = {f"AWS:{arn}": Grant.COMPLETE} | ({f"AWS:{user_id}": Grant.ENTITY} if user_id else {})
    chain = [*own, f"AWS:{account}"]
    heeded = [user_arn] if user_arn else []
    return _principal(PrincipalKind.FEDERATED_USER, arn, account, own, _of_account(account, canonical_user), chain, heeded)


def service(name: str) -> Principal:
    """A service such as `cloudtrail.amazonaws.com`, calling by itself (P1.4-8)."""
    own = {f"Service:{name}": Grant.COMPLETE}
    return _principal(PrincipalKind.SERVICE, None, None, own, {EVERYBODY: Grant.COMPLETE}, list(own))


def web_identity(provider: str) -> Principal:
    """The bearer of a verified token of `provider` (an ARN or a well-known host) that asks for a role. No `*` lets it in (P2.3-1)."""
    own = {f"Federated:{provider}": Grant.COMPLETE}
    return _principal(PrincipalKind.WEB_IDENTITY, None, None, own, {}, list(own), ["*"])


def saml(provider: str) -> Principal:
    """The bearer of a verified assertion of the SAML `provider` (an ARN) that asks for a role. No `*` lets it in (P2.3-1)."""
    own = {f"Federated:{provider}": Grant.COMPLETE}
    return _principal(PrincipalKind.SAML, None, None, own, {}, list(own), ["*"])


def anonymous() -> Principal:
    """A caller without a signature: only `*` names it, never an account (NT-89)."""
    return _principal(PrincipalKind.ANONYMOUS, None, None, {}, {EVERYBODY: Grant.COMPLETE}, [EVERYBODY])


def _of_account(account: str, canonical_user: str) -> dict[str, Grant]:
    canonical = {f"CanonicalUser:{canonical_user}": Grant.ACCOUNT} if canonical_user else {}
    return {EVERYBODY: Grant.COMPLETE, f"AWS:{account}": Grant.ACCOUNT} | canonical


def _principal(
    kind: PrincipalKind,
    arn: str | None,
    account: str | None,
    own: Mapping[str, Grant],
    shared: Mapping[str, Grant],
    chain: Sequence[str],
    arns: Sequence[str] = (),
) -> Principal:
    named = {**own, **shared}
    grants = dict(sorted(named.items(), key=lambda item: -item[1]))
    heeded = frozenset(named).union(f"AWS:{text}" for text in arns)
    # at the beginning of the resource only: further in, a path may say anything
    service_linked = any(text.split(":", 5)[-1].startswith("role/aws-service-role/") for text in arns)
    return Principal(kind, arn, account, grants, heeded, tuple(chain), service_linked)


class Principals:
    """The `Principal` or `NotPrincipal` element of a statement, compiled."""

    __slots__ = ("_names", "_negated")

    def __init__(self, named: Mapping[str, Sequence[str]], *, negated: bool) -> None:
        """`named` maps `AWS`, `Service`, `Federated` and `CanonicalUser` to their values; a bare `*` is `{"AWS": ["*"]}` (P2.3-1)."""
        self._names = frozenset(name for kind, values in named.items() for name in _names(kind, values))
        self._negated = negated

    @property
    def names_everybody(self) -> bool:
        """Whether it is a `*` without negation."""
        return EVERYBODY in self._names and not self._negated

    def grant(self, caller: Principal) -> Grant:
        """What an Allow with this element is worth to the caller. `NotPrincipal` never allows (P1.9-1)."""
        if self._negated:
            return Grant.NONE
        for name, grant in caller.grants.items():
            if name in self._names:
                return grant
        return Grant.NONE

    def denies(self, caller: Principal, *, bounded: bool) -> bool:
        """Whether a Deny with this element hits the caller; `bounded`: it has a permissions boundary.

        From `NotPrincipal` escapes only who has every name of its chain listed and no boundary (P1.9-2, P1.9-3, contested:
        `not_principal_requires_whole_chain`). A listed `*` lists everybody who answers to it.
        """
        if not self._negated:
            return not self._names.isdisjoint(caller.heeded)
        everybody = EVERYBODY in self._names and EVERYBODY in caller.grants
        return bounded or not (everybody or self._names.issuperset(caller.chain))


_ACCOUNT = re.compile(r"([0-9]{12})|arn:[^:]+:iam::([0-9]{12}):root", re.ASCII)


def _names(kind: str, values: Iterable[str]) -> Iterable[str]:
    """The names in one form: an account is its twelve digits (P2.3-2)."""
    for value in values:
        account = _ACCOUNT.fullmatch(value) if kind == "AWS" else None
        yield f"{kind}:{account[1] or account[2] if account else value}"
