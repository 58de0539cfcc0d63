"""What goes in and what comes out, as bytes."""

from __future__ import annotations

from typing import NamedTuple


class HttpRequest(NamedTuple):
    """A request as it arrived; a tuple because one is made for every call.

    `raw_path` and `query` are the bytes of the request line before and after `?`, still percent-encoded.
    `headers` keeps order and repetitions; its names are lower-case.
    """

    method: bytes
    raw_path: bytes
    query: bytes
    headers: list[tuple[bytes, bytes]]
    body: bytes


class Answer(NamedTuple):
    """A response without `Date`, which the HTTP layer adds (W1.3). Header names are lower-case."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes
