"""AWS's own managed policies: present in every database, the same for all accounts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from akia.aws import managed_policies
from akia.identity.managed_policy import AWS, ManagedPolicy, PolicyVersion

if TYPE_CHECKING:
    from collections.abc import Iterable

    from akia.aws.managed_policies import ManagedPolicyFacts
    from akia.store.store import Store

_EDITION = "AWS managed policies"
"""Under which name the store remembers which edition of the packaged policies it holds."""


def bring_managed_policies(store: Store) -> None:
    """Brings the packaged policies into a store that does not hold this edition of them, inside the caller's transaction."""
    if lacks_managed_policies(store):
        seed_managed_policies(store, managed_policies.all())
        store.editions.put(_EDITION, managed_policies.edition())


def lacks_managed_policies(store: Store) -> bool:
    """Whether the store holds another edition than the packaged one, or none."""
    return store.editions.of(_EDITION) != managed_policies.edition()


def seed_managed_policies(store: Store, facts: Iterable[ManagedPolicyFacts]) -> int:
    """Brings the store's AWS managed policies up to `facts`, inside the caller's transaction; how many were added or moved.

    A policy whose version moved keeps its id and its older versions; none goes back to a version before its latest. None is ever deleted:
    it may be attached.
    """
    known = {str(policy.arn): policy for policy in store.managed_policies.all_of(AWS)}
    fresh, moved = [], 0
    for fact in facts:
        held = known.get(fact.arn)
        if held is None:
            fresh.append((_policy(fact, fact.policy_id), fact.document_text))
        else:
            moved += _move(store, held, fact)
    store.managed_policies.add_many(fresh)
    return len(fresh) + moved


def _move(store: Store, held: ManagedPolicy, fact: ManagedPolicyFacts) -> bool:
    policy = _policy(fact, held.id)
    if held == policy or policy.latest_version < held.latest_version:
        return False
    if store.managed_policies.version(policy.id, fact.version_id) is None:
        store.managed_policies.add_version(PolicyVersion(policy.id, fact.version_id, fact.document_text, policy.updated))
    store.managed_policies.replace(policy)
    return True


def _policy(fact: ManagedPolicyFacts, policy_id: str) -> ManagedPolicy:
    return ManagedPolicy(
        account=AWS,
        id=policy_id,
        name=fact.name,
        path=fact.path,
        created=int(fact.created.timestamp()),
        updated=int(fact.updated.timestamp()),
        default_version=fact.version_id,
        latest_version=int(fact.version_id.removeprefix("v")),
        description=fact.description,
    )
