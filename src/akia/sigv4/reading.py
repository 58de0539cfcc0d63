"""Reading a signature: rules 4 to 13, in their order; the first that fails answers.

The plan (rules 1 to 3 are the HTTP server's, 14 and 15 the pipeline's, 16 `verification`'s):

     4  the query's escapes
     5  one signature, not two and not none
     6  the Authorization header, or
     7  the query's parameters
     8  what must be signed is signed
     9  the date can be read, and is
    10  not too old
    11  not too early
    12  the credential has all its parts
    13  its scope is today's, of this service and region
"""

from __future__ import annotations

from akia.aws.errors import InvalidClientTokenId, MissingAuthenticationToken, SignatureDoesNotMatch
from akia.sigv4.authorization import claim_in_header
from akia.sigv4.canonical import Pair, canonical_pairs, canonical_path, canonical_query, check_escapes
from akia.sigv4.claim import Claim, is_key_id
from akia.sigv4.payload import payload_hash
from akia.sigv4.presented import Presented
from akia.sigv4.presigned import ALGORITHM, NO_TOKEN, SECURITY_TOKEN, claim_in_query, lifetime, without_signature
from akia.sigv4.request import Expectation, Fields, SignedRequest, fields_of
from akia.sigv4.scope import check_scope
from akia.sigv4.signed_headers import check_signed
from akia.sigv4.timestamp import check_lifetime, check_window, timestamp_of

INVALID_KEY = "The security token included in the request is invalid."


def read(request: SignedRequest, expected: Expectation, now: float) -> Presented:
    """The signature of `request`, ready for `verify`. `now` is in seconds since 1970.

    Raises MalformedQueryString, MissingAuthenticationToken, IncompleteSignature and SignatureDoesNotMatch, each with AWS's text;
    InvalidClientTokenId for a key id that no key can have (NT-39); AccessDenied for S3's presigned requests out of their time.
    """
    method, path, query, headers, body = request
    check_escapes(query)  # rule 4
    pairs = canonical_pairs(query) if query else []
    fields, repeated = fields_of(headers)
    claim = _claim(pairs, fields, repeated, expected)  # rules 5 to 7
    check_signed(fields, repeated, claim.signed_headers)  # rule 8
    seconds = _check_time(claim, expected, now)  # rules 9 to 11
    check_scope(claim.access_key_id, claim.scope, claim.date, claim.region_set, expected)  # rules 12 and 13
    if not is_key_id(claim.access_key_id):
        raise InvalidClientTokenId(INVALID_KEY)  # rule 15's answer, without a look-up (NT-39)
    values, broken_list = claim.signed_headers.values(fields)
    hashed, unbound = payload_hash(body, fields, expected, presigned=claim.presigned)
    canonical = claim.signed_headers.canonical_request(
        method,
        canonical_path(path, s3=expected.s3, normalised=expected.normalised),
        canonical_query(without_signature(pairs) if claim.presigned else pairs) if pairs else b"",
        values,
        hashed,
    )
    refusal = claim.doubt or broken_list or unbound
    return Presented(claim, claim.access_key_id.decode("ascii"), seconds, canonical, refusal, expected.explains)


def _claim(pairs: list[Pair], fields: Fields, repeated: frozenset[bytes], expected: Expectation) -> Claim:
    """Rules 5, 6 and 7."""
    authorization = fields.get(b"authorization")
    in_query = any(name == ALGORITHM for name, _ in pairs)
    if authorization is None:
        if not in_query:
            raise MissingAuthenticationToken(NO_TOKEN)  # rule 5b
        return claim_in_query(pairs, fields, expected)
    if in_query or b"authorization" in repeated:
        raise SignatureDoesNotMatch  # rule 5a, NT-09
    claim = claim_in_header(authorization, fields, sigv4a=expected.sigv4a)
    if claim.session_token is not None and any(name == SECURITY_TOKEN for name, _ in pairs):
        raise SignatureDoesNotMatch  # NT-34: two tokens
    return claim


def _check_time(claim: Claim, expected: Expectation, now: float) -> int:
    """Rules 9 to 11. The request's time in seconds since 1970."""
    seconds = timestamp_of(claim.date)
    granted = lifetime(claim.expires, required=expected.s3) if claim.presigned else None
    if expected.s3 and granted is not None:
        check_lifetime(seconds, granted, now, expected.skew)
    else:
        check_window(seconds, claim.date, now, expected.skew)
    return seconds
