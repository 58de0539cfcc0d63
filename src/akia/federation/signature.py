"""The algorithms that tokens may be signed with, and which kind of key each of them takes. PyJWT does the arithmetic.

Never `none`, and none of the HS family: whoever knows a public key could sign with it (NT-19, NT-20). The key decides which algorithms it
serves; the token's header only chooses among those.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

ALGORITHMS: Mapping[str, str] = {
    **dict.fromkeys(["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"], "RSA"),
    "ES256": "P-256",
    "ES384": "P-384",
    "ES512": "P-521",
    "EdDSA": "Ed25519",
}
"""Algorithm -> the kind of key that it takes: RSA, or the name of the curve."""


def signs(algorithm: str, public_key: Any, signed: bytes, signature: bytes) -> bool:
    """Whether `signature` is `public_key`'s, of `signed`. The kind of the key must suit the algorithm."""
    verified: bool = _verifiers()[algorithm].verify(signed, public_key, signature)
    return verified


@cache
def _verifiers() -> Mapping[str, Any]:
    from jwt.algorithms import get_default_algorithms  # here: only who is given a token pays for it

    return {name: algorithm for name, algorithm in get_default_algorithms().items() if name in ALGORITHMS}
