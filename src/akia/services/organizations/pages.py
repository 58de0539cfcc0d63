"""Pages of lists: `NextToken` and `MaxResults` in, `NextToken` out only if there is more (W6.8).

A token is opaque: base64 of what is listed and of the last key shown, so that one of another list is refused.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import TYPE_CHECKING, Any, TypedDict, TypeVar

from akia.aws.organization_errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    T = TypeVar("T")
    Fetch = Callable[[str, int], Sequence[T]]

MOST = 20


class End(TypedDict, total=False):
    """How a page ends."""

    NextToken: str


def page(request: Mapping[str, Any], of: str, fetch: Fetch[T], key: Callable[[T], str]) -> tuple[Sequence[T], End]:
    """The page of the list `of` that is asked for. `fetch(after, limit)` reads items by `key`. Raises InvalidInput for a wrong token."""
    after, limit = _after(of, request.get("NextToken")), request.get("MaxResults") or MOST
    found = fetch(after, limit + 1)
    if len(found) <= limit:
        return found, {}
    return found[:limit], {"NextToken": _token(of, key(found[limit - 1]))}


def among(items: Iterable[T], key: Callable[[T], str]) -> Fetch[T]:
    """`fetch` for items that are in memory."""
    ordered = sorted(items, key=key)
    return lambda after, limit: [item for item in ordered if key(item) > after][:limit]


def _token(of: str, after: str) -> str:
    return urlsafe_b64encode(f"{of}\n{after}".encode()).decode("ascii")


def _after(of: str, token: str | None) -> str:
    """What `_token` was given. Compared by encoding again: decoding alone skips characters outside of base64's alphabet."""
    if not token:
        return ""
    try:
        listed, newline, after = urlsafe_b64decode(token.encode("ascii")).decode("utf-8").partition("\n")
    except ValueError:
        raise InvalidInput("INVALID_NEXT_TOKEN", "You specified an invalid next token.") from None
    if not newline or listed != of or _token(of, after) != token:
        raise InvalidInput("INVALID_NEXT_TOKEN", "You specified an invalid next token.")
    return after
