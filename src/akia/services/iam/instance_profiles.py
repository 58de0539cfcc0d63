"""Instance profiles, which hand one role to machines: their making, their look-up, the role in them, their end.

Whoever puts a role into a profile gives it away, and so needs `iam:PassRole` on it, for EC2 (P2.1-6). The other operation here that a role
is passed to is Access Analyzer's StartPolicyGeneration; AssumeRole passes none, it asks the role itself.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from akia.aws.errors import DeleteConflict, NoSuchEntity
from akia.aws.ids import Prefix
from akia.identity.instance_profile import ROLES_PER_PROFILE, InstanceProfile
from akia.operation import Access, Required
from akia.services.iam import pages, roles, tags
from akia.services.iam._iam import ROLE, iam, require_room, utc
from akia.services.iam.identities import role_arn, role_conditions, role_named
from akia.services.iam.named import TaggedKind
from akia.services.iam.protected_roles import modifiable_role
from akia.services.iam.tagging import given_tags, tagging_too
from akia.services.iam.trust_policies import about_role

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from akia.operation import Context
    from akia.wire.shapes import iam as shapes

INSTANCE_PROFILE = "AWS::IAM::InstanceProfile"
PASSED_TO = "ec2.amazonaws.com"

PROFILES: TaggedKind[InstanceProfile] = TaggedKind(
    value=InstanceProfile,
    type=INSTANCE_PROFILE,
    member="InstanceProfileName",
    repository=lambda store: store.instance_profiles,
    absent="Instance Profile {} cannot be found.",
    exists="Instance Profile {} already exists.",
)


def about_profile(request: Mapping[str, Any], result: object) -> Iterator[tuple[str, str]]:
    """The event's resources: the profile, and the role if the request names one."""
    for kind, member in ((INSTANCE_PROFILE, "InstanceProfileName"), (ROLE, "RoleName")):
        if member in request:
            yield kind, request[member]


def listed(ctx: Context, profile: InstanceProfile) -> shapes.InstanceProfile:
    """A profile as lists show it: without tags, which only GetInstanceProfile tells."""
    role = ctx.store.roles.with_id(profile.role) if profile.role is not None else None
    return {
        "Path": profile.path,
        "InstanceProfileName": profile.name,
        "InstanceProfileId": profile.id,
        "Arn": str(profile.arn),
        "CreateDate": utc(profile.created),
        "Roles": [roles.identified(ctx, role)] if role is not None else [],
    }


def detailed(ctx: Context, profile: InstanceProfile) -> shapes.InstanceProfile:
    """A profile with all that is known about it."""
    shown = listed(ctx, profile)
    if profile.tags:
        shown["Tags"] = tags.to_wire(profile.tags)
    return shown


@iam.operation(
    "CreateInstanceProfile",
    access=Access.PERMISSIONS,
    resource=PROFILES.new_arn,
    conditions=given_tags,
    also=tagging_too("iam:TagInstanceProfile", PROFILES.new_arn),
    event_resources=about_profile,
)
def create_instance_profile(ctx: Context, request: shapes.CreateInstanceProfileRequest) -> shapes.CreateInstanceProfileResponse:
    """An empty one. Names are unique without regard to case (P5.4-21).

    Raises EntityAlreadyExists, LimitExceeded (P5.4-6), InvalidInput for tags.
    """
    name, quotas, profiles = request["InstanceProfileName"], ctx.authority.quotas, ctx.store.instance_profiles
    given = tags.given(request.get("Tags"), quotas, tags.exactly)
    require_room("InstanceProfilesPerAccount", profiles.count(ctx.account), quotas.instance_profiles_per_account)
    path = request.get("Path", "/")
    profile = PROFILES.create(
        ctx, request, Prefix.INSTANCE_PROFILE, lambda fresh: InstanceProfile(ctx.account, fresh, name, path, ctx.now, given), profiles.add
    )
    return {"InstanceProfile": detailed(ctx, profile)}


