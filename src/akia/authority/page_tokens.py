"""Tokens of pages: how far a list has been read, sealed, and bound to the account, the list and the request that it was given for (AC6.1,
NT-31)."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Any

import orjson

from akia.keyring import Purpose

if TYPE_CHECKING:
    from collections.abc import Mapping

    from akia.operation import Context

_FREE = frozenset({"NextToken", "MaxResults", "nextToken", "maxResults"})
"""What may differ from page to page."""


def page_token(ctx: Context, of: str, request: Mapping[str, Any], position: Any) -> str:
    """The token with which the page after `position`, a JSON value, of the list `of` is asked for. `request` is the one for this page."""
    return ctx.store.keyring.seal_text(Purpose.PAGE_MARKERS, orjson.dumps(position), additional=_bound_to(ctx, of, request))


def position_of(ctx: Context, of: str, request: Mapping[str, Any]) -> Any:
    """Where the page of the list `of` begins that `request` asks for; None for the first one.

    Raises Unsealable for a token of anything else.
    """
    token = request.get("NextToken", request.get("nextToken"))
    if token is None:
        return None
    return orjson.loads(ctx.store.keyring.unseal_text(Purpose.PAGE_MARKERS, token, additional=_bound_to(ctx, of, request)))


def _bound_to(ctx: Context, of: str, request: Mapping[str, Any]) -> bytes:
    parameters = {key: value for key, value in request.items() if key not in _FREE}
    return sha256(orjson.dumps([of, ctx.account, parameters], option=orjson.OPT_SORT_KEYS)).digest()
