"""What users, groups, roles and policies were last used for: from akia's own events.

A job is a question with a time. It is answered when the answer is read, from the decisions up to that time: events never change, so the
answer is always the same, and asking costs nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, cast

import orjson

from akia.aws import catalogue
from akia.aws.errors import InvalidInput, NoSuchEntity
from akia.aws.ids import new_guid
from akia.identity.analysis_job import AnalysisJob, AnalysisKind
from akia.identity.role import TRACKED_SECONDS, Role
from akia.operation import Access, Context, everything
from akia.policy.access import Reach
from akia.services.iam import pages
from akia.services.iam._iam import iam, utc
from akia.services.iam.service_access import Holder, documents_of, holder_named, holders_below

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from akia.identity.user import User
    from akia.store.trail.evidence import Use
    from akia.wire.shapes import iam as shapes


def _arn(ctx: Context, request: Mapping[str, Any]) -> str:
    return str(request["Arn"])


@iam.operation("GenerateServiceLastAccessedDetails", access=Access.READ, resource=_arn, writes=True)
def generate_service_last_accessed_details(
    ctx: Context, request: shapes.GenerateServiceLastAccessedDetailsRequest
) -> shapes.GenerateServiceLastAccessedDetailsResponse:
    """For a user, group, role or managed policy. Raises NoSuchEntity, InvalidInput (an ARN of something else)."""
    holder_named(ctx, request["Arn"])
    details = orjson.dumps({"granularity": request.get("Granularity", "SERVICE_LEVEL")}).decode()
    job_id = new_guid()
    job = AnalysisJob(job_id, ctx.account, AnalysisKind.LAST_ACCESSED, request["Arn"], ctx.now, job_id, details)
    ctx.store.analysis_jobs.add(job)
    return {"JobId": job.id}


@iam.operation("GetServiceLastAccessedDetails", access=Access.READ, resource=everything)
def get_service_last_accessed_details(
    ctx: Context, request: shapes.GetServiceLastAccessedDetailsRequest
) -> shapes.GetServiceLastAccessedDetailsResponse:
    """Every service that the policies allow anything of, and when it was last asked for anything, allowed or not.

    Raises NoSuchEntity, ValidationError (marker).
    """
    job = _job(ctx, request["JobId"])
    window = pages.window(request, "services")
    granularity = orjson.loads(job.details)["granularity"]
    history, reach = _history(ctx, job), Reach(documents_of(ctx, holder_named(ctx, job.subject)))
    shown, end = window.slice(reach.services())
    services = [_service(prefix, history, reach if granularity == "ACTION_LEVEL" else None) for prefix in shown]
    return cast(
        "shapes.GetServiceLastAccessedDetailsResponse", {**_completed(job), "JobType": granularity, "ServicesLastAccessed": services, **end}
    )


@iam.operation("GetServiceLastAccessedDetailsWithEntities", access=Access.READ, resource=everything)
def get_service_last_accessed_details_with_entities(
    ctx: Context, request: shapes.GetServiceLastAccessedDetailsWithEntitiesRequest
) -> shapes.GetServiceLastAccessedDetailsWithEntitiesResponse:
    """The users and roles below the job's group or policy (or itself) that can reach the service, the latest to ask for it first.

    Raises NoSuchEntity, InvalidInput, ValidationError (marker).
    """
    job, prefix = _job(ctx, request["JobId"]), request["ServiceNamespace"]
    if not catalogue.is_service_prefix(prefix):
        raise InvalidInput(f"Invalid service namespace: {prefix}")
    window = pages.window(request, "entities")
    latest = [(record.entity, record.latest(prefix)) for record in _history(ctx, job)]
    latest.sort(key=lambda pair: pair[1].last_ms if pair[1] else 0, reverse=True)
    shown, end = window.slice([_entity(entity, use) for entity, use in latest])
    return cast("shapes.GetServiceLastAccessedDetailsWithEntitiesResponse", {**_completed(job), "EntityDetailsList": shown, **end})


def _job(ctx: Context, job_id: str) -> AnalysisJob:
    job = ctx.store.analysis_jobs.get(job_id)
    if job is None or job.account != ctx.account or job.kind is not AnalysisKind.LAST_ACCESSED:
        raise NoSuchEntity(f"Job {job_id} for account {ctx.account} cannot be found.")
    return job


def _completed(job: AnalysisJob) -> dict[str, object]:
    return {"JobStatus": "COMPLETED", "JobCreationDate": utc(job.started), "JobCompletionDate": utc(job.started)}


class Record(NamedTuple):
    """What a user or role has asked for."""

    entity: User | Role
    uses: list[Use]

    def latest(self, prefix: str) -> Use | None:
        """Its latest use of the service."""
        return max((use for use in self.uses if use.action.partition(":")[0] == prefix), key=lambda use: use.last_ms, default=None)


def _history(ctx: Context, job: AnalysisJob) -> list[Record]:
    """Of every user and role that the job is about, up to the time when it was asked."""
    ctx.authority.drain_journals()
    holder: Holder = holder_named(ctx, job.subject)
    since, until = (job.started - TRACKED_SECONDS) * 1000, job.started * 1000 + 999
    uses = ctx.store.evidence.uses
    return [
        Record(entity, uses(ctx.account, entity.id, since, until, sessions=isinstance(entity, Role)))
        for entity in holders_below(ctx, holder)
    ]


def _service(prefix: str, history: Iterable[Record], reach: Reach | None) -> dict[str, object]:
    facts = catalogue.service(prefix)
    used = [(use, record.entity) for record in history if (use := record.latest(prefix)) is not None]
    told: dict[str, object] = {"ServiceName": facts.title if facts else prefix, "ServiceNamespace": prefix}
    told["TotalAuthenticatedEntities"] = len(used)
    if used:
        use, entity = max(used, key=lambda pair: pair[0].last_ms)
        told |= {"LastAuthenticated": utc(use.last_ms // 1000), "LastAuthenticatedEntity": str(entity.arn)}
        told["LastAuthenticatedRegion"] = use.region
    if reach is not None:
        told["TrackedActionsLastAccessed"] = [_action(action, history) for action in reach.actions(prefix)]
    return told


def _action(action: str, history: Iterable[Record]) -> dict[str, object]:
    used = [(use, record.entity) for record in history for use in record.uses if use.action == action]
    told: dict[str, object] = {"ActionName": action.partition(":")[2]}
    if used:
        use, entity = max(used, key=lambda pair: pair[0].last_ms)
        told |= {"LastAccessedTime": utc(use.last_ms // 1000), "LastAccessedEntity": str(entity.arn), "LastAccessedRegion": use.region}
    return told


def _entity(entity: User | Role, use: Use | None) -> dict[str, object]:
    kind = "ROLE" if isinstance(entity, Role) else "USER"
    info = {"Arn": str(entity.arn), "Name": entity.name, "Type": kind, "Id": entity.id, "Path": entity.path}
    return {"EntityInfo": info} | ({"LastAuthenticated": utc(use.last_ms // 1000)} if use else {})
