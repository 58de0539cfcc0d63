"""IAM users: CreateUser, GetUser, ListUsers, UpdateUser, DeleteUser."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from akia.aws.errors import DeleteConflict, EntityAlreadyExists
from akia.aws.ids import Prefix
from akia.identity.account import root_arn
from akia.identity.principal import Root
from akia.identity.user import User
from akia.operation import Access, Conditions, Context
from akia.services.iam import pages, tags
from akia.services.iam._iam import (
    USER,
    boundary_policy,
    iam,
    iam_arn,
    named_user_or_caller,
    request_tags,
    require_room,
    user_arn,
    user_conditions,
    user_named,
    utc,
    with_fresh_id,
)
from akia.services.iam.tagging import tagging_too
from akia.store.errors import NameTaken

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

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
        shown["PermissionsBoundary"] = {"PermissionsBoundaryType": "PermissionsBoundaryPolicy", "PermissionsBoundaryArn": user.boundary}
    if user.tags:
        shown["Tags"] = tags.to_wire(user.tags)
    return shown


def event_users(request: Mapping[str, Any], result: object) -> Iterator[tuple[str, str]]:
    """The users that a request names, the new name of a renamed one too."""
    for member in ("UserName", "NewUserName"):
        if member in request:
            yield USER, request[member]


def _new_arn(ctx: Context, request: Mapping[str, Any]) -> str:
    """The ARN of the user to be created (P2.2-6)."""
    return iam_arn(ctx, f"user{request.get('Path', '/')}{request['UserName']}")


def _creation(ctx: Context, request: Mapping[str, Any]) -> Conditions:
    boundary = request.get("PermissionsBoundary")
    return {**request_tags(request.get("Tags")), **({"iam:permissionsboundary": boundary} if boundary else {})}


@iam.operation(
    "CreateUser",
    access=Access.PERMISSIONS,
    resource=_new_arn,
    conditions=_creation,
    also=tagging_too("iam:TagUser", _new_arn),
    event_resources=event_users,
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
    try:
        user = with_fresh_id(
            ctx,
            Prefix.USER,
            lambda fresh: User(ctx.account, fresh, name, request.get("Path", "/"), ctx.now, given, boundary),
            users.add,
        )
    except NameTaken:
        raise EntityAlreadyExists(f"User with name {name} already exists.") from None
    return {"User": detailed(user)}


@iam.operation("GetUser", access=Access.READ, resource=user_arn, conditions=user_conditions, event_resources=event_users)
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


def _collection(ctx: Context, request: Mapping[str, Any]) -> str:
    return iam_arn(ctx, f"user{request.get('PathPrefix', '/')}")


@iam.operation("ListUsers", access=Access.LIST, resource=_collection)
def list_users(ctx: Context, request: shapes.ListUsersRequest) -> shapes.ListUsersResponse:
    """In the order of names. Raises ValidationError (marker)."""
    window = pages.window(request, "users")
    found = ctx.store.users.page(ctx.account, request.get("PathPrefix", "/"), window.after, window.reach)
    users, end = window.cut(found, lambda user: user.name)
    used = ctx.store.login_profiles.used(ctx.account)
    return {"Users": [listed(user, used.get(user.id)) for user in users], **end}


def _both_arns(ctx: Context, request: Mapping[str, Any]) -> list[str]:
    """A rename needs permission on what the user is called and on what it will be called (NT-42)."""
    user = ctx.store.users.named(ctx.account, request["UserName"])
    path = request.get("NewPath", user.path if user else "/")
    return [user_arn(ctx, request), iam_arn(ctx, f"user{path}{request.get('NewUserName', request['UserName'])}")]


@iam.operation("UpdateUser", access=Access.PERMISSIONS, resource=_both_arns, conditions=user_conditions, event_resources=event_users)
def update_user(ctx: Context, request: shapes.UpdateUserRequest) -> None:
    """Rename or move. The unique id stays, and with it keys, groups and policies. Raises NoSuchEntity, EntityAlreadyExists."""
    user = user_named(ctx, request["UserName"])
    changed = replace(user, name=request.get("NewUserName", user.name), path=request.get("NewPath", user.path))
    try:
        ctx.store.users.replace(changed)
    except NameTaken:
        raise EntityAlreadyExists(f"User with name {changed.name} already exists.") from None


@iam.operation("DeleteUser", access=Access.PERMISSIONS, resource=user_arn, conditions=user_conditions, event_resources=event_users)
def delete_user(ctx: Context, request: shapes.DeleteUserRequest) -> None:
    """Raises NoSuchEntity, and DeleteConflict while something still belongs to the user (P5.3-5)."""
    user = user_named(ctx, request["UserName"])
    _require_nothing_left(ctx, user)
    ctx.store.users.delete(user)


def _require_nothing_left(ctx: Context, user: User) -> None:
    store = ctx.store
    if store.attachments.count_of(user.id):
        raise DeleteConflict("Cannot delete entity, must detach all policies first.")
    if store.inline_policies.any(user.id):
        raise DeleteConflict("Cannot delete entity, must delete policies first.")
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
