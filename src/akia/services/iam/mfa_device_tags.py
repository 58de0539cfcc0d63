"""Tags of virtual MFA devices: TagMFADevice, UntagMFADevice, ListMFADeviceTags."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from akia.operation import Access, Conditions, Context
from akia.services.iam import pages, tags
from akia.services.iam._iam import iam, request_tags
from akia.services.iam.mfa_devices import device_numbered, event_devices
from akia.services.iam.virtual_mfa_devices import device_arn, device_conditions

if TYPE_CHECKING:
    from collections.abc import Mapping

    from akia.wire.shapes import iam as shapes


def _tagging(ctx: Context, request: Mapping[str, Any]) -> Conditions:
    """The tags that the device has, those to be set, and the keys of those to be removed."""
    keys = request.get("TagKeys")
    removed: Conditions = {"aws:tagkeys": list(keys)} if keys else {}
    return {**device_conditions(ctx, request), **request_tags(request.get("Tags")), **removed}


@iam.operation("TagMFADevice", access=Access.TAGGING, resource=device_arn, conditions=_tagging, event_resources=event_devices)
def tag_mfa_device(ctx: Context, request: shapes.TagMFADeviceRequest) -> None:
    """Set tags; a key that is there already is replaced. Raises NoSuchEntity, InvalidInput, LimitExceeded (P5.4-12)."""
    device = device_numbered(ctx, request["SerialNumber"])
    ctx.store.mfa_devices.replace(replace(device, tags=tags.merged(device.tags, request["Tags"], ctx.authority.quotas)))


@iam.operation("UntagMFADevice", access=Access.TAGGING, resource=device_arn, conditions=_tagging, event_resources=event_devices)
def untag_mfa_device(ctx: Context, request: shapes.UntagMFADeviceRequest) -> None:
    """Remove tags; keys that are not there do not matter. Raises NoSuchEntity."""
    device = device_numbered(ctx, request["SerialNumber"])
    ctx.store.mfa_devices.replace(replace(device, tags=tags.without(device.tags, request["TagKeys"])))


@iam.operation("ListMFADeviceTags", access=Access.LIST, resource=device_arn, conditions=device_conditions, event_resources=event_devices)
def list_mfa_device_tags(ctx: Context, request: shapes.ListMFADeviceTagsRequest) -> shapes.ListMFADeviceTagsResponse:
    """In the order of keys. Raises NoSuchEntity, ValidationError (marker)."""
    device = device_numbered(ctx, request["SerialNumber"])
    shown, end = pages.window(request, f"tags of {device.serial}"[-150:]).slice(tags.to_wire(device.tags))
    return {"Tags": list(shown), **end}