@iam.operation(
    "GetInstanceProfile", access=Access.READ, resource=PROFILES.arn, conditions=PROFILES.conditions, event_resources=about_profile
)
def get_instance_profile(ctx: Context, request: shapes.GetInstanceProfileRequest) -> shapes.GetInstanceProfileResponse:
    """Raises NoSuchEntity."""
    return {"InstanceProfile": detailed(ctx, PROFILES.meant(ctx, request))}


@iam.operation(
    "DeleteInstanceProfile", access=Access.PERMISSIONS, resource=PROFILES.arn, conditions=PROFILES.conditions, event_resources=about_profile
)
def delete_instance_profile(ctx: Context, request: shapes.DeleteInstanceProfileRequest) -> None:
    """Raises NoSuchEntity, DeleteConflict while a role is in it (P5.3-5)."""
    profile = PROFILES.meant(ctx, request)
    if profile.role is not None:
        raise DeleteConflict("Cannot delete entity, must remove roles from instance profile first.")
    ctx.store.instance_profiles.delete(profile)


@iam.operation("ListInstanceProfiles", access=Access.LIST, resource=PROFILES.collection)
def list_instance_profiles(ctx: Context, request: shapes.ListInstanceProfilesRequest) -> shapes.ListInstanceProfilesResponse:
    """In the order of names. Raises ValidationError (marker)."""
    shown, end = PROFILES.page(ctx, request, "instance profiles")
    return {"InstanceProfiles": [listed(ctx, profile) for profile in shown], **end}


@iam.operation("ListInstanceProfilesForRole", access=Access.LIST, resource=role_arn, conditions=role_conditions, event_resources=about_role)
def list_instance_profiles_for_role(
    ctx: Context, request: shapes.ListInstanceProfilesForRoleRequest
) -> shapes.ListInstanceProfilesForRoleResponse:
    """Those that the role is in, in the order of names. Raises NoSuchEntity, ValidationError (marker)."""
    role = role_named(ctx, request["RoleName"])
    window = pages.window(request, f"instance profiles of {role.id}")
    shown, end = window.cut(ctx.store.instance_profiles.of_role(role.id, window.after, window.reach), lambda profile: profile.name)
    return {"InstanceProfiles": [listed(ctx, profile) for profile in shown], **end}


def _passing(ctx: Context, request: Mapping[str, Any]) -> Iterator[Required]:
    """The role is handed to machines of this account, whichever they will be (P2.1-6)."""
    machines = f"arn:aws:ec2:*:{ctx.account}:instance/*"
    yield Required("iam:PassRole", role_arn(ctx, request), {"iam:passedtoservice": PASSED_TO, "iam:associatedresourcearn": machines})


@iam.operation(
    "AddRoleToInstanceProfile",
    access=Access.PERMISSIONS,
    resource=PROFILES.arn,
    conditions=PROFILES.conditions,
    also=_passing,
    event_resources=about_profile,
)
def add_role_to_instance_profile(ctx: Context, request: shapes.AddRoleToInstanceProfileRequest) -> None:
    """Raises NoSuchEntity, LimitExceeded while a role is in it, be it this one (P5.4-13), UnmodifiableEntity (P1.2-6)."""
    profile = PROFILES.meant(ctx, request)
    role = modifiable_role(ctx, request["RoleName"])
    require_room("InstanceSessionsPerInstanceProfile", int(profile.role is not None), ROLES_PER_PROFILE)
    ctx.store.instance_profiles.replace(replace(profile, role=role.id))


@iam.operation(
    "RemoveRoleFromInstanceProfile",
    access=Access.PERMISSIONS,
    resource=PROFILES.arn,
    conditions=PROFILES.conditions,
    event_resources=about_profile,
)
def remove_role_from_instance_profile(ctx: Context, request: shapes.RemoveRoleFromInstanceProfileRequest) -> None:
    """Raises NoSuchEntity, also for a role that is not in it; UnmodifiableEntity (P1.2-6)."""
    profile = PROFILES.meant(ctx, request)
    role = modifiable_role(ctx, request["RoleName"])
    if profile.role != role.id:
        raise NoSuchEntity(f"Role {role.name} in Instance Profile {profile.name} cannot be found.")
    ctx.store.instance_profiles.replace(replace(profile, role=None))
