"""What the accounts of an organization were last used for, and what its service control policies would let them be used for.

As with the last uses of users and roles, a job is a question with a time: it is answered from the events up to then whenever it is read.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

import orjson

from akia.aws import catalogue
from akia.aws.errors import AccessDenied, NoSuchEntity, ReportGenerationLimitExceeded
from akia.aws.ids import new_guid
from akia.identity.analysis_job import AnalysisJob, AnalysisKind
from akia.identity.role import TRACKED_SECONDS
from akia.operation import Access, Context
from akia.operation import everything as any_resource
from akia.services.iam import pages
from akia.services.iam._iam import iam, iam_arn, utc
from akia.services.iam.organization_entities import CannotReport, Entity, accounts_below, dependent_permissions, entity_at
from akia.services.iam.organization_reach import services_allowed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from akia.operation import Conditions
    from akia.store.trail.evidence import ServiceUse
    from akia.wire.shapes import iam as shapes

HOUR = 3_600
NAMESPACE_ASCENDING, NAMESPACE_DESCENDING = "SERVICE_NAMESPACE_ASCENDING", "SERVICE_NAMESPACE_DESCENDING"
TIME_ASCENDING, TIME_DESCENDING = "LAST_AUTHENTICATED_TIME_ASCENDING", "LAST_AUTHENTICATED_TIME_DESCENDING"


def _arn(ctx: Context, request: Mapping[str, Any]) -> str:
    return iam_arn(ctx, f"access-report/{request['EntityPath']}")


def _policy(ctx: Context, request: Mapping[str, Any]) -> Conditions:
    policy_id = request.get("OrganizationsPolicyId")
    return {"iam:organizationspolicyid": policy_id} if policy_id else {}


@iam.operation("GenerateOrganizationsAccessReport", access=Access.READ, resource=_arn, conditions=_policy, writes=True)
def generate_organizations_access_report(
    ctx: Context, request: shapes.GenerateOrganizationsAccessReportRequest
) -> shapes.GenerateOrganizationsAccessReportResponse:
    """For the management account; whether there is such an entity shows when the report is read. Raises ReportGenerationLimitExceeded, and
    AccessDenied for other accounts and for who may not read the organization."""
    organization = ctx.store.organizations.of_account(ctx.account)
    if organization is None or organization.management_account != ctx.account:
        raise AccessDenied("Only the management account of an organization can ask for its access reports.")
    _require_not_too_many(ctx)
    for action, resource in dependent_permissions(ctx, organization, request["EntityPath"], request.get("OrganizationsPolicyId")):
        ctx.authorize(action, resource)
    job_id = new_guid()
    details = orjson.dumps({"organization": organization.id, "policy": request.get("OrganizationsPolicyId")}).decode()
    ctx.store.analysis_jobs.add(
        AnalysisJob(job_id, ctx.account, AnalysisKind.ORGANIZATION_ACCESS, request["EntityPath"], ctx.now, job_id, details)
    )
    return {"JobId": job_id}


def _require_not_too_many(ctx: Context) -> None:
    asked = ctx.store.analysis_jobs.count_since(ctx.account, AnalysisKind.ORGANIZATION_ACCESS, ctx.now - HOUR)
    if asked >= ctx.authority.quotas.access_reports_per_hour:
        raise ReportGenerationLimitExceeded("Too many reports have been asked for. Try again later.")


@iam.operation("GetOrganizationsAccessReport", access=Access.READ, resource=any_resource)
def get_organizations_access_report(
    ctx: Context, request: shapes.GetOrganizationsAccessReportRequest
) -> shapes.GetOrganizationsAccessReportResponse:
    """Every service that the service control policies allow anything of, and the accounts' last attempt to use it, allowed or not.

    A report that cannot be made tells why. Raises NoSuchEntity, ValidationError (marker).
    """
    job = _job(ctx, request["JobId"])
    told: dict[str, Any] = {"JobCreationDate": utc(job.started), "JobCompletionDate": utc(job.started)}
    window = pages.window(request, f"access report {request.get('SortKey', NAMESPACE_ASCENDING)}")
    details = orjson.loads(job.details)
    try:
        entity = entity_at(ctx, details["organization"], job.subject)
        services = services_allowed(ctx, entity, details["policy"])
    except CannotReport as problem:
        told |= {"JobStatus": "FAILED", "ErrorDetails": {"Code": problem.code, "Message": problem.message}}
        return cast("shapes.GetOrganizationsAccessReportResponse", told)
    uses = _uses(ctx, job, accounts_below(ctx, entity, details["policy"]))
    found = [_service(prefix, uses.get(prefix, ())) for prefix in services]
    shown, end = window.slice(_sorted(found, request.get("SortKey", NAMESPACE_ASCENDING)))
    told |= {
        "JobStatus": "COMPLETED",
        "NumberOfServicesAccessible": len(found),
        "NumberOfServicesNotAccessed": sum("LastAuthenticatedTime" not in each for each in found),
        "AccessDetails": list(shown),
    }
    return cast("shapes.GetOrganizationsAccessReportResponse", told | end)


def _job(ctx: Context, job_id: str) -> AnalysisJob:
    job = ctx.store.analysis_jobs.get(job_id)
    if job is None or job.account != ctx.account or job.kind is not AnalysisKind.ORGANIZATION_ACCESS:
        raise NoSuchEntity(f"Job {job_id} for account {ctx.account} cannot be found.")
    return job


Uses = Sequence[tuple[Entity, "ServiceUse"]]


def _uses(ctx: Context, job: AnalysisJob, accounts: Iterable[Entity]) -> Mapping[str, Uses]:
    """By service, each account's last use up to the time when the report was asked for."""
    ctx.authority.drain_journals()
    since, until = (job.started - TRACKED_SECONDS) * 1000, job.started * 1000 + 999
    found: dict[str, list[tuple[Entity, ServiceUse]]] = defaultdict(list)
    for account in accounts:
        for use in ctx.store.evidence.services(account.id, since, until):
            found[use.service].append((account, use))
    return found


def _service(prefix: str, uses: Uses) -> dict[str, Any]:
    facts = catalogue.service(prefix)
    told: dict[str, Any] = {"ServiceName": facts.title if facts else prefix, "ServiceNamespace": prefix}
    told["TotalAuthenticatedEntities"] = len(uses)
    if uses:
        account, use = max(uses, key=lambda pair: pair[1].last_ms)
        told |= {"EntityPath": account.path, "Region": use.region, "LastAuthenticatedTime": utc(use.last_ms // 1000)}
    return told


def _sorted(services: list[dict[str, Any]], key: str) -> list[dict[str, Any]]:
    """By namespace, or by time; what was never used comes first where the oldest does."""
    by_name = sorted(services, key=lambda each: each["ServiceNamespace"], reverse=key == NAMESPACE_DESCENDING)
    if key not in (TIME_ASCENDING, TIME_DESCENDING):
        return by_name
    return sorted(by_name, key=_time, reverse=key == TIME_DESCENDING)


def _time(service: Mapping[str, Any]) -> float:
    last = service.get("LastAuthenticatedTime")
    return last.timestamp() if last is not None else 0
