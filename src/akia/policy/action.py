"""The `Action` and `NotAction` elements (P2.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from akia.policy.wildcard import Budget, Globs, pattern

if TYPE_CHECKING:
    from collections.abc import Sequence


class Actions:
    """The actions that a statement names, compiled. Both halves of `service:Name` are compared in lower case (P2.1-1, NT-77)."""

    __slots__ = ("_exact", "_globs", "_negated", "anywhere", "exact", "services")

    def __init__(self, texts: Sequence[str], *, negated: bool) -> None:
        patterns = [text.lower() for text in texts if not _never_matches(text)]
        with_wildcards = [text for text in patterns if "*" in text or "?" in text]
        self._exact = frozenset(patterns).difference(with_wildcards)
        self._globs = Globs(map(pattern, with_wildcards))
        self._negated = negated
        services = {text.partition(":")[0] for text in with_wildcards}
        self.exact = frozenset[str]() if negated else self._exact
        """Index: the actions named in full."""
        self.services = frozenset[str]() if negated else frozenset(filter(_is_plain, services))
        """Index: the services of which the statement names a part."""
        self.anywhere = negated or not all(map(_is_plain, services))
        """Index: whether it may concern any service at all (P2.1-2, contested: `service_prefix_wildcard_evaluated`)."""

    def match(self, action: str) -> bool:
        """Whether the element matches `action`, which is in lower case. `NotAction` matches what its list does not (P2.1-4)."""
        return (action in self._exact or self._globs.match(action, Budget())) is not self._negated


def _never_matches(text: str) -> bool:
    """An action with a space or a comma in it names nothing (P2.1-3)."""
    return " " in text or "," in text


def _is_plain(service: str) -> bool:
    return "*" not in service and "?" not in service
