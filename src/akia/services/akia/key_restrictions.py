"""What an access key may not be used for (O1, O2, O4): PutAccessKeyRestrictions, GetAccessKeyRestrictions, DeleteAccessKeyRestrictions."""

from __future__ import annotations

from ipaddress import ip_network
from typing import TYPE_CHECKING, Any, cast

from akia import policy
from akia.authority.key_in_force import UNRESTRICTED
from akia.aws.catalogue import is_service_prefix
from akia.aws.errors import ValidationError
from akia.aws.regions import NAMES
from akia.identity.key_restrictions import GlobalServices, KeyRestrictions
from akia.operation import Access
from akia.policy import Kind
from akia.services.akia._akia import ConflictException, ServiceQuotaExceededException, akia, utc
from akia.services.akia.keys_meant import about_key, also_on_owner, key_arn, key_conditions, key_meant

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from akia.identity.key_lifetime import Validity
    from akia.operation import Context
    from akia.wire.shapes import akia as shapes


@akia.operation(
    "PutAccessKeyRestrictions",
    access=Access.PERMISSIONS,
    resource=key_arn,
    conditions=key_conditions,
    also=also_on_owner("iam:UpdateAccessKey"),
    event_resources=about_key,
)
def put_access_key_restrictions(ctx: Context, request: shapes.PutAccessKeyRestrictionsRequest) -> shapes.PutAccessKeyRestrictionsResponse:
    """All that is restricted, in place of what was. It counts from the next request on, on every worker.

    Raises ResourceNotFoundException, ValidationError, ConflictException (a key about itself), MalformedPolicyDocument,
    ServiceQuotaExceededException (the policy's length).
    """
    key = key_meant(ctx, request).key
    require_another_key(ctx, key.id)
    restrictions = _read(ctx, request["Restrictions"])
    if restrictions.is_none:
        ctx.store.restricted_keys.delete(key.id)
    else:
        ctx.store.restricted_keys.put(key.id, restrictions)
    return {"Restrictions": shown(restrictions)}


@akia.operation("GetAccessKeyRestrictions", access=Access.READ, resource=key_arn, conditions=key_conditions, event_resources=about_key)
def get_access_key_restrictions(ctx: Context, request: shapes.GetAccessKeyRestrictionsRequest) -> shapes.GetAccessKeyRestrictionsResponse:
    """Raises ResourceNotFoundException."""
    key = key_meant(ctx, request).key
    restrictions = ctx.store.restricted_keys.get(key.id) or UNRESTRICTED
    return {"Restrictions": shown(restrictions), "Validity": shown_validity(ctx.authority.validity(key, ctx.store), ctx.now)}


@akia.operation(
    "DeleteAccessKeyRestrictions",
    access=Access.PERMISSIONS,
    resource=key_arn,
    conditions=key_conditions,
    also=also_on_owner("iam:UpdateAccessKey"),
    event_resources=about_key,
)
def delete_access_key_restrictions(ctx: Context, request: shapes.DeleteAccessKeyRestrictionsRequest) -> None:
    """Lifetimes that come from elsewhere go on. Raises ResourceNotFoundException, ConflictException (a key about itself)."""
    key = key_meant(ctx, request).key
    require_another_key(ctx, key.id)
    ctx.store.restricted_keys.delete(key.id)


def shown(restrictions: KeyRestrictions) -> shapes.KeyRestrictions:
    """As they were given; what is not restricted is left out."""
    times = {"NotBefore": restrictions.not_before, "ExpiresAt": restrictions.expires, "GraceUntil": restrictions.grace_until}
    told: dict[str, Any] = _dates(times)
    lists = {"Regions": restrictions.regions, "Networks": restrictions.networks, "Services": restrictions.services}
    told |= {name: list(values) for name, values in lists.items() if values}
    if restrictions.regions:
        told["GlobalServices"] = restrictions.global_services.value
    if restrictions.policy is not None:
        told["Policy"] = restrictions.policy
    return cast("shapes.KeyRestrictions", told)


def shown_validity(validity: Validity, now: int) -> shapes.KeyValidity:
    """`now` is in epoch seconds."""
    times = {
        "NotBefore": validity.not_before,
        "ExpiresAt": validity.expires,
        "RefusedFrom": validity.refused_from,
        "WarnedFrom": validity.warned_from,
    }
    return cast("shapes.KeyValidity", {**_dates(times), "Expired": validity.has_ended(now)})


def _dates(times: Mapping[str, int | None]) -> dict[str, datetime]:
    return {name: utc(time * 1000) for name, time in times.items() if time is not None}


def require_another_key(ctx: Context, key_id: str) -> None:
    """Whoever holds a restricted key cannot free it, nor can any session that descends from it. Raises ConflictException."""
    lineage = ctx.caller.lineage
    if lineage is not None and lineage.key == key_id:
        raise ConflictException("An access key cannot change its own restrictions. Use another key.")


def _read(ctx: Context, given: shapes.KeyRestrictions) -> KeyRestrictions:
    """Raises ValidationError, MalformedPolicyDocument, ServiceQuotaExceededException."""
    restrictions = KeyRestrictions(
        not_before=_seconds(given, "NotBefore"),
        expires=_seconds(given, "ExpiresAt"),
        grace_until=_seconds(given, "GraceUntil"),
        regions=_distinct(given.get("Regions", ())),
        global_services=GlobalServices(given.get("GlobalServices", GlobalServices.EXEMPT)),
        networks=tuple(map(_network, _distinct(given.get("Networks", ())))),
        services=_distinct(given.get("Services", ())),
        policy=_policy(ctx, given.get("Policy")),
    )
    _require_known("region", restrictions.regions, NAMES)
    unknown = [name for name in restrictions.services if not is_service_prefix(name)]
    if unknown:
        raise ValidationError(f"There is no service whose actions begin with {unknown[0]}:.")
    _require_order(restrictions)
    return restrictions


def _require_known(what: str, names: tuple[str, ...], known: frozenset[str]) -> None:
    unknown = [name for name in names if name not in known]
    if unknown:
        raise ValidationError(f"There is no {what} {unknown[0]}.")


def _require_order(restrictions: KeyRestrictions) -> None:
    """A time that makes no sense is more likely a slip than a wish."""
    begins, ends, grace = restrictions.not_before, restrictions.expires, restrictions.grace_until
    if begins is not None and ends is not None and ends <= begins:
        raise ValidationError("ExpiresAt must be later than NotBefore.")
    if grace is not None and (ends is None or grace < ends):
        raise ValidationError("GraceUntil must not be earlier than ExpiresAt, and needs one.")


def _network(text: str) -> str:
    """A CIDR block in its one spelling. Raises ValidationError."""
    try:
        return str(ip_network(text))
    except ValueError:
        raise ValidationError(f"{text} is no CIDR block, such as 192.0.2.0/24.") from None


def _policy(ctx: Context, document: str | None) -> str | None:
    if document is None:
        return None
    limit = ctx.authority.quotas.role_inline_length
    if policy.counted_size(document) > limit:
        raise ServiceQuotaExceededException(f"The policy of an access key may have at most {limit} characters.")
    policy.parse(document, Kind.CEILING)
    return document


def _seconds(given: Mapping[str, Any], name: str) -> int | None:
    """Raises ValidationError for a time before there was any AWS."""
    if name not in given:
        return None
    seconds = int(given[name].timestamp())
    if seconds < 0:
        raise ValidationError(f"{name} must not be earlier than 1970.")
    return seconds


def _distinct(names: Any) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))
