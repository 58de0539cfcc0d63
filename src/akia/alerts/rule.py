"""What a rule is, and how it is applied to an event."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from akia.alerts.finding import Finding, Severity

if TYPE_CHECKING:
    from akia.alerts.sighting import Known, Sighting

State = dict[str, Any]
"""What a rule remembers of one subject: JSON, of bounded size. Never changed in place."""

Answer = tuple["State | None", str | None]
"""What a rule remembers from now on (None: nothing), and the sentence that tells what it has found (None: nothing)."""


class Rule(Protocol):
    """`remembers_seconds` is how long the state of a subject is worth keeping that is not seen any more; 0: for ever.

    `heeds_repetition`: whether a successful read may tell it something that repeats an earlier one of the last minute in all but its time.
    """

    @property
    def name(self) -> str: ...

    @property
    def severity(self) -> Severity: ...

    @property
    def remembers_seconds(self) -> int: ...

    @property
    def heeds_repetition(self) -> bool: ...

    def subject(self, seen: Sighting, known: Known) -> str:
        """Whom it concerns; "" if this event is nothing to this rule."""

    def detail(self, seen: Sighting) -> str:
        """What sets a finding apart from others about the same subject; "" if nothing does."""

    def examine(self, state: State | None, seen: Sighting, known: Known) -> Answer:
        """What to remember after this event, and what is suspicious about it. `state` is what was remembered, None at first."""


class States(Protocol):
    """Where rules remember."""

    def get(self, rule: str, subject: str) -> State | None: ...

    def put(self, rule: str, subject: str, state: State | None) -> None: ...


def applied(rule: Rule, seen: Sighting, known: Known, states: States) -> Finding | None:
    """What `rule` finds in the event, after it has remembered what it wants to."""
    subject = rule.subject(seen, known)
    if not subject:
        return None
    before = states.get(rule.name, subject)
    after, summary = rule.examine(before, seen, known)
    if after != before:
        states.put(rule.name, subject, after)
    if summary is None:
        return None
    proven = seen.access_key_id if seen.verified else ""
    account = seen.account if seen.verified or not known.account else known.account
    return Finding(rule.name, rule.severity, account, subject, rule.detail(seen), summary, seen.event_id, seen.at_ms, proven)
