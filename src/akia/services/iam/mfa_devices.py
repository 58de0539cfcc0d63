"""Second factors of users and of the root user: EnableMFADevice, DeactivateMFADevice, ResyncMFADevice, ListMFADevices, GetMFADevice."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from akia.authority.one_time_codes import WrongCode, check_pair
from akia.aws.errors import EntityAlreadyExists, InvalidAuthenticationCode, NoSuchEntity
from akia.operation import Access, Context
from akia.services.iam import pages
from akia.services.iam._iam import USER, iam, require_room, utc
from akia.services.iam.owners import owner_arn, owner_conditions, sign_in_owner

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from akia.identity.mfa_device import MfaDevice
    from akia.services.iam.owners import Owner
    from akia.wire.shapes import iam as shapes

MFA_DEVICE = "AWS::IAM::MFADevice"
_WRONG_CODE = "Authentication code for device is not valid."


def event_devices(request: Mapping[str, Any], result: object) -> Iterator[tuple[str, str]]:
    """The device and the user that a request names."""
    for kind, member in ((MFA_DEVICE, "SerialNumber"), (USER, "UserName")):
        if member in request:
            yield kind, request[member]


def device_numbered(ctx: Context, serial: str) -> MfaDevice:
    """The virtual device `serial` of the account. Another account's is not told from one that does not exist. Raises NoSuchEntity."""
    device = ctx.look_up("mfa_devices", serial, lambda _, number: ctx.store.mfa_devices.get(number))
    if device is None or device.account != ctx.account or not device.virtual:
        raise NoSuchEntity(f"VirtualMFADevice with serial number {serial} doesn't exist.")
    return device


def _device_of(ctx: Context, owner: Owner, serial: str) -> MfaDevice:
    """The device `serial` that is enabled for `owner`. Raises NoSuchEntity for those of others too (NT-42)."""
    device = ctx.store.mfa_devices.get(serial)
    if device is None or device.owner != owner.id:
        raise NoSuchEntity(f"MFA device with serial number {serial} cannot be found for the user {owner.called}.")
    return device


@iam.operation("EnableMFADevice", access=Access.PERMISSIONS, resource=owner_arn, conditions=owner_conditions, event_resources=event_devices)
def enable_mfa_device(ctx: Context, request: shapes.EnableMFADeviceRequest) -> None:
    """Two codes in a row prove that the user has the device, and tell how its clock stands.

    Raises NoSuchEntity, EntityAlreadyExists (it is in use), LimitExceeded (P5.4-9), InvalidAuthenticationCode.
    """
    owner, device = sign_in_owner(ctx, request), device_numbered(ctx, request["SerialNumber"])
    if device.owner is not None:
        raise EntityAlreadyExists("MFA Device is already in use.")
    require_room("MFADevicesPerUser", len(ctx.store.mfa_devices.of(owner.id)), ctx.authority.quotas.mfa_devices_per_user)
    proven = _proven(ctx, device, request, resync=False)
    ctx.store.mfa_devices.replace(replace(proven, owner=owner.id, enabled=ctx.now))


@iam.operation("ResyncMFADevice", access=Access.PERMISSIONS, resource=owner_arn, conditions=owner_conditions, event_resources=event_devices)
def resync_mfa_device(ctx: Context, request: shapes.ResyncMFADeviceRequest) -> None:
    """For a device whose clock has drifted away. Raises NoSuchEntity, InvalidAuthenticationCode."""
    device = _device_of(ctx, sign_in_owner(ctx, request), request["SerialNumber"])
    if not device.virtual:
        raise NoSuchEntity(f"VirtualMFADevice with serial number {device.serial} doesn't exist.")
    ctx.store.mfa_devices.replace(_proven(ctx, device, request, resync=True))


def _proven(ctx: Context, device: MfaDevice, request: Mapping[str, Any], *, resync: bool) -> MfaDevice:
    try:
        return check_pair(ctx, device, request["AuthenticationCode1"], request["AuthenticationCode2"], resync=resync)
    except WrongCode:
        raise InvalidAuthenticationCode(_WRONG_CODE) from None


@iam.operation(
    "DeactivateMFADevice", access=Access.PERMISSIONS, resource=owner_arn, conditions=owner_conditions, event_resources=event_devices
)
def deactivate_mfa_device(ctx: Context, request: shapes.DeactivateMFADeviceRequest) -> None:
    """A virtual device remains, for nobody; a security key is forgotten. Sessions that were made with it live on.

    Raises NoSuchEntity, ValidationError.
    """
    device = _device_of(ctx, sign_in_owner(ctx, request), request["SerialNumber"])
    if device.virtual:
        ctx.store.mfa_devices.replace(replace(device, owner=None, enabled=None))
    else:
        ctx.store.mfa_devices.delete(device.serial)


@iam.operation("ListMFADevices", access=Access.LIST, resource=owner_arn, conditions=owner_conditions, event_resources=event_devices)
def list_mfa_devices(ctx: Context, request: shapes.ListMFADevicesRequest) -> shapes.ListMFADevicesResponse:
    """By serial number, security keys among them. Raises NoSuchEntity, ValidationError."""
    owner = sign_in_owner(ctx, request)
    devices, end = pages.window(request, f"devices of {owner.id}").slice(ctx.store.mfa_devices.of(owner.id))
    return {"MFADevices": [_listed(owner, device) for device in devices], **end}


def _listed(owner: Owner, device: MfaDevice) -> shapes.MFADevice:
    shown: dict[str, Any] = {"SerialNumber": device.serial, "EnableDate": utc(device.enabled or device.created)}
    if owner.name is not None:
        shown["UserName"] = owner.name
    return cast("shapes.MFADevice", shown)  # the model wants a name, but the root user has none


@iam.operation("GetMFADevice", access=Access.READ, resource=owner_arn, conditions=owner_conditions, event_resources=event_devices)
def get_mfa_device(ctx: Context, request: shapes.GetMFADeviceRequest) -> shapes.GetMFADeviceResponse:
    """A security key. Certifications there are none: akia asks no metadata service who has certified what.

    Raises NoSuchEntity, for virtual devices too, which AWS does not tell here; ValidationError.
    """
    owner = sign_in_owner(ctx, request)
    device = _device_of(ctx, owner, request["SerialNumber"])
    if device.virtual:
        raise NoSuchEntity(f"MFA device with serial number {device.serial} is not a FIDO security key.")
    return {**_listed(owner, device), "Certifications": {}}
