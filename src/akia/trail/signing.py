"""The keys that digests are signed with: RSA of 2048 bits, PKCS #1 version 1.5 with SHA-256 (AC8.9, AC8.11)."""

from __future__ import annotations

from functools import lru_cache
from hashlib import md5
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

ALGORITHM = "SHA256withRSA"
BITS = 2_048


class KeyPair(NamedTuple):
    """`public` is a PKCS #1 RSAPublicKey, `private` PKCS #8, both DER."""

    public: bytes
    private: bytes

    def __repr__(self) -> str:
        return f"KeyPair({fingerprint(self.public)})"


def new_key_pair() -> KeyPair:
    """A fresh key pair. Takes some tenths of a second: not for the thread that serves."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    private = rsa.generate_private_key(65_537, BITS)
    encoded = private.private_bytes(serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return KeyPair(public_of(encoded), encoded)


def public_of(private: bytes) -> bytes:
    """The public half (PKCS #1, DER) of a private key (PKCS #8, DER)."""
    from cryptography.hazmat.primitives import serialization

    return _private(private).public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.PKCS1)


def fingerprint(public: bytes) -> str:
    """The name of a public key: 32 hex digits, as AWS has them. Nothing rests on its being hard to forge: what verifies is the key."""
    return md5(public, usedforsecurity=False).hexdigest()


def sign(private: bytes, text: bytes) -> str:
    """The signature of `text`, in hex."""
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import padding

    return _private(private).sign(text, padding.PKCS1v15(), hashes.SHA256()).hex()


def verifies(public: bytes, text: bytes, signature: str) -> bool:
    """Whether `signature` (hex) is one of `text` by the owner of `public`. Never raises."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import padding

    try:
        _public(public).verify(bytes.fromhex(signature), text, padding.PKCS1v15(), hashes.SHA256())
    except (InvalidSignature, ValueError):
        return False
    return True


@lru_cache(maxsize=4)
def _private(encoded: bytes) -> RSAPrivateKey:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.serialization import load_der_private_key

    key = load_der_private_key(encoded, None)
    assert isinstance(key, RSAPrivateKey)
    return key


@lru_cache(maxsize=64)
def _public(encoded: bytes) -> RSAPublicKey:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
    from cryptography.hazmat.primitives.serialization import load_der_public_key

    key = load_der_public_key(encoded)
    if not isinstance(key, RSAPublicKey):
        raise ValueError("not a key of RSA")
    return key
