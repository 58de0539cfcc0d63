"""ListPoliciesGrantingServiceAccess, and what it shares with the last uses: who holds policies, and what they allow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from akia import policy
from akia.aws.arn import Arn
from akia.aws.errors import InvalidInput, MalformedPolicyDocument, NoSuchEntity
from akia.identity.group import Group
from akia.identity.managed_policy import AWS, ManagedPolicy
from akia.identity.role import Role
from akia.identity.user import User
from akia.operation import Access, Context
from akia.policy import Kind
from akia.policy.access import Reach
from akia.services.iam import pages
from akia.services.iam._iam import iam
from akia.services.iam.policy_sources import Entity, entity_named

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from akia.identity.policy_source import PolicySource
    from akia.wire.shapes import iam as shapes

Holder = User | Group | Role | ManagedPolicy
EVERYONE = 1_000_000
"""More than there can be of anything that is listed whole."""


def holder_named(ctx: Context, arn: str) -> Holder:
    """The user, group, role or managed policy that `arn` names. Raises NoSuchEntity, InvalidInput (P5.3-1)."""
    try:
        parsed = Arn.parse(arn)
    except ValueError:
        raise InvalidInput(f"Invalid ARN: {arn}") from None
    if not parsed.resource.startswith("policy/"):
        return entity_named(ctx, arn)
    found = ctx.store.managed_policies.with_arn(arn)
    if found is None or found.account not in (AWS, ctx.account):
        raise NoSuchEntity(f"Policy {arn} was not found.")
    return found


def holders_below(ctx: Context, holder: Holder) -> list[User | Role]:
    """The users and roles to whom the holder's policies apply, each once."""
    match holder:
        case Group():
            return list(ctx.store.groups.members(holder, limit=EVERYONE))
        case ManagedPolicy():
            attachments = ctx.store.attachments
            groups = attachments.groups_of(holder.id, ctx.account, limit=EVERYONE)
            users = attachments.users_of(holder.id, ctx.account, limit=EVERYONE)
            users += [user for group in groups for user in ctx.store.groups.members(group, limit=EVERYONE)]
            return [*{user.id: user for user in users}.values(), *attachments.roles_of(holder.id, ctx.account, limit=EVERYONE)]
        case _:
            return [holder]


def documents_of(ctx: Context, holder: Holder) -> list[policy.Document]:
    """The documents that decide what the holder reaches; one that cannot be read allows nothing."""
    if isinstance(holder, ManagedPolicy):
        version = ctx.store.managed_policies.version(holder.id, holder.default_version)
        return list(_readable(version.document if version else ""))
    return [document for source in ctx.store.principals.policies_in_force(holder.id) for document in _readable(source.document)]


def _readable(text: str) -> Iterator[policy.Document]:
    try:
        yield policy.parse(text, Kind.IDENTITY_INLINE)
    except MalformedPolicyDocument:
        return


def _arn(ctx: Context, request: Mapping[str, Any]) -> str:
    return str(request["Arn"])


@iam.operation("ListPoliciesGrantingServiceAccess", access=Access.LIST, resource=_arn)
def list_policies_granting_service_access(
    ctx: Context, request: shapes.ListPoliciesGrantingServiceAccessRequest
) -> shapes.ListPoliciesGrantingServiceAccessResponse:
    """For each service the policies that allow anything of it, each once: of a user, its groups' too. Raises NoSuchEntity, InvalidInput."""
    entity = entity_named(ctx, request["Arn"])
    window = pages.window(request, "granting")
    shown, end = window.slice(request["ServiceNamespaces"])
    held = ctx.store.principals.policies_in_force(entity.id)
    once = {source.arn or (source.owner, source.name): source for source in held}.values()
    sources = [(source, Reach(_readable(source.document))) for source in once]
    services = [
        {
            "ServiceNamespace": prefix,
            "Policies": [_granting(ctx, entity, source) for source, reach in sources if reach.reaches(prefix)],
        }
        for prefix in shown
    ]
    return cast("shapes.ListPoliciesGrantingServiceAccessResponse", {"PoliciesGrantingServiceAccess": services, **end})


def _granting(ctx: Context, entity: Entity, source: PolicySource) -> dict[str, str]:
    """Of an inline policy, a group's too, also whose it is. Of a managed one AWS does not tell who has it."""
    if source.arn is not None:
        return {"PolicyName": source.name, "PolicyType": "MANAGED", "PolicyArn": source.arn}
    owner = ctx.store.groups.with_id(source.owner) if source.layer == "group" else entity
    assert owner is not None  # the policy was found through it, in the same state of the store
    return {"PolicyName": source.name, "PolicyType": "INLINE", "EntityType": type(owner).__name__.upper(), "EntityName": owner.name}
