"""What is nothing once, and something many times in a row: denials, wrong signatures, failed sign-ins, a session that is over."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from akia.alerts.finding import Severity
from akia.alerts.sighting import KeyState
from akia.alerts.wording import plain, where, who
from akia.aws.errors import DENIALS

if TYPE_CHECKING:
    from collections.abc import Callable

    from akia.alerts.rule import Answer, State
    from akia.alerts.sighting import Known, Sighting
    from akia.alerts.thresholds import Thresholds

WRONG_SIGNATURE = frozenset({"SignatureDoesNotMatch", "InvalidSignatureException"})
EXPIRED = frozenset({"ExpiredToken", "ExpiredTokenException"})


@dataclass(frozen=True, slots=True)
class Burst:
    """Tells of the `most`th event within `seconds` for which `whose` names the same subject, and of each one after it."""

    name: str
    severity: Severity
    most: int
    seconds: int
    whose: Callable[[Sighting, Known], str]
    told: Callable[[Sighting, int], str]
    heeds_repetition: bool = False

    @property
    def remembers_seconds(self) -> int:
        return max(86_400, self.seconds)

    def subject(self, seen: Sighting, known: Known) -> str:
        return self.whose(seen, known)

    def detail(self, seen: Sighting) -> str:
        return ""

    def examine(self, state: State | None, seen: Sighting, known: Known) -> Answer:
        earlier = state["times"] if state else []
        times = sorted([*earlier, seen.at_ms])[-self.most :]  # events may come in late
        times = [at for at in times if at > times[-1] - self.seconds * 1000]
        return {"times": times}, self.told(seen, self.seconds) if len(times) >= self.most else None


def bursts(thresholds: Thresholds) -> list[Burst]:
    t = thresholds
    return [
        Burst(
            "denial-burst",
            Severity.HIGH,
            t.denials,
            t.denials_seconds,
            lambda seen, known: seen.access_key_id if seen.verified and seen.error_code in DENIALS else "",
            lambda seen, seconds: f"{who(seen)} was denied {t.denials} calls within {seconds} seconds, the last from {where(seen)}.",
        ),
        Burst(
            "signature-failures",
            Severity.MEDIUM,
            t.signature_failures,
            t.signature_failures_seconds,
            _forged,
            lambda seen, seconds: (
                f"{t.signature_failures} or more requests within {seconds} seconds named the key {plain(seen.access_key_id)} "
                f"with a wrong signature, the last from {where(seen)}: somebody knows its id and not its secret."
            ),
        ),
        Burst(
            "expired-session",
            Severity.LOW,
            t.expired_uses,
            t.expired_uses_seconds,
            lambda seen, known: seen.access_key_id if seen.error_code in EXPIRED else "",
            lambda seen, seconds: (
                f"The session {plain(seen.access_key_id)} has expired and was used {t.expired_uses} times within {seconds} seconds, "
                f"the last time from {where(seen)}."
            ),
        ),
        Burst(
            "sign-in-failures",
            Severity.MEDIUM,
            t.sign_in_failures,
            t.sign_in_failures_seconds,
            _failed_sign_in,
            lambda seen, seconds: (
                f"{t.sign_in_failures} or more sign-ins as {plain(seen.user_name or seen.arn)} failed within {seconds} seconds, "
                f"the last from {where(seen)}."
            ),
        ),
    ]


def _forged(seen: Sighting, known: Known) -> str:
    exists = known.key in (KeyState.ACTIVE, KeyState.INACTIVE)
    return seen.access_key_id if exists and not seen.verified and seen.error_code in WRONG_SIGNATURE else ""


def _failed_sign_in(seen: Sighting, known: Known) -> str:
    """CloudTrail tells of a sign-in that failed by `responseElements` (AC1.1), whatever else stands in the event."""
    if seen.name != "ConsoleLogin" or seen.response.get("ConsoleLogin") != "Failure":
        return ""
    return f"{seen.account}/{seen.user_name or seen.arn or seen.source_ip}"
