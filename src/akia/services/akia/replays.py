"""Replays: the requests of a period against a draft of a policy. They go on step by step, beside requests (`akia.jobs.run_replays`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from akia.aws.arn import Arn
from akia.aws.errors import ValidationError
from akia.aws.ids import new_guid
from akia.identity.group import Group
from akia.identity.replay import Replay, ReplayStatus
from akia.operation import Access, everything
from akia.services.akia._akia import (
    OUTCOMES,
    ConflictException,
    ResourceNotFoundException,
    ServiceQuotaExceededException,
    akia,
    change,
    checked_draft,
    cut,
    deciding,
    limit_of,
    milliseconds,
    position_of,
    reference_of,
    replaced_policy,
    target_of,
    utc,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from akia.identity.replay import ReplayResult
    from akia.operation import Context
    from akia.wire.shapes import akia as shapes

_BEHIND_ALL = "~"
"""Comes after every id."""


def _principal_arn(ctx: Context, request: shapes.StartReplayRequest) -> str:
    return request.get("PrincipalArn", "*")


def _replay_arn(ctx: Context, request: Mapping[str, Any]) -> str:
    return str(Arn("akia", "", ctx.account, f"replay/{request['ReplayId']}"))


@akia.operation("StartReplay", access=Access.WRITE, resource=_principal_arn)
def start_replay(ctx: Context, request: shapes.StartReplayRequest) -> shapes.StartReplayResponse:
    """The period ends now at the latest.

    Raises ResourceNotFoundException, ServiceQuotaExceededException, MalformedPolicyDocument, ValidationError.
    """
    document = checked_draft(ctx, request["PolicyDocument"])
    principal = target_of(ctx, request["PrincipalArn"]) if "PrincipalArn" in request else None
    if isinstance(principal, Group):
        raise ValidationError("PrincipalArn must be that of a user or role.")
    replaces = replaced_policy(ctx, request.get("Replaces"), principal)
    start_ms, end_ms = milliseconds(request["StartTime"]), ctx.now * 1000 + 999
    if "EndTime" in request:
        end_ms = min(end_ms, milliseconds(request["EndTime"]))
    if start_ms > end_ms:
        raise ValidationError("StartTime must be before EndTime, and in the past.")
    most = ctx.authority.quotas.replays_per_account
    if ctx.store.replays.count(ctx.account) >= most:
        raise ServiceQuotaExceededException(f"There are {most} replays already: delete some.")
    who = (str(principal.arn), principal.id) if principal is not None else ("", "")
    replay = Replay(new_guid(), ctx.account, ctx.now, document, replaces, *who, start_ms, end_ms)
    ctx.store.replays.add(replay)
    return {"ReplayId": replay.id}


@akia.operation("GetReplay", access=Access.READ, resource=_replay_arn)
def get_replay(ctx: Context, request: shapes.GetReplayRequest) -> shapes.GetReplayResponse:
    """Raises ResourceNotFoundException."""
    replay = _replay(ctx, request["ReplayId"])
    return {"Replay": {**_shown(replay), "PolicyDocument": replay.document}}


@akia.operation("ListReplays", access=Access.LIST, resource=everything)
def list_replays(ctx: Context, request: shapes.ListReplaysRequest) -> shapes.ListReplaysResponse:
    """Without their documents. Raises ValidationError (token)."""
    found = ctx.store.replays.newest(ctx.account, position_of(ctx, "replays", request) or _BEHIND_ALL, limit_of(request) + 1)
    page, more = cut(ctx, "replays", request, found, lambda replay: replay.id)
    return cast("shapes.ListReplaysResponse", {"Replays": [_shown(replay) for replay in page], **more})


@akia.operation("ListReplayResults", access=Access.READ, resource=_replay_arn)
def list_replay_results(ctx: Context, request: shapes.ListReplayResultsRequest) -> shapes.ListReplayResultsResponse:
    """The first MOST_RESULTS that were found; the counts of the replay go on. Raises ResourceNotFoundException, ValidationError (token)."""
    replay = _replay(ctx, request["ReplayId"])
    at_ms, event_id, place = position_of(ctx, "replay results", request) or (0, "", 0)
    found = ctx.store.replays.results(replay.id, OUTCOMES[request.get("Change")], (at_ms, event_id, place), limit_of(request) + 1)
    page, more = cut(ctx, "replay results", request, found, lambda result: (result.at_ms, result.event_id, result.place))
    return cast("shapes.ListReplayResultsResponse", {"Results": [_result(result) for result in page], **more})


@akia.operation("StopReplay", access=Access.WRITE, resource=_replay_arn)
def stop_replay(ctx: Context, request: shapes.StopReplayRequest) -> None:
    """Raises ResourceNotFoundException, ConflictException (it is over already)."""
    replay = _replay(ctx, request["ReplayId"])
    if replay.status != ReplayStatus.RUNNING:
        raise ConflictException(f"The replay {replay.id} is over already.")
    ctx.store.replays.end(replay, ReplayStatus.STOPPED, ctx.now)


@akia.operation("DeleteReplay", access=Access.WRITE, resource=_replay_arn)
def delete_replay(ctx: Context, request: shapes.DeleteReplayRequest) -> None:
    """Raises ResourceNotFoundException, ConflictException (it goes on)."""
    replay = _replay(ctx, request["ReplayId"])
    if replay.status == ReplayStatus.RUNNING:
        raise ConflictException(f"The replay {replay.id} goes on: stop it first.")
    ctx.store.replays.delete(replay.id)


def _replay(ctx: Context, replay_id: str) -> Replay:
    """One of the caller's account. Raises ResourceNotFoundException."""
    replay = ctx.store.replays.get(replay_id)
    if replay is None or replay.account != ctx.account:
        raise ResourceNotFoundException(f"There is no replay {replay_id}.")
    return replay


def _shown(replay: Replay) -> shapes.Replay:
    told: dict[str, Any] = {
        "ReplayId": replay.id,
        "Status": replay.status,
        "PercentComplete": replay.percent,
        "StartTime": utc(replay.start_ms),
        "EndTime": utc(replay.end_ms),
        "StartedAt": utc(replay.started * 1000),
        "EventCount": replay.total,
        "ExaminedEventCount": replay.examined,
        "DecisionCount": replay.decisions,
        "UnanswerableCount": replay.unanswerable,
        "OutdatedCount": replay.outdated,
        "NewlyAllowedCount": replay.newly_allowed,
        "NewlyDeniedCount": replay.newly_denied,
        **reference_of(replay.replaces),
    }
    if replay.principal:
        told["PrincipalArn"] = replay.principal
    if replay.ended:
        told["EndedAt"] = utc(replay.ended * 1000)
    return cast("shapes.Replay", told)


def _result(result: ReplayResult) -> shapes.ReplayResult:
    return {
        "EventId": result.event_id,
        "EventTime": utc(result.at_ms),
        "PrincipalArn": result.principal,
        "Action": result.action,
        "Resource": result.resource,
        "Change": change(result.drafted),
        "RecordedDecision": result.recorded,
        "CurrentDecision": result.current,
        "DraftDecision": result.drafted,
        "DecidingStatements": deciding(result.statements),
    }
