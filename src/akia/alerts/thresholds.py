"""When a rule speaks. Every number can be set; these are the defaults (docs/alerts.md)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Counts, and lengths of time in seconds."""

    learning_seconds: int = 7 * 86_400
    """How long what a key or role does for the first time is learnt and not told, from its first use on. The very first use never is."""
    known_values: int = 64
    """How many networks, clients, regions and services of each are remembered; the one not seen for longest is forgotten."""
    denials: int = 10
    """So many denials of one key within `denials_seconds` are a burst."""
    denials_seconds: int = 300
    signature_failures: int = 5
    """So many wrong signatures for one existing key within `signature_failures_seconds`."""
    signature_failures_seconds: int = 300
    expired_uses: int = 20
    """So many uses of one session that has expired, within `expired_uses_seconds`: a client that never renews, or a thief."""
    expired_uses_seconds: int = 3_600
    sign_in_failures: int = 5
    """So many failed sign-ins of one name within `sign_in_failures_seconds`."""
    sign_in_failures_seconds: int = 300
    overlap_seconds: int = 10
    """One key from two distant networks within so short a time is in two hands."""
    fold_seconds: int = 3_600
    """Findings alike are one alert for so long after the first of them; what goes on after that is a new alert."""
