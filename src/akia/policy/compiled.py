"""Documents made ready for evaluation, and sets of them, indexed by action.

A document that cannot be read is compiled into a Deny of everything: whoever depends on it is denied until somebody has looked (NT-51).
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from akia.aws.errors import MalformedPolicyDocument
from akia.policy import validate
from akia.policy.decision import StatementRef
from akia.policy.grammar import Document, StatementText
from akia.policy.statement import Statement

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from akia.policy.kind import Kind

REMEMBERED_ACTIONS = 1024
"""How many actions a set keeps its candidates for."""


class Compiled:
    """A document, ready. Immutable; share it between all principals that it is attached to."""

    __slots__ = ("_anywhere", "_exact", "_services", "kind", "policy", "statements", "text", "unreadable")

    def __init__(self, kind: Kind, policy: str, statements: tuple[Statement, ...], text: str, unreadable: str | None = None) -> None:
        self.kind, self.policy, self.statements, self.text = kind, policy, statements, text
        self.unreadable = unreadable
        """Why the document could not be read, or None."""
        self._exact, self._services = defaultdict[str, list[Statement]](list), defaultdict[str, list[Statement]](list)
        self._anywhere: list[Statement] = []
        for statement in statements:
            self._enter(statement)

    def _enter(self, statement: Statement) -> None:
        for action in statement.actions.exact:
            self._exact[action].append(statement)
        for service in statement.actions.services:
            self._services[service].append(statement)
        if statement.actions.anywhere:
            self._anywhere.append(statement)

    def candidates(self, action: str) -> Iterator[Statement]:
        """The statements whose action part matches `action` (in lower case), in the order of the document."""
        service = action.partition(":")[0]
        found = {*self._exact.get(action, ()), *self._services.get(service, ()), *self._anywhere}
        matching = (statement for statement in found if statement.actions.match(action))
        return iter(sorted(matching, key=lambda statement: statement.ref.position))


def compile(text: str, kind: Kind, *, policy: str) -> Compiled:  # noqa: A001 - read as `policy.compile`
    """A stored document, ready for evaluation. `policy` is its ARN or, for want of one, its name in decisions.

    Never raises for what the document holds: what cannot be read denies everything (NT-51), save that an unknown condition operator
    concerns only its own statement (C3.1-5).
    """
    try:
        document = validate.read_stored(text, kind)
    except MalformedPolicyDocument as problem:
        return Compiled(kind, policy, (_deny_everything(kind, policy),), text, unreadable=problem.message)
    statements = (
        Statement(document, written, StatementRef(policy, written.sid, position)) for position, written in enumerate(document.statements)
    )
    return Compiled(kind, policy, tuple(statements), text)


def _deny_everything(kind: Kind, policy: str) -> Statement:
    everything = StatementText(None, "Deny", None, None, ("*",), None, ("*",), None, {})
    return Statement(Document("", kind, None, None, (everything,)), everything, StatementRef(policy, None, -1))


class Candidates(NamedTuple):
    """The statements of a set that may concern an action."""

    denies: tuple[Statement, ...]
    allows: tuple[Statement, ...]


class PolicySet:
    """The documents of one layer, which unite (P1.2-2): a set, whatever the order (P1.1-4). Share it; make a new one on every change."""

    __slots__ = ("_remembered", "documents")

    def __init__(self, documents: Iterable[Compiled] = ()) -> None:
        self.documents = tuple(documents)
        self._remembered: dict[str, Candidates] = {}

    def candidates(self, action: str) -> Candidates:
        """The statements whose action part matches `action`, which is in lower case. Found once an action, then remembered."""
        found = self._remembered.get(action)
        return found if found is not None else self._find(action)

    def _find(self, action: str) -> Candidates:
        statements = [statement for document in self.documents for statement in document.candidates(action)]
        found = Candidates(
            tuple(statement for statement in statements if statement.denies),
            tuple(statement for statement in statements if statement.allows),
        )
        if len(self._remembered) >= REMEMBERED_ACTIONS:
            self._remembered.clear()
        self._remembered[action] = found
        return found
