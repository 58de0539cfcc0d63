"""Suspicious use, as an engine: rules over the stream of events. Values in, values out: what a rule remembers is JSON that others keep.

    for rule in rules(Thresholds(), judge):
        finding = applied(rule, seen, known, states)

`seen` is one event, `known` what the store knows of the key that it names, `judge` compares policies (engines do not know one another),
`states` is where rules remember. docs/alerts.md lists the rules.
"""

from akia.alerts.finding import Finding, Severity
from akia.alerts.rule import Rule, State, States, applied
from akia.alerts.rules import NAMES, rules
from akia.alerts.sighting import Known, Sighting, sighting
from akia.alerts.thresholds import Thresholds
from akia.alerts.widening import Judge, PolicyKind, policy_of

__all__ = [
    "NAMES", "Finding", "Judge", "Known", "PolicyKind", "Rule", "Severity", "Sighting", "State", "States", "Thresholds", "applied",
    "policy_of", "rules", "sighting",
]  # fmt: skip
