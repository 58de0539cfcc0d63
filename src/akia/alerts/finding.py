"""What a rule has found in one event."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """From what may be looked at tomorrow to what somebody should be woken for."""

    LOW = "LOW"
    MEDIUM = "MEDIUM"
    HIGH = "HIGH"
    CRITICAL = "CRITICAL"

    @property
    def rank(self) -> int:
        return list(Severity).index(self)


@dataclass(frozen=True, slots=True)
class Finding:
    """`subject` is whom it is about (a key id, an ARN), `detail` what sets it apart from others about the same (a network): findings alike
    in both are one alert. `summary` is a sentence for people, `event_id` "" if no event shows it. `access_key_id` is the key that somebody
    has *proven* to hold, else "": only against such a key may anything be done by itself (NT-93)."""

    rule: str
    severity: Severity
    account: str
    subject: str
    detail: str
    summary: str
    event_id: str
    at_ms: int
    access_key_id: str = ""
