"""Organizations: accounts in a tree of organizational units, and where an account stands in it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from akia.aws.arn import Arn

ALL_FEATURES = "ALL"
BILLING_ONLY = "CONSOLIDATED_BILLING"


@dataclass(frozen=True, slots=True)
class Organization:
    """An organization and its root. `types` are the policy types that are enabled in the root, in a row with blanks between them.

    `features` is ALL_FEATURES or BILLING_ONLY; `created` is in epoch seconds.
    """

    id: str
    management_account: str
    features: str
    created: int
    root: str
    types: str = ""

    @property
    def enabled_types(self) -> tuple[str, ...]:
        """The policy types that are in force: none without all features."""
        return tuple(self.types.split()) if self.features == ALL_FEATURES else ()

    def arn(self, what: str, path: str = "") -> str:
        """The ARN of one of its things: `account`, `root`, `ou`, `policy` …; `path` follows the organization's id."""
        return str(Arn("organizations", "", self.management_account, f"{what}/{self.id}{path and '/' + path}"))


@dataclass(frozen=True, slots=True)
class OrganizationalUnit:
    """A container of accounts and other units below `parent`, the root or a unit."""

    id: str
    organization: str
    parent: str
    name: str


@dataclass(frozen=True, slots=True)
class Member:
    """An account in an organization, below `parent`. `joined` is in epoch seconds; `method` is CREATED or INVITED."""

    account: str
    organization: str
    parent: str
    joined: int
    method: str


@dataclass(frozen=True)
class Place:
    """Where an account stands: its organization, and the ids of the root and the units above it, from the root down."""

    organization: Organization
    account: str
    containers: tuple[str, ...]

    @property
    def is_management(self) -> bool:
        """Whether it is the account that manages the organization, which neither SCPs nor RCPs bind (P1.5-6)."""
        return self.account == self.organization.management_account

    @cached_property
    def path(self) -> str:
        """The value of `aws:PrincipalOrgPaths` and `aws:ResourceOrgPaths` (P4.3-9): `o-…/r-…/ou-…/`."""
        return "/".join((self.organization.id, *self.containers, ""))

    @property
    def levels(self) -> tuple[str, ...]:
        """What control policies may be attached to for this account, one level after the other (P1.6-1)."""
        return (*self.containers, self.account)
