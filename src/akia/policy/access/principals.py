"""Principals in the proofs: who is certainly, and who is possibly, among those that a statement names (P2.3, P1.4)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from akia.policy.grammar import StatementText

_ACCOUNT = re.compile(r"([0-9]{12})|arn:[^:]+:(?:iam|sts)::([0-9]{12}):.+", re.ASCII)
_ROOT = re.compile(r"arn:[^:]+:iam::([0-9]{12}):root", re.ASCII)


class Name(NamedTuple):
    """A principal as documents name it; an account is its twelve digits (P2.3-2)."""

    kind: str
    text: str

    @property
    def account(self) -> str | None:
        """The account that it lies in, or None if that cannot be told."""
        found = _ACCOUNT.fullmatch(self.text) if self.kind == "AWS" else None
        return found and (found[1] or found[2])


EVERYBODY = Name("AWS", "*")


@dataclass(frozen=True)
class Names:
    """`Principal` or `NotPrincipal`."""

    listed: frozenset[Name]
    negated: bool

    def surely(self, name: Name) -> bool:
        """Whether whoever acts under `name` is certainly named, with a grant that is worth as much.

        An account is worth less than its users (P1.4-1): only the same name or `*` counts, and `*` names nobody who brings an
        identity provider's token (P2.3-1).
        """
        if self.negated:
            return False
        return name in self.listed or (EVERYBODY in self.listed and name.kind != "Federated")

    def perhaps(self, name: Name) -> bool:
        """Whether somebody who acts under `name` may be among those named."""
        return self.negated or name == EVERYBODY or any(_may_be(name, other) for other in self.listed)


def _may_be(name: Name, other: Name) -> bool:
    """Two names that may stand for one caller: of one account, or of unknown ones; a user's and a role's name can share a session."""
    if other == EVERYBODY or name == other:
        return True
    if name.kind != other.kind:
        return "CanonicalUser" in {name.kind, other.kind} and "AWS" in {name.kind, other.kind}
    return name.kind == "AWS" and (name.account is None or other.account is None or name.account == other.account)


def names(statement: StatementText) -> Names | None:
    """Whom `statement` names; None in documents that name nobody."""
    listed = statement.principal if statement.principal is not None else statement.not_principal
    if listed is None:
        return None
    return Names(frozenset(_name(kind, text) for kind, texts in listed.items() for text in texts), statement.principal is None)


def _name(kind: str, text: str) -> Name:
    root = _ROOT.fullmatch(text) if kind == "AWS" else None
    return Name(kind, root[1] if root else text)
