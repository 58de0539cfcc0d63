"""What is remembered of a unit of work: one event, with the decision record beside it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import orjson

from akia.authority.explanation import explanation
from akia.authority.limits import place_of
from akia.aws.arn import Arn
from akia.aws.errors import AccessDenied, InactiveKey, InvalidIdentityToken, ServiceUnavailable, SignatureDoesNotMatch
from akia.aws.ids import new_guid
from akia.aws.regions import GLOBAL_REGION
from akia.identity.principal import FederatedIdentity, FederatedUser, FederationKind, IamUser, RoleSession, Root
from akia.pipeline.throttle import limits_noted, named
from akia.store.trail.event_row import EventRow
from akia.throttle import Exceeded
from akia.trail.event import Happening, event_region, event_source, written
from akia.trail.redaction import redacted
from akia.trail.unverified import MOST_SOURCES, Surplus, UnverifiedCallers
from akia.trail.user_identity import another_account, timestamp, unknown

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from akia.authority.authority import Authority
    from akia.authority.draft import ShadowVerdict
    from akia.authority.judgement import Judgement
    from akia.aws.errors import AwsError
    from akia.identity.principal import Principal
    from akia.pipeline.unit import Unit

_SILENT_WHEN_DENIED = frozenset({"iam", "sts", "organizations"})
"""Services whose denials are recorded without parameters (AC3.2)."""
_TOLD_TO_THE_RECORD_ONLY = (SignatureDoesNotMatch, InvalidIdentityToken)
"""Errors whose detail is for the record, in place of what the client was told."""
_TOLD_BY_STS = frozenset({"AWS::IAM::Role", "AWS::IAM::SAMLProvider"})
_UNKNOWN = "UnknownOperation"


class Recorder:
    """Makes events. `account` is where calls are filed whose sender belongs to nobody known."""

    def __init__(self, authority: Authority, account: str) -> None:
        self._authority = authority
        self._account = account
        self._unverified = UnverifiedCallers()
        self._untold: list[EventRow] = []
        self.made = 0
        """How many events this recorder has made."""

    def events(self, unit: Unit, ended: float) -> list[EventRow]:
        """The event of a finished unit; with a copy for the other account, if a role of that was taken (AC1.1 `sharedEventID`).

        None at all if its sender is one of too many that never verified, and is only counted.
        """
        caller = unit.caller
        account = caller.account if caller is not None else self._owner_account(unit)
        if account is None and not self._deserves_event(unit, ended):
            return []
        happening = self._happening(unit, account or self._account, ended)
        other = _other_account(unit)
        self.made += 1 if other is None else 2
        if other is None:
            return [self._row(unit, happening, ended)]
        happening.shared_event_id = new_guid()
        return [self._row(unit, happening, ended), self._copy(unit, happening, other, ended)]

    def _copy(self, unit: Unit, happening: Happening, account: str, ended: float) -> EventRow:
        """What the account that owns the role is told: who came from where, not by which key (AC2.5)."""
        assert unit.caller is not None
        identity = another_account(id=unit.caller.standing.unique_id, account=unit.caller.account)
        told = replace(happening, event_id=new_guid(), account=account, identity=identity)
        return self._row(unit, told, ended)._replace(username="", access_key_id="", decision="[]")

    def _row(self, unit: Unit, happening: Happening, ended: float) -> EventRow:
        caller = unit.caller
        return EventRow(
            event_id=happening.event_id,
            request_id=happening.request_id,
            account=happening.account,
            at_ms=int(ended * 1000),
            name=happening.operation,
            source=event_source(happening.service),
            username=_username(caller.principal) if caller is not None else "",
            access_key_id=caller.access_key_id if caller is not None else _claimed_key(unit),
            verified=caller is not None,
            read_only=happening.read_only,
            error_code=happening.error_code or "",
            region=event_region(happening.service, happening.region),
            record=written(happening),
            decision=_decision(unit),
            resources=tuple(_event_resources(unit)),
        )

    def forget_unverified(self) -> None:
        """Start counting unverified calls anew. A throw-away akia's reset does this."""
        self._unverified = UnverifiedCallers()
        self._untold.clear()

    def surplus(self, now: float) -> list[EventRow]:
        """One event for each source whose unverified calls were only counted, for the minutes that are over; until they are in the store
        (`surplus_told`)."""
        self._untold += [self._summary(surplus, now) for surplus in self._unverified.finished(now)]
        del self._untold[:-MOST_SOURCES]  # a store that cannot be written costs no more memory than a minute does
        return self._untold[:]

    def surplus_told(self) -> None:
        """What `surplus` has answered last is in the store."""
        self._untold.clear()

    def _deserves_event(self, unit: Unit, ended: float) -> bool:
        code = unit.error.code if unit.error is not None else ""
        address = unit.request.facts.source_ip
        return self._unverified.deserves_event(place_of(address) if address else "", code, ended)

    def _happening(self, unit: Unit, account: str, ended: float) -> Happening:
        facts, call, caller = unit.request.facts, unit.call, unit.caller
        service = call.routed.operation.signing_name if call is not None else _claimed_service(unit)
        parameters, response = _elements(unit)
        code, message = _refusal(unit)
        return Happening(
            event_id=new_guid(),
            request_id=facts.request_id,
            ended=ended,
            service=service,
            operation=call.operation.name if call is not None else _UNKNOWN,
            identity=caller.standing.identity if caller is not None else unknown(_claimed_key(unit)),
            account=account,
            source_ip=facts.source_ip,
            user_agent=facts.user_agent,
            region=facts.region,
            read_only=call.operation.read_only_event if call is not None else False,
            parameters=parameters,
            response=response,
            error_code=code,
            error_message=message,
            resources=tuple(_told_resources(unit)),
            additional=_additional(unit),
            tls={"tlsVersion": facts.tls_version, "clientProvidedHostHeader": facts.host} if facts.tls_version else None,
        )

    def _owner_account(self, unit: Unit) -> str | None:
        """The owner of the key that an unverified call named, if there is one: its refusal is filed there (NT-92: for the record only).

        A store that cannot be read is no reason to lose the event.
        """
        try:
            return self._authority.owner_account(_claimed_key(unit))
        except ServiceUnavailable:
            return None

    def _summary(self, surplus: Surplus, now: float) -> EventRow:
        """The event that stands for many refusals of one source in one minute."""
        event_id = new_guid()
        happening = Happening(
            event_id=event_id,
            request_id=event_id,
            ended=now,
            service="akia",
            operation="UnverifiedCalls",
            identity=unknown(""),
            account=self._account,
            source_ip=surplus.source,
            user_agent="",
            region="",
            read_only=True,
            additional={"minute": timestamp(surplus.minute), "refusals": surplus.counts},
        )
        text = written(happening)
        source, region = event_source("akia"), event_region("akia", "")
        return EventRow(
            event_id, event_id, self._account, int(now * 1000), "UnverifiedCalls", source, "", "", False, True, "", region, text, "{}"
        )


