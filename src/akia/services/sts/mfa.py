"""The one-time password that AssumeRole and GetSessionToken may be given."""

from __future__ import annotations

from typing import TYPE_CHECKING

from akia.aws.errors import AccessDenied, ValidationError

if TYPE_CHECKING:
    from akia.operation import Context


def verified_mfa(ctx: Context, serial_number: str | None, code: str | None) -> int | None:
    """When MFA was proven, in epoch seconds; None if it was not claimed.

    No device is registered in this version, so no code can be right: a claim is refused, never believed (NT-79). Raises AccessDenied, and
    ValidationError for half a claim.
    """
    if serial_number is None and code is None:
        return None
    if serial_number is None or code is None:
        raise ValidationError("SerialNumber and TokenCode must be given together.")
    raise AccessDenied("MultiFactorAuthentication failed with invalid MFA one time pass code. ")
