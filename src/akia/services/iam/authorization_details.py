"""Everything of an account that permissions come from, in one list: GetAccountAuthorizationDetails (AC10.4).

The list goes by kind, then by name (policies: by ARN); a marker says after which of them the next page begins. Like AWS, it has of AWS's
own policies those that are attached to somebody here.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias, cast

from akia.aws.errors import ValidationError
from akia.identity.group import Group
from akia.identity.managed_policy import AWS, ManagedPolicy
from akia.identity.role import Role
from akia.identity.user import User
from akia.operation import Access, everything
from akia.services.iam import groups, instance_profiles, managed_policies, pages, policy_versions, roles, users
from akia.services.iam._iam import iam
from akia.services.iam.policy_references import bookmark, first_after

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from akia.operation import Context
    from akia.services.iam.pages import Window
    from akia.wire.shapes import iam as shapes

    Thing: TypeAlias = User | Group | Role | ManagedPolicy

KINDS = ("User", "Group", "Role", "LocalManagedPolicy", "AWSManagedPolicy")
"""AWS's words for `Filter`, in the order in which the pages run."""

ALL = 2**31
"""Of what a quota keeps few."""


class _Item(NamedTuple):
    kind: str
    thing: Thing

    @property
    def bookmark(self) -> str:
        return f"{self.kind}/{bookmark(self.thing) if isinstance(self.thing, ManagedPolicy) else self.thing.name}"


@iam.operation("GetAccountAuthorizationDetails", access=Access.READ, resource=everything)
def get_account_authorization_details(
    ctx: Context, request: shapes.GetAccountAuthorizationDetailsRequest
) -> shapes.GetAccountAuthorizationDetailsResponse:
    """One page of users, groups, roles and policies, each with all its policies. Raises ValidationError (marker)."""
    ctx.authority.drain_journals()  # for the last uses of roles
    window = pages.window(request, "details")
    wanted = request.get("Filter") or KINDS
    found: list[_Item] = []
    for kind, after in _sections(window.after):
        if kind in wanted and len(found) < window.reach:
            section = replace(window, after=after, limit=window.limit - len(found))
            found += [_Item(kind, thing) for thing in _page(ctx, kind, section)]
    shown, end = window.cut(found, lambda item: item.bookmark)
    things = [item.thing for item in shown]
    page = {
        "UserDetailList": [_user(ctx, thing) for thing in things if isinstance(thing, User)],
        "GroupDetailList": [_group(ctx, thing) for thing in things if isinstance(thing, Group)],
        "RoleDetailList": [_role(ctx, thing) for thing in things if isinstance(thing, Role)],
        "Policies": [_policy(ctx, thing) for thing in things if isinstance(thing, ManagedPolicy)],
        **end,
    }
    return cast("shapes.GetAccountAuthorizationDetailsResponse", page)


def _sections(after: str | None) -> Iterator[tuple[str, str | None]]:
    """The kinds still to come after `kind/name`, each with the name to go on from. Raises ValidationError for a kind that there is not."""
    kind, _, name = (after or KINDS[0]).partition("/")
    if kind not in KINDS:
        raise ValidationError("Invalid Marker.")
    for other in KINDS[KINDS.index(kind) :]:
        yield other, name if other == kind and name else None


def _page(ctx: Context, kind: str, window: Window) -> Sequence[Thing]:
    """What is of one kind, as far as `window` reaches."""
    store, account = ctx.store, ctx.account
    match kind:
        case "User":
            return store.users.page(account, after=window.after, limit=window.reach)
        case "Group":
            return store.groups.page(account, after=window.after, limit=window.reach)
        case "Role":
            return store.roles.page(account, after=window.after, limit=window.reach)
        case "LocalManagedPolicy":
            return store.managed_policies.page((account,), after=first_after(ctx, window), limit=window.reach)
        case _:
            return store.managed_policies.page((AWS,), attached_in=account, after=first_after(ctx, window), limit=window.reach)


# The details of each. Documents are written percent-encoded, as everywhere in IAM (W6.6).


def _user(ctx: Context, user: User) -> dict[str, Any]:
    return {
        **users.detailed(user),
        "UserPolicyList": _inline(ctx, user.id),
        "GroupList": [group.name for group in ctx.store.groups.of_user(user.id, limit=ALL)],
        "AttachedManagedPolicies": _attached(ctx, user.id),
    }


def _group(ctx: Context, group: Group) -> dict[str, Any]:
    return {
        **groups.listed(group),
        "GroupPolicyList": _inline(ctx, group.id),
        "AttachedManagedPolicies": _attached(ctx, group.id),
    }


def _role(ctx: Context, role: Role) -> dict[str, Any]:
    profiles = ctx.store.instance_profiles.of_role(role.id, limit=ALL)
    return {
        **roles.identified(ctx, role),
        **roles.bounds_and_tags(role),
        "InstanceProfileList": [instance_profiles.listed(ctx, profile) for profile in profiles],
        "RolePolicyList": _inline(ctx, role.id),
        "AttachedManagedPolicies": _attached(ctx, role.id),
        "RoleLastUsed": roles.last_used(ctx, role),
    }


def _policy(ctx: Context, policy: ManagedPolicy) -> dict[str, Any]:
    versions = ctx.store.managed_policies.versions(policy.id, limit=ALL)
    shown: dict[str, Any] = {
        **managed_policies.listed(ctx, policy),
        "PolicyVersionList": [{"Document": version.document, **policy_versions.listed(policy, version)} for version in versions],
    }
    if policy.description:
        shown["Description"] = policy.description
    return shown


def _inline(ctx: Context, principal_id: str) -> list[shapes.PolicyDetail]:
    return [{"PolicyName": name, "PolicyDocument": document} for name, document in ctx.store.inline_policies.all(principal_id)]


def _attached(ctx: Context, principal_id: str) -> list[shapes.AttachedPolicy]:
    policies = ctx.store.attachments.of(principal_id, limit=ALL)
    return [{"PolicyName": policy.name, "PolicyArn": str(policy.arn)} for policy in policies]
