"""Resource policies of event data stores, channels and dashboards: PutResourcePolicy, GetResourcePolicy, DeleteResourcePolicy.

They count: `stores_policy` is the resource's side (P1.5) of what is asked of a store, `cloudtrail-data` asks that of a channel.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from akia import policy as engine
from akia.authority.principal_names import arn_of, id_of
from akia.aws import catalogue
from akia.aws.arn import Arn
from akia.aws.errors import MalformedPolicyDocument
from akia.operation import Access, Conditions, Context
from akia.services.cloudtrail._cloudtrail import cloudtrail
from akia.services.cloudtrail.named_channels import find_channel
from akia.services.cloudtrail.named_dashboards import find_dashboard
from akia.services.cloudtrail.named_event_data_stores import find_store
from akia.services.cloudtrail.trail_errors import (
    ResourceARNNotValidException,
    ResourceNotFoundException,
    ResourcePolicyNotFoundException,
    ResourcePolicyNotValidException,
    ResourceTypeNotSupportedException,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from akia.identity.channel import Channel
    from akia.identity.dashboard import Dashboard
    from akia.identity.event_data_store import EventDataStore
    from akia.wire.shapes import cloudtrail as shapes

MOST_STATEMENTS = 20
_ARN = re.compile(r"arn:aws:cloudtrail:[a-z0-9-]+:[0-9]{12}:([a-z]+)/[^/]+", re.ASCII)
_FIND = {"eventdatastore": find_store, "channel": find_channel, "dashboard": find_dashboard}
_PREFIXES = {"eventdatastore": "cloudtrail", "channel": "cloudtrail-data", "dashboard": "cloudtrail"}


def _resource(ctx: Context, request: Mapping[str, Any]) -> str:
    return str(request["ResourceArn"])


def _tags(ctx: Context, request: Mapping[str, Any]) -> Conditions:
    found = _found(ctx, request["ResourceArn"])
    return {f"aws:resourcetag/{key.lower()}": value for key, value in found.tags.items()} if found else {}


def _about(request: Mapping[str, Any], result: object) -> list[tuple[str, str]]:
    kinds = {"eventdatastore": "EventDataStore", "channel": "Channel", "dashboard": "Dashboard"}
    match = _ARN.fullmatch(request["ResourceArn"])
    return [(f"AWS::CloudTrail::{kinds[match[1]]}", request["ResourceArn"])] if match and match[1] in kinds else []


@cloudtrail.operation("PutResourcePolicy", access=Access.WRITE, resource=_resource, conditions=_tags, event_resources=_about)
def put_resource_policy(ctx: Context, request: shapes.PutResourcePolicyRequest) -> shapes.PutResourcePolicyResponse:
    """In place of the one that is there. Raises ResourceARNNotValidException, ResourceTypeNotSupportedException,
    ResourceNotFoundException, ResourcePolicyNotValidException."""
    arn = _required(ctx, request["ResourceArn"])
    ctx.store.trail_resource_policies.put(arn, ctx.account, _kept(ctx, arn, request["ResourcePolicy"]))
    return {"ResourceArn": arn, "ResourcePolicy": _shown(ctx, arn)}


@cloudtrail.operation("GetResourcePolicy", access=Access.READ, resource=_resource, conditions=_tags)
def get_resource_policy(ctx: Context, request: shapes.GetResourcePolicyRequest) -> shapes.GetResourcePolicyResponse:
    """Deleted users and roles are shown by their unique ids. Raises ResourceARNNotValidException, ResourceTypeNotSupportedException,
    ResourceNotFoundException, ResourcePolicyNotFoundException."""
    arn = _required(ctx, request["ResourceArn"])
    return {"ResourceArn": arn, "ResourcePolicy": _shown(ctx, arn)}


@cloudtrail.operation("DeleteResourcePolicy", access=Access.WRITE, resource=_resource, conditions=_tags, event_resources=_about)
def delete_resource_policy(ctx: Context, request: shapes.DeleteResourcePolicyRequest) -> shapes.DeleteResourcePolicyResponse:
    """Raises ResourceARNNotValidException, ResourceTypeNotSupportedException, ResourceNotFoundException,
    ResourcePolicyNotFoundException."""
    arn = _required(ctx, request["ResourceArn"])
    if not ctx.store.trail_resource_policies.delete(arn):
        raise _none(arn)
    return {}


def _found(ctx: Context, arn: str) -> EventDataStore | Channel | Dashboard | None:
    match = _ARN.fullmatch(arn)
    find = _FIND.get(match[1]) if match else None
    return find(ctx, arn) if find is not None else None


def _required(ctx: Context, arn: str) -> str:
    match = _ARN.fullmatch(arn)
    if match is None:
        raise ResourceARNNotValidException(f"The resource ARN {arn} is not valid.")
    if match[1] not in _FIND:
        raise ResourceTypeNotSupportedException(f"Resources of type {match[1]} have no resource policy.")
    if _found(ctx, arn) is None:
        raise ResourceNotFoundException(f"The resource {arn} does not exist.")
    return arn


def _kept(ctx: Context, arn: str, text: str) -> str:
    """The document as it is stored: users and roles by unique id (P1.7-5). Raises ResourcePolicyNotValidException."""
    try:
        document = engine.parse(text, engine.Kind.RESOURCE)
        kept = engine.principals_to_ids(text, lambda named: id_of(ctx.store, named))
    except MalformedPolicyDocument as problem:
        raise ResourcePolicyNotValidException(problem.message) from None
    if len(document.statements) > MOST_STATEMENTS:
        raise ResourcePolicyNotValidException(f"A resource policy has at most {MOST_STATEMENTS} statements.")
    kind = Arn.parse(arn).resource.partition("/")[0]
    for statement in document.statements:
        if not statement.resource or any(each != arn for each in statement.resource):
            raise ResourcePolicyNotValidException(f"Each statement must name the resource {arn}, and no other.")
        if statement.not_action is not None or not all(_is_possible(kind, action) for action in statement.action or ()):
            raise ResourcePolicyNotValidException(f"The policy names an action that is not one on resources of type {kind}.")
    return kept


def _is_possible(kind: str, action: str) -> bool:
    """Whether `action` can be taken on resources of `kind`; or is a pattern, which matches what it matches."""
    prefix, _, name = action.partition(":")
    if prefix.lower() != _PREFIXES[kind]:
        return False
    facts = catalogue.action(prefix.lower(), name)
    return "*" in name or "?" in name or (facts is not None and any(use.type == kind for use in facts.resource_types))


def _shown(ctx: Context, arn: str) -> str:
    document = ctx.store.trail_resource_policies.get(arn)
    if document is None:
        raise _none(arn)
    return engine.principals_to_arns(document, lambda unique_id: arn_of(ctx.store, unique_id))


def _none(arn: str) -> ResourcePolicyNotFoundException:
    return ResourcePolicyNotFoundException(f"The resource {arn} has no resource policy.")
