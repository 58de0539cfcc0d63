"""Session policies: what narrows a session down from what its role may do (P1.7-8)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from akia import policy
from akia.aws.errors import MalformedPolicyDocument, ValidationError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from akia.operation import Context
    from akia.wire.shapes import sts as shapes

MOST_ARNS = 10


def session_policies(
    ctx: Context, text: str | None, descriptors: Sequence[shapes.PolicyDescriptorType], account: str
) -> tuple[tuple[str, str], ...]:
    """The pairs that a session carries (`SessionFacts.policies`), of the inline policy `text` and the managed ones that `descriptors` name.

    `account` is that of the role: its managed policies may be named, and AWS's. Raises ValidationError for more than P5.4-16 allows,
    and MalformedPolicyDocument.
    """
    arns = [descriptor.get("arn", "") for descriptor in descriptors]
    _require_fit(text or "", arns, ctx.authority.quotas.session_policy_length)
    pairs = [(arn, _id_of(ctx, arn, account)) for arn in arns]
    if text is not None:
        policy.parse(text, policy.Kind.SESSION)
        pairs.append(("", text))
    return tuple(pairs)


def _id_of(ctx: Context, arn: str, account: str) -> str:
    """What tells the policy from a later namesake (NT-36); "" for AWS's, which have none. Raises MalformedPolicyDocument."""
    found = ctx.store.managed_policies.with_arn(arn)
    if found is None or found.account not in {account, "aws"}:
        raise MalformedPolicyDocument(f"The specified managed policy {arn} does not exist.")
    return "" if found.account == "aws" else found.id


def _require_fit(text: str, arns: Sequence[str], most: int) -> None:
    """Both limits of P5.4-16. The plain text of the ARNs counts too, as AWS documents it."""
    if len(arns) > MOST_ARNS:
        raise _too_long("policyArns", MOST_ARNS)
    if len(text) + sum(map(len, arns)) > most:
        raise _too_long("policy", most)


def _too_long(member: str, most: int) -> ValidationError:
    constraint = f"Member must have length less than or equal to {most}"
    return ValidationError(f"1 validation error detected: Value at '{member}' failed to satisfy constraint: {constraint}")
