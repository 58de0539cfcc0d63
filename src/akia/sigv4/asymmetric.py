"""SigV4A: the key pair that a secret stands for, and signatures by it (SV5)."""

from __future__ import annotations

import re
from hmac import digest

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_CURVE = ec.SECP256R1()
_ECDSA = ec.ECDSA(SHA256())
_HEX = re.compile(rb"(?:[0-9a-f]{2}){8,72}")
"""The shortest and the longest DER encoding of two numbers below the order of P-256."""


def private_scalar(candidate: int) -> int | None:
    """The private key that `candidate`, a 256-bit number, gives, or None if it is out of range (SV5-1).

    Plain comparison: its timing could tell only that a candidate was rejected, which happens to one secret in 2^32.
    """
    return candidate + 1 if candidate <= _ORDER - 2 else None


def private_key(access_key_id: str, secret: bytes) -> int:
    """The private scalar of `secret` under `access_key_id` (SV5-1)."""
    context = access_key_id.encode("ascii")
    for counter in range(1, 255):
        message = b"\0\0\0\1AWS4-ECDSA-P256-SHA256\0" + context + bytes([counter]) + b"\0\0\1\0"
        scalar = private_scalar(int.from_bytes(digest(b"AWS4A" + secret, message, "sha256"), "big"))
        if scalar is not None:
            return scalar
    raise ValueError("no SigV4A key exists for this secret")


def public_key(access_key_id: str, secret: bytes) -> ec.EllipticCurvePublicKey:
    """The public half of `private_key`."""
    return ec.derive_private_key(private_key(access_key_id, secret), _CURVE).public_key()


def is_signed_by(key: ec.EllipticCurvePublicKey, signature: bytes, message: bytes) -> bool:
    """Whether `signature` (lower-case hexadecimal DER) is one of `message`. High and low s both count (SV5-6).

    False for anything but the one DER encoding of its two numbers: no trailing bytes, no padding, no zero (NT-10).
    """
    if not _HEX.fullmatch(signature):
        return False
    try:
        key.verify(bytes.fromhex(signature.decode("ascii")), message, _ECDSA)
    except InvalidSignature:
        return False
    return True
