"""`NextToken`: how far the pages have come, sealed, and bound to the account and the parameters that it was given for (AC6.1)."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import sha256
from typing import TYPE_CHECKING

import orjson

from akia.keyring import Purpose, Unsealable
from akia.services.cloudtrail._cloudtrail import InvalidNextTokenException

if TYPE_CHECKING:
    from akia.operation import Context
    from akia.wire.shapes import cloudtrail as shapes

Position = tuple[int, str]
"""Time (epoch milliseconds) and id of the last event shown."""

_FREE = frozenset({"NextToken", "MaxResults"})
"""What may differ from page to page."""


def next_token(ctx: Context, request: shapes.LookupEventsRequest, position: Position) -> str:
    """The token with which the page after `position` is asked for."""
    sealed = ctx.store.keyring.seal(Purpose.PAGE_MARKERS, orjson.dumps(position), additional=_bound_to(ctx, request))
    return urlsafe_b64encode(sealed).decode("ascii")


def position_of(ctx: Context, request: shapes.LookupEventsRequest) -> Position | None:
    """Where the page that `request` asks for begins; None for the first one. Raises InvalidNextTokenException."""
    token = request.get("NextToken")
    if token is None:
        return None
    try:
        sealed = urlsafe_b64decode(token.encode("ascii"))
        if urlsafe_b64encode(sealed).decode("ascii") != token:
            raise Unsealable("another spelling of the same bytes")
        text = ctx.store.keyring.unseal(Purpose.PAGE_MARKERS, sealed, additional=_bound_to(ctx, request))
    except (Unsealable, ValueError):
        raise InvalidNextTokenException("The token is not valid, or was given for other parameters.") from None
    at_ms, event_id = orjson.loads(text)
    return at_ms, event_id


def _bound_to(ctx: Context, request: shapes.LookupEventsRequest) -> bytes:
    parameters = {key: value for key, value in request.items() if key not in _FREE}
    return sha256(orjson.dumps([ctx.account, parameters], option=orjson.OPT_SORT_KEYS)).digest()
