"""What rules remember, at hand while they look at events: read once, written once a step."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from akia.alerts import State
    from akia.store.alerts.rule_states import RuleStates
    from akia.store.store import Store

MOST = 20_000
"""States that are kept at hand."""


class RuleMemory:
    """Valid as long as the reader's position in the store is the one that was written here last: nobody else has changed it then."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._position = -1
        self._known: dict[tuple[str, str], State | None] = {}
        self._changed: dict[tuple[str, str], int] = {}
        self.begun = 0
        """How often it has begun anew."""
        self.puts = 0
        """How often something was put."""
        self.at_ms = 0
        """When the event happened that is being looked at."""

    def begin(self, position: int) -> None:
        """Before the events behind `position` are looked at."""
        if position != self._position or self._changed or len(self._known) > MOST:
            self.forget()
            self._position = position

    def get(self, rule: str, subject: str) -> State | None:
        key = rule, subject
        if key not in self._known:
            self._known[key] = self._store.rule_states.get(rule, subject)
        return self._known[key]

    def put(self, rule: str, subject: str, state: State | None) -> None:
        self._known[rule, subject] = state
        self._changed[rule, subject] = self.at_ms
        self.puts += 1

    def write(self, states: RuleStates, position: int) -> None:
        """What was put since `begin`, now that all events up to `position` have been looked at."""
        for (rule, subject), at_ms in self._changed.items():
            states.put(rule, subject, self._known[rule, subject], at_ms)
        self._changed.clear()
        self._position = position

    def forget(self) -> None:
        self._known.clear()
        self._changed.clear()
        self._position = -1
        self.begun += 1
