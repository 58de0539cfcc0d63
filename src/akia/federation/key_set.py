"""The public keys of a provider: a JSON web key set (RFC 7517), as far as it can verify signatures."""

from __future__ import annotations

from base64 import urlsafe_b64decode
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from akia.federation.json_text import json_object
from akia.federation.signature import ALGORITHMS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

MOST_KEYS = 100
"""NT-23; AWS's limit too."""
SHORTEST_RSA, LONGEST_RSA = 2_048, 8_192
"""Bits. Shorter moduli can be factored; longer ones cost whoever verifies."""


@dataclass(frozen=True, slots=True)
class Key:
    """A public key. `kind` is RSA, or the name of its curve; `algorithm` the only one that it serves, if its owner says so."""

    kid: str
    kind: str
    algorithm: str | None
    public: Any = field(repr=False)

    def serves(self, algorithm: str) -> bool:
        return self.kind == ALGORITHMS[algorithm] and self.algorithm in (None, algorithm)


@dataclass(frozen=True, slots=True)
class KeySet:
    """A provider's keys at one time."""

    keys: Sequence[Key]

    def has(self, kid: str) -> bool:
        return any(key.kid == kid for key in self.keys)

    def find(self, kid: str, algorithm: str) -> list[Key]:
        """The keys of this name that the algorithm may be used with: one, unless the provider is careless with names."""
        return [key for key in self.keys if key.kid == kid and key.serves(algorithm)]

    @classmethod
    def parse(cls, document: bytes) -> KeySet:
        """The key set in a provider's answer. Keys of other kinds and uses are left out. Raises ValueError if it cannot be used at all."""
        listed = json_object(document).get("keys")
        if not isinstance(listed, list):
            raise ValueError("the key set has no keys")
        if len(listed) > MOST_KEYS:
            raise ValueError(f"the key set has more than {MOST_KEYS} keys")
        return cls(tuple(_usable(listed)))


def _usable(listed: Sequence[object]) -> Iterator[Key]:
    for members in listed:
        if isinstance(members, dict) and _is_for_signatures(members):
            try:
                yield _key(members)
            except (ValueError, TypeError, KeyError):
                continue  # a kind that is not known, or no key at all


def _is_for_signatures(members: Mapping[str, Any]) -> bool:
    operations = members.get("key_ops", ["verify"])
    return members.get("use", "sig") == "sig" and isinstance(operations, list) and "verify" in operations


def _key(members: Mapping[str, Any]) -> Key:
    kid, algorithm = members["kid"], members.get("alg")
    if not isinstance(kid, str) or not kid:
        raise ValueError("a key without a name")
    kind, public = _KINDS[members["kty"]](members)
    return Key(kid, kind, algorithm, public)


def _rsa(members: Mapping[str, Any]) -> tuple[str, Any]:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers

    modulus, exponent = _number(members["n"]), _number(members["e"])
    if not SHORTEST_RSA <= modulus.bit_length() <= LONGEST_RSA or exponent.bit_length() > 32 or exponent < 3:
        raise ValueError("an RSA key of an unusual size")
    return "RSA", RSAPublicNumbers(exponent, modulus).public_key()


def _curve(members: Mapping[str, Any]) -> tuple[str, Any]:
    from cryptography.hazmat.primitives.asymmetric import ec

    curves = {"P-256": ec.SECP256R1(), "P-384": ec.SECP384R1(), "P-521": ec.SECP521R1()}
    numbers = ec.EllipticCurvePublicNumbers(_number(members["x"]), _number(members["y"]), curves[members["crv"]])
    return members["crv"], numbers.public_key()


def _edwards(members: Mapping[str, Any]) -> tuple[str, Any]:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    if members["crv"] != "Ed25519":
        raise ValueError("a curve that is not known")
    return "Ed25519", Ed25519PublicKey.from_public_bytes(_bytes(members["x"]))


_KINDS: Mapping[str, Callable[[Mapping[str, Any]], tuple[str, Any]]] = {"RSA": _rsa, "EC": _curve, "OKP": _edwards}
"""Symmetric keys are not among them."""


def _number(text: str) -> int:
    return int.from_bytes(_bytes(text), "big")


def _bytes(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
