"""Changes of policies that give somebody more than before.

What a document allows is the policy engine's affair, which no other engine knows: the verdicts come in from a Judge. What stood there
before, the rule remembers from the events themselves.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from akia.alerts.finding import Severity
from akia.alerts.wording import call, plain, who

if TYPE_CHECKING:
    from akia.alerts.rule import Answer, State
    from akia.alerts.sighting import Known, Sighting

_LONGEST = 20_480
"""Characters of a document that is remembered. P5.4's quotas are below it."""
_HOLDERS = ("User", "Group", "Role")


class PolicyKind(StrEnum):
    IDENTITY = "identity"
    TRUST = "trust"


class Judge(Protocol):
    """Verdicts on documents. What cannot be judged is the worst that it can be. Whoever needs time to judge raises something of its own,
    and has the event looked at anew."""

    def widens(self, kind: PolicyKind, new: str, former: str) -> bool:
        """Whether `new` may allow what `former` does not."""

    def is_dangerous(self, kind: PolicyKind, new: str) -> bool:
        """Whether it gives, to whom had nothing, the power over permissions; of a trust policy: whether it lets in the world."""

    def denies(self, text: str) -> bool:
        """Whether it denies anything, so that its end gives something back."""


@dataclass(frozen=True, slots=True)
class Change:
    """`place` is where the document stands, `new` its text ("" if it goes; None if it is not changed, only put somewhere or taken away).
    `granted`: whether somebody has what it says from now on."""

    place: str
    kind: PolicyKind
    new: str | None
    granted: bool = True
    removed: bool = False


def policy_of(seen: Sighting) -> tuple[str, str] | None:
    """The managed policy (its ARN, and the version or "" for the default one) whose text the rule must be given for this event."""
    if seen.service != "iam" or seen.error_code:
        return None
    arn = _text(seen, "policyArn")
    if seen.name == "SetDefaultPolicyVersion":
        return arn, _text(seen, "versionId")
    moved = {f"{verb}{holder}Policy" for verb in ("Attach", "Detach") for holder in _HOLDERS}
    return (arn, "") if seen.name in moved and arn else None


class Widening:
    """A document is replaced by one that allows more; power over permissions is given; what denied or bounded somebody is taken away."""

    name = "access-widened"
    severity = Severity.MEDIUM
    remembers_seconds = 0
    heeds_repetition = False

    def __init__(self, judge: Judge) -> None:
        self._judge = judge

    def subject(self, seen: Sighting, known: Known) -> str:
        change = _change(seen, known)
        return f"{seen.account}:{change.place}" if change is not None else ""

    def detail(self, seen: Sighting) -> str:
        return seen.name

    def examine(self, state: State | None, seen: Sighting, known: Known) -> Answer:
        change = _change(seen, known)
        assert change is not None  # else there is no subject
        former: str | None = state["document"] if state else None
        why = self._why(change, former, known)
        after = {"document": change.new} if change.new and len(change.new) <= _LONGEST else None
        return (state if change.new is None else after), f"{who(seen)} {why}: {call(seen)} on {plain(change.place)}." if why else None

    def _why(self, change: Change, former: str | None, known: Known) -> str:
        text = known.document if change.new is None else change.new
        if change.removed:
            gone = known.document if change.new is None else former
            bounded = change.place.startswith("boundary ")
            return "has taken away what limited somebody" if bounded or (gone and self._judge.denies(gone)) else ""
        if not text or not change.granted:
            return ""
        if former is not None and change.new is not None:
            return "has widened a policy" if self._judge.widens(change.kind, text, former) else ""
        if not self._judge.is_dangerous(change.kind, text):
            return ""
        return "has let in the world" if change.kind is PolicyKind.TRUST else "has given power over permissions"


def _change(seen: Sighting, known: Known) -> Change | None:
    if seen.service != "iam" or seen.error_code or seen.by_service:
        return None
    return _of_inline(seen) or _of_managed(seen, known) or _of_role(seen) or _of_boundary(seen)


def _of_inline(seen: Sighting) -> Change | None:
    for holder in _HOLDERS:
        place = f"inline policy {_text(seen, 'policyName')} of {holder.lower()} {_text(seen, f'{holder.lower()}Name')}"
        if seen.name == f"Put{holder}Policy":
            return Change(place, PolicyKind.IDENTITY, _text(seen, "policyDocument"))
        if seen.name == f"Delete{holder}Policy":
            return Change(place, PolicyKind.IDENTITY, "", removed=True)
        if seen.name in (f"Attach{holder}Policy", f"Detach{holder}Policy"):
            place = f"{holder.lower()} {_text(seen, f'{holder.lower()}Name')} with {_text(seen, 'policyArn')}"
            return Change(place, PolicyKind.IDENTITY, None, removed=seen.name.startswith("Detach"))
    return None


def _of_managed(seen: Sighting, known: Known) -> Change | None:
    made = seen.response.get("policy")
    arn = _text(seen, "policyArn") or (str(made.get("arn", "")) if isinstance(made, dict) else "")
    match seen.name:
        case "CreatePolicy":
            return Change(arn, PolicyKind.IDENTITY, _text(seen, "policyDocument"), granted=False)
        case "CreatePolicyVersion" if seen.parameters.get("setAsDefault") is True:
            return Change(arn, PolicyKind.IDENTITY, _text(seen, "policyDocument"))
        case "SetDefaultPolicyVersion" if known.document:
            return Change(arn, PolicyKind.IDENTITY, known.document)
        case "DeletePolicy":
            return Change(arn, PolicyKind.IDENTITY, "", granted=False)
    return None


def _of_role(seen: Sighting) -> Change | None:
    place = f"trust policy of role {_text(seen, 'roleName')}"
    match seen.name:
        case "CreateRole":
            return Change(place, PolicyKind.TRUST, _text(seen, "assumeRolePolicyDocument"))
        case "UpdateAssumeRolePolicy":
            return Change(place, PolicyKind.TRUST, _text(seen, "policyDocument"))
        case "DeleteRole":
            return Change(place, PolicyKind.TRUST, "", granted=False)
    return None


def _of_boundary(seen: Sighting) -> Change | None:
    for holder in ("User", "Role"):
        if seen.name == f"Delete{holder}PermissionsBoundary":
            return Change(f"boundary of {holder.lower()} {_text(seen, f'{holder.lower()}Name')}", PolicyKind.IDENTITY, None, removed=True)
    return None


def _text(seen: Sighting, name: str) -> str:
    value = seen.parameters.get(name)
    return value if isinstance(value, str) else ""
