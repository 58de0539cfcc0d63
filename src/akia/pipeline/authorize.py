"""May this caller do this, to these resources, now? The only place where a Grant is made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from akia.authority.reach import require_within_reach
from akia.operation import Context, Required, ResourcePolicy
from akia.pipeline.restrict import require_valid_key

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from akia.authority.judgement import Judgement
    from akia.operation import Operation, Parameters
    from akia.pipeline.identify import Call


@dataclass(frozen=True, slots=True)
class Grant:
    """Proof that policy allowed exactly this call. `execute` demands one.

    `generation` is that of the state it was decided on: if the state has moved when its turn to write comes, the call is authorized again.
    """

    call: Call
    context: Context
    params: Parameters
    prepared: Any
    judgements: Sequence[Judgement]
    generation: int


def authorize(call: Call, context: Context, params: Parameters, prepared: Any, judged: list[Judgement]) -> Grant:
    """A Grant for `call`. Raises AccessDenied in AWS's words, and InvalidClientTokenId for a key that is not valid now; `judged` then holds
    the decisions made so far, for the record."""
    operation, authority = call.operation, context.authority
    generation = authority.generation
    require_valid_key(context.caller, context.now)
    require_within_reach(context.caller.principal, operation)
    if operation.second_factor is not None:
        context.mfa_at = operation.second_factor(context, params)
    if not operation.always_allowed:
        policy = operation.resource_policy(context, params) if operation.resource_policy is not None else None
        for required, resource_policy in _requirements(operation, context, params, policy):
            judged.append(authority.judge(context, required, resource_policy))
            authority.enforce(judged[-1])
    elif context.caller.standing.policies.ceiling is not None:
        judged.append(authority.judge_by_key(context, Required(operation.action.text, "*")))
        authority.enforce(judged[-1])
    return Grant(call, context, params, prepared, judged, generation)


def _requirements(
    operation: Operation, context: Context, params: Parameters, policy: ResourcePolicy | None
) -> Iterator[tuple[Required, ResourcePolicy | None]]:
    """Everything that must be allowed: the action on each resource (P2.2-7), then the secondary authorizations (P2.1-6)."""
    resources = operation.resource(context, params)
    conditions = operation.conditions(context, params) if operation.conditions is not None else {}
    for resource in (resources,) if isinstance(resources, str) else resources or ("",):
        yield Required(operation.action.text, resource, conditions), policy  # an empty ARN matches nothing: denied (NT-86)
    if operation.also is not None:
        for required in operation.also(context, params):
            yield required, policy
