"""Trails: CreateTrail and its kin (AC7). What they deliver, `jobs/deliver_trails` does."""

from __future__ import annotations

import secrets
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from akia.authority.page_tokens import page_token, position_of
from akia.identity.trail import Trail, is_bucket_name, is_prefix
from akia.keyring import Unsealable
from akia.operation import Access, Conditions, Context, Required, everything
from akia.outbound.buckets import BucketError, BucketRefuses
from akia.services.cloudtrail._cloudtrail import cloudtrail
from akia.services.cloudtrail.named_trails import all_seen, arn_of_valid, in_member, owned, seen, tags_in_member, trail_arn, valid_name
from akia.services.cloudtrail.organization import managed_organization
from akia.services.cloudtrail.trail_errors import (
    CloudWatchLogsDeliveryUnavailableException,
    InsufficientS3BucketPolicyException,
    InvalidParameterCombinationException,
    InvalidS3BucketNameException,
    InvalidS3PrefixException,
    InvalidTokenException,
    KmsKeyNotFoundException,
    MaximumNumberOfTrailsExceededException,
    S3BucketDoesNotExistException,
    TrailAlreadyExistsException,
    UnsupportedOperationException,
)
from akia.services.cloudtrail.trail_tags import request_tags, tags_given

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from akia.outbound.buckets import Buckets
    from akia.wire.shapes import cloudtrail as shapes

PAGE = 100
"""Trails per answer of ListTrails."""
_ID_BYTES = 12
_SETTINGS = {
    "IncludeGlobalServiceEvents": "global_events",
    "IsMultiRegionTrail": "multi_region",
    "EnableLogFileValidation": "validated",
    "IsOrganizationTrail": "organization",
    "RecursiveLogging": "recursive",
    "S3BucketName": "bucket",
    "S3KeyPrefix": "prefix",
}


def _with_buckets(ctx: Context, request: Mapping[str, Any]) -> tuple[Mapping[str, Any], Buckets]:
    return request, ctx.authority.buckets


def _checked(given: tuple[Mapping[str, Any], Buckets]) -> Mapping[str, Any]:
    """The request, if its bucket is there and takes files. Asks the bucket, so it takes a while."""
    request, buckets = given
    bucket = request.get("S3BucketName")
    if bucket is None:
        return request
    if not is_bucket_name(bucket):
        raise InvalidS3BucketNameException(f"Bucket name {bucket} is not valid.")
    require_bucket(buckets, bucket)
    return request


def require_bucket(buckets: Buckets, bucket: str) -> None:
    """Raises S3BucketDoesNotExistException, InsufficientS3BucketPolicyException. Asks the bucket, so it takes a while."""
    try:
        buckets.require(bucket)
    except BucketRefuses:
        raise InsufficientS3BucketPolicyException(f"Incorrect S3 bucket policy is detected for bucket: {bucket}") from None
    except BucketError as error:
        raise S3BucketDoesNotExistException(f"S3 bucket {bucket} does not exist!", detail=error.code) from None


def _require_possible(request: Mapping[str, Any]) -> None:
    """What akia cannot do is refused, not forgotten: it has no SNS, no CloudWatch Logs and no KMS."""
    if request.get("S3KeyPrefix") and not is_prefix(request["S3KeyPrefix"]):
        raise InvalidS3PrefixException("The S3 key prefix is not valid.")
    if request.get("SnsTopicName"):
        raise UnsupportedOperationException("Notifications to Amazon SNS topics are not supported.")
    if request.get("CloudWatchLogsLogGroupArn") or request.get("CloudWatchLogsRoleArn"):
        raise CloudWatchLogsDeliveryUnavailableException("Delivery to CloudWatch Logs is not available.")
    if request.get("KmsKeyId"):
        raise KmsKeyNotFoundException("The KMS key does not exist.")


def _require_fitting(ctx: Context, trail: Trail) -> None:
    """Raises what is wrong with the settings of `trail` taken together."""
    if trail.multi_region and not trail.global_events:
        raise InvalidParameterCombinationException("Multi-Region trail must include global service events.")
    if trail.organization:
        managed_organization(ctx)


def _require_room(ctx: Context, made: Trail) -> None:
    """Raises MaximumNumberOfTrailsExceededException. A trail of all regions counts in each of them."""
    there = ctx.store.trails.of(ctx.account)
    regional = Counter(trail.region for trail in there if not trail.multi_region)
    for region in {made.region: 0} | (regional if made.multi_region else {}):
        number = regional[region] + sum(trail.multi_region for trail in there)
        if number >= ctx.authority.quotas.trails_per_region:
            raise MaximumNumberOfTrailsExceededException(f"User: {ctx.account} already has {number} trails in {region}.")


def _changed(trail: Trail, request: Mapping[str, Any]) -> Trail:
    return replace(trail, **{name: request[member] for member, name in _SETTINGS.items() if member in request})


def _tagging_too(ctx: Context, request: Mapping[str, Any]) -> Iterator[Required]:
    if request.get("TagsList"):
        yield Required("cloudtrail:AddTags", trail_arn(ctx, request["Name"]), request_tags(request))


def _request_tags(ctx: Context, request: Mapping[str, Any]) -> Conditions:
    return request_tags(request)


def _about(request: Mapping[str, Any], result: object) -> list[tuple[str, str]]:
    return [("AWS::CloudTrail::Trail", request["Name"])]


