"""The keys that digests verify with: ListPublicKeys (AC8.11, AC8.12)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, cast

from akia.operation import Access, Context, everything
from akia.services.cloudtrail._cloudtrail import InvalidTimeRangeException, cloudtrail
from akia.services.cloudtrail.trail_errors import refuse_token

if TYPE_CHECKING:
    from akia.wire.shapes import cloudtrail as shapes


@cloudtrail.operation("ListPublicKeys", access=Access.READ, resource=everything)
def list_public_keys(ctx: Context, request: shapes.ListPublicKeysRequest) -> shapes.ListPublicKeysResponse:
    """Every key that was valid at some time from StartTime to EndTime, both now by default. All regions have the same keys. Raises
    InvalidTimeRangeException, InvalidTokenException (all are told at once: no token was given out)."""
    refuse_token(request)
    now = datetime.fromtimestamp(ctx.now, UTC)
    start, end = request.get("StartTime", now), request.get("EndTime", now)
    if start > end:
        raise InvalidTimeRangeException("The start time must not be after the end time.")
    keys = [key for key in ctx.store.trail_keys.all() if key.created <= end.timestamp() and start.timestamp() <= key.ends]
    shown = [
        {
            "Value": key.public,
            "ValidityStartTime": datetime.fromtimestamp(key.created, UTC),
            "ValidityEndTime": datetime.fromtimestamp(key.ends, UTC),
            "Fingerprint": key.fingerprint,
        }
        for key in keys
    ]
    return cast("shapes.ListPublicKeysResponse", {"PublicKeyList": shown})
