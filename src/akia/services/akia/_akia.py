"""What akia's own operations share: the registry, the errors of the model, whom a request names, and pages of lists."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

from akia import policy
from akia.authority import page_tokens
from akia.aws.errors import AwsError, ValidationError
from akia.identity.managed_policy import AWS
from akia.keyring import Unsealable
from akia.operation import Operations
from akia.policy import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from akia.identity.group import Group
    from akia.identity.role import Role
    from akia.identity.user import User
    from akia.operation import Context
    from akia.wire.shapes import akia as shapes

    Target = User | Group | Role

akia = Operations("akia")
PAGE = 100
"""Items per answer, by default."""
ALLOWED = "allowed"
NEWLY_ALLOWED, NEWLY_DENIED = "NEWLY_ALLOWED", "NEWLY_DENIED"
OUTCOMES = {None: "", NEWLY_ALLOWED: ALLOWED, NEWLY_DENIED: "denied"}
"""By `Change`, what the store is asked for."""
Item = TypeVar("Item")


class ResourceNotFoundException(AwsError):
    code, status = "ResourceNotFoundException", 400


class ConflictException(AwsError):
    code, status = "ConflictException", 400


class InvalidSecurityKeyException(AwsError):
    code, status = "InvalidSecurityKeyException", 400


class ServiceQuotaExceededException(AwsError):
    code, status = "ServiceQuotaExceededException", 400


def target_arn(ctx: Context, request: Mapping[str, Any]) -> str:
    """The user, group or role that a request names."""
    return str(request["TargetArn"])


def target_of(ctx: Context, arn: str) -> Target:
    """The user, group or role of the caller's account with this ARN. Raises ResourceNotFoundException."""
    found: Target | None = None
    kind, _, path = arn.removeprefix(f"arn:aws:iam::{ctx.account}:").partition("/")
    name = path.rpartition("/")[2]
    match kind:
        case "user":
            found = ctx.store.users.named(ctx.account, name)
        case "group":
            found = ctx.store.groups.named(ctx.account, name)
        case "role":
            found = ctx.store.roles.named(ctx.account, name)
    if found is None or str(found.arn) != arn:
        raise ResourceNotFoundException(f"There is no user, group or role {arn}.")
    return found


def target_with_id(ctx: Context, unique_id: str) -> Target:
    """The user, group or role that a shadow policy stands on: it goes with it, so it is there."""
    store = ctx.store
    found = store.users.with_id(unique_id) or store.groups.with_id(unique_id) or store.roles.with_id(unique_id)
    assert found is not None
    return found


def checked_draft(ctx: Context, document: str) -> str:
    """`document`, if it can be an identity-based policy. Raises MalformedPolicyDocument (P5.2), ServiceQuotaExceededException (P5.4-15)."""
    limit = ctx.authority.quotas.role_inline_length
    if policy.counted_size(document) > limit:
        raise ServiceQuotaExceededException(f"A policy document may have at most {limit} characters.")
    policy.parse(document, Kind.IDENTITY_MANAGED)
    return document


def managed_policy_arn(ctx: Context, arn: str) -> str:
    """`arn`, if it is that of a managed policy of the account or of AWS. Raises ResourceNotFoundException."""
    managed = ctx.store.managed_policies.with_arn(arn)
    if managed is None or managed.account not in (AWS, ctx.account):
        raise ResourceNotFoundException(f"There is no policy {arn}.")
    return arn


def replaced_policy(ctx: Context, reference: str | None, target: Target | None) -> str:
    """What decisions call the policy that `reference` names: a managed one by its ARN, or an inline one of `target` by its name.

    "" for None. Raises ResourceNotFoundException, ValidationError.
    """
    if reference is None:
        return ""
    if reference.startswith("arn:"):
        return managed_policy_arn(ctx, reference)
    if target is None:
        raise ValidationError("Replaces must be the ARN of a managed policy, or PrincipalArn be given.")
    if ctx.store.inline_policies.get(target.id, reference) is None:
        raise ResourceNotFoundException(f"There is no inline policy {reference} on {target.arn}.")
    return f"{target.id}/{reference}"


def reference_of(name: str) -> dict[str, str]:
    """`Replaces`, as it was given; nothing if nothing was."""
    return {"Replaces": name if name.startswith("arn:") else name.partition("/")[2]} if name else {}


def utc(at_ms: int) -> datetime:
    """Epoch milliseconds as the wire's timestamps are handed over."""
    return datetime.fromtimestamp(at_ms / 1000, UTC)


def milliseconds(moment: datetime) -> int:
    """The same, the other way."""
    return int(moment.timestamp() * 1000)


def change(outcome: str) -> str:
    """`Change`, by what would be decided instead."""
    return NEWLY_ALLOWED if outcome == ALLOWED else NEWLY_DENIED


def deciding(statements: Iterable[tuple[str, str | None, int]]) -> list[shapes.DecidingStatement]:
    """Positions count from 1: 0 is a document that cannot be read, which denies everything (NT-51)."""
    return [_statement(*statement) for statement in statements]


def _statement(name: str, sid: str | None, position: int) -> shapes.DecidingStatement:
    told: shapes.DecidingStatement = {"Policy": name, "Position": position + 1}
    if sid is not None:
        told["Sid"] = sid
    return told


# Pages: a token holds the position of the last item shown.


def limit_of(request: Mapping[str, Any]) -> int:
    """How many items are asked for."""
    return request.get("MaxResults") or PAGE


def position_of(ctx: Context, of: str, request: Mapping[str, Any]) -> Any:
    """Where the page of the list `of` begins that `request` asks for; None for the first one. Raises ValidationError."""
    try:
        return page_tokens.position_of(ctx, f"akia {of}", request)
    except Unsealable:
        raise ValidationError("The NextToken is not valid, or was given for other parameters.") from None


def cut(
    ctx: Context, of: str, request: Mapping[str, Any], found: Sequence[Item], position: Callable[[Item], Any]
) -> tuple[Sequence[Item], dict[str, str]]:
    """The items of the list `of` to show of `found`, which has one more than asked for if there are more, and `NextToken` if so."""
    limit = limit_of(request)
    if len(found) <= limit:
        return found, {}
    return found[:limit], more_behind(ctx, of, request, position(found[limit - 1]))


def more_behind(ctx: Context, of: str, request: Mapping[str, Any], position: Any) -> dict[str, str]:
    """`NextToken` for the page behind `position` of the list `of`."""
    return {"NextToken": page_tokens.page_token(ctx, f"akia {of}", request, position)}
