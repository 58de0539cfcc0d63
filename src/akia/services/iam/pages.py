"""Pages of IAM's lists: `Marker` and `MaxItems` in, `IsTruncated` and `Marker` out (W6.8).

    window = pages.window(request, "users")
    found = ctx.store.users.page(ctx.account, prefix, window.after, window.reach)
    users, end = window.cut(found, lambda user: user.name)
    return {"Users": [...], **end}

A marker is opaque: base64 of what is listed and of the last name shown, so that a marker of another list is refused.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypedDict, TypeVar

from akia.aws.errors import ValidationError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

DEFAULT_ITEMS = 100

T = TypeVar("T")


class End(TypedDict, total=False):
    """How a page ends. `IsTruncated` is always there, since clients go on only while it says true; `Marker` only if there is more."""

    IsTruncated: bool
    Marker: str


@dataclass(frozen=True, slots=True)
class Window:
    """The part of the list `of` that a request asks for: at most `limit` items, after the one named `after` (None: from the start)."""

    of: str
    after: str | None
    limit: int

    @property
    def reach(self) -> int:
        """How many items to fetch: one more than asked for, to know whether there are more."""
        return self.limit + 1

    def cut(self, found: Sequence[T], name: Callable[[T], str]) -> tuple[Sequence[T], End]:
        """The items to show of `found` (which begins after `after`), and how the page ends. `name` gives `after` of the next page."""
        if len(found) <= self.limit:
            return found, {"IsTruncated": False}
        shown = found[: self.limit]
        return shown, {"IsTruncated": True, "Marker": _marker(self.of, name(shown[-1]))}

    def slice(self, everything: Sequence[T]) -> tuple[Sequence[T], End]:
        """The same for a short list in memory. Its markers hold a position: a tag's key can be too long for a marker's 320 characters.

        Raises ValidationError for a marker that holds no position.
        """
        start = _position(self.after)
        shown = everything[start : start + self.limit]
        if start + self.limit >= len(everything):
            return shown, {"IsTruncated": False}
        return shown, {"IsTruncated": True, "Marker": _marker(self.of, str(start + self.limit))}


def window(request: Mapping[str, Any], of: str) -> Window:
    """The window that `request` asks for in the list `of`. Raises ValidationError for a marker that is not of this list."""
    marker = request.get("Marker")
    return Window(of, None if marker is None else _after(of, marker), request.get("MaxItems") or DEFAULT_ITEMS)


def _marker(of: str, after: str) -> str:
    return urlsafe_b64encode(f"{of}\n{after}".encode()).decode("ascii")


def _after(of: str, marker: str) -> str:
    """What `_marker` was given. Base64 is compared by encoding again: decoding alone skips characters outside of its alphabet."""
    try:
        text = urlsafe_b64decode(marker.encode("ascii")).decode("utf-8")
    except ValueError:
        raise ValidationError("Invalid Marker.") from None
    listed, newline, after = text.partition("\n")
    if not newline or listed != of or _marker(of, after) != marker:
        raise ValidationError("Invalid Marker.")
    return after


def _position(after: str | None) -> int:
    if after is None:
        return 0
    if not (after.isascii() and after.isdigit() and len(after) <= 6):
        raise ValidationError("Invalid Marker.")
    return int(after)
