"""Markers and windows of IAM's lists (W6.8)."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from typing import TYPE_CHECKING

import pytest

from akia.aws.errors import ValidationError
from akia.services.iam import pages

if TYPE_CHECKING:
    from collections.abc import Sequence

NAMES = [f"user-{number:03d}" for number in range(250)]


def _fetch(after: str | None, reach: int) -> list[str]:
    """What a store does: names after `after`, at most `reach`."""
    return [name for name in NAMES if after is None or name > after][:reach]


def _page(request: dict[str, object]) -> tuple[Sequence[str], pages.End]:
    window = pages.window(request, "users")
    return window.cut(_fetch(window.after, window.reach), lambda name: name)


def test_w6_8_a_page_has_a_hundred_items_unless_told_otherwise() -> None:
    shown, end = _page({})
    assert list(shown) == NAMES[:100]
    assert end["IsTruncated"] is True


def test_w6_8_the_last_page_says_that_it_is_not_truncated_and_has_no_marker() -> None:
    shown, end = _page({"MaxItems": 250})
    assert len(shown) == 250
    assert end == {"IsTruncated": False}


@pytest.mark.parametrize("limit", [1, 7, 99, 249, 1000])
def test_pages_put_together_are_the_whole_list_once(limit: int) -> None:
    seen: list[str] = []
    request: dict[str, object] = {"MaxItems": limit}
    while True:
        shown, end = _page(request)
        seen += shown
        if not end["IsTruncated"]:
            break
        request["Marker"] = end["Marker"]
    assert seen == NAMES


@pytest.mark.parametrize("limit", [1, 3, 10, 11])
def test_slices_put_together_are_the_whole_list_once(limit: int) -> None:
    seen: list[str] = []
    request: dict[str, object] = {"MaxItems": limit}
    while True:
        shown, end = pages.window(request, "tags").slice(NAMES[:10])
        seen += shown
        if not end["IsTruncated"]:
            break
        request["Marker"] = end["Marker"]
    assert seen == NAMES[:10]


def _encoded(text: bytes) -> str:
    return urlsafe_b64encode(text).decode()


FORGED = {
    "no base64": "user-003",
    "not of its alphabet": "***",
    "beyond ASCII": "Ärger",
    "blank within": _encoded(b"users\nuser-003")[:4] + " " + _encoded(b"users\nuser-003")[4:],
    "second spelling of the last bits": _encoded(b"users\nab")[:-2] + "J=",
    "no newline": _encoded(b"user-003"),
    "another list": _encoded(b"groups\nuser-003"),
    "not UTF-8": _encoded(b"users\n\xff"),
}


@pytest.mark.parametrize("marker", FORGED.values(), ids=FORGED.keys())
def test_a_marker_that_was_not_given_out_is_refused(marker: str) -> None:
    with pytest.raises(ValidationError, match=r"^Invalid Marker\.$"):
        pages.window({"Marker": marker}, "users")


@pytest.mark.parametrize("position", ["", "-1", "1_0", "\u0663", " 1", "1\n", "9" * 5000])
def test_a_position_is_plain_digits(position: str) -> None:
    window = pages.window({"Marker": _encoded(f"tags\n{position}".encode())}, "tags")
    with pytest.raises(ValidationError, match=r"^Invalid Marker\.$"):
        window.slice(NAMES)


def test_a_position_beyond_the_end_shows_nothing_more() -> None:
    shown, end = pages.window({"Marker": _encoded(b"tags\n500")}, "tags").slice(NAMES)
    assert (list(shown), end) == ([], {"IsTruncated": False})


def test_every_marker_fits_into_the_models_320_characters() -> None:
    longest = "members of AGPA" + "X" * 17
    window = pages.window({"MaxItems": 1}, longest)
    _, end = window.cut(["n" * 128, "o"], lambda name: name)
    assert len(end["Marker"]) <= 320
