"""What the organization itself lets member accounts do with it: its resource policy, and the registration of delegated administrators.

Together they are the resource's side of a request that crosses accounts (P1.5): the caller's own policies must allow it too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    from akia.identity.organization import Organization
    from akia.operation import Context


def organization_side(ctx: Context, organization: Organization, action: str, *, registered_may: bool) -> str:
    """A policy document. `registered_may`: whether being registered for some service is reason enough for `action`."""
    policy = ctx.store.delegation_policies.get(organization.id)
    document: dict[str, Any] = orjson.loads(policy.content) if policy is not None else {"Version": "2012-10-17", "Statement": []}
    statements = document["Statement"] if isinstance(document["Statement"], list) else [document["Statement"]]
    if registered_may and ctx.store.delegations.of_account(organization.id, ctx.account, limit=1):
        statements.append({"Effect": "Allow", "Principal": {"AWS": ctx.account}, "Action": action, "Resource": "*"})
    return orjson.dumps(document | {"Statement": statements}).decode()
