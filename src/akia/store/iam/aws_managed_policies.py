"""AWS's own managed policies: present in every database, the same for all accounts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from akia.identity.managed_policy import AWS, ManagedPolicy, PolicyVersion

if TYPE_CHECKING:
    from collections.abc import Iterable

    from akia.aws.managed_policies import ManagedPolicyFacts
    from akia.store.store import Store


def seed_managed_policies(store: Store, facts: Iterable[ManagedPolicyFacts]) -> None:
    """Brings the store's AWS managed policies to `facts`, inside the caller's transaction; what is there already is left alone.

    A policy whose version moved keeps its id and its older versions. None is ever deleted: it may be attached.
    """
    for fact in facts:
        known = store.managed_policies.with_arn(fact.arn)
        policy = _policy(fact, known.id if known else fact.policy_id)
        if known is None:
            store.managed_policies.add(policy, fact.document_text)
        elif known != policy:
            if store.managed_policies.version(policy.id, fact.version_id) is None:
                store.managed_policies.add_version(PolicyVersion(policy.id, fact.version_id, fact.document_text, policy.updated))
            store.managed_policies.replace(policy)


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
