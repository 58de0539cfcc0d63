"""Imports of log files into event data stores: StartImport, GetImport, StopImport, ListImports, ListImportFailures.

`jobs/run_imports` reads the files. What it takes are events of the store's own account, or of its organization's for an organization's
store: buckets belong to whoever runs akia and not to an account, so nobody sees through an import what is another account's.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import unquote
from uuid import uuid4

from akia.authority.page_tokens import page_token
from akia.aws.arn import Arn
from akia.identity.trail import is_bucket_name
from akia.identity.trail_import import ImportStatus, TrailImport
from akia.operation import Access, Context, Required, everything
from akia.outbound.buckets import BucketError
from akia.services.cloudtrail._cloudtrail import SERVICE_PRINCIPAL, cloudtrail
from akia.services.cloudtrail.lake_errors import InvalidEventDataStoreCategoryException, InvalidParameterException
from akia.services.cloudtrail.lists import page, position
from akia.services.cloudtrail.named_event_data_stores import active_store, store_named
from akia.services.cloudtrail.trail_errors import (
    AccountHasOngoingImportException,
    ImportNotFoundException,
    InvalidImportSourceException,
)
from akia.trail.selectors import MANAGEMENT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from akia.identity.event_data_store import EventDataStore
    from akia.identity.trail_import import ImportFailure
    from akia.outbound.buckets import Buckets
    from akia.wire.shapes import cloudtrail as shapes

PAGE = 1_000
_URI = re.compile(r"[sS]3://([^/?#]+)(?:/(.*))?", re.DOTALL)
_NEW = frozenset({"Destinations", "ImportSource", "StartEventTime", "EndEventTime"})


def _handing_over(ctx: Context, request: Mapping[str, Any]) -> Iterator[Required]:
    """The role is handed over to CloudTrail."""
    source = request.get("ImportSource")
    if source is not None:
        yield Required("iam:PassRole", source["S3"]["S3BucketAccessRoleArn"], {"iam:passedtoservice": SERVICE_PRINCIPAL})


def _with_buckets(ctx: Context, request: Mapping[str, Any]) -> tuple[Mapping[str, Any], Buckets]:
    return request, ctx.authority.buckets


def _checked(given: tuple[Mapping[str, Any], Buckets]) -> Mapping[str, Any]:
    """The request, if its bucket is there. Asks the bucket, so it takes a while. Raises InvalidImportSourceException."""
    request, buckets = given
    if "ImportSource" in request:
        bucket, _ = _bucket_and_prefix(request["ImportSource"]["S3"]["S3LocationUri"])
        try:
            buckets.require(bucket)
        except BucketError as error:
            raise InvalidImportSourceException(f"The S3 bucket {bucket} cannot be read.", detail=error.code) from None
    return request


@cloudtrail.operation(
    "StartImport", access=Access.WRITE, resource=everything, also=_handing_over, gather=_with_buckets, prepare=_checked,
    event_resources=lambda request, result: [("AWS::CloudTrail::EventDataStore", arn) for arn in (result or {}).get("Destinations", ())],
)  # fmt: skip
def start_import(ctx: Context, request: shapes.StartImportRequest) -> shapes.StartImportResponse:
    """A new one, or one that has ended is taken up again where it was, with the files that failed. One goes on at a time in an account and
    region.

    Raises AccountHasOngoingImportException, ImportNotFoundException, InvalidImportSourceException, InvalidParameterException, and what is
    wrong with the event data store.
    """
    given = _NEW & request.keys()
    if "ImportId" in request and given:
        raise InvalidParameterException("Specify either an import to retry, or what to import.")
    if "ImportId" not in request and not {"Destinations", "ImportSource"} <= given:
        raise InvalidParameterException("Specify both a destination and a source, or an import to retry.")
    started = _retried(ctx, request["ImportId"]) if "ImportId" in request else _made(ctx, request)
    if any(each.goes_on for each in ctx.store.imports.of(ctx.account, ctx.facts.region) if each.id != started.id):
        raise AccountHasOngoingImportException("The account has an import that goes on.")
    if "ImportId" in request:
        ctx.store.import_failures.retry(started.id)
        ctx.store.imports.advance(started)
    else:
        ctx.store.imports.add(started)
    return cast("shapes.StartImportResponse", _described(started))


@cloudtrail.operation("GetImport", access=Access.READ, resource=everything)
def get_import(ctx: Context, request: shapes.GetImportRequest) -> shapes.GetImportResponse:
    """Raises ImportNotFoundException."""
    found = _import(ctx, request["ImportId"])
    return cast("shapes.GetImportResponse", _described(found) | {"ImportStatistics": _statistics(found)})


@cloudtrail.operation("StopImport", access=Access.WRITE, resource=everything)
def stop_import(ctx: Context, request: shapes.StopImportRequest) -> shapes.StopImportResponse:
    """What was taken stays; StartImport goes on from there. Raises ImportNotFoundException, InvalidParameterException for one that has
    ended."""
    found = _import(ctx, request["ImportId"])
    if not found.goes_on:
        raise InvalidParameterException(f"The import {found.id} has ended.")
    stopped = replace(found, status=ImportStatus.STOPPED.value, updated=ctx.now)
    ctx.store.imports.advance(stopped)
    return cast("shapes.StopImportResponse", _described(stopped) | {"ImportStatistics": _statistics(stopped)})


@cloudtrail.operation("ListImports", access=Access.LIST, resource=everything)
def list_imports(ctx: Context, request: shapes.ListImportsRequest) -> shapes.ListImportsResponse:
    """Those of the account in the region of the call, the latest first. Raises EventDataStoreARNInvalidException,
    InvalidNextTokenException."""
    status, destination = request.get("ImportStatus"), request.get("Destination")
    into = _destination_id(ctx, destination) if destination is not None else None
    found = [
        each
        for each in ctx.store.imports.of(ctx.account, ctx.facts.region)
        if status in (None, each.status) and into in (None, each.destination)
    ]
    shown, more = page(ctx, "imports", request, found, PAGE)
    members = ("ImportId", "ImportStatus", "Destinations", "CreatedTimestamp", "UpdatedTimestamp")
    listed = [{name: value for name, value in _described(each).items() if name in members} for each in shown]
    return cast("shapes.ListImportsResponse", {"Imports": listed, **more})


@cloudtrail.operation("ListImportFailures", access=Access.READ, resource=everything)
def list_import_failures(ctx: Context, request: shapes.ListImportFailuresRequest) -> shapes.ListImportFailuresResponse:
    """By location. Raises InvalidParameterException (no such import: the model has no other error), InvalidNextTokenException."""
    try:
        found = _import(ctx, request["ImportId"])
    except ImportNotFoundException as error:
        raise InvalidParameterException(error.message) from None
    after, most = position(ctx, "import failures", request) or "", request.get("MaxResults", PAGE)
    failures = ctx.store.import_failures.page(found.id, after, most + 1)
    told: dict[str, Any] = {"Failures": [_failure(each) for each in failures[:most]]}
    if len(failures) > most:
        told["NextToken"] = page_token(ctx, "import failures", request, failures[most - 1].location)
    return cast("shapes.ListImportFailuresResponse", told)


def _made(ctx: Context, request: Mapping[str, Any]) -> TrailImport:
    source = request["ImportSource"]["S3"]
    store = _store(ctx, request["Destinations"][0])
    bucket, prefix = _bucket_and_prefix(source["S3LocationUri"])
    _require_role(ctx, source["S3BucketAccessRoleArn"])
    start, end = (int(request[name].timestamp()) if name in request else 0 for name in ("StartEventTime", "EndEventTime"))
    if end and start > end:
        raise InvalidParameterException("The start time must not be after the end time.")
    return TrailImport(
        id=str(uuid4()),
        account=ctx.account,
        region=ctx.facts.region,
        created=ctx.now,
        updated=ctx.now,
        destination=store.id,
        uri=source["S3LocationUri"],
        bucket=bucket,
        prefix=prefix,
        bucket_region=source["S3BucketRegion"],
        role=source["S3BucketAccessRoleArn"],
        start=start,
        end=end,
    )


def _retried(ctx: Context, import_id: str) -> TrailImport:
    found = _import(ctx, import_id)
    if found.goes_on:
        raise AccountHasOngoingImportException(f"The import {found.id} goes on.")
    _store(ctx, str(_store_arn(found)))
    return replace(found, status=ImportStatus.IN_PROGRESS.value, updated=ctx.now, retries=True)


def _import(ctx: Context, import_id: str) -> TrailImport:
    found = ctx.store.imports.get(import_id)
    if found is None or (found.account, found.region) != (ctx.account, ctx.facts.region):
        raise ImportNotFoundException(f"The import {import_id} does not exist.")
    return found


def _store(ctx: Context, arn: str) -> EventDataStore:
    store = active_store(ctx, arn)
    if MANAGEMENT not in store.categories:
        raise InvalidEventDataStoreCategoryException(f"The event data store {store.arn} is not for events of category {MANAGEMENT}.")
    return store


def _destination_id(ctx: Context, arn: str) -> str:
    """The id of the store, or what is none's: nothing was imported into a store that is not there."""
    return store_named(ctx, arn).id