def _elements(unit: Unit) -> tuple[Mapping[str, Any] | None, Mapping[str, Any] | None]:
    """`requestParameters` and `responseElements`, redacted (AC3)."""
    call = unit.call
    if call is None or unit.params is None:
        return None, None
    operation = call.routed.operation
    silent = isinstance(unit.error, AccessDenied) and call.operation.service in _SILENT_WHEN_DENIED
    parameters = None if silent or not unit.params else redacted({**operation.event_input(unit.params), **_proven(unit)})
    told = unit.result and (not call.operation.read_only_event or "Credentials" in unit.result)  # AC1.1: changes, and STS's credentials
    return parameters, redacted(operation.event_output(unit.result)) if told and unit.result else None


def _proven(unit: Unit) -> Mapping[str, Any]:
    """What a proof has asked for in place of parameters, by CloudTrail's names (AC3.1 row e). The proof itself is redacted."""
    principal = unit.caller.principal if unit.caller is not None else None
    if not isinstance(principal, FederatedIdentity):
        return {}
    asked = {
        "sAMLAssertionID": principal.proof_id if principal.kind is FederationKind.SAML else None,
        "roleSessionName": principal.session_name,
        "sourceIdentity": principal.source_identity,
        "principalTags": dict(principal.session_tags),
        "transitiveTagKeys": sorted(principal.transitive),
    }
    return {name: value for name, value in asked.items() if value}


