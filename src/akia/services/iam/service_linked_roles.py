"""Roles that belong to services: CreateServiceLinkedRole, DeleteServiceLinkedRole, GetServiceLinkedRoleDeletionStatus.

Their service alone may take them, and nobody changes more of them than the description (see `protected_roles`). A deletion is done or
refused within the call that asks for it; what became of it is remembered. It is refused while the service has something in the account
that the role is for, as far as akia is that service.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from akia.aws.errors import InvalidInput, NoSuchEntity
from akia.aws.ids import Prefix, new_guid
from akia.aws.service_linked_roles import LONGEST_NAME, LinkedService, linked_service
from akia.identity.role import SERVICE_LINKED, Role
from akia.identity.role_deletion import DeletionStatus, RoleDeletion, RoleUsage
from akia.operation import Access
from akia.services.iam import roles
from akia.services.iam._iam import ROLE, iam, iam_arn, with_fresh_id
from akia.services.iam.identities import role_arn, role_conditions, role_named
from akia.services.iam.trust_policies import about_role
from akia.store.errors import NameTaken

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from akia.operation import Conditions, Context
    from akia.wire.shapes import iam as shapes

_GLOBAL = "aws-global"
"""The region of what has none, in the reasons of a failed deletion."""


# Making one.


def _new_arn(ctx: Context, request: Mapping[str, Any]) -> str:
    """The ARN of the role to be created; of a service that has none, as far as it is known. Never raises."""
    principal = request["AWSServiceName"]
    service = linked_service(principal)
    name = service.role_name(request.get("CustomSuffix")) if service else "AWSServiceRoleFor"
    return iam_arn(ctx, f"role{_path(principal)}{name}")


def _service_name(ctx: Context, request: Mapping[str, Any]) -> Conditions:
    return {"iam:awsservicename": request["AWSServiceName"]}


def _about_new_role(request: Mapping[str, Any], result: Mapping[str, Any] | None) -> Iterator[tuple[str, str]]:
    """The event's resource: the role, once it has a name."""
    if result is not None:
        yield ROLE, result["Role"]["RoleName"]


@iam.operation(
    "CreateServiceLinkedRole", access=Access.PERMISSIONS, resource=_new_arn, conditions=_service_name, event_resources=_about_new_role
)
def create_service_linked_role(ctx: Context, request: shapes.CreateServiceLinkedRoleRequest) -> shapes.CreateServiceLinkedRoleResponse:
    """The role of a service, with its policy if akia has that. A full account may have it all the same: the quota of roles does not hold.

    Raises InvalidInput: no such service, a suffix where none is allowed (P5.3-4), a name that is taken or too long.
    """
    service, name = _service_and_name(request)
    make = _maker(ctx, service, name, request.get("Description", ""))
    try:
        role = with_fresh_id(ctx, Prefix.ROLE, make, ctx.store.roles.add)
    except NameTaken:
        raise InvalidInput(f"Service role name {name} has been taken in this account, please try a different suffix.") from None
    policy = ctx.store.managed_policies.with_arn(service.policy_arn) if service.policy_arn else None
    if policy is not None:
        ctx.store.attachments.attach(policy.id, role.id, ctx.account)
    return {"Role": roles.made(ctx, role)}


def _service_and_name(request: shapes.CreateServiceLinkedRoleRequest) -> tuple[LinkedService, str]:
    """The service that is meant, and the name of its role. Raises InvalidInput."""
    principal, suffix = request["AWSServiceName"], request.get("CustomSuffix")
    service = linked_service(principal)
    if service is None:
        raise InvalidInput(f"{principal} is not a service that has a service-linked role.")
    if suffix is not None and not service.takes_suffix:
        raise InvalidInput(f"Custom suffix is not allowed for {principal}")
    name = service.role_name(suffix)
    if len(name) > LONGEST_NAME:
        raise InvalidInput(f"Service role name {name} must not be longer than {LONGEST_NAME} characters.")
    return service, name


def _maker(ctx: Context, service: LinkedService, name: str, description: str) -> Callable[[str], Role]:
    """The new role, but for its id: only its service is trusted."""
    statement = {"Effect": "Allow", "Principal": {"Service": service.principal}, "Action": "sts:AssumeRole"}
    trust = orjson.dumps({"Version": "2012-10-17", "Statement": [statement]}).decode()
    return lambda fresh: Role(ctx.account, fresh, name, _path(service.principal), ctx.now, trust, description)


