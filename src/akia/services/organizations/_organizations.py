"""What the operations of Organizations share: the registry, who may call what, the ARNs that are asked for, condition keys.

IAM decides first, on the caller's side. Then the organization has its say: most operations are its management account's; some are open to
member accounts that administer a service for it or that its resource policy names; a few to every member (`Reach`).
"""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from enum import Enum, auto
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar

from akia.aws.errors import AccessDenied
from akia.aws.organization_errors import AWSOrganizationsNotInUse
from akia.identity.control_policy import AWS_POLICIES, SCP
from akia.operation import Access, Operations, Required, ResourcePolicy, everything
from akia.policy import Kind
from akia.services.organizations.delegated_access import organization_side

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from akia.identity.control_policy import ControlPolicy
    from akia.identity.organization import Organization
    from akia.operation import AlsoRequired, Conditions, Context, EventResources, ResourceOf

    Body = Callable[[Context, Organization, Any], Mapping[str, Any] | None]
    B = TypeVar("B", bound=Body)

organizations = Operations("organizations")

NOT_YOURS = "You don't have permissions to access this resource."
_ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789"


class Reach(Enum):
    """Whose callers an operation is open to, beside the management account's."""

    MANAGEMENT = auto()
    """Nobody's."""
    POLICY = auto()
    """Those of accounts that the organization's resource policy lets do it."""
    DELEGATES = auto()
    """Those too, and those of accounts that are registered to administer some service."""
    MEMBERS = auto()
    """Those of every account of the organization."""


def operation(
    name: str,
    *,
    access: Access,
    reach: Reach,
    resource: ResourceOf = everything,
    also: AlsoRequired | None = None,
    about: EventResources | None = None,
) -> Callable[[B], B]:
    """Register the decorated function, which is also given the caller's organization. It raises AWSOrganizationsNotInUse for callers whose
    account has none, and AccessDenied for those who are not within `reach`."""

    def register(body: B) -> B:
        @wraps(body)
        def within_reach(ctx: Context, request: Any) -> Mapping[str, Any] | None:
            organization = own_organization(ctx)
            asked = resource(ctx, request)
            resources = (asked,) if isinstance(asked, str) else asked
            _require_reach(
                ctx, organization, reach, [Required(f"organizations:{name}", arn, conditions(ctx, request)) for arn in resources]
            )
            return body(ctx, organization, request)

        organizations.operation(name, access=access, resource=resource, conditions=conditions, also=also, event_resources=about)(
            within_reach
        )
        return body

    return register


def _require_reach(ctx: Context, organization: Organization, reach: Reach, required: Sequence[Required]) -> None:
    if reach is Reach.MEMBERS or ctx.account == organization.management_account:
        return
    if reach is Reach.MANAGEMENT:
        raise AccessDenied(NOT_YOURS)
    text = organization_side(ctx, organization, required[0].action, registered_may=reach is Reach.DELEGATES)
    side = ResourcePolicy(text, Kind.RESOURCE, organization.management_account)
    for each in required:
        ctx.judged.append(ctx.authority.judge(ctx, each, side))
        if not ctx.judged[-1].decision.allowed:
            raise AccessDenied(NOT_YOURS)


def found_organization(ctx: Context) -> Organization | None:
    """The organization of the caller's account, if it has one."""
    return ctx.look_up("organization", "", lambda account, _: ctx.store.organizations.of_account(account))


def own_organization(ctx: Context) -> Organization:
    """The organization of the caller's account. Raises AWSOrganizationsNotInUse."""
    organization = found_organization(ctx)
    if organization is None:
        raise AWSOrganizationsNotInUse
    return organization


def found_policy(ctx: Context, organization: Organization, policy_id: str) -> ControlPolicy | None:
    """The policy of this organization, or of AWS."""
    policy = AWS_POLICIES.get(policy_id) or ctx.look_up("control policies", policy_id, lambda _, name: ctx.store.control_policies.get(name))
    return policy if policy is not None and (policy.is_aws or policy.organization == organization.id) else None


