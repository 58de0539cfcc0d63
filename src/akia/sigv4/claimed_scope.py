"""Whom and what a request claims to be from and for, before anything is verified (W3.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from akia.sigv4.canonical import decoded
from akia.sigv4.claim import is_key_id
from akia.sigv4.scope import Algorithm, scope_from

if TYPE_CHECKING:
    from collections.abc import Sequence

_V4A = Algorithm.V4A.encode()


class ClaimedScope(NamedTuple):
    """Good for routing and for the record of a refusal, never as proof: `read` checks it all again."""

    access_key_id: str | None
    """None if it does not have the form of one (NT-39)."""
    region: str | None
    """None for SigV4A. Any text otherwise."""
    service: str
    """Any text."""


def scope_of(headers: Sequence[tuple[bytes, bytes]], query: bytes) -> ClaimedScope | None:
    """What the Authorization header, else the query (percent-escapes intact) claims; None if nothing that can be read. Never raises."""
    algorithm, credential = _credential(headers, query)
    key_id, _, text = credential.partition(b"/")
    scope = scope_from(text, Algorithm.V4A if algorithm == _V4A else Algorithm.V4)
    if not scope.complete:
        return None
    return ClaimedScope(key_id.decode("ascii") if is_key_id(key_id) else None, scope.region, scope.service)


def _credential(headers: Sequence[tuple[bytes, bytes]], query: bytes) -> tuple[bytes, bytes]:
    for name, value in headers:
        if name == b"authorization":
            algorithm, _, items = value.partition(b" ")
            _, found, rest = items.rpartition(b"Credential=")
            return algorithm, rest.partition(b",")[0].strip(b" \t") if found else b""
    parts = [part.partition(b"=") for part in reversed(query.split(b"&"))]  # of repeated parameters the first wins (rule 7b)
    parameters = {decoded(name): value for name, _, value in parts}
    return decoded(parameters.get(b"X-Amz-Algorithm", b"")), decoded(parameters.get(b"X-Amz-Credential", b""))
