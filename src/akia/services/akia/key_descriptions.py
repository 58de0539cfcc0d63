"""What is told of an access key: all that is known, but for its secret."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from akia.identity.access_key import KeyStatus
from akia.identity.key_attributes import NAMES
from akia.identity.key_calls import HOURS_A_DAY, SECONDS_AN_HOUR
from akia.services.akia._akia import utc

if TYPE_CHECKING:
    from collections.abc import Mapping

    from akia.identity.key_attributes import KeyAttributes
    from akia.identity.key_calls import KeyUse
    from akia.identity.listed_key import ListedKey
    from akia.operation import Context
    from akia.wire.shapes import akia as shapes


class LastDay:
    """Calls and denials of the account's keys since the beginning of the hour 24 hours ago: those summed up, and those that are not yet."""

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self._hour = ctx.now // SECONDS_AN_HOUR - HOURS_A_DAY
        self._unsummed = ctx.store.key_calls.unsummed(ctx.account, self._hour)

    def of(self, access_key_id: str) -> tuple[int, int]:
        calls, denials = self._ctx.store.key_calls.since(self._ctx.account, access_key_id, self._hour)
        more_calls, more_denials = self._unsummed.get(access_key_id, (0, 0))
        return calls + more_calls, denials + more_denials


def described(ctx: Context, listed: ListedKey, last_day: LastDay) -> shapes.AccessKeyDescription:
    """The key as DescribeAccessKey and ListAccessKeys tell it: one that has expired is Inactive, as in IAM (O1)."""
    key, (calls, denials) = listed.key, last_day.of(listed.key.id)
    validity = ctx.authority.validity(key, ctx.store)
    end, ended = validity.expires, validity.has_ended(ctx.now)
    told: dict[str, Any] = {
        "AccessKeyId": key.id,
        "Status": (KeyStatus.INACTIVE if ended else key.status).value,
        "CreateDate": utc(key.created * 1000),
        "AgeDays": listed.days_old(ctx.now),
        "Attributes": told_attributes(listed.attributes.changed({"description": listed.description})),
        "Tags": told_tags(listed.attributes.tags),
        "CallsLastDay": calls,
        "DenialsLastDay": denials,
    }
    if listed.user is not None:
        told["UserName"] = listed.user
    if listed.description:
        told["DescriptionSource"] = "KEY" if listed.attributes.description else "USER_TAG"
    if listed.used is not None:
        told["LastUse"] = _told_use(listed.used)
    if end is not None:
        told["ExpiresAt"] = utc(end * 1000)
    return cast("shapes.AccessKeyDescription", told)


def told_attributes(attributes: KeyAttributes) -> shapes.KeyAttributes:
    """What is said, by the members of the wire."""
    return cast("shapes.KeyAttributes", {name.capitalize(): value for name, value in attributes.said().items()})


def given_attributes(request: Mapping[str, Any]) -> dict[str, str]:
    """The attributes in a request, by their names inside."""
    given = request.get("Attributes", {})
    return {name: given[name.capitalize()].strip() for name in NAMES if name.capitalize() in given}


def told_tags(tags: Mapping[str, str]) -> list[shapes.KeyTag]:
    """In the order of keys."""
    return [{"Key": key, "Value": tags[key]} for key in sorted(tags)]


def _told_use(used: KeyUse) -> dict[str, Any]:
    told = {"Time": utc(used.at_ms), "Service": used.service, "Region": used.region}
    optional = {"SourceAddress": used.address, "UserAgent": used.agent, "Action": used.action}
    return told | {name: value for name, value in optional.items() if value}
