"""The one-time password that AssumeRole and GetSessionToken may be given."""

from __future__ import annotations

from typing import TYPE_CHECKING

from akia.aws.errors import AccessDenied

if TYPE_CHECKING:
    from akia.wire.shapes import sts as shapes

_HALF = "MultiFactorAuthentication failed, must provide both MFA serial number and one time pass code."
_UNKNOWN_DEVICE = (
    "MultiFactorAuthentication failed, unable to validate MFA code.  "
    "Please verify your MFA serial number is valid and associated with this user."
)


def refuse_claimed_mfa(request: shapes.AssumeRoleRequest | shapes.GetSessionTokenRequest) -> None:
    """Raises AccessDenied if the request claims MFA, wholly or by half.

    No device is registered in this version, so no code can be right: a claim is neither believed nor ignored (NT-79).
    """
    serial_number, code = request.get("SerialNumber"), request.get("TokenCode")
    if serial_number is not None or code is not None:
        raise AccessDenied(_HALF if serial_number is None or code is None else _UNKNOWN_DEVICE)
