"""Lists a page at a time, for the operations that say how long a page is to be (`MaxResults`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from akia.authority.page_tokens import page_token, position_of
from akia.keyring import Unsealable
from akia.services.cloudtrail._cloudtrail import InvalidNextTokenException

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from akia.operation import Context

T = TypeVar("T")


def page(ctx: Context, of: str, request: Mapping[str, Any], everything: Sequence[T], default: int) -> tuple[Sequence[T], dict[str, str]]:
    """The page of `everything` that the request asks for, and `NextToken` if there is more. Raises InvalidNextTokenException."""
    start = start_of(ctx, of, request)
    end = start + request.get("MaxResults", default)
    return everything[start:end], {"NextToken": page_token(ctx, of, request, end)} if end < len(everything) else {}


def start_of(ctx: Context, of: str, request: Mapping[str, Any]) -> int:
    """How many things the pages before have shown. Raises InvalidNextTokenException."""
    return int(position(ctx, of, request) or 0)


def position(ctx: Context, of: str, request: Mapping[str, Any]) -> Any:
    """Where the page before has ended; None for the first one. Raises InvalidNextTokenException."""
    try:
        return position_of(ctx, of, request)
    except Unsealable:
        raise InvalidNextTokenException("The token is not valid, or was given for other parameters.") from None
