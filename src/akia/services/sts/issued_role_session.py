"""What AssumeRole and its kin answer in common: the credentials of a new session of a role."""

from __future__ import annotations

from typing import TYPE_CHECKING

from akia.services.sts._sts import to_wire

if TYPE_CHECKING:
    from akia.identity.principal import RoleSession
    from akia.operation import Context
    from akia.wire.shapes import sts as shapes


def issued(ctx: Context, made: RoleSession, least: int) -> shapes.AssumeRoleResponse:
    """Credentials for `made`, in a token of at least `least` characters. Raises PackedPolicyTooLarge."""
    credentials = ctx.authority.tokens.issue(made.role.account, made.role.id, made.session, made.name, least=least)
    response: shapes.AssumeRoleResponse = {
        "Credentials": to_wire(credentials),
        "AssumedRoleUser": {"AssumedRoleId": made.unique_id, "Arn": str(made.arn)},
        "SessionTokenUtilization": credentials.utilization,
        "SessionTokenSize": credentials.size,
    }
    if made.session.policies or made.session.tags:
        response["PackedPolicySize"] = credentials.packed
    if made.session.source_identity is not None:
        response["SourceIdentity"] = made.session.source_identity
    return response
