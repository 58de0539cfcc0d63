"""IAM users: CreateUser, GetUser, ListUsers, UpdateUser, DeleteUser."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from akia.aws.errors import DeleteConflict
from akia.aws.ids import Prefix
from akia.identity.account import root_arn
from akia.identity.principal import Root
from akia.identity.user import User
from akia.operation import Access, Conditions, Context
from akia.services.iam import tags
from akia.services.iam._iam import iam, request_tags, require_room, utc
from akia.services.iam.boundaries import boundary_policy
from akia.services.iam.identities import USERS, named_user_or_caller, user_arn, user_conditions, user_named
from akia.services.iam.policy_holders import require_no_policies
from akia.services.iam.tagging import tagging_too

if TYPE_CHECKING:
    from collections.abc import Mapping

    from akia.wire.shapes import iam as shapes


def listed(user: User, password_used: int | None = None) -> shapes.User:
    """A user as lists show it: without tags and boundary, which only GetUser tells. `password_used` is when it last signed in."""
    shown: shapes.User = {
        "Path": user.path,
        "UserName": user.name,
        "UserId": user.id,
        "Arn": str(user.arn),
        "CreateDate": utc(user.created),
    }
    if password_used is not None:
        shown["PasswordLastUsed"] = utc(password_used)
    return shown


def detailed(user: User, password_used: int | None = None) -> shapes.User:
    """A user with all that is known about it."""
    shown = listed(user, password_used)
    if user.boundary is not None:
        shown["PermissionsBoundary"] = {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": user.boundary}
    if user.tags:
        shown["Tags"] = tags.to_wire(user.tags)
    return shown


def _creation(ctx: Context, request: Mapping[str, Any]) -> Conditions:
    boundary = request.get("PermissionsBoundary")
    return {**request_tags(request.get("Tags")), **({"iam:permissionsboundary": boundary} if boundary else {})}


@iam.operation(
    "CreateUser",
    access=Access.PERMISSIONS,
    resource=USERS.new_arn,
    conditions=_creation,
    also=tagging_too("iam:TagUser", USERS.new_arn),
    event_resources=USERS.about,
)
def create_user(ctx: Context, request: shapes.CreateUserRequest) -> shapes.CreateUserResponse:
    """Names are unique without regard to case (P5.4-21).

    Raises EntityAlreadyExists, LimitExceeded, NoSuchEntity and ValidationError for the boundary, InvalidInput for tags.
    """
    name, quotas, users = request["UserName"], ctx.authority.quotas, ctx.store.users
    given = tags.given(request.get("Tags"), quotas)
    boundary = request.get("PermissionsBoundary")
    if boundary is not None:
        boundary_policy(ctx, boundary)
    require_room("UsersPerAccount", users.count(ctx.account), quotas.users_per_account)
    path = request.get("Path", "/")
    user = USERS.create(ctx, request, Prefix.USER, lambda fresh: User(ctx.account, fresh, name, path, ctx.now, given, boundary), users.add)
    return {"User": detailed(user)}


@iam.operation("GetUser", access=Access.READ, resource=user_arn, conditions=user_conditions, event_resources=USERS.about)
def get_user(ctx: Context, request: shapes.GetUserRequest) -> shapes.GetUserResponse:
    """Without a name: who signed, be it the account's root, which has no name. Raises NoSuchEntity, ValidationError (roles)."""
    if "UserName" not in request and isinstance(ctx.caller.principal, Root):
        return {"User": root_user(ctx)}
    user = named_user_or_caller(ctx, request)
    return {"User": detailed(user, _password_used(ctx, user.id))}


def _password_used(ctx: Context, owner: str) -> int | None:
    profile = ctx.store.login_profiles.of(owner)
    return profile.used if profile is not None else None


def root_user(ctx: Context) -> shapes.User:
    """The account's root user, as far as it is a user."""
    account = ctx.store.accounts.get(ctx.account)
    created = account.created if account else 0
    known = {"UserId": ctx.account, "Arn": str(root_arn(ctx.account)), "CreateDate": utc(created)}
    used = _password_used(ctx, ctx.account)
    if used is not None:
        known["PasswordLastUsed"] = utc(used)
    return cast("shapes.User", known)  # the model wants a name and a path, but the root user has none


@iam.operation("ListUsers", access=Access.LIST, resource=USERS.collection)
def list_users(ctx: Context, request: shapes.ListUsersRequest) -> shapes.ListUsersResponse:
    """In the order of names. Raises ValidationError (marker)."""
    users, end = USERS.page(ctx, request, "users")
    used = ctx.store.login_profiles.used(ctx.account)
    return {"Users": [listed(user, used.get(user.id)) for user in users], **end}


@iam.operation("UpdateUser", access=Access.PERMISSIONS, resource=USERS.both_arns, conditions=user_conditions, event_resources=USERS.about)
def update_user(ctx: Context, request: shapes.UpdateUserRequest) -> None:
    """Rename or move. The unique id stays, and with it keys, groups and policies. Raises NoSuchEntity, EntityAlreadyExists."""
    USERS.rename(ctx, request)


@iam.operation("DeleteUser", access=Access.PERMISSIONS, resource=user_arn, conditions=user_conditions, event_resources=USERS.about)
def delete_user(ctx: Context, request: shapes.DeleteUserRequest) -> None:
    """Raises NoSuchEntity, and DeleteConflict while something still belongs to the user (P5.3-5)."""
    user = user_named(ctx, request["UserName"])
    _require_nothing_left(ctx, user)
    ctx.store.users.delete(user)


def _require_nothing_left(ctx: Context, user: User) -> None:
    store = ctx.store
    require_no_policies(ctx, user)
    if store.groups.count_of_user(user.id):
        raise DeleteConflict("Cannot delete entity, must remove users from group first.")
    if store.access_keys.of(user.id):
        raise DeleteConflict("Cannot delete entity, must delete access keys first.")
    if store.signing_certificates.of(user.id):
        raise DeleteConflict("Cannot delete entity, must delete certificates first.")
    if store.ssh_public_keys.of(user.id) or store.service_credentials.of(user.id):
        raise DeleteConflict("Cannot delete entity, must remove referenced objects first.")
    if store.login_profiles.of(user.id):
        raise DeleteConflict("Cannot delete entity, must delete login profile first.")
    if store.mfa_devices.of(user.id):
        raise DeleteConflict("Cannot delete entity, must delete MFA device first.")
