"""Virtual MFA devices: CreateVirtualMFADevice, ListVirtualMFADevices, DeleteVirtualMFADevice."""

from __future__ import annotations

import io
import re
import secrets
from base64 import b32encode
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from akia.aws.errors import DeleteConflict, EntityAlreadyExists, ValidationError
from akia.identity.mfa_device import MfaDevice
from akia.operation import Access, Context, everything
from akia.services.iam import pages, tags
from akia.services.iam._iam import iam, iam_arn, require_room, resource_tags, utc
from akia.services.iam.mfa_devices import MFA_DEVICE, device_numbered, event_devices
from akia.services.iam.tagging import given_tags, tagging_too
from akia.services.iam.users import listed, root_user
from akia.store.errors import IdTaken

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from akia.operation import Conditions
    from akia.wire.shapes import iam as shapes

SEED_BYTES = 40
"""As long as AWS's, twice what the algorithm uses."""
LONGEST_SERIAL = 256
_SERIAL = re.compile(r"[\w+=/:,.@-]+", re.ASCII)
_ASSIGNED = {"Any": None, "Assigned": True, "Unassigned": False}


@dataclass(frozen=True, slots=True)
class _Seeded:
    """A request with the seed that its device is to have, and the picture of it."""

    request: shapes.CreateVirtualMFADeviceRequest
    seed: str = field(repr=False)
    picture: bytes = field(repr=False)


def _gather(ctx: Context, request: shapes.CreateVirtualMFADeviceRequest) -> tuple[shapes.CreateVirtualMFADeviceRequest, str]:
    """The request, and what the account is called on the device's display.

    Raises ValidationError for what would make a serial number that no later request could name: the model allows more in names and paths
    than in serial numbers. Nor would such a name fit into a picture.
    """
    serial = _new_arn(ctx, request)
    if len(serial) > LONGEST_SERIAL:
        raise ValidationError(f"The serial number would have {len(serial)} characters; it may have {LONGEST_SERIAL}.")
    if _SERIAL.fullmatch(serial) is None:
        raise ValidationError("The serial number would have characters that serial numbers may not have.")
    account = ctx.store.accounts.get(ctx.account)
    return request, (account.alias if account is not None else None) or ctx.account


def _prepare(gathered: tuple[shapes.CreateVirtualMFADeviceRequest, str]) -> _Seeded:
    """Draws a seed, and paints it."""
    import segno  # costs a sixteenth of a second: only who makes devices waits for it

    request, account = gathered
    seed = b32encode(secrets.token_bytes(SEED_BYTES)).decode("ascii")
    label = f"akia:{quote(request['VirtualMFADeviceName'])}@{quote(account)}"
    picture = io.BytesIO()
    segno.make_qr(f"otpauth://totp/{label}?secret={seed}&issuer=akia").save(picture, kind="png", scale=4)
    return _Seeded(request, seed, picture.getvalue())


def _new_arn(ctx: Context, request: Mapping[str, Any]) -> str:
    return iam_arn(ctx, f"mfa{request.get('Path', '/')}{request['VirtualMFADeviceName']}")


def _event_resources(request: Mapping[str, Any], result: Mapping[str, Any] | None) -> Iterator[tuple[str, str]]:
    if result is not None:
        yield MFA_DEVICE, result["VirtualMFADevice"]["SerialNumber"]


@iam.operation(
    "CreateVirtualMFADevice",
    access=Access.PERMISSIONS,
    resource=_new_arn,
    conditions=given_tags,
    also=tagging_too("iam:TagMFADevice", _new_arn),
    event_resources=_event_resources,
    gather=_gather,
    prepare=_prepare,
)
def create_virtual_mfa_device(ctx: Context, seeded: _Seeded) -> shapes.CreateVirtualMFADeviceResponse:
    """The only answer that ever holds the seed. Raises EntityAlreadyExists, LimitExceeded, ValidationError; InvalidInput for tags."""
    request, quotas, devices = seeded.request, ctx.authority.quotas, ctx.store.mfa_devices
    given = tags.given(request.get("Tags"), quotas)
    require_room("VirtualMFADevicesPerAccount", devices.count_virtual(ctx.account), quotas.virtual_mfa_devices_per_account)
    serial = _new_arn(ctx, request)
    device = MfaDevice(serial, ctx.account, request["VirtualMFADeviceName"], request.get("Path", "/"), ctx.now, tags=given)
    try:
        devices.add(device, seeded.seed)
    except IdTaken:
        raise EntityAlreadyExists("MFADevice entity at the same path and name already exists.") from None
    made: shapes.VirtualMFADevice = {
        "SerialNumber": serial,
        "Base32StringSeed": seeded.seed.encode("ascii"),
        "QRCodePNG": seeded.picture,
    }
    if given:
        made["Tags"] = tags.to_wire(given)
    return {"VirtualMFADevice": made}


@iam.operation("ListVirtualMFADevices", access=Access.LIST, resource=everything)
def list_virtual_mfa_devices(ctx: Context, request: shapes.ListVirtualMFADevicesRequest) -> shapes.ListVirtualMFADevicesResponse:
    """By serial number, without seeds. Raises ValidationError (marker)."""
    window, mine = pages.window(request, "devices"), iam_arn(ctx, "mfa/")
    after = None if window.after is None else mine + window.after  # markers are too short for what all serial numbers begin with
    assigned = _ASSIGNED[request.get("AssignmentStatus", "Any")]
    found = ctx.store.mfa_devices.page(ctx.account, assigned=assigned, after=after, limit=window.reach)
    devices, end = window.cut(found, lambda device: device.serial.removeprefix(mine))
    return {"VirtualMFADevices": [_listed(ctx, device) for device in devices], **end}


def _listed(ctx: Context, device: MfaDevice) -> shapes.VirtualMFADevice:
    shown: shapes.VirtualMFADevice = {"SerialNumber": device.serial}
    if device.enabled is not None:
        shown["EnableDate"] = utc(device.enabled)
    user = ctx.store.users.with_id(device.owner) if device.owner is not None else None
    if user is not None:
        shown["User"] = listed(user)
    elif device.owner == ctx.account:
        shown["User"] = root_user(ctx)
    return shown


def device_arn(ctx: Context, request: Mapping[str, Any]) -> str:
    """The device, which is called by its ARN; what is no ARN of a device of this account is none that exists."""
    serial, mine = str(request["SerialNumber"]), iam_arn(ctx, "mfa/")
    return serial if serial.startswith(mine) else f"{mine}{serial}"


def device_conditions(ctx: Context, request: Mapping[str, Any]) -> Conditions:
    """The tags of the device; none if there is no such device here."""
    device = ctx.look_up("mfa_devices", request["SerialNumber"], lambda _, serial: ctx.store.mfa_devices.get(serial))
    return resource_tags(device.tags) if device is not None and device.account == ctx.account else {}


@iam.operation(
    "DeleteVirtualMFADevice", access=Access.PERMISSIONS, resource=device_arn, conditions=device_conditions, event_resources=event_devices
)
def delete_virtual_mfa_device(ctx: Context, request: shapes.DeleteVirtualMFADeviceRequest) -> None:
    """Raises NoSuchEntity, and DeleteConflict while it is enabled for somebody."""
    device = device_numbered(ctx, request["SerialNumber"])
    if device.owner is not None:
        raise DeleteConflict("MFA VirtualDevice in use. Must deactivate first.")
    ctx.store.mfa_devices.delete(device.serial)