# What is asked for. None of these raises.


def arn_of(ctx: Context, thing: str) -> str:
    """The ARN of an account, root, unit or policy, by the form of its id; also of one that is not there."""
    kind = next((kind for prefix, kind in _KINDS.items() if thing.startswith(prefix)), "account")
    organization = found_organization(ctx)
    if organization is None:
        return f"arn:aws:organizations::{ctx.account}:{kind}/{thing}"
    if kind != "policy":
        return organization.arn(kind, thing)
    policy = found_policy(ctx, organization, thing)
    return str(policy.arn) if policy is not None else organization.arn(kind, f"{SCP.lower()}/{thing}")


_KINDS: Mapping[str, str] = {"r-": "root", "ou-": "ou", "p-": "policy", "rp-": "resourcepolicy"}
_NAMES = ("AccountId", "OrganizationalUnitId", "PolicyId", "TargetId", "ParentId", "ChildId", "RootId", "ResourceId")


def named(*members: str) -> ResourceOf:
    """The ARNs of the things whose ids are `members` of the request."""

    def resource(ctx: Context, request: Mapping[str, Any]) -> Sequence[str]:
        return [arn_of(ctx, request[member]) for member in members]

    return resource


def conditions(ctx: Context, request: Mapping[str, Any]) -> Conditions:
    """Every condition key of Organizations: type of policy, service principal, tags of the request and of what it names."""
    found: dict[str, str | Sequence[str]] = dict(request_tags(request.get("Tags")))
    if "TagKeys" in request:
        found["aws:tagkeys"] = tuple(request["TagKeys"])
    if "ServicePrincipal" in request:
        found["organizations:serviceprincipal"] = request["ServicePrincipal"]
    organization = found_organization(ctx)
    kind = next((request[name] for name in ("PolicyType", "Type", "Filter") if isinstance(request.get(name), str)), None)
    if organization is not None:
        policy = found_policy(ctx, organization, request["PolicyId"]) if "PolicyId" in request else None
        kind = policy.type if policy is not None else kind
        for thing in (request[name] for name in _NAMES if name in request):
            tags = ctx.store.organization_tags.get(thing, organization.id)
            found |= {f"aws:resourcetag/{key.lower()}": value for key, value in tags.items()}
    return found if kind is None else found | {"organizations:policytype": kind}


def request_tags(tags: Iterable[Mapping[str, str]] | None) -> Conditions:
    """`aws:RequestTag/k` and `aws:TagKeys` (P4.3-20)."""
    given = {tag["Key"]: tag["Value"] for tag in tags or ()}
    if not given:
        return {}
    return {"aws:tagkeys": tuple(given), **{f"aws:requesttag/{key.lower()}": value for key, value in given.items()}}


def tagging(kind: str, name: str = "*") -> AlsoRequired:
    """Who gives tags to a new `kind` of thing must be allowed to (P2.1-6). `name` stands for its id, which nobody knows yet."""

    def also(ctx: Context, request: Mapping[str, Any]) -> Iterator[Required]:
        organization = found_organization(ctx)
        if request.get("Tags") and organization is not None:
            yield Required("organizations:TagResource", organization.arn(kind, name), request_tags(request["Tags"]))

    return also


def about(type_: str, member: str) -> EventResources:
    """What an event is about: the `type_` of thing whose id is the request's `member`."""

    def resources(request: Mapping[str, Any], result: Mapping[str, Any] | None) -> Iterable[tuple[str, str]]:
        return [(f"AWS::Organizations::{type_}", request[member])]

    return resources


# What all need.


def new_id(prefix: str, length: int) -> str:
    """A fresh id of `length` characters after `prefix`."""
    return prefix + "".join(secrets.choice(_ALPHABET) for _ in range(length))


def utc(seconds: int) -> datetime:
    """Epoch seconds as the wire's timestamps are handed over: a datetime in UTC."""
    return datetime.fromtimestamp(seconds, UTC)
