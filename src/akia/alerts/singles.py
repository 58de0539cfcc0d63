"""What is suspicious every single time: a key that is no more, the root user, a honeytoken, a key that has leaked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from akia.alerts.finding import Severity
from akia.alerts.sighting import KeyState
from akia.alerts.wording import call, plain, where, who
from akia.aws.service_events import EXPOSED, REMINDER

if TYPE_CHECKING:
    from akia.alerts.rule import Answer, State
    from akia.alerts.sighting import Known, Sighting

NOT_VALID = frozenset({"InvalidClientTokenId", "UnrecognizedClientException", "InvalidAccessKeyId"})
_WORDS = {
    KeyState.ACTIVE: "is refused as not valid",
    KeyState.INACTIVE: "is inactive",
    KeyState.EXPIRED: "has expired, or is not valid yet",
    KeyState.DELETED: "was deleted",
    KeyState.UNKNOWN: "is not known",
}


class _Stateless:
    remembers_seconds = 0
    heeds_repetition = True

    def detail(self, seen: Sighting) -> str:
        return ""


class DeadKey(_Stateless):
    """A long-term key that is inactive, expired or deleted, and that somebody still has. What is claimed counts: with a key that is
    inactive or deleted nobody can verify."""

    name = "dead-key-used"
    severity = Severity.HIGH
    heeds_repetition = False

    def subject(self, seen: Sighting, known: Known) -> str:
        dead = seen.error_code in NOT_VALID and known.key is not KeyState.UNKNOWN
        return seen.access_key_id if dead else ""

    def examine(self, state: State | None, seen: Sighting, known: Known) -> Answer:
        return None, f"The key {plain(seen.access_key_id)} {_WORDS[known.key]}, and was used from {where(seen)} ({call(seen)})."


class RootUser(_Stateless):
    """The root user is for what nobody else can do."""

    name = "root-used"
    severity = Severity.HIGH

    def subject(self, seen: Sighting, known: Known) -> str:
        return seen.arn if seen.kind == "Root" and seen.verified and not seen.by_service else ""

    def examine(self, state: State | None, seen: Sighting, known: Known) -> Answer:
        return None, f"The root user of the account {plain(seen.account)} has called {call(seen)} from {where(seen)}."


class Honeytoken(_Stateless):
    """A key that lies about to be found. Whoever names it has found it, with its secret or without."""

    name = "honeytoken-used"
    severity = Severity.CRITICAL

    def subject(self, seen: Sighting, known: Known) -> str:
        return "" if seen.by_service else known.honeytoken

    def examine(self, state: State | None, seen: Sighting, known: Known) -> Answer:
        how = f"by {who(seen)}" if seen.verified else "without a valid signature"
        return None, f"The honeytoken {plain(known.honeytoken)} was used {how}, from {where(seen)} ({call(seen)})."


class CredentialsExposed(_Stateless):
    """A key was reported compromised, and contained; what it has done until then is left to look into."""

    name = "credentials-exposed"
    severity = Severity.CRITICAL

    def subject(self, seen: Sighting, known: Known) -> str:
        return str(seen.parameters.get("accessKeyId", "")) if seen.name == EXPOSED and seen.by_service else ""

    def examine(self, state: State | None, seen: Sighting, known: Known) -> Answer:
        told = {name: plain(str(seen.parameters.get(name, ""))) for name in ("accessKeyId", "userName", "reportedBy", "reportId")}
        by = f"{told['reportedBy']}, report {told['reportId']}"
        return None, f"The key {told['accessKeyId']} of {told['userName']} was reported compromised, and contained (by {by})."


class KeyExpires(_Stateless):
    """A key is about to expire or to come of age: its owner is reminded (G6)."""

    name = "key-expires"
    severity = Severity.MEDIUM

    def subject(self, seen: Sighting, known: Known) -> str:
        return str(seen.parameters.get("accessKeyId", "")) if seen.name == REMINDER and seen.by_service else ""

    def detail(self, seen: Sighting) -> str:
        return str(seen.parameters.get("days", ""))

    def examine(self, state: State | None, seen: Sighting, known: Known) -> Answer:
        told = {name: plain(str(seen.parameters.get(name, ""))) for name in ("accessKeyId", "userName", "owner", "expiresAt", "days")}
        whose = f"{told['userName']} (owner: {told['owner']})" if told["owner"] else told["userName"]
        soon, late = ("expires", "has expired") if seen.parameters.get("refused") else ("comes of age", "is older than it should be")
        how = f"{late}, since {told['expiresAt']}" if told["days"] == "0" else f"{soon} within {told['days']} days, at {told['expiresAt']}"
        return None, f"The key {told['accessKeyId']} of {whose} {how}. Rotate it."
