"""One step of a replay: some recorded requests, decided once more by the engine that enforces (NT-96)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from akia.authority.draft import Draft
from akia.aws.arn import Arn
from akia.aws.ids import Prefix
from akia.identity.principal import IamUser, RoleSession, Root
from akia.identity.replay import ReplayResult
from akia.identity.session import SessionFacts
from akia.operation import ResourcePolicy
from akia.policy import Kind, PolicySet
from akia.policy import compile as compiled

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from akia.authority.authority import Authority
    from akia.authority.draft import Trial
    from akia.authority.standing import Standing
    from akia.identity.principal import Principal
    from akia.identity.replay import Replay
    from akia.jobs.recorded_request import RecordedRequest
    from akia.policy import Compiled, Decision
    from akia.store.store import Store

    InForce = tuple[Standing, Trial | None]

DRAFT = "draft"
"""What decisions call the document that is tried."""
_ALLOWED = "allowed"
_TRUST_ACTIONS = frozenset({"sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"})


class Unanswerable(Exception):
    """A recorded request that cannot be decided once more: who or what it was about is gone, or another account had a say in it."""


@dataclass(slots=True)
class Tally:
    """What a step has found."""

    decisions: int = 0
    unanswerable: int = 0
    outdated: int = 0
    newly_allowed: int = 0
    newly_denied: int = 0


class Replaying:
    """Decides for one replay, from one state of the store: make a new one for each step."""

    def __init__(self, authority: Authority, replay: Replay) -> None:
        self._authority = authority
        self._replay = replay
        self._draft = Draft(DRAFT, replay.document, replay.replaces)
        self._known: dict[tuple[str, str], InForce | None] = {}
        self.tally = Tally()

    def results(self, requests: Iterable[RecordedRequest]) -> list[ReplayResult]:
        """Those of `requests` that the draft would change; all of them are counted in `tally`."""
        return [result for request in requests if (result := self._result(request)) is not None]

    def _result(self, request: RecordedRequest) -> ReplayResult | None:
        tally = self.tally
        try:
            current, drafted = self._decisions(request)
        except Unanswerable:
            tally.unanswerable += 1
            return None
        tally.decisions += 1
        tally.outdated += current.allowed is not (request.outcome == _ALLOWED)
        if current.allowed is drafted.allowed:
            return None
        tally.newly_allowed += drafted.allowed
        tally.newly_denied += not drafted.allowed
        return ReplayResult(
            self._replay.id,
            request.at_ms,
            request.event_id,
            request.place,
            request.principal_arn,
            request.required.action,
            request.required.resource,
            request.outcome,
            current.outcome.value,
            drafted.outcome.value,
            tuple((name, sid, position) for name, sid, position in drafted.determining),
        )

    def _decisions(self, request: RecordedRequest) -> tuple[Decision, Decision]:
        """Without the draft and with it. Raises Unanswerable."""
        standing, trial = self._in_force(request)
        question = request.required, request.context, request.owner, self._resource_layer(request)
        current = self._authority.reconsider(standing, *question)
        if trial is None or not trial.concerns(request.required.action.lower()):
            return current, current
        return current, self._authority.reconsider(replace(standing, policies=trial.among(standing.policies)), *question)

    def _in_force(self, request: RecordedRequest) -> InForce:
        """What is in force now for whoever asked then, and the trial of the draft in it. Raises Unanswerable."""
        key = request.principal, request.delegate
        if key not in self._known:
            self._known[key] = self._load(request)
        found = self._known[key]
        if found is None:
            raise Unanswerable
        if not request.session:
            return found
        documents = [document for name, text in request.session for document in self._session_policy(name, text)]
        standing = replace(found[0], policies=found[0].policies._replace(session=PolicySet(documents)))
        return standing, self._authority.try_draft(self._draft, standing)

    def _load(self, request: RecordedRequest) -> InForce | None:
        principal = _principal(request, self._authority.store)
        if principal is None:
            return None
        standing = self._authority.standing(principal, self._authority.store)
        return standing, self._authority.try_draft(self._draft, standing)

    def _session_policy(self, name: str, text: str | None) -> Iterator[Compiled]:
        """A session policy of then: a managed one as it is now, none if it is gone (P1.7-8)."""
        if name.startswith("arn:"):
            managed = self._authority.store.principals.managed(name, "session")
            text = managed.document if managed is not None else None
        if text is not None:
            yield compiled(text, Kind.SESSION, policy=name)

    def _resource_layer(self, request: RecordedRequest) -> ResourcePolicy | None:
        """The resource's own policy as it is now: the trust policy of a role (P1.3-6). Raises Unanswerable."""
        required = request.required
        if required.action not in _TRUST_ACTIONS:
            if request.owner != _account_of(request):
                raise Unanswerable
            return None
        role = self._authority.store.roles.named(request.owner, required.resource.rpartition("/")[2])
        if role is None or str(role.arn) != required.resource:
            raise Unanswerable
        return ResourcePolicy(role.trust, Kind.TRUST, role.account, mandatory=True)


def _account_of(request: RecordedRequest) -> str:
    return Arn.parse(request.principal_arn).account


def _principal(request: RecordedRequest, store: Store) -> Principal | None:
    """Whoever asked, by unique id: a later namesake is somebody else (NT-36)."""
    owner, _, name = request.principal.partition(":")
    at = request.at_ms // 1000
    session = SessionFacts(DRAFT, at, at, delegate=request.delegate)
    if owner.startswith(Prefix.ROLE):
        role = store.roles.with_id(owner)
        return RoleSession(role, name, session) if role is not None else None
    if owner.startswith(Prefix.USER):
        user = store.users.with_id(owner)
        return IamUser(user, session if request.delegate else None) if user is not None else None
    return Root(owner, session if request.delegate else None)
