"""Sessions: what temporary credentials carry beside their owner, and how they came about."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Federation:
    """A provider of identities vouched for the session's holder: `provider` is its ARN, or a well-known host (P4.3-16), and `keys` are
    condition keys that the token or assertion stated, lower-cased, which last as long as the session (P4.3-25)."""

    provider: str
    keys: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RoleChain:
    """Another session of a role asked for the session, which caps it at an hour (P1.7-10)."""


@dataclass(frozen=True, slots=True)
class LentRoot:
    """AssumeRoot made the session, for one task of a member account's root user (P4.3-23)."""


Origin = Federation | RoleChain | LentRoot
"""How a session came about, where that matters afterwards. Each excludes the others."""


@dataclass(frozen=True, slots=True)
class Lineage:
    """The long-term access key at the beginning of a chain of sessions. `restricted`: it was, when the session was made."""

    key: str
    restricted: bool = False


@dataclass(frozen=True, slots=True)
class SessionFacts:
    """What temporary credentials carry beside their owner. Times are in epoch seconds.

    `tags` are session tags; `transitive` the keys of those that pass along a chain (P1.7-12).
    `policies` are pairs (P1.7-8): `("", text)` of an inline session policy, `(ARN, unique id)` of a managed one, `(ARN, "")` of AWS's.
    `origin` is how it came about, None for what a user or the root user took by itself.
    `delegate` is the account that acts with it under a delegation, or "" (SI17.6), whatever its origin.
    `lineage` is None if no key but a token or an assertion stands at its beginning.
    """

    id: str
    issued: int
    expires: int
    mfa_at: int | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    transitive: frozenset[str] = frozenset()
    source_identity: str | None = None
    policies: tuple[tuple[str, str], ...] = ()
    origin: Origin | None = None
    delegate: str = ""
    lineage: Lineage | None = None

    @property
    def federation(self) -> Federation | None:
        """Who vouched for its holder, if a provider did."""
        return self.origin if isinstance(self.origin, Federation) else None

    @property
    def chained(self) -> bool:
        return isinstance(self.origin, RoleChain)

    @property
    def assumed_root(self) -> bool:
        return isinstance(self.origin, LentRoot)