def _path(principal: str) -> str:
    return f"{SERVICE_LINKED}{principal}/"


# Deleting one.


@iam.operation(
    "DeleteServiceLinkedRole", access=Access.PERMISSIONS, resource=role_arn, conditions=role_conditions, event_resources=about_role
)
def delete_service_linked_role(ctx: Context, request: shapes.DeleteServiceLinkedRoleRequest) -> shapes.DeleteServiceLinkedRoleResponse:
    """Delete the role, its policies and with them its sessions, unless its service still needs it; the task's status tells which.

    Raises NoSuchEntity, also for roles that are not service-linked.
    """
    role = role_named(ctx, request["RoleName"])
    if not role.is_service_linked:
        raise NoSuchEntity(f"The service linked role with name {role.name} cannot be found.")
    usages = tuple(_usages(ctx, role))
    if not usages:
        _delete(ctx, role)
    status, reason = (DeletionStatus.FAILED, "The linked service still uses the role.") if usages else (DeletionStatus.SUCCEEDED, "")
    deletion = RoleDeletion(new_guid(), ctx.account, role.path, role.name, ctx.now, status, reason, usages)
    ctx.store.role_deletions.add(deletion)
    return {"DeletionTaskId": deletion.task}


def _delete(ctx: Context, role: Role) -> None:
    for policy in ctx.store.attachments.of(role.id):
        ctx.store.attachments.detach(policy.id, role.id)
    ctx.store.roles.delete(role)


def _usages(ctx: Context, role: Role) -> Iterator[RoleUsage]:
    """What the role's service has in the account."""
    if role.path == _path("organizations.amazonaws.com"):
        organization = ctx.store.organizations.of_account(ctx.account)
        if organization is not None:
            yield RoleUsage(_GLOBAL, (organization.arn("organization"),))
    if role.path == _path("access-analyzer.amazonaws.com"):
        analyzers = ctx.store.analyzers.everywhere(ctx.account)
        for region in sorted({analyzer.region for analyzer in analyzers}):
            yield RoleUsage(region, tuple(str(analyzer.arn) for analyzer in analyzers if analyzer.region == region))


# What became of it.


def _role_of_task(ctx: Context, request: Mapping[str, Any]) -> str:
    """The ARN of the role that the task names; of all roles if it names none. Never raises."""
    path, name, _ = _parts(request["DeletionTaskId"]) or (SERVICE_LINKED, "*", "")
    return iam_arn(ctx, f"role{path}{name}")


def _about_task(request: Mapping[str, Any], result: object) -> Iterator[tuple[str, str]]:
    parts = _parts(request["DeletionTaskId"])
    if parts is not None:
        yield ROLE, parts[1]


@iam.operation("GetServiceLinkedRoleDeletionStatus", access=Access.READ, resource=_role_of_task, event_resources=_about_task)
def get_service_linked_role_deletion_status(
    ctx: Context, request: shapes.GetServiceLinkedRoleDeletionStatusRequest
) -> shapes.GetServiceLinkedRoleDeletionStatusResponse:
    """What the deletion did; why not, if it did nothing. Raises InvalidInput (no id of a task), NoSuchEntity."""
    task = request["DeletionTaskId"]
    parts = _parts(task)
    if parts is None:
        raise InvalidInput(f"The deletion task id {task} is not valid.")
    deletion = ctx.store.role_deletions.get(parts[2])
    if deletion is None or deletion.account != ctx.account or deletion.task != task:
        raise NoSuchEntity(f"The deletion task with id {task} cannot be found.")
    if deletion.status is DeletionStatus.SUCCEEDED:
        return {"Status": deletion.status.value}
    usages: list[shapes.RoleUsageType] = [{"Region": usage.region, "Resources": list(usage.resources)} for usage in deletion.usages]
    return {"Status": deletion.status.value, "Reason": {"Reason": deletion.reason, "RoleUsageList": usages}}


def _parts(task: str) -> tuple[str, str, str] | None:
    """The role's path, its name and the task's own id; None for what has another form."""
    parts = task.split("/")
    if len(parts) != 5 or parts[0] != "task" or f"/{parts[1]}/" != SERVICE_LINKED or not all(parts):
        return None
    return _path(parts[2]), parts[3], parts[4]
