"""The signature in the query (SV2-3, rule 7)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from akia.aws.errors import IncompleteSignature, MissingAuthenticationToken, SignatureDoesNotMatch
from akia.sigv4.canonical import Pair, decoded, folded
from akia.sigv4.claim import Claim
from akia.sigv4.scope import Algorithm, scope_from
from akia.sigv4.signed_headers import signed_headers_from

if TYPE_CHECKING:
    from akia.sigv4.request import Expectation, Fields

SIGNATURE = b"X-Amz-Signature"
SECURITY_TOKEN = b"X-Amz-Security-Token"
ALGORITHM = b"X-Amz-Algorithm"
NO_TOKEN = "Request is missing Authentication Token"  # noqa: S105  # a message, not a token

_REQUIRED = ("X-Amz-Credential", "X-Amz-Signature", "X-Amz-SignedHeaders", "X-Amz-Date")
_WEEK = 604_800
_LIFETIME = re.compile(rb"[1-9][0-9]{0,5}")


def claim_in_query(pairs: list[Pair], fields: Fields, expected: Expectation) -> Claim:
    """The claim of a presigned request, from its canonical pairs in arrival order.

    Raises MissingAuthenticationToken (rule 7a), IncompleteSignature (rule 7c, NT-05), SignatureDoesNotMatch for two session tokens (NT-34).
    Of repeated parameters the first wins (rule 7b), but two signatures are refused (NT-09).
    """
    parameters = dict(reversed(pairs))
    algorithm = _algorithm(parameters[ALGORITHM], expected)
    missing = [f"AWS query-string parameters must include '{name}'." for name in _REQUIRED if name.encode() not in parameters]
    if missing:
        raise IncompleteSignature(f"{' '.join(missing)} Re-examine the query-string parameters.")
    key_id, slash, scope = decoded(parameters[b"X-Amz-Credential"]).partition(b"/")
    return Claim(
        access_key_id=key_id,
        scope=scope_from(scope if slash else None, algorithm),
        signed_headers=signed_headers_from(decoded(parameters[b"X-Amz-SignedHeaders"])),
        signature=parameters[SIGNATURE],
        date=decoded(parameters[b"X-Amz-Date"]),
        session_token=_session_token(parameters, fields),
        region_set=_one_of(parameters.get(b"X-Amz-Region-Set"), fields.get(b"x-amz-region-set")),
        presigned=True,
        expires=_decoded(parameters.get(b"X-Amz-Expires")),
        doubt="two signatures" if sum(name == SIGNATURE for name, _ in pairs) > 1 else "",
    )


def without_signature(pairs: list[Pair]) -> list[Pair]:
    """The pairs that a presigned request signs (SV1.3-4)."""
    return [pair for pair in pairs if pair[0] != SIGNATURE]


def lifetime(expires: bytes | None, *, required: bool) -> int | None:
    """The seconds that `X-Amz-Expires` grants, 1 to 604,800; None if absent. Raises IncompleteSignature (NT-05, SV8-10)."""
    if expires is None:
        if required:
            raise IncompleteSignature("AWS query-string parameters must include 'X-Amz-Expires'. Re-examine the query-string parameters.")
        return None
    if _LIFETIME.fullmatch(expires) and int(expires) <= _WEEK:
        return int(expires)
    if re.fullmatch(rb"-[0-9]+", expires):
        raise IncompleteSignature("X-Amz-Expires must be non-negative")
    if re.fullmatch(rb"0+", expires):
        raise IncompleteSignature("X-Amz-Expires must be positive")
    if re.fullmatch(rb"[0-9]+", expires):
        raise IncompleteSignature(
            "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than 604800 seconds"
        )
    raise IncompleteSignature("X-Amz-Expires should be a number")


def _algorithm(value: bytes, expected: Expectation) -> Algorithm:
    """Rule 7a, SV6-6."""
    if expected.presigned and value == b"AWS4-HMAC-SHA256":
        return Algorithm.V4
    if expected.presigned and expected.sigv4a and value == b"AWS4-ECDSA-P256-SHA256":
        return Algorithm.V4A
    raise MissingAuthenticationToken(NO_TOKEN)


def _session_token(parameters: dict[bytes, bytes], fields: Fields) -> bytes | None:
    """The token of the query or of the signed header, never of both (SV2-5)."""
    in_header = fields.get(b"x-amz-security-token")
    in_query = _decoded(parameters.get(SECURITY_TOKEN))
    if in_header is not None and in_query is not None:
        raise SignatureDoesNotMatch
    return in_query if in_header is None else folded(in_header)


def _one_of(in_query: bytes | None, in_header: bytes | None) -> bytes | None:
    """The region set of the query, else of the signed header (SV5-4)."""
    return in_header if in_query is None else decoded(in_query)


def _decoded(value: bytes | None) -> bytes | None:
    return None if value is None else decoded(value)
