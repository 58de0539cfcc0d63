"""Tokens of issuers that nobody has registered."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, NoReturn

from akia.federation.errors import Rejected
from akia.federation.signature import ALGORITHMS, signs

if TYPE_CHECKING:
    from collections.abc import Mapping

    from akia.federation.token import Token


def refuse_unknown_issuer(token: Token) -> NoReturn:
    """Raises Rejected, after the work of a verification: time does not tell which issuers are registered (NT-22)."""
    signs(token.algorithm, _decoys()[ALGORITHMS[token.algorithm]], token.signed, token.signature)
    raise Rejected("no OpenID Connect provider of the role's account has issued the token")


@cache
def _decoys() -> Mapping[str, Any]:
    """A public key of each kind whose private half nobody has."""
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers

    curves = {"P-256": ec.SECP256R1(), "P-384": ec.SECP384R1(), "P-521": ec.SECP521R1()}
    return {
        "RSA": RSAPublicNumbers(65_537, (1 << 2_047) | (1 << 1_000) | 1).public_key(),
        **{name: ec.generate_private_key(curve).public_key() for name, curve in curves.items()},
        "Ed25519": Ed25519PrivateKey.generate().public_key(),
    }
