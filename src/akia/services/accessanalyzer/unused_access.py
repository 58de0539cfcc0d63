"""What an account grants and nobody uses: roles, access keys, permissions. Worked out from the events whenever somebody looks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import NAMESPACE_URL, uuid5

from akia import policy
from akia.aws.errors import MalformedPolicyDocument
from akia.identity.access_key import KeyStatus
from akia.identity.role import Role
from akia.policy import Kind
from akia.policy.access import Reach

if TYPE_CHECKING:
    from collections.abc import Iterator

    from akia.identity.analyzer import Analyzer
    from akia.identity.user import User
    from akia.operation import Context
    from akia.store.trail.evidence import Use

DAY = 86_400
TRACKED_DAYS = 400
"""How far back a last use is told."""
EVERYONE = 1_000_000


class UnusedAccess(NamedTuple):
    """A finding. `since`: from when on it has been unused long enough (epoch seconds); `details` as the API has them."""

    id: str
    type: str
    resource: str
    resource_type: str
    since: int
    details: list[dict[str, Any]]


def unused_access(ctx: Context, analyzer: Analyzer) -> Iterator[UnusedAccess]:
    """All findings of the analyzer, as of now. What is younger than its period is left alone, as are service-linked roles."""
    ctx.authority.drain_journals()
    oldest = ctx.now - analyzer.days * DAY
    roles = [role for role in ctx.store.roles.page(ctx.account, limit=EVERYONE) if not role.is_service_linked]
    entities: list[User | Role] = [*roles, *ctx.store.users.page(ctx.account, limit=EVERYONE)]
    for entity in entities:
        if entity.created <= oldest and not analyzer.leaves_out(entity.tags):
            yield from _of_entity(ctx, analyzer, entity, oldest)


def _of_entity(ctx: Context, analyzer: Analyzer, entity: User | Role, oldest: int) -> Iterator[UnusedAccess]:
    uses = _uses(ctx, entity)
    last = max((use.last_ms // 1000 for use in uses), default=None)
    if isinstance(entity, Role):
        if last is None or last < oldest:
            since = (entity.created if last is None else last) + analyzer.days * DAY
            yield _finding(analyzer, "UnusedIAMRole", entity, since, [{"unusedIamRoleDetails": _at(last)}])
            return  # of a role that nobody uses all permissions are unused
    else:
        yield from _keys(ctx, analyzer, entity, oldest)
    details = list(_permissions(ctx, entity, uses, oldest))
    if details:
        yield _finding(analyzer, "UnusedPermission", entity, entity.created + analyzer.days * DAY, details)


def _uses(ctx: Context, entity: User | Role) -> list[Use]:
    since = (ctx.now - TRACKED_DAYS * DAY) * 1000
    return ctx.store.evidence.uses(ctx.account, entity.id, since, ctx.now * 1000 + 999, sessions=isinstance(entity, Role))


def _keys(ctx: Context, analyzer: Analyzer, user: User, oldest: int) -> Iterator[UnusedAccess]:
    for key in ctx.store.access_keys.of(user.id):
        used = ctx.store.events.last_used(key.id)
        last = used.at if used else None
        if key.status is KeyStatus.ACTIVE and max(key.created, last or 0) < oldest:
            since = max(key.created, last or 0) + analyzer.days * DAY
            details = [{"unusedIamUserAccessKeyDetails": {"accessKeyId": key.id, **_at(last)}}]
            yield _finding(analyzer, "UnusedIAMUserAccessKey", user, since, details, key.id)


def _permissions(ctx: Context, entity: User | Role, uses: list[Use], oldest: int) -> Iterator[dict[str, Any]]:
    """Services that are not used at all; of the others the actions that are not."""
    reach = Reach(_readable(ctx, entity))
    latest: dict[str, int] = {}
    for use in uses:
        for name in (use.action, use.action.partition(":")[0]):
            latest[name] = max(latest.get(name, 0), use.last_ms // 1000)
    for prefix in reach.services():
        told: dict[str, Any] = {"serviceNamespace": prefix, **_at(latest.get(prefix))}
        if latest.get(prefix, 0) >= oldest:
            unused = [action for action in reach.actions(prefix) if latest.get(action, 0) < oldest]
            if not unused:
                continue
            told["actions"] = [{"action": action.partition(":")[2], **_at(latest.get(action))} for action in unused]
        yield {"unusedPermissionDetails": told}


def _readable(ctx: Context, entity: User | Role) -> Iterator[policy.Document]:
    for source in ctx.store.principals.policies_in_force(entity.id):
        try:
            yield policy.parse(source.document, Kind.IDENTITY_INLINE)
        except MalformedPolicyDocument:
            continue  # what cannot be read allows nothing


def _at(seconds: int | None) -> dict[str, Any]:
    return {} if seconds is None else {"lastAccessed": seconds}


def _finding(analyzer: Analyzer, kind: str, entity: User | Role, since: int, details: list[dict[str, Any]], part: str = "") -> UnusedAccess:
    """Its id depends on what it is about and on nothing else, so that it stays the same from look to look."""
    resource = str(entity.arn)
    name = str(uuid5(NAMESPACE_URL, f"{analyzer.arn} {kind} {entity.id} {part}"))
    return UnusedAccess(name, kind, resource, "AWS::IAM::Role" if isinstance(entity, Role) else "AWS::IAM::User", since, details)
