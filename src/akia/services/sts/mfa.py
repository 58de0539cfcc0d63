"""The one-time password that AssumeRole and GetSessionToken may be given."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from akia.authority import one_time_codes
from akia.aws.errors import AccessDenied
from akia.identity.principal import IamUser, Root

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from akia.identity.mfa_device import MfaDevice
    from akia.operation import Context

_HALF = "MultiFactorAuthentication failed, must provide both MFA serial number and one time pass code."
_UNKNOWN_DEVICE = (
    "MultiFactorAuthentication failed, unable to validate MFA code.  "
    "Please verify your MFA serial number is valid and associated with this user."
)
_WRONG_CODE = "MultiFactorAuthentication failed with invalid MFA one time pass code. "


def brings_code(request: Mapping[str, Any]) -> bool:
    """Whether the request has a code to use up, which is a write."""
    return request.get("SerialNumber") is not None and request.get("TokenCode") is not None


def proven_at(ctx: Context, request: Mapping[str, Any]) -> int | None:
    """Now, if the request's code would be accepted; None if it brings none. What counts is `use_code`. Raises AccessDenied (NT-79)."""
    return _judged(ctx, request, one_time_codes.check)


def use_code(ctx: Context, request: Mapping[str, Any]) -> int | None:
    """Now, if the request's code is right and was not used before (from now on it was); None if it brings none. Raises AccessDenied."""
    return _judged(ctx, request, one_time_codes.accept)


def _judged(ctx: Context, request: Mapping[str, Any], judge: Callable[[Context, MfaDevice, str], object]) -> int | None:
    serial, code = request.get("SerialNumber"), request.get("TokenCode")
    if serial is None and code is None:
        return None
    if serial is None or code is None:
        raise AccessDenied(_HALF)
    device = _own_device(ctx, serial)
    if device is None:
        raise AccessDenied(_UNKNOWN_DEVICE)
    try:
        judge(ctx, device, code)
    except one_time_codes.WrongCode:
        raise AccessDenied(_WRONG_CODE) from None
    return ctx.now


def _own_device(ctx: Context, serial: str) -> MfaDevice | None:
    """The virtual device `serial`, if it is enabled for the very user who calls: nobody else's can be guessed at."""
    principal = ctx.caller.principal
    if not isinstance(principal, IamUser | Root):
        return None
    device = ctx.store.mfa_devices.get(serial)
    return device if device is not None and device.virtual and device.owner == principal.unique_id else None
