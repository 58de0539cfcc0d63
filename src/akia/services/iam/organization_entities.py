"""Where in an organization an access report looks: a root, an organizational unit or an account, by its path from the organization down."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from akia.identity.control_policy import AWS_POLICIES, SCP

if TYPE_CHECKING:
    from collections.abc import Iterator

    from akia.identity.organization import Organization
    from akia.operation import Context

EVERY = 1_000_000
"""More than there can be of anything that is listed whole."""


class CannotReport(Exception):
    """There is no report, and `code` and `message` tell the asker why."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


@dataclass(frozen=True, slots=True)
class Entity:
    """A root, unit or account. `levels` are the ids of all that service control policies can be attached to for it, from the root down."""

    organization: Organization
    levels: tuple[str, ...]

    @property
    def id(self) -> str:
        return self.levels[-1]

    @property
    def path(self) -> str:
        """`o-…/r-…/ou-…/123456789012`."""
        return "/".join((self.organization.id, *self.levels))

    @property
    def is_account(self) -> bool:
        return self.id.isdecimal()

    @property
    def is_management(self) -> bool:
        """Whether it is the management account, which no service control policy binds (P1.5-6)."""
        return self.id == self.organization.management_account


def entity_at(ctx: Context, organization_id: str, path: str) -> Entity:
    """The entity at `path`. Raises CannotReport."""
    organization = ctx.store.organizations.get(organization_id)
    if organization is not None and organization.management_account == ctx.account:
        entity = _entity(ctx, organization, path)
        if entity is not None:
            return entity
    raise CannotReport("NoSuchEntity", f"The organization has no entity {path}.")


def _entity(ctx: Context, organization: Organization, path: str) -> Entity | None:
    """The entity whose path this is, step by step; None if it is nobody's."""
    named, *levels = path.rstrip("/").split("/")
    if named != organization.id or not levels:
        return None
    last = levels[-1]
    if last.isdecimal():
        place = ctx.store.organizations.place_of(last)
        true_levels = place.levels if place is not None and place.organization.id == organization.id else ()
    else:
        true_levels = _containers(ctx, organization, last)
    return Entity(organization, true_levels) if true_levels == tuple(levels) else None


def _containers(ctx: Context, organization: Organization, container: str) -> tuple[str, ...]:
    """The root and the units down to `container`, itself included; nothing if it is not of the organization."""
    levels: list[str] = []
    while container != organization.root:
        unit = ctx.store.organizational_units.get(container)
        if unit is None or unit.organization != organization.id:
            return ()
        levels.append(container)
        container = unit.parent
    return (organization.root, *reversed(levels))


def accounts_below(ctx: Context, entity: Entity, policy_id: str | None) -> list[Entity]:
    """The accounts that the report is about: itself, or all below that policies bind; with `policy_id`, those that it applies to."""
    if entity.is_management:
        return [entity]
    found = [entity] if entity.is_account else list(_members_below(ctx, entity))
    if policy_id is None:
        return found
    targets = set(ctx.store.control_policy_targets.of_policy(policy_id, entity.organization.id, limit=EVERY))
    return [account for account in found if not targets.isdisjoint(account.levels)]


def _members_below(ctx: Context, entity: Entity) -> Iterator[Entity]:
    for member in ctx.store.members.page(entity.organization.id, limit=EVERY):
        place = ctx.store.organizations.place_of(member.account)
        if place is not None and not place.is_management and entity.id in place.levels:
            yield Entity(entity.organization, place.levels)


def scp_named(ctx: Context, organization: Organization, policy_id: str) -> str:
    """The text of the organization's service control policy. Raises CannotReport."""
    policy = AWS_POLICIES.get(policy_id) or ctx.store.control_policies.get(policy_id)
    if policy is None or policy.type != SCP or (policy.organization and policy.organization != organization.id):
        raise CannotReport("NoSuchEntity", f"The organization has no service control policy {policy_id}.")
    return policy.content


def dependent_permissions(ctx: Context, organization: Organization, path: str, policy_id: str | None) -> Iterator[tuple[str, str]]:
    """What whoever asks must be allowed of Organizations too, since the report tells it (P2.1-6). Nothing if there is no such entity."""
    entity = _entity(ctx, organization, path)
    if entity is None:
        return
    kind = "account" if entity.is_account else "root" if entity.id == organization.root else "ou"
    arn = organization.arn(kind, entity.id)
    yield "organizations:ListRoots", "*"
    yield "organizations:ListPoliciesForTarget", arn
    if kind != "root":
        yield "organizations:ListParents", arn
    if kind != "account":
        yield "organizations:ListChildren", arn
    policy = None if policy_id is None else AWS_POLICIES.get(policy_id) or ctx.store.control_policies.get(policy_id)
    if policy is not None:
        yield "organizations:DescribePolicy", str(policy.arn)
        yield "organizations:ListTargetsForPolicy", str(policy.arn)
