"""The credential scope: which day, region and service a signature was made for (SV1.1, rules 12 and 13)."""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from akia.aws.errors import IncompleteSignature, SignatureDoesNotMatch
from akia.aws.regions import is_region_name
from akia.sigv4.echo import shown

if TYPE_CHECKING:
    from akia.sigv4.request import Expectation

TERMINATOR = "aws4_request"
_MEMOIZED_LENGTH = 256
_REGIONS = re.compile(r"\*|[a-z0-9]+(?:-[a-z0-9]+)*(?:-?\*)?")
"""One entry of a SigV4A region set."""


class Algorithm(StrEnum):
    """SV1.1-1."""

    V4 = "AWS4-HMAC-SHA256"
    V4A = "AWS4-ECDSA-P256-SHA256"


class Scope(NamedTuple):
    """A credential scope, sound or not: rules 12 and 13 judge it after rules 8 to 11 had their turn."""

    algorithm: Algorithm
    prefix: bytes
    """The algorithm's name and a line break: how the string to sign begins."""
    text: bytes | None
    """What follows the key id's slash; None if there was no slash."""
    complete: bool
    """Rule 12: it has as many parts as the algorithm asks for."""
    date: bytes
    region: str | None
    """None for SigV4A, whose scope names none (SV5-4)."""
    service: str
    terminator: str
    well_formed: bool
    """The part of rule 13 that concerns neither the request's time nor the endpoint."""


def scope_from(text: bytes | None, algorithm: Algorithm) -> Scope:
    """The scope that `text` (a credential without key id and first slash) spells. Never raises."""
    if text is not None and len(text) <= _MEMOIZED_LENGTH:
        return _memoized(text, algorithm)
    return _parse(text, algorithm)


def _parse(text: bytes | None, algorithm: Algorithm) -> Scope:
    parts = (text or b"").split(b"/")
    regions = 1 if algorithm is Algorithm.V4 else 0
    prefix = algorithm.encode() + b"\n"
    if len(parts) != 3 + regions:
        return Scope(algorithm, prefix, text, False, b"", None, "", "", False)
    region = shown(parts[1]) if regions else None
    service, terminator = shown(parts[-2]), shown(parts[-1])
    well_formed = terminator == TERMINATOR and (region is None or is_region_name(region))
    return Scope(algorithm, prefix, text, True, parts[0], region, service, terminator, well_formed)


_memoized = lru_cache(maxsize=2048)(_parse)
"""Clients in one region share their scopes for a day, whatever their keys."""


def check_scope(key_id: bytes, scope: Scope, timestamp: bytes, region_set: bytes | None, expected: Expectation) -> None:
    """Rules 12 and 13. `timestamp` is the request's time in ISO 8601's basic format.

    Raises IncompleteSignature (rule 12), SignatureDoesNotMatch with all faults of the scope in one text (rule 13, SV6-1).
    """
    if not scope.complete:
        raise IncompleteSignature(_incomplete(key_id, scope))
    if (
        scope.well_formed
        and scope.service in expected.services
        and scope.date == timestamp[:8]
        and (scope.region == expected.region if expected.region and scope.region else True)
        and (scope.region or covers(region_set, expected.region))
    ):
        return
    raise SignatureDoesNotMatch(" ".join(_faults(scope, timestamp, region_set, expected)))


def covers(region_set: bytes | None, region: str | None) -> bool:
    """Whether a SigV4A region set (comma-separated, `us-*` and `*` allowed) holds `region`, or, for None, any region (SV5-4)."""
    entries = [entry.strip() for entry in shown(region_set or b"").split(",")]
    if not all(map(_REGIONS.fullmatch, entries)):
        return False
    return region is None or any(region.startswith(entry[:-1]) if entry.endswith("*") else region == entry for entry in entries)


def _incomplete(key_id: bytes, scope: Scope) -> str:
    count, example = (5, "keyid/date/region/service/term") if scope.algorithm is Algorithm.V4 else (4, "keyid/date/service/term")
    got = shown(key_id if scope.text is None else key_id + b"/" + scope.text)
    return f"Credential must have exactly {count} slash-delimited elements, e.g. {example}, got '{got}'"


def _faults(scope: Scope, timestamp: bytes, region_set: bytes | None, expected: Expectation) -> list[str]:
    faults = []
    if scope.region is None and not covers(region_set, expected.region):
        faults.append(f"Credential should be scoped to a valid region, not '{shown(region_set or b'')}'.")
    if scope.region is not None and (not is_region_name(scope.region) or scope.region != (expected.region or scope.region)):
        faults.append(f"Credential should be scoped to a valid region, not '{scope.region}'.")
    if scope.service not in expected.services:
        faults.append(f"Credential should be scoped to correct service: '{expected.services[0]}'.")
    if scope.terminator != TERMINATOR:
        faults.append(f"Credential should be scoped with a valid terminator: '{TERMINATOR}', not '{scope.terminator}'.")
    if scope.date != timestamp[:8]:
        there, here, source = shown(scope.date), shown(timestamp[:8]), shown(timestamp)
        faults.append(
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: "
            f"'{there}' != '{here}', from '{source}'."
        )
    return faults
