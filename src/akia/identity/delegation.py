"""What an organization opens to AWS services, and to the member accounts that administer them for it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ServiceAccess:
    """A service (by its principal, `config.amazonaws.com`) that works across the organization's accounts, since `enabled` (seconds)."""

    organization: str
    service: str
    enabled: int


@dataclass(frozen=True, slots=True)
class Delegation:
    """A member account that administers a service for the organization, since `enabled` (epoch seconds)."""

    organization: str
    account: str
    service: str
    enabled: int


@dataclass(frozen=True, slots=True)
class DelegationPolicy:
    """The organization's resource policy: which member accounts may administer what of it."""

    organization: str
    id: str
    content: str