def _bucket_and_prefix(uri: str) -> tuple[str, str]:
    """Of `s3://bucket/prefix`. Raises InvalidImportSourceException."""
    match = _URI.fullmatch(uri)
    prefix = unquote(match[2] or "") if match else ""
    if match is None or not is_bucket_name(match[1]) or any(part in (".", "..") for part in prefix.split("/")):
        raise InvalidImportSourceException("The S3 location URI is not valid.")
    return match[1], prefix


def _require_role(ctx: Context, text: str) -> None:
    """It must be a role of the account. Raises InvalidImportSourceException."""
    arn = Arn.parse(text) if re.fullmatch("arn:[^:]*:[^:]*:[^:]*:[^:]*:.*", text) else None
    role = ctx.store.roles.named(ctx.account, arn.resource.rpartition("/")[2]) if arn is not None else None
    if role is None or str(role.arn) != text:
        raise InvalidImportSourceException(f"The role {text} does not exist in the account.")


def _store_arn(found: TrailImport) -> Arn:
    return Arn("cloudtrail", found.region, found.account, f"eventdatastore/{found.destination}")


def _described(found: TrailImport) -> dict[str, Any]:
    source = {"S3LocationUri": found.uri, "S3BucketRegion": found.bucket_region, "S3BucketAccessRoleArn": found.role}
    times = {"StartEventTime": found.start, "EndEventTime": found.end}
    return {
        "ImportId": found.id,
        "Destinations": [str(_store_arn(found))],
        "ImportSource": {"S3": source},
        **{name: _time(at) for name, at in times.items() if at},
        "ImportStatus": found.status,
        "CreatedTimestamp": _time(found.created),
        "UpdatedTimestamp": _time(found.updated),
    }


def _statistics(found: TrailImport) -> dict[str, int]:
    tally = found.tally
    return {
        "PrefixesFound": tally.prefixes_found,
        "PrefixesCompleted": tally.prefixes_completed,
        "FilesCompleted": tally.files,
        "EventsCompleted": tally.events,
        "FailedEntries": tally.failed,
    }


def _failure(failure: ImportFailure) -> dict[str, Any]:
    return {
        "Location": failure.location,
        "Status": failure.status,
        "ErrorType": failure.error_type,
        "ErrorMessage": failure.error_message,
        "LastUpdatedTime": _time(failure.updated),
    }


def _time(epoch: int) -> datetime:
    return datetime.fromtimestamp(epoch, UTC)
