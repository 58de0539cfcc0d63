"""The request as it arrived, and what the endpoint that it reached expects of its signature."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from akia.aws.errors import Family

Fields = Mapping[bytes, bytes]
"""Header fields by lower-case name; the lines of a repeated field joined by commas in arrival order (SV1.4-1)."""

FIFTEEN_MINUTES = 900


class SignedRequest(NamedTuple):
    """The bytes that came over the wire (SV1.1-2): nothing in it has been decoded, merged or reordered."""

    method: bytes
    path: bytes
    """Percent-escapes intact, begins with `/`."""
    query: bytes
    """Percent-escapes intact, without the `?`; empty if there was none."""
    headers: Sequence[tuple[bytes, bytes]]
    """Lower-case names and values in arrival order, repetitions kept."""
    body: bytes


@dataclass(frozen=True)
class Expectation:
    """What one endpoint asks of a signature. Make it once per service, not per request."""

    family: Family
    """Decides whether a mismatch is explained in the answer (SV6-3)."""
    services: tuple[str, ...]
    """The signing names that fit; the first is named in the refusal of others (rule 13)."""
    region: str | None = None
    """None takes each well-formed region (W1.1); a name takes that one only, and a SigV4A region set that covers it (NT-11)."""
    sigv4a: bool = False
    """Whether the service offers AWS4-ECDSA-P256-SHA256 (SV5-5, SV6-6)."""
    presigned: bool = True
    """Whether signatures in the query are taken at all."""
    skew: int = FIFTEEN_MINUTES
    """How many seconds the request's time may lie before or after ours (SV3-1)."""
    s3: bool = False
    """S3's form of the path (SV1.2), lifetime of a presigned URL (SV3-3) and default payload of one (SV1.5-9)."""
    normalised: bool = True
    """False signs the path of a service other than S3 as it was sent (SV1.2-6)."""
    unsigned_payload: bool = False
    """Whether `UNSIGNED-PAYLOAD` is taken (SV1.5-3). Never for a control plane."""
    explained: bool | None = None
    """Whether a mismatch shows the canonical request; None means: for the JSON families only (SV6-3)."""

    @cached_property
    def explains(self) -> bool:
        """Whether the canonical request is shown to a caller whose signature does not match (SV6-3)."""
        return self.family in (Family.JSON, Family.REST_JSON) if self.explained is None else self.explained


def fields_of(headers: Sequence[tuple[bytes, bytes]]) -> tuple[Fields, frozenset[bytes]]:
    """The header fields by name, and the names that came more than once (SV1.4-1)."""
    fields = dict(headers)
    if len(fields) == len(headers):
        return fields, _NONE
    lines: dict[bytes, list[bytes]] = {}
    for name, value in headers:
        lines.setdefault(name, []).append(value)
    return {name: b",".join(values) for name, values in lines.items()}, frozenset(name for name, values in lines.items() if len(values) > 1)


_NONE: frozenset[bytes] = frozenset()
