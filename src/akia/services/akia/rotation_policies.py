"""What an account has decided about the age of its keys, and where the server can deliver new ones to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from akia.identity.key_rotation import HOUR_MS
from akia.identity.rotation_policy import RotationMode, RotationPolicy
from akia.operation import Access, Required, everything
from akia.services.akia._akia import ResourceNotFoundException, akia, cut, limit_of, position_of
from akia.services.akia.rotations_meant import times_meant

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from akia.operation import Context
    from akia.wire.shapes import akia as shapes


def _also(ctx: Context, request: Mapping[str, Any]) -> Iterator[Required]:
    """Whoever lets akia replace the keys of all users must be allowed to do so himself."""
    if request["Mode"] == RotationMode.ROTATE:
        for action in ("iam:CreateAccessKey", "iam:UpdateAccessKey", "iam:DeleteAccessKey"):
            yield Required(action, f"arn:aws:iam::{ctx.account}:user/*")


@akia.operation("PutRotationPolicy", access=Access.PERMISSIONS, resource=everything, also=_also)
def put_rotation_policy(ctx: Context, request: shapes.PutRotationPolicyRequest) -> shapes.PutRotationPolicyResponse:
    """In place of the policy before."""
    policy = RotationPolicy(ctx.account, request["Mode"], request["EveryDays"], *times_meant(request))
    ctx.store.rotation_policies.put(policy)
    return {"Policy": _shown(policy)}


@akia.operation("GetRotationPolicy", access=Access.READ, resource=everything)
def get_rotation_policy(ctx: Context, request: shapes.GetRotationPolicyRequest) -> shapes.GetRotationPolicyResponse:
    """Raises ResourceNotFoundException."""
    policy = ctx.store.rotation_policies.get(ctx.account)
    if policy is None:
        raise ResourceNotFoundException("The account has no rotation policy.")
    return {"Policy": _shown(policy)}


@akia.operation("DeleteRotationPolicy", access=Access.PERMISSIONS, resource=everything)
def delete_rotation_policy(ctx: Context, request: shapes.DeleteRotationPolicyRequest) -> None:
    """Rotations that are open go on. Raises ResourceNotFoundException."""
    if not ctx.store.rotation_policies.delete(ctx.account):
        raise ResourceNotFoundException("The account has no rotation policy.")


@akia.operation("ListRotationTargets", access=Access.LIST, resource=everything)
def list_rotation_targets(ctx: Context, request: shapes.ListRotationTargetsRequest) -> shapes.ListRotationTargetsResponse:
    """Names, kinds and users; not where they are on the server. Raises ValidationError (token)."""
    after = position_of(ctx, "rotation targets", request) or ""
    found = [target for target in ctx.authority.rotation_targets.of(ctx.account) if target.name > after]
    page, more = cut(ctx, "rotation targets", request, found[: limit_of(request) + 1], lambda target: target.name)
    told: list[dict[str, Any]] = [{"Name": each.name, "Kind": each.target.kind, "UserNames": list(each.users)} for each in page]
    return cast("shapes.ListRotationTargetsResponse", {"Targets": told, **more})


def _shown(policy: RotationPolicy) -> shapes.RotationPolicy:
    return {
        "Mode": cast("Any", policy.mode),
        "EveryDays": policy.every_days,
        "QuietHours": policy.quiet_ms / HOUR_MS,
        "InactiveHours": policy.inactive_ms / HOUR_MS,
    }
