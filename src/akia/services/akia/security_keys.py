"""Security keys as second factors. AWS registers them in its console only; IAM lists and deactivates them (ListMFADevices)."""

from __future__ import annotations

import secrets
from base64 import b32encode
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from akia.authority.security_keys import NotVerified
from akia.identity.mfa_device import REGISTRATION, MfaDevice
from akia.operation import Access
from akia.services.akia._akia import (
    ConflictException,
    InvalidSecurityKeyException,
    ResourceNotFoundException,
    ServiceQuotaExceededException,
    akia,
    utc,
)
from akia.services.akia.owners import owner_arn, owner_meant
from akia.store.errors import NameTaken

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from akia.authority.security_keys import SecurityKeys
    from akia.identity.mfa_device import SecurityKey, SecurityKeyChallenge
    from akia.operation import Context
    from akia.services.akia.owners import Owner
    from akia.wire.shapes import akia as shapes

NO_DOMAIN = "Browsers use security keys only at an address that has a name: start akia with --public-url."


@dataclass(frozen=True, slots=True)
class _Answered:
    """A request with the challenge that it answers; `key` has signed it, if `prepare` has seen to that."""

    request: shapes.CompleteSecurityKeyRegistrationRequest = field(repr=False)
    challenge: SecurityKeyChallenge
    verifier: SecurityKeys
    serial: str
    key: SecurityKey | None = None


def _place(owner: Owner) -> str:
    """Where the owner's keys stand in ARNs."""
    return f"u2f/user/{owner.user.name}" if owner.user is not None else "u2f/root-account"


def _about(request: Mapping[str, Any], result: Mapping[str, Any] | None) -> Iterator[tuple[str, str]]:
    if "UserName" in request:
        yield "AWS::IAM::User", request["UserName"]
    if result is not None and "SerialNumber" in result:
        yield "AWS::IAM::MFADevice", result["SerialNumber"]


def _require_room(ctx: Context, owner: Owner) -> None:
    most = ctx.authority.quotas.mfa_devices_per_user
    if len(ctx.store.mfa_devices.of(owner.id)) >= most:
        raise ServiceQuotaExceededException(f"A user may have at most {most} MFA devices.")


@akia.operation("BeginSecurityKeyRegistration", access=Access.PERMISSIONS, resource=owner_arn, event_resources=_about)
def begin_security_key_registration(
    ctx: Context, request: shapes.BeginSecurityKeyRegistrationRequest
) -> shapes.BeginSecurityKeyRegistrationResponse:
    """A challenge for the key to sign, which replaces the owner's one before.

    Raises ResourceNotFoundException, ServiceQuotaExceededException, ValidationError, ConflictException where browsers would not use keys.
    """
    owner, keys = owner_meant(ctx, request), ctx.authority.security_keys
    if not keys.party.id:
        raise ConflictException(NO_DOMAIN)
    _require_room(ctx, owner)
    display = f"{owner.user.name if owner.user is not None else 'root'}@{ctx.account}"
    challenge, options = keys.begin_registration(ctx.store, owner.id, ctx.account, request["Name"], display, ctx.now)
    return {"RegistrationId": challenge.id, "Options": options, "ExpiresAt": utc(challenge.expires * 1000)}


def _gather(ctx: Context, request: shapes.CompleteSecurityKeyRegistrationRequest) -> _Answered:
    """Raises ResourceNotFoundException, ValidationError."""
    owner = owner_meant(ctx, request)
    challenge = _challenge(ctx, owner, request["RegistrationId"])
    number = b32encode(secrets.token_bytes(15)).decode("ascii")
    serial = f"arn:aws:iam::{ctx.account}:{_place(owner)}/{challenge.name}-{number}"
    return _Answered(request, challenge, ctx.authority.security_keys, serial)


def _prepare(answered: _Answered) -> _Answered:
    """Raises InvalidSecurityKeyException."""
    try:
        key = answered.verifier.registered(answered.challenge, answered.request["Credential"], answered.serial)
    except NotVerified:
        raise InvalidSecurityKeyException("The security key's answer is not valid for this registration at this site.") from None
    return replace(answered, key=key)


def _challenge(ctx: Context, owner: Owner, registration_id: str) -> SecurityKeyChallenge:
    found = ctx.store.security_key_challenges.get(owner.id, REGISTRATION)
    if found is None or found.id != registration_id or found.expires <= ctx.now:
        raise ResourceNotFoundException("There is no such registration. It must be completed within five minutes.")
    return found


@akia.operation(
    "CompleteSecurityKeyRegistration",
    access=Access.PERMISSIONS,
    resource=owner_arn,
    event_resources=_about,
    gather=_gather,
    prepare=_prepare,
)
def complete_security_key_registration(ctx: Context, answered: _Answered) -> shapes.CompleteSecurityKeyRegistrationResponse:
    """The key is a second factor of the owner from now on. A registration serves once.

    Raises ResourceNotFoundException, InvalidSecurityKeyException, ServiceQuotaExceededException, ConflictException (the key is known).
    """
    owner, key, store = owner_meant(ctx, answered.request), answered.key, ctx.store
    assert key is not None  # else `_prepare` has refused
    name = _challenge(ctx, owner, answered.challenge.id).name
    _require_room(ctx, owner)
    store.security_key_challenges.delete(owner.id, REGISTRATION)
    store.mfa_devices.add(MfaDevice(key.serial, ctx.account, name, "/", ctx.now, virtual=False, owner=owner.id, enabled=ctx.now))
    try:
        store.security_keys.add(key)
    except NameTaken:
        raise ConflictException("This security key is registered already.") from None
    return {"SerialNumber": key.serial, "EnableDate": utc(ctx.now * 1000)}
