"""Which services and actions a set of documents allows anything of, whatever the resource, the conditions and the Denies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from akia.aws import catalogue
from akia.policy.action import Actions

if TYPE_CHECKING:
    from collections.abc import Iterable

    from akia.policy.grammar import Document


class Reach:
    """The actions that the Allow statements of `documents` name."""

    def __init__(self, documents: Iterable[Document]) -> None:
        statements = (statement for document in documents for statement in document.statements if not statement.is_deny)
        self._allowed = [Actions(each.action or each.not_action or (), negated=each.action is None) for each in statements]

    def actions(self, prefix: str) -> list[str]:
        """The documented actions of the service that are allowed, as `service:Name`, in alphabetical order."""
        facts = catalogue.service(prefix)
        return sorted(str(action) for action in facts.actions.values() if self._allows(str(action).lower())) if facts else []

    def reaches(self, prefix: str) -> bool:
        """Whether any documented action of the service is allowed."""
        facts = catalogue.service(prefix)
        return facts is not None and any(self._allows(f"{facts.prefix}:{name}") for name in facts.actions)

    def services(self) -> list[str]:
        """The prefixes of all services that are reached, in alphabetical order."""
        return [prefix for prefix in sorted(self._candidates()) if self.reaches(prefix)]

    def _candidates(self) -> frozenset[str]:
        """The services that can come into question: all of them only if some statement may concern any."""
        if any(actions.anywhere for actions in self._allowed):
            return catalogue.prefixes()
        named = {service for actions in self._allowed for service in actions.services}
        return catalogue.prefixes() & named.union(action.partition(":")[0] for actions in self._allowed for action in actions.exact)

    def _allows(self, action: str) -> bool:
        return any(actions.match(action) for actions in self._allowed)
