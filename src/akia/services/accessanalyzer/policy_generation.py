"""Policies generated from what a user or role has really done: from akia's own decisions, resources included.

A job is a question with a time. It is answered when the answer is read, from the events up to that time, which never change.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

import orjson

from akia.aws.arn import Arn
from akia.aws.errors import ValidationError
from akia.aws.ids import new_guid
from akia.identity.analysis_job import AnalysisJob, AnalysisKind
from akia.identity.role import Role
from akia.operation import Access, Context, Required, everything
from akia.services.accessanalyzer._accessanalyzer import ConflictException, accessanalyzer, page
from akia.services.accessanalyzer.least_privilege import least_privilege
from akia.store.trail.evidence import EVENTS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from akia.identity.user import User
    from akia.wire.shapes import accessanalyzer as shapes

DEFAULT_SECONDS = 90 * 86_400
"""How far back is looked if no period is given."""


def _pass_role(ctx: Context, request: Mapping[str, Any]) -> Iterator[Required]:
    """Who names a role for the job hands it over (P2.1-6)."""
    details = request.get("cloudTrailDetails")
    if details:
        yield Required("iam:PassRole", details["accessRole"], {"iam:passedtoservice": "access-analyzer.amazonaws.com"})


@accessanalyzer.operation("StartPolicyGeneration", access=Access.WRITE, resource=everything, also=_pass_role)
def start_policy_generation(ctx: Context, request: shapes.StartPolicyGenerationRequest) -> shapes.StartPolicyGenerationResponse:
    """For a user or role of the account; `cloudTrailDetails` gives the period. The same token again gets the same job.

    Raises ValidationException (no such user or role, a period that ends before it starts), ConflictException (the token was given for
    something else).
    """
    subject = request["policyGenerationDetails"]["principalArn"]
    _entity(ctx, subject)
    details = orjson.dumps(_period(ctx, request)).decode()
    job_id = new_guid()
    token = request.get("clientToken") or job_id
    known = ctx.store.analysis_jobs.with_token(ctx.account, AnalysisKind.POLICY_GENERATION, token)
    if known is None:
        ctx.store.analysis_jobs.add(AnalysisJob(job_id, ctx.account, AnalysisKind.POLICY_GENERATION, subject, ctx.now, token, details))
        return {"jobId": job_id}
    if known.subject != subject:
        raise ConflictException("The clientToken was used for another policy generation.")
    return {"jobId": known.id}


def _period(ctx: Context, request: shapes.StartPolicyGenerationRequest) -> dict[str, Any]:
    trails = request.get("cloudTrailDetails")
    if trails is None:
        return {"start": ctx.now - DEFAULT_SECONDS, "end": ctx.now, "trails": None}
    start, end = int(trails["startTime"].timestamp()), ctx.now
    if "endTime" in trails:
        end = min(end, int(trails["endTime"].timestamp()))
    if start > end:
        raise ValidationError("The startTime must be before the endTime, and not in the future.")
    return {"start": start, "end": end, "trails": trails["trails"]}


def _entity(ctx: Context, arn: str) -> User | Role:
    """The user or role of the caller's account. Raises ValidationError."""
    parsed = Arn.parse(arn)
    name = parsed.resource.rpartition("/")[2]
    find = ctx.store.users.named if parsed.resource.startswith("user/") else ctx.store.roles.named
    found = find(ctx.account, name) if parsed.account == ctx.account else None
    if found is None or str(found.arn) != arn:
        raise ValidationError(f"The principal {arn} does not exist in this account.")
    return found


@accessanalyzer.operation("GetGeneratedPolicy", access=Access.READ, resource=everything)
def get_generated_policy(ctx: Context, request: shapes.GetGeneratedPolicyRequest) -> shapes.GetGeneratedPolicyResponse:
    """The policy that would have allowed what was allowed. With `includeResourcePlaceholders` it names the forms of the resources and
    not the ones that were used. Raises ValidationException (no such job)."""
    job = _job(ctx, request["jobId"])
    period = orjson.loads(job.details)
    properties: dict[str, Any] = {"principalArn": job.subject, "isComplete": True}
    if period["trails"] is not None:
        times = {"startTime": _time(period["start"]), "endTime": _time(period["end"])}
        properties["cloudTrailProperties"] = {"trailProperties": period["trails"], **times}
    result: dict[str, Any] = {"properties": properties}
    if not job.canceled:
        ctx.authority.drain_journals()
        entity = _entity(ctx, job.subject)
        since, until = period["start"] * 1000, period["end"] * 1000 + 999
        uses = ctx.store.evidence.uses(ctx.account, entity.id, since, until, sessions=isinstance(entity, Role))
        properties["isComplete"] = (
            ctx.store.evidence.count(ctx.account, entity.id, since, until, sessions=isinstance(entity, Role)) <= EVENTS
        )
        policy = least_privilege(uses, placeholders=request.get("includeResourcePlaceholders", False))
        result["generatedPolicies"] = [{"policy": policy}] if policy else []
    return cast("shapes.GetGeneratedPolicyResponse", {"jobDetails": _details(job), "generatedPolicyResult": result})


@accessanalyzer.operation("ListPolicyGenerations", access=Access.READ, resource=everything)
def list_policy_generations(ctx: Context, request: shapes.ListPolicyGenerationsRequest) -> shapes.ListPolicyGenerationsResponse:
    """The account's jobs, newest first. Raises ValidationException (token)."""
    subject = request.get("principalArn")
    jobs = [job for job in ctx.store.analysis_jobs.all(ctx.account, AnalysisKind.POLICY_GENERATION) if subject in (None, job.subject)]
    shown, more = page(ctx, "generations", request, jobs)
    listed = [{**_details(job), "principalArn": job.subject} for job in shown]
    return cast("shapes.ListPolicyGenerationsResponse", {"policyGenerations": listed, **more})


@accessanalyzer.operation("CancelPolicyGeneration", access=Access.WRITE, resource=everything)
def cancel_policy_generation(ctx: Context, request: shapes.CancelPolicyGenerationRequest) -> None:
    """The job has no answer from now on. Raises ValidationException (no such job)."""
    ctx.store.analysis_jobs.cancel(_job(ctx, request["jobId"]).id)


def _job(ctx: Context, job_id: str) -> AnalysisJob:
    job = ctx.store.analysis_jobs.get(job_id)
    if job is None or job.account != ctx.account or job.kind is not AnalysisKind.POLICY_GENERATION:
        raise ValidationError(f"The job {job_id} does not exist.")
    return job


def _details(job: AnalysisJob) -> dict[str, Any]:
    status = "CANCELED" if job.canceled else "SUCCEEDED"
    return {"jobId": job.id, "status": status, "startedOn": _time(job.started), "completedOn": _time(job.started)}


def _time(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
