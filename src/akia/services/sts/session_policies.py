"""Session policies: what narrows a session down from what its role may do (P1.7-8)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from akia import policy
from akia.aws.errors import MalformedPolicyDocument, PackedPolicyTooLarge

if TYPE_CHECKING:
    from collections.abc import Sequence

    from akia.operation import Context
    from akia.wire.shapes import sts as shapes

MOST_ARNS = 10


def session_policies(
    ctx: Context, text: str | None, arns: Sequence[shapes.PolicyDescriptorType], account: str
) -> tuple[tuple[str, str], ...]:
    """The `(arn, text)` pairs that a session carries. `account` is that of the role, whose managed policies and AWS's may be named.

    Raises MalformedPolicyDocument and PackedPolicyTooLarge (P5.4-16).
    """
    named = [descriptor.get("arn", "") for descriptor in arns]
    if len(named) > MOST_ARNS:
        raise PackedPolicyTooLarge(f"The number of session policy ARNs exceeds the limit of {MOST_ARNS}.")
    for arn in named:
        found = ctx.store.managed_policies.with_arn(arn)
        if found is None or found.account not in {account, "aws"}:
            raise MalformedPolicyDocument(f"The specified managed policy {arn} does not exist.")
    pairs = [(arn, "") for arn in named]
    if text is not None:
        if len(text) > ctx.authority.quotas.session_policy_length:
            raise PackedPolicyTooLarge("The session policy is longer than allowed.")
        policy.parse(text, policy.Kind.SESSION)
        pairs.append(("", text))
    return tuple(pairs)
