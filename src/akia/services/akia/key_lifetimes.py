"""How long access keys live (O1): PutKeyLifetime, GetKeyLifetime, ListKeyLifetimes, DeleteKeyLifetime."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from akia.aws.errors import ValidationError
from akia.aws.ids import Prefix
from akia.identity.account import root_arn
from akia.identity.key_lifetime import WARN_DAYS, KeyLifetime, LifetimeMode
from akia.operation import Access, Required, everything
from akia.services.akia._akia import ResourceNotFoundException, akia, cut, limit_of, position_of, target_of, target_with_id
from akia.services.akia.key_restrictions import require_another_key, shown_validity
from akia.services.akia.keys_meant import ACCESS_KEY, USER, key_arn, key_conditions, key_meant, on_key_owner
from akia.services.akia.owners import required_on

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from akia.identity.access_key import AccessKey
    from akia.operation import Conditions, Context
    from akia.store.iam.key_lifetimes import StoredLifetime
    from akia.wire.shapes import akia as shapes

_ARN = "arn:"
_CHANGE = "iam:UpdateAccessKey"


class _Target(NamedTuple):
    """Whose keys a lifetime is for: its id in the store, what requests call it, at which level it stands."""

    id: str
    name: str
    level: str


def _target_arn(ctx: Context, request: Mapping[str, Any]) -> str:
    target = str(request["Target"])
    return target if target.startswith(_ARN) else key_arn(ctx, {"AccessKeyId": target})


def _conditions(ctx: Context, request: Mapping[str, Any]) -> Conditions:
    target = str(request["Target"])
    return {} if target.startswith(_ARN) else key_conditions(ctx, {"AccessKeyId": target})


def _as_in_iam(ctx: Context, request: Mapping[str, Any]) -> list[Required]:
    """A lifetime can put an end to keys, so whoever sets one must be allowed to in IAM, too: on the owner, or on all users."""
    target = str(request["Target"])
    if not target.startswith(_ARN):
        return on_key_owner(ctx, {"AccessKeyId": target}, _CHANGE)
    user = ctx.look_up("users", target.rpartition("/")[2], ctx.store.users.named)
    if user is not None and str(user.arn) == target:
        return required_on(user, _CHANGE)
    return [Required(_CHANGE, f"arn:aws:iam::{ctx.account}:user/*")]


def _about(request: Mapping[str, Any], result: Mapping[str, Any] | None) -> Iterator[tuple[str, str]]:
    """The key or the user, so that its timeline tells of it."""
    target = str(request["Target"])
    if not target.startswith(_ARN):
        yield ACCESS_KEY, target
    elif ":user/" in target:
        yield USER, target.rpartition("/")[2]


def _key(ctx: Context, key_id: str) -> AccessKey:
    return key_meant(ctx, {"AccessKeyId": key_id}).key


def _settable(ctx: Context, name: str) -> _Target:
    """Raises ResourceNotFoundException, ValidationError, ConflictException (a key about itself)."""
    target = _target(ctx, name)
    if target.level == "KEY":
        require_another_key(ctx, target.id)
    return target


@akia.operation(
    "PutKeyLifetime",
    access=Access.PERMISSIONS,
    resource=_target_arn,
    conditions=_conditions,
    also=_as_in_iam,
    event_resources=_about,
)
def put_key_lifetime(ctx: Context, request: shapes.PutKeyLifetimeRequest) -> shapes.PutKeyLifetimeResponse:
    """In place of the target's lifetime before; it counts from the next request on.

    Raises ResourceNotFoundException, ValidationError, ConflictException (a key about itself).
    """
    target, lifetime = _settable(ctx, request["Target"]), _read(request["Lifetime"])
    ctx.store.key_lifetimes.put(ctx.account, target.id, lifetime)
    return {"Target": target.name, "Level": target.level, "Lifetime": _shown(lifetime)}


@akia.operation("GetKeyLifetime", access=Access.READ, resource=_target_arn, conditions=_conditions)
def get_key_lifetime(ctx: Context, request: shapes.GetKeyLifetimeRequest) -> shapes.GetKeyLifetimeResponse:
    """Of a key also what follows from all lifetimes that concern it. Raises ResourceNotFoundException (no target, or no lifetime)."""
    target = _target(ctx, request["Target"])
    lifetime = ctx.store.key_lifetimes.get(target.id)
    if lifetime is None and target.level != "KEY":
        raise _no_lifetime(target)
    told: shapes.GetKeyLifetimeResponse = {"Target": target.name, "Level": target.level}
    if lifetime is not None:
        told["Lifetime"] = _shown(lifetime)
    if target.level == "KEY":
        told["Validity"] = shown_validity(ctx.authority.validity(_key(ctx, target.id), ctx.store), ctx.now)
    return told


@akia.operation(
    "DeleteKeyLifetime",
    access=Access.PERMISSIONS,
    resource=_target_arn,
    conditions=_conditions,
    also=_as_in_iam,
    event_resources=_about,
)
def delete_key_lifetime(ctx: Context, request: shapes.DeleteKeyLifetimeRequest) -> None:
    """Raises ResourceNotFoundException (no target, or no lifetime), ConflictException (a key about itself)."""
    target = _settable(ctx, request["Target"])
    if not ctx.store.key_lifetimes.delete(target.id):
        raise _no_lifetime(target)


@akia.operation("ListKeyLifetimes", access=Access.LIST, resource=everything)
def list_key_lifetimes(ctx: Context, request: shapes.ListKeyLifetimesRequest) -> shapes.ListKeyLifetimesResponse:
    """All that this account has made, in the order of ids. Raises ValidationError (token)."""
    after = position_of(ctx, "key lifetimes", request)
    found = ctx.store.key_lifetimes.page(ctx.account, after, limit_of(request) + 1)
    page, more = cut(ctx, "key lifetimes", request, found, lambda stored: stored.target)
    return {"Lifetimes": [_listed(_known(ctx, stored), stored.lifetime) for stored in page], **more}  # type: ignore[typeddict-item]  # a token or none


def _target(ctx: Context, name: str) -> _Target:
    """Raises ResourceNotFoundException, also for an organization that the account does not manage."""
    if not name.startswith(_ARN):
        return _Target(_key(ctx, name).id, name, "KEY")
    if name == str(root_arn(ctx.account)):
        return _Target(ctx.account, name, "ACCOUNT")
    place = ctx.store.organizations.place_of(ctx.account)
    if place is not None and place.is_management and name == place.organization.arn("organization"):
        return _Target(place.organization.id, name, "ORGANIZATION")
    found = target_of(ctx, name)
    if found.id.startswith(Prefix.ROLE):
        raise ValidationError("Roles have no access keys.")
    return _Target(found.id, name, _level(found.id))


def _known(ctx: Context, stored: StoredLifetime) -> _Target:
    """The target of a rule that is there: a rule goes with its target."""
    level = _level(stored.target)
    match level:
        case "KEY":
            return _Target(stored.target, stored.target, level)
        case "ACCOUNT":
            return _Target(stored.target, str(root_arn(stored.target)), level)
        case "ORGANIZATION":
            place = ctx.store.organizations.place_of(ctx.account)
            return _Target(stored.target, place.organization.arn("organization") if place is not None else stored.target, level)
    return _Target(stored.target, str(target_with_id(ctx, stored.target).arn), level)


def _level(target: str) -> str:
    if target.isdecimal():
        return "ACCOUNT"
    levels = {Prefix.USER: "USER", Prefix.GROUP: "GROUP", Prefix.ACCESS_KEY: "KEY"}
    return next((level for prefix, level in levels.items() if target.startswith(prefix)), "ORGANIZATION")


def _read(given: shapes.KeyLifetime) -> KeyLifetime:
    """Raises ValidationError."""
    mode = LifetimeMode(given["Mode"])
    if mode is LifetimeMode.OFF and len(given) > 1:
        raise ValidationError("A lifetime that is OFF has no days.")
    if mode is LifetimeMode.OFF:
        return KeyLifetime(mode)
    if "Days" not in given:
        raise ValidationError(f"Days is required for the mode {mode.value}.")
    return KeyLifetime(mode, given["Days"], given.get("GraceDays", 0), given.get("WarnDays", WARN_DAYS))


def _listed(target: _Target, lifetime: KeyLifetime) -> shapes.TargetLifetime:
    return {"Target": target.name, "Level": target.level, "Lifetime": _shown(lifetime)}


def _shown(lifetime: KeyLifetime) -> shapes.KeyLifetime:
    told: shapes.KeyLifetime = {"Mode": lifetime.mode.value}
    if lifetime.mode is not LifetimeMode.OFF:
        told |= {"Days": lifetime.days, "GraceDays": lifetime.grace_days, "WarnDays": lifetime.warn_days}
    return told


def _no_lifetime(target: _Target) -> ResourceNotFoundException:
    return ResourceNotFoundException(f"There is no lifetime on {target.name}.")
