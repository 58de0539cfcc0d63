"""AWS Signature Version 4 and 4A, verified from the bytes on the wire. docs/sigv4.md numbers the rules that the code cites.

    claimed   = scope_of(headers, query)                # for routing; proves nothing
    presented = read(request, expectation, now)         # rules 4 to 13
    verify(presented, secret)                           # rule 16; or refuse_unknown_key(presented)

Between the two calls stand the look-ups of session token and key (rules 14 and 15), which are not this package's.
"""

from __future__ import annotations

from akia.sigv4.canonical import normalised_path
from akia.sigv4.claimed_scope import ClaimedScope, scope_of
from akia.sigv4.presented import Presented
from akia.sigv4.reading import INVALID_KEY, read
from akia.sigv4.request import Expectation, SignedRequest
from akia.sigv4.scope import Algorithm
from akia.sigv4.signing_key import SigningSecret
from akia.sigv4.verification import refuse_unknown_key, verify

__all__ = [
    "INVALID_KEY",
    "Algorithm",
    "ClaimedScope",
    "Expectation",
    "Presented",
    "SignedRequest",
    "SigningSecret",
    "normalised_path",
    "read",
    "refuse_unknown_key",
    "scope_of",
    "verify",
]