def _refusal(unit: Unit) -> tuple[str | None, str | None]:
    """`errorCode` as the client saw it (W7.12), and the message to keep: without a canonical request, which may hold a session token
    (SV6-3); with the reason why an identity token proves nothing, which its bearer is not told (NT-22)."""
    error: AwsError | None = unit.error
    if error is None:
        return None, None
    kept = error.detail if isinstance(error, _TOLD_TO_THE_RECORD_ONLY) and error.detail else error.message
    return error.seen_through(unit.refuser.family)[0], kept


def _decision(unit: Unit) -> str:
    if not unit.judged:
        return "[]"
    decided = [_decided(judgement) for judgement in unit.judged]
    if isinstance(unit.limits, Exceeded):  # policies allowed it, and a limit did not: whoever asks why is told (G3)
        decided[-1] = {**decided[-1], "limit": named(unit.limits.claim)}
    return orjson.dumps(decided).decode()


def _decided(judgement: Judgement) -> Mapping[str, Any]:
    """The decision record; of a denial, with what explains it (AC13.5)."""
    record = judgement.to_record() if judgement.decision.allowed else {**judgement.to_record(), **explanation(judgement)}
    return {**record, "shadows": list(map(_shadow, judgement.shadowed))} if judgement.shadowed else record


def _shadow(verdict: ShadowVerdict) -> tuple[str, str, list[tuple[str, str | None, int]]]:
    """What a shadow policy would have decided: its id, the outcome, the statements that decide."""
    return verdict.id, verdict.decision.outcome.value, [(name, sid, position) for name, sid, position in verdict.decision.determining]


def _event_resources(unit: Unit) -> Iterable[tuple[str, str]]:
    call = unit.call
    if call is None or unit.params is None or call.operation.event_resources is None:
        return ()
    return call.operation.event_resources(unit.params, unit.result)


def _told_resources(unit: Unit) -> Iterable[Mapping[str, str]]:
    """The record's `resources`: STS names the role, and who has spoken for its taker (AC1.1)."""
    if unit.call is None or unit.call.operation.service != "sts" or unit.result is None:
        return
    for kind, name in _event_resources(unit):
        if kind in _TOLD_BY_STS:
            yield {"accountId": Arn.parse(name).account, "type": kind, "ARN": name}


def _additional(unit: Unit) -> Mapping[str, Any] | None:
    """`additionalEventData`: of STS where it was asked (AC5.2), of a denial by policy the id that it is explained by (AC13.5), of a
    limit which one it is; that an inactive key has made the signature."""
    told: dict[str, Any] = {}
    if unit.call is not None and unit.call.operation.service == "sts":
        told["RequestDetails"] = {"endpointType": "global", "awsServingRegion": unit.request.facts.region or GLOBAL_REGION}
    if isinstance(unit.error, AccessDenied) and unit.judged and not unit.judged[-1].decision.allowed:
        told["authorizationId"] = unit.request.facts.request_id.replace("-", "")
    if unit.limits:
        told |= limits_noted(unit)
    if isinstance(unit.error, InactiveKey):
        told["inactiveKey"] = True
    return told or None


def _other_account(unit: Unit) -> str | None:
    """The account whose role was taken, if it is not the caller's own."""
    if unit.caller is None or unit.error is not None or not unit.judged:
        return None
    owner = unit.judged[0].context.resource_account
    return owner if owner != unit.caller.account else None


def _username(principal: Principal) -> str:
    """LookupEvents' `Username` (AC6.3)."""
    match principal:
        case Root():
            return "root"
        case IamUser(user=user):
            return user.name
        case FederatedIdentity(subject=subject):
            return subject
        case RoleSession(name=name) | FederatedUser(name=name):
            return name


def _claimed_key(unit: Unit) -> str:
    return (unit.claimed.access_key_id or "") if unit.claimed is not None else ""


def _claimed_service(unit: Unit) -> str:
    service = unit.claimed.service if unit.claimed is not None else ""
    return service if service.replace("-", "").isalnum() and service.isascii() and len(service) <= 64 else "unknown"