@cloudtrail.operation(
    "CreateTrail",
    access=Access.WRITE,
    resource=in_member("Name"),
    conditions=_request_tags,
    also=_tagging_too,
    event_resources=_about,
    gather=_with_buckets,
    prepare=_checked,
)
def create_trail(ctx: Context, request: shapes.CreateTrailRequest) -> shapes.CreateTrailResponse:
    """A trail that does not log yet: StartLogging. Raises what is wrong with its name, bucket, prefix, tags and settings;
    TrailAlreadyExistsException, MaximumNumberOfTrailsExceededException."""
    name = valid_name(request["Name"])
    _require_possible(request)
    tags = tags_given(request.get("TagsList"))
    region = ctx.facts.region
    made = _changed(Trail(secrets.token_hex(_ID_BYTES), ctx.account, region, name, ctx.now, request["S3BucketName"], tags=tags), request)
    _require_fitting(ctx, made)
    if ctx.store.trails.get(ctx.account, region, name) is not None:
        raise TrailAlreadyExistsException(f"Trail {name} already exists for customer: {ctx.account}")
    _require_room(ctx, made)
    ctx.store.trails.add(made)
    ctx.store.event_stream.begin(made.reader, from_now=True)  # and keeps events that come in from here on (EventRetention)
    return cast("shapes.CreateTrailResponse", _settings(made))


@cloudtrail.operation(
    "UpdateTrail",
    access=Access.WRITE,
    resource=in_member("Name"),
    conditions=tags_in_member("Name"),
    event_resources=_about,
    gather=_with_buckets,
    prepare=_checked,
)
def update_trail(ctx: Context, request: shapes.UpdateTrailRequest) -> shapes.UpdateTrailResponse:
    """What is left out stays. Files that are written already still go to the old bucket. Raises as CreateTrail, TrailNotFoundException,
    InvalidHomeRegionException."""
    _require_possible(request)
    trail = _changed(owned(ctx, request["Name"]), request)
    _require_fitting(ctx, trail)
    ctx.store.trails.replace(trail)
    return cast("shapes.UpdateTrailResponse", _settings(trail))


@cloudtrail.operation(
    "DeleteTrail", access=Access.WRITE, resource=in_member("Name"), conditions=tags_in_member("Name"), event_resources=_about
)
def delete_trail(ctx: Context, request: shapes.DeleteTrailRequest) -> shapes.DeleteTrailResponse:
    """What happened up to now is delivered still, with a last digest: deleting a trail hides nothing. Raises TrailNotFoundException,
    InvalidHomeRegionException."""
    trail = owned(ctx, request["Name"])
    taken = {each.ended for each in ctx.store.trails.all() if each.name == trail.name and each.account == trail.account}
    ended = max(ctx.now, max(taken) + 1)
    ctx.store.trails.replace(replace(trail.stopped(ctx.now), ended=ended))
    return {}


@cloudtrail.operation("GetTrail", access=Access.READ, resource=in_member("Name"), conditions=tags_in_member("Name"))
def get_trail(ctx: Context, request: shapes.GetTrailRequest) -> shapes.GetTrailResponse:
    """Raises TrailNotFoundException."""
    return cast("shapes.GetTrailResponse", {"Trail": _described(seen(ctx, request["Name"]))})


@cloudtrail.operation("DescribeTrails", access=Access.READ, resource=everything)
def describe_trails(ctx: Context, request: shapes.DescribeTrailsRequest) -> shapes.DescribeTrailsResponse:
    """Those that show in the region, or the ones that are named; names that name nothing are left out. A name is that of a trail made in
    this region: one of another region is asked for by its ARN. Raises InvalidTrailNameException, CloudTrailARNInvalidException for what
    no trail can be called."""
    shadows = request.get("includeShadowTrails", True)
    wanted = {arn_of_valid(ctx, name) for name in request.get("trailNameList", ())}
    found = [
        trail
        for trail in all_seen(ctx)
        if (shadows or (trail.region == ctx.facts.region and trail.account == ctx.account)) and (not wanted or str(trail.arn) in wanted)
    ]
    return cast("shapes.DescribeTrailsResponse", {"trailList": [_described(trail) for trail in found]})


@cloudtrail.operation("ListTrails", access=Access.LIST, resource=everything)
def list_trails(ctx: Context, request: shapes.ListTrailsRequest) -> shapes.ListTrailsResponse:
    """The account's trails of all regions, and those of its organization that show here. Raises InvalidTokenException."""
    try:
        start = int(position_of(ctx, "cloudtrail", request) or 0)
    except Unsealable:
        raise InvalidTokenException("The token is not valid, or was given for other parameters.") from None
    own = ctx.store.trails.of(ctx.account)
    trails = [*own, *(trail for trail in all_seen(ctx) if trail.account != ctx.account)]
    shown = [{"TrailARN": str(trail.arn), "Name": trail.name, "HomeRegion": trail.region} for trail in trails[start : start + PAGE]]
    more = {"NextToken": page_token(ctx, "cloudtrail", request, start + PAGE)} if start + PAGE < len(trails) else {}
    return cast("shapes.ListTrailsResponse", {"Trails": shown, **more})


def _settings(trail: Trail) -> dict[str, Any]:
    settings: dict[str, Any] = {
        "Name": trail.name,
        "S3BucketName": trail.bucket,
        "IncludeGlobalServiceEvents": trail.global_events,
        "IsMultiRegionTrail": trail.multi_region,
        "TrailARN": str(trail.arn),
        "LogFileValidationEnabled": trail.validated,
        "IsOrganizationTrail": trail.organization,
        "RecursiveLogging": trail.recursive,
    }
    return settings | ({"S3KeyPrefix": trail.prefix} if trail.prefix else {})


def _described(trail: Trail) -> dict[str, Any]:
    return _settings(trail) | {
        "HomeRegion": trail.region,
        "HasCustomEventSelectors": bool(trail.selectors),
        "HasInsightSelectors": bool(trail.insights),
    }
