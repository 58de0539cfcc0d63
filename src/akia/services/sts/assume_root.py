"""Privileged tasks on a member account, as its root user for a quarter of an hour: AssumeRoot (SI17.4)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from akia.aws.errors import AccessDenied, ValidationError
from akia.identity.account import root_arn
from akia.identity.principal import Root
from akia.identity.root_feature import SERVICE, SESSIONS
from akia.identity.session import LentRoot, SessionFacts
from akia.operation import Access, Conditions, Context
from akia.services.sts._sts import about_key, fresh_session_id, sts, to_wire
from akia.services.sts.duration import no_later
from akia.services.sts.source_identity import source_identity

if TYPE_CHECKING:
    from akia.identity.organization import Place
    from akia.wire.shapes import sts as shapes

LONGEST_SECONDS = 900
"""Also how long it is unless something shorter is asked for (P1.7-10)."""
_TASKS = frozenset(
    f"arn:aws:iam::aws:policy/root-task/{name}"
    for name in (
        "IAMAuditRootUserCredentials",
        "IAMCreateRootUserPassword",
        "IAMDeleteRootUserCredentials",
        "S3UnlockBucketPolicy",
        "SQSUnlockQueuePolicy",
    )
)
"""What such a session may be for: the whole of what it may do."""
_TARGET = re.compile(r"(?:arn:aws:iam::)?([0-9]{12})(?::root)?", re.ASCII)
_REFUSED = "Access denied when calling AssumeRoot."


def _account(request: shapes.AssumeRootRequest) -> str:
    """The member account that is meant, by its id or the ARN of its root user. Raises ValidationError."""
    target = request["TargetPrincipal"]
    named = _TARGET.fullmatch(target)
    if named is None or target.startswith("arn:") != target.endswith(":root"):
        raise ValidationError("TargetPrincipal must be an account id, or the ARN of an account's root user.")
    return named[1]


def _target(ctx: Context, request: shapes.AssumeRootRequest) -> str:
    return str(root_arn(_account(request)))


def _conditions(ctx: Context, request: shapes.AssumeRootRequest) -> Conditions:
    """`sts:TaskPolicyArn`."""
    return {"sts:taskpolicyarn": _task(request)}


def _task(request: shapes.AssumeRootRequest) -> str:
    """The task policy. Raises ValidationError for any policy that is none."""
    arn = request["TaskPolicyArn"].get("arn", "")
    if arn not in _TASKS:
        raise ValidationError(f"TaskPolicyArn {arn} is not a task policy for AssumeRoot.")
    return arn


@sts.operation(
    "AssumeRoot",
    access=Access.WRITE,
    resource=_target,
    conditions=_conditions,
    event_resources=about_key,
    writes=False,
    read_only_event=True,
)
def assume_root(ctx: Context, request: shapes.AssumeRootRequest) -> shapes.AssumeRootResponse:
    """Credentials of the root user of a member account, for one task.

    For users and roles of the management account, and of the account that administers IAM for the organization, while root sessions are
    enabled there. Raises ValidationError, AccessDenied.
    """
    account = _account(request)
    _require_administrator(ctx, account)
    asked = source_identity(None, ctx.caller.principal.session)
    session = SessionFacts(
        id=fresh_session_id(),
        issued=ctx.now,
        expires=no_later(ctx.now + (request.get("DurationSeconds") or LONGEST_SECONDS), ctx.caller),  # zero asks for the default
        mfa_at=None,
        source_identity=asked,
        policies=((_task(request), ""),),
        origin=LentRoot(),
        delegate=ctx.caller.delegate,
        lineage=ctx.caller.lineage,
    )
    credentials = ctx.authority.tokens.issue(account, account, session, least=request.get("MinimumSessionTokenSize", 0))
    response: shapes.AssumeRootResponse = {
        "Credentials": to_wire(credentials),
        "SessionTokenUtilization": credentials.utilization,
        "SessionTokenSize": credentials.size,
    }
    if asked is not None:
        response["SourceIdentity"] = asked
    return response


def _require_administrator(ctx: Context, target: str) -> None:
    """Raises AccessDenied unless the caller's account manages root access of `target` (SI17.4), and that is open."""
    if isinstance(ctx.caller.principal, Root):
        raise AccessDenied("Root users cannot call AssumeRoot.")
    ours, theirs = ctx.store.organizations.place_of(ctx.account), ctx.store.organizations.place_of(target)
    if ours is None or theirs is None or ours.organization.id != theirs.organization.id or theirs.is_management:
        raise AccessDenied(_REFUSED)
    if SESSIONS not in ctx.store.root_features.enabled(ours.organization.id) or not _administers(ctx, ours):
        raise AccessDenied(_REFUSED)
    if not ctx.store.accounts.is_open(target):
        raise AccessDenied(_REFUSED)


def _administers(ctx: Context, place: Place) -> bool:
    return place.is_management or ctx.store.delegations.get(place.organization.id, place.account, SERVICE) is not None
