"""A decision, as `akia why` tells it, wherever it comes from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ALLOW, EXPLICIT_DENY, IMPLICIT_DENY, NO_IMPACT = "ALLOW", "EXPLICIT_DENY", "IMPLICIT_DENY", "NO_IMPACT"
"""What a layer says, in the words of the IAM toolbox."""
PRINCIPAL, BOUNDARY, SESSION, CEILING, RESOURCE, SCP, RCP = (
    "PRINCIPAL",
    "PERMISSIONS_BOUNDARY",
    "SESSION",
    "ACCESS_KEY",
    "RESOURCE",
    "SERVICE_CONTROL_POLICY",
    "RESOURCE_CONTROL_POLICY",
)


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement that matched: in which policy, called what, and its text (None if it cannot be had any more)."""

    policy: str
    sid: str
    denies: bool
    text: str | None

    @property
    def is_whole_document(self) -> bool:
        """Whether it stands for a document that cannot be read, and so denies everything (NT-51)."""
        return self.sid == "#0"


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer. `where` says which: the root, unit or account of a control policy, the boundary's ARN; "" if the type says it all."""

    type: str
    effect: str
    statements: Sequence[Statement] = ()
    where: str = ""

    @property
    def lacks_an_allow(self) -> bool:
        """Whether it would not allow even if nothing in it denied."""
        silent = bool(self.statements) and all(statement.denies for statement in self.statements)
        return self.effect == IMPLICIT_DENY or (self.effect == EXPLICIT_DENY and silent)

    @property
    def hides_its_deny(self) -> bool:
        """Whether something in it denies of which is not known what."""
        return self.effect == EXPLICIT_DENY and not self.statements


@dataclass(frozen=True, slots=True)
class Explanation:
    """What was asked, and what every layer said. `missing` are context keys that policies speak of and the request did not have.
    `limit` is the one that has turned the request away, although policies allow it; "" if none has."""

    principal: str
    action: str
    resource: str
    outcome: str
    layers: Sequence[Layer]
    context: Mapping[str, Any] = field(default_factory=dict)
    missing: Sequence[str] = ()
    limit: str = ""

    @property
    def allowed(self) -> bool:
        return self.outcome == ALLOW
