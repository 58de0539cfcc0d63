"""Whose policies are meant by `PolicySourceArn`, and how `MatchedStatements` name them (AC12.1)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from akia.authority.policies_in_force import OWN_PASSWORD, identity_sources, name_of
from akia.aws.arn import Arn
from akia.aws.errors import InvalidInput, NoSuchEntity
from akia.identity.group import Group
from akia.identity.principal import IamUser, RoleSession
from akia.identity.role import Role
from akia.identity.session import SessionFacts
from akia.identity.user import User

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from akia.identity.policy_source import PolicySource
    from akia.identity.principal import Principal
    from akia.operation import Context

Entity = User | Group | Role
Find = Callable[[str, str], Entity | None]
SIMULATED_SESSION = "simulation"
"""The session in whose name a role is simulated: nothing depends on it, for no policy can know it."""


@dataclass(frozen=True, slots=True)
class Source:
    """A document of a simulation. `id` and `type` are `SourcePolicyId` and `SourcePolicyType`; an inline policy's id is `owner/name`."""

    id: str
    type: str
    text: str


def entity_named(ctx: Context, arn: str) -> Entity:
    """The user, group or role of the caller's account that `arn` names, path included. Raises InvalidInput, NoSuchEntity (P5.3-1)."""
    try:
        parsed = Arn.parse(arn)
    except ValueError:
        raise InvalidInput(f"Invalid ARN: {arn}") from None
    kind, _, path = parsed.resource.partition("/")
    found: Mapping[str, Find] = {"user": ctx.store.users.named, "group": ctx.store.groups.named, "role": ctx.store.roles.named}
    if kind not in found or parsed.service != "iam" or not path:
        raise InvalidInput(f"Invalid Entity Arn: {arn} does not clearly define entity type and name.")
    name = path.rpartition("/")[2]
    entity = found[kind](ctx.account, name) if parsed.account == ctx.account else None
    if entity is None or str(entity.arn) != arn:
        raise NoSuchEntity(f"The {kind} with name {name} cannot be found.")
    return entity


def principal_of(entity: User | Role, now: int) -> Principal:
    """Who acts when `entity` acts; of a role, one of its sessions."""
    if isinstance(entity, User):
        return IamUser(entity)
    return RoleSession(entity, SIMULATED_SESSION, SessionFacts(SIMULATED_SESSION, now, now))


def sources_of(ctx: Context, entity: Entity) -> Mapping[str, Source]:
    """The identity-based policies in force for `entity`, a user's groups' and its account's included, by the names that decisions give
    them."""
    if isinstance(entity, Group):
        found: Sequence[PolicySource] = ctx.store.principals.policies_in_force(entity.id)
    else:
        found = identity_sources(principal_of(entity, ctx.now), ctx.store)
    return {name_of(policy): _source(ctx, entity, policy) for policy in found}


def _source(ctx: Context, entity: Entity, policy: PolicySource) -> Source:
    if policy is OWN_PASSWORD:
        return Source(name_of(policy), "none", policy.document)
    if policy.arn is not None:
        return Source(policy.arn, "aws-managed" if policy.arn.startswith("arn:aws:iam::aws:") else "user-managed", policy.document)
    owner: Entity | None = ctx.store.groups.with_id(policy.owner) if policy.layer == "group" else entity
    assert owner is not None  # the policy was found through it, in the same state of the store
    return Source(f"{owner.name}/{policy.name}", type(owner).__name__.lower(), policy.document)


def given(name: str, texts: Iterable[str], type_: str = "none") -> Mapping[str, Source]:
    """The documents of the parameter `name`, each called after its place: `PolicyInputList.1`."""
    return {f"{name}.{place}": Source(f"{name}.{place}", type_, text) for place, text in enumerate(texts, 1)}
