"""What a key or a role has never done before: another network, another client, another region, another service."""

from __future__ import annotations

from typing import TYPE_CHECKING

from akia.alerts.finding import Severity
from akia.alerts.networks import network_of
from akia.alerts.wording import who

if TYPE_CHECKING:
    from collections.abc import Callable

    from akia.alerts.rule import Answer, State
    from akia.alerts.sighting import Known, Sighting
    from akia.alerts.thresholds import Thresholds

_HOUR_MS = 3_600_000
"""How exactly it is remembered when something was last seen: more would be a write for every request."""
_LONGEST = 64


def family_of(user_agent: str) -> str:
    """The client, without its version: `Boto3/1.40.1 md/…` is `boto3`."""
    words = user_agent.split(None, 1)
    return words[0].partition("/")[0].lower()[:_LONGEST] if words else ""


class Habit:
    """Knows the values that `value` has had for each actor. Tells of a new one when the learning period is over."""

    remembers_seconds = 90 * 86_400
    heeds_repetition = False

    def __init__(self, name: str, severity: Severity, what: str, value: Callable[[Sighting], str], thresholds: Thresholds) -> None:
        self.name = name
        self.severity = severity
        self._what = what
        self._value = value
        self._learning_ms = thresholds.learning_seconds * 1000
        self._most = thresholds.known_values

    def subject(self, seen: Sighting, known: Known) -> str:
        return seen.actor if self._value(seen) else ""

    def detail(self, seen: Sighting) -> str:
        return self._value(seen)

    def examine(self, state: State | None, seen: Sighting, known: Known) -> Answer:
        value = self._value(seen)
        if state is None:
            return {"since": seen.at_ms, "known": {value: seen.at_ms}}, None
        values: dict[str, int] = state["known"]
        last = values.get(value)
        if last is not None and seen.at_ms - last < _HOUR_MS:
            return state, None
        values = {**values, value: seen.at_ms}
        if len(values) > self._most:
            del values[min(values, key=values.__getitem__)]
        after = {"since": state["since"], "known": values}
        if last is not None or seen.at_ms - state["since"] < self._learning_ms:
            return after, None
        return after, f"{who(seen)} has come {self._what} {value} for the first time."


def habits(thresholds: Thresholds) -> list[Habit]:
    return [
        Habit("new-network", Severity.MEDIUM, "from the network", lambda seen: network_of(seen.source_ip), thresholds),
        Habit("new-user-agent", Severity.LOW, "with the client", lambda seen: family_of(seen.user_agent), thresholds),
        Habit("new-region", Severity.MEDIUM, "to the region", lambda seen: seen.region, thresholds),
        Habit("new-service", Severity.LOW, "to the service", lambda seen: seen.service, thresholds),
    ]
