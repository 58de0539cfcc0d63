"""Trust policies: who may assume a role. They are kept with the unique ids of users and roles, and shown with their ARNs (P1.7-5).

So whoever takes over a deleted user's name does not take over the trust in it (NT-36).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from akia import policy
from akia.authority.principal_names import arn_of, id_of
from akia.operation import Access
from akia.services.iam._iam import ROLE, iam
from akia.services.iam.boundaries import bounded_role_conditions
from akia.services.iam.identities import role_arn
from akia.services.iam.policy_documents import check_trust
from akia.services.iam.protected_roles import modifiable_role

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from akia.operation import Context
    from akia.wire.shapes import iam as shapes


def kept(ctx: Context, document: str) -> str:
    """The trust policy `document` as it is stored. Raises MalformedPolicyDocument (P5.2; P1.7-6: no such principal), LimitExceeded."""
    check_trust(document, ctx.authority.quotas)
    return policy.principals_to_ids(document, lambda arn: id_of(ctx.store, arn))


def shown(ctx: Context, stored: str) -> str:
    """The stored trust policy as it is shown. Deleted users and roles are shown by their ids."""
    return policy.principals_to_arns(stored, lambda unique_id: arn_of(ctx.store, unique_id))


def about_role(request: Mapping[str, str], result: object) -> Iterable[tuple[str, str]]:
    """The event's resource: the role that the request names."""
    return [(ROLE, request["RoleName"])]


@iam.operation(
    "UpdateAssumeRolePolicy", access=Access.PERMISSIONS, resource=role_arn, conditions=bounded_role_conditions, event_resources=about_role
)
def update_assume_role_policy(ctx: Context, request: shapes.UpdateAssumeRolePolicyRequest) -> None:
    """Raises NoSuchEntity, MalformedPolicyDocument (P5.2), LimitExceeded (P5.4-7), UnmodifiableEntity (P1.2-6)."""
    role = modifiable_role(ctx, request["RoleName"])
    ctx.store.roles.replace(replace(role, trust=kept(ctx, request["PolicyDocument"])))
