"""Analyzers: what finds unused access in an account. They belong to a region; what they look at, IAM, does not."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

from akia.aws.errors import ValidationError
from akia.identity.analyzer import DEFAULT_DAYS, UNUSED_ACCESS, Analyzer
from akia.operation import Access, Conditions, Context, everything
from akia.services.accessanalyzer._accessanalyzer import (
    ConflictException,
    ResourceNotFoundException,
    ServiceQuotaExceededException,
    accessanalyzer,
    page,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from akia.wire.shapes import accessanalyzer as shapes

MOST_TAGS, MOST_DAYS = 50, 365


def analyzer_arn(ctx: Context, request: Mapping[str, Any]) -> str:
    """The ARN of the analyzer called `analyzerName` in the region of the call."""
    return str(Analyzer(ctx.account, ctx.facts.region, request["analyzerName"], "", 0).arn)


def named(ctx: Context, name: str) -> Analyzer:
    """The analyzer of the caller's account in the region of the call. Raises ResourceNotFoundException."""
    found = ctx.store.analyzers.get(ctx.account, ctx.facts.region, name)
    if found is None:
        raise ResourceNotFoundException(f"The analyzer {name} does not exist.")
    return found


def with_arn(ctx: Context, arn: str) -> Analyzer:
    """The analyzer that `arn` names, if it is of this account and region. Raises ResourceNotFoundException."""
    found = ctx.store.analyzers.get(ctx.account, ctx.facts.region, arn.rpartition(":analyzer/")[2])
    if found is None or str(found.arn) != arn:
        raise ResourceNotFoundException(f"The analyzer {arn} does not exist.")
    return found


def request_tags(tags: Mapping[str, str] | None) -> Conditions:
    """`aws:RequestTag/k` and `aws:TagKeys` of the tags in a request; nothing if there are none."""
    return {"aws:tagkeys": list(tags), **{f"aws:requesttag/{key.lower()}": value for key, value in tags.items()}} if tags else {}


def resource_tags(ctx: Context, request: Mapping[str, Any]) -> Conditions:
    """`aws:ResourceTag/k` of the analyzer that the request names; nothing if there is none."""
    name = request.get("analyzerName") or str(request.get("analyzerArn") or request.get("resourceArn")).rpartition(":analyzer/")[2]
    found = ctx.store.analyzers.get(ctx.account, ctx.facts.region, name)
    return {f"aws:resourcetag/{key.lower()}": value for key, value in found.tags.items()} if found else {}


def require_tags(tags: Mapping[str, str]) -> None:
    """Raises ValidationException: too many, too long or reserved."""
    if len(tags) > MOST_TAGS:
        raise ValidationError(f"A resource has at most {MOST_TAGS} tags.")
    for key, value in tags.items():
        if not 1 <= len(key) <= 128 or len(value) > 256 or key.lower().startswith("aws:"):
            raise ValidationError(f"The tag {key} is not valid.")


def _new_tags(ctx: Context, request: Mapping[str, Any]) -> Conditions:
    return request_tags(request.get("tags"))


@accessanalyzer.operation("CreateAnalyzer", access=Access.WRITE, resource=analyzer_arn, conditions=_new_tags)
def create_analyzer(ctx: Context, request: shapes.CreateAnalyzerRequest) -> shapes.CreateAnalyzerResponse:
    """Of unused access, the one type that there is here, one per account and region.

    Raises ConflictException (the name), ServiceQuotaExceededException, ValidationException (another type, archive rules, tags).
    """
    if request["type"] != UNUSED_ACCESS:
        raise ValidationError(f"Analyzers of type {request['type']} are not supported; {UNUSED_ACCESS} is.")
    if request.get("archiveRules"):
        raise ValidationError("Archive rules are not supported.")
    tags, there = request.get("tags", {}), ctx.store.analyzers.all(ctx.account, ctx.facts.region)
    require_tags(tags)
    if request["analyzerName"] in [analyzer.name for analyzer in there]:
        raise ConflictException(f"The analyzer {request['analyzerName']} exists already.")
    if there:
        raise ServiceQuotaExceededException(f"There is an analyzer of type {UNUSED_ACCESS} already.")
    configuration = _configuration(request.get("configuration"))
    made = Analyzer(ctx.account, ctx.facts.region, request["analyzerName"], UNUSED_ACCESS, ctx.now, configuration, tags)
    ctx.store.analyzers.add(made)
    return {"arn": str(made.arn)}


def _configuration(given: Mapping[str, Any] | None) -> dict[str, Any]:
    """What is remembered. Raises ValidationException."""
    if given is not None and "unusedAccess" not in given:
        raise ValidationError("The configuration must be of unusedAccess.")
    unused = dict(given["unusedAccess"]) if given else {}
    if not 1 <= unused.setdefault("unusedAccessAge", DEFAULT_DAYS) <= MOST_DAYS:
        raise ValidationError(f"unusedAccessAge must be between 1 and {MOST_DAYS}.")
    return unused


@accessanalyzer.operation("GetAnalyzer", access=Access.READ, resource=analyzer_arn, conditions=resource_tags)
def get_analyzer(ctx: Context, request: shapes.GetAnalyzerRequest) -> shapes.GetAnalyzerResponse:
    """Raises ResourceNotFoundException."""
    return {"analyzer": _summary(named(ctx, request["analyzerName"]))}


@accessanalyzer.operation("ListAnalyzers", access=Access.LIST, resource=everything)
def list_analyzers(ctx: Context, request: shapes.ListAnalyzersRequest) -> shapes.ListAnalyzersResponse:
    """Those of the region. Raises ValidationException (token)."""
    wanted = request.get("type")
    found = [analyzer for analyzer in ctx.store.analyzers.all(ctx.account, ctx.facts.region) if wanted in (None, analyzer.type)]
    shown, more = page(ctx, "analyzers", request, found)
    return cast("shapes.ListAnalyzersResponse", {"analyzers": [_summary(analyzer) for analyzer in shown], **more})


@accessanalyzer.operation("UpdateAnalyzer", access=Access.WRITE, resource=analyzer_arn, conditions=resource_tags)
def update_analyzer(ctx: Context, request: shapes.UpdateAnalyzerRequest) -> shapes.UpdateAnalyzerResponse:
    """A new configuration; what it leaves out has its default again. Raises ResourceNotFoundException, ValidationException."""
    analyzer = named(ctx, request["analyzerName"])
    if "configuration" in request:
        analyzer = replace(analyzer, configuration=_configuration(request["configuration"]))
        ctx.store.analyzers.replace(analyzer)
    return cast("shapes.UpdateAnalyzerResponse", {"configuration": {"unusedAccess": analyzer.configuration}})


@accessanalyzer.operation("DeleteAnalyzer", access=Access.WRITE, resource=analyzer_arn, conditions=resource_tags)
def delete_analyzer(ctx: Context, request: shapes.DeleteAnalyzerRequest) -> None:
    """Raises ResourceNotFoundException."""
    ctx.store.analyzers.delete(named(ctx, request["analyzerName"]))


def _summary(analyzer: Analyzer) -> shapes.AnalyzerSummary:
    summary = {
        "arn": str(analyzer.arn),
        "name": analyzer.name,
        "type": analyzer.type,
        "createdAt": datetime.fromtimestamp(analyzer.created, UTC),
        "tags": dict(analyzer.tags),
        "status": "ACTIVE",
        "configuration": {"unusedAccess": analyzer.configuration},
    }
    return cast("shapes.AnalyzerSummary", summary)
