"""The Authorization header (SV2-1, rule 6)."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from akia.aws.errors import IncompleteSignature
from akia.sigv4.canonical import folded
from akia.sigv4.claim import Claim
from akia.sigv4.echo import shown
from akia.sigv4.scope import Algorithm, Scope, scope_from
from akia.sigv4.signed_headers import SignedHeaders, signed_headers_from
from akia.sigv4.timestamp import in_basic_format

if TYPE_CHECKING:
    from akia.sigv4.request import Fields

_ORDINARY_HEAD = b"AWS4-HMAC-SHA256 Credential="
_ORDINARY_REST = re.compile(rb"([!-+\--~]+), ?SignedHeaders=([!-+\--~]+), ?")
"""What follows the key id's slash and precedes `Signature=` in all clients: two values without comma or blank."""
_MEMOIZED_LENGTH = 1024

_Parts = tuple[bytes, Scope, SignedHeaders, bytes, str]
"""Key id, scope, signed headers, signature, doubt."""


def claim_in_header(authorization: bytes, fields: Fields, *, sigv4a: bool) -> Claim:
    """The claim of a signed request with an Authorization header.

    Raises IncompleteSignature for rules 6a, 6b and 6d. Of repeated items the last wins (rule 6c), but two signatures are refused (NT-09).
    """
    date = fields.get(b"x-amz-date")
    if date is None and b"date" in fields:
        date = in_basic_format(fields[b"date"])  # SV2-2
    key_id, scope, signed, signature, doubt = _ordinary(authorization) or _any_form(authorization, date, sigv4a=sigv4a)
    if date is None:
        raise _missing([_NO_DATE], scope.algorithm)
    token = fields.get(b"x-amz-security-token")
    return Claim(
        key_id,
        scope,
        signed,
        signature,
        date,
        None if token is None else folded(token),
        fields.get(b"x-amz-region-set"),
        False,
        None,
        doubt,
    )


def _ordinary(authorization: bytes) -> _Parts | None:
    """The header's parts if it has the form that all clients send; else None. Agrees with `_any_form` wherever it answers."""
    head, _, rest = authorization.partition(b"/")
    middle, _, signature = rest.rpartition(b"Signature=")
    key_id = head[len(_ORDINARY_HEAD) :]
    if not (head.startswith(_ORDINARY_HEAD) and key_id.isalnum() and signature.isalnum() and len(middle) <= _MEMOIZED_LENGTH):
        return None
    shared = _shared(middle)
    return None if shared is None else (key_id, *shared[:2], signature, "")


@lru_cache(maxsize=2048)
def _shared(middle: bytes) -> tuple[Scope, SignedHeaders] | None:
    """What the requests of one day, region, service and kind of client have in common, whatever their key."""
    found = _ORDINARY_REST.fullmatch(middle)
    return found and (scope_from(found[1], Algorithm.V4), signed_headers_from(found[2]))


def _any_form(authorization: bytes, date: bytes | None, *, sigv4a: bool) -> _Parts:
    name, _, rest = authorization.strip(b" \t").partition(b" ")
    algorithm = _algorithm(name, sigv4a=sigv4a)
    items, doubt = _items(rest, authorization)
    missing = [f"Authorization header requires '{item}' parameter." for item in _REQUIRED if item.encode() not in items]
    if missing:
        raise _missing(missing + [_NO_DATE] * (date is None), algorithm)
    key_id, slash, scope = items[b"Credential"].partition(b"/")
    signed = signed_headers_from(items[b"SignedHeaders"])
    return key_id, scope_from(scope if slash else None, algorithm), signed, items[b"Signature"], doubt


def _algorithm(name: bytes, *, sigv4a: bool) -> Algorithm:
    """Rule 6a, SV6-6."""
    for algorithm in Algorithm:
        if name == algorithm.encode() and (sigv4a or algorithm is Algorithm.V4):
            return algorithm
    raise IncompleteSignature(f"Unsupported AWS 'algorithm': '{shown(name)}'.")


def _items(rest: bytes, whole: bytes) -> tuple[dict[bytes, bytes], str]:
    """Rules 6b and 6c."""
    items: dict[bytes, bytes] = {}
    doubt = ""
    for item in rest.split(b",") if rest.strip(b" \t") else []:
        name, equals, value = item.strip(b" \t").partition(b"=")
        if not equals:
            raise IncompleteSignature(
                f"'{shown(name)}' not a valid key=value pair (missing equal-sign) in Authorization header: '{shown(whole)}'."
            )
        if name == b"Signature" and name in items:
            doubt = "two signatures"
        items[name] = value
    return items, doubt


_REQUIRED = ("Credential", "Signature", "SignedHeaders")
_NO_DATE = "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header."


def _missing(texts: list[str], algorithm: Algorithm) -> IncompleteSignature:
    """Rule 6d, all faults in one text (SV6-1)."""
    return IncompleteSignature(f"{' '.join(texts)} Authorization={algorithm}")
