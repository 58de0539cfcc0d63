"""Who can act: the union of all kinds of principals (P1.1), as the rest of akia speaks of them.

Each kind knows its own names: `arn` as it stands in messages and events (P6.1-1), `unique_id` as `GetCallerIdentity` answers it (P4.2),
and `policy_arn`, the value of `aws:PrincipalArn` (a session's is its role's, P4.2-4).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from akia.aws.arn import Arn
from akia.identity.account import root_arn

if TYPE_CHECKING:
    from collections.abc import Mapping

    from akia.identity.role import Role
    from akia.identity.session import SessionFacts
    from akia.identity.user import User


class FederationKind(StrEnum):
    """How a provider vouches for somebody."""

    WEB_IDENTITY = "web identity"
    SAML = "saml"


@dataclass(frozen=True, slots=True)
class Root:
    """The root user of an account, by a key of its own or by GetSessionToken."""

    account: str
    session: SessionFacts | None = None

    @property
    def arn(self) -> Arn:
        return root_arn(self.account)

    policy_arn = arn

    @property
    def unique_id(self) -> str:
        return self.account

    @property
    def tags(self) -> Mapping[str, str]:
        return {}


@dataclass(frozen=True, slots=True)
class IamUser:
    """An IAM user, by a long-term key or (with `session`) by GetSessionToken, which leaves it the same user."""

    user: User
    session: SessionFacts | None = None

    @property
    def account(self) -> str:
        return self.user.account

    @property
    def arn(self) -> Arn:
        return self.user.arn

    policy_arn = arn

    @property
    def unique_id(self) -> str:
        return self.user.id

    @property
    def tags(self) -> Mapping[str, str]:
        return self.user.tags


@dataclass(frozen=True, slots=True)
class RoleSession:
    """A session of a role: AssumeRole and its kin."""

    role: Role
    name: str
    session: SessionFacts

    @property
    def account(self) -> str:
        return self.role.account

    @property
    def arn(self) -> Arn:
        return Arn("sts", "", self.role.account, f"assumed-role/{self.role.name}/{self.name}")

    @property
    def policy_arn(self) -> Arn:
        return self.role.arn

    @property
    def unique_id(self) -> str:
        return f"{self.role.id}:{self.name}"

    @property
    def tags(self) -> Mapping[str, str]:
        """The role's, and those of the session (P1.7-12)."""
        return _overridden(self.role.tags, self.session.tags)


@dataclass(frozen=True, slots=True)
class FederatedUser:
    """Somebody to whom a user, or the root user (`user` is None), has lent some of its permissions: GetFederationToken."""

    account: str
    name: str
    user: User | None
    session: SessionFacts

    @property
    def arn(self) -> Arn:
        return Arn("sts", "", self.account, f"federated-user/{self.name}")

    policy_arn = arn

    @property
    def unique_id(self) -> str:
        return f"{self.account}:{self.name}"

    @property
    def tags(self) -> Mapping[str, str]:
        """The lender's, and those of the session (P1.7-12)."""
        return _overridden(self.user.tags if self.user is not None else {}, self.session.tags)


@dataclass(frozen=True, slots=True)
class FederatedIdentity:
    """The bearer of a verified token or assertion, who asks for a role. It has no permissions of its own and no key: it lives for one call.

    `provider` is the ARN of the provider, whose account it is filed in; `subject` what the provider calls it; `unique_id` as events have it
    (AC2.7, AC2.8). `keys` are the condition keys that it brings, lower-cased. `session_tags`, `transitive` and `source_identity` are what
    the session is to carry; `expires` (epoch seconds) is when the proof does.

    What only some proofs say: `proof_id` is the id of the proof itself, "" if it has none; `session_name` what the session is to be called;
    `longest_session` how many seconds it may live, and `session_ends` (epoch seconds) when it must have ended.
    """

    kind: FederationKind
    provider: Arn
    issuer: str
    subject: str
    audience: str
    unique_id: str
    expires: int
    keys: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)
    session_tags: Mapping[str, str] = field(default_factory=dict)
    transitive: frozenset[str] = frozenset()
    source_identity: str | None = None
    proof_id: str = ""
    session_name: str | None = None
    longest_session: int | None = None
    session_ends: int | None = None

    session = None

    @property
    def account(self) -> str:
        return self.provider.account

    @property
    def arn(self) -> Arn:
        return self.provider

    policy_arn = arn

    @property
    def tags(self) -> Mapping[str, str]:
        return {}


def _overridden(tags: Mapping[str, str], by: Mapping[str, str]) -> Mapping[str, str]:
    """`tags` and session tags, which override those of the same key without regard to case (P1.7-12)."""
    if not by:
        return tags
    overridden = {key.lower() for key in by}
    return {key: value for key, value in tags.items() if key.lower() not in overridden} | dict(by)


Principal = Root | IamUser | RoleSession | FederatedUser | FederatedIdentity
"""Services and anonymous callers join this union with the issues that bring them."""
