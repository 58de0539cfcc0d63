"""The secret of one access key, and the keys derived from it (SV1.1, SV5)."""

from __future__ import annotations

from hashlib import sha256
from hmac import digest
from typing import TYPE_CHECKING

from akia.sigv4.asymmetric import public_key

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey

    from akia.sigv4.scope import Scope

_REMEMBERED = 16
"""Signing keys per secret: a few services and regions, today and yesterday."""

_INNER = bytes(byte ^ 0x36 for byte in range(256))
_OUTER = bytes(byte ^ 0x5C for byte in range(256))


class SigningKey:
    """An HMAC-SHA256 key that has already been mixed in: signing a short message costs half of a whole HMAC."""

    __slots__ = ("_inner", "_outer")

    def __init__(self, key: bytes) -> None:
        """`key` has at most 64 bytes, the length of a block of SHA-256 (RFC 2104)."""
        block = key.ljust(64, b"\0")
        self._inner = sha256(block.translate(_INNER))
        self._outer = sha256(block.translate(_OUTER))

    def sign(self, message: bytes) -> bytes:
        """The signature in lower-case hexadecimal (SV1.1)."""
        inner, outer = self._inner.copy(), self._outer.copy()
        inner.update(message)
        outer.update(inner.digest())
        return outer.hexdigest().encode()

    def __repr__(self) -> str:
        return "<SigningKey>"


class SigningSecret:
    """One secret access key, with the derived keys that it has needed so far.

    It lives and dies with the credential that it belongs to, so no derived key survives a change of secret.
    """

    __slots__ = ("_public_keys", "_secret", "_signing_keys")

    def __init__(self, secret: bytes) -> None:
        """`secret` is the secret access key as text in ASCII, never trimmed or decoded (W10.13)."""
        self._secret = secret
        self._signing_keys: dict[bytes, SigningKey] = {}
        self._public_keys: dict[str, EllipticCurvePublicKey] = {}

    def signing_key(self, scope: Scope) -> SigningKey:
        """The key of a complete SigV4 scope (SV1.1)."""
        text = scope.text or b""
        key = self._signing_keys.get(text)
        if key is None:
            if len(self._signing_keys) >= _REMEMBERED:
                self._signing_keys.clear()
            key = self._signing_keys[text] = SigningKey(self._derive(text))
        return key

    def _derive(self, scope: bytes) -> bytes:
        key = b"AWS4" + self._secret
        for part in scope.split(b"/"):
            key = digest(key, part, "sha256")
        return key

    def public_key(self, access_key_id: str) -> EllipticCurvePublicKey:
        """The SigV4A key of this secret under `access_key_id` (SV5-1, SV5-3)."""
        key = self._public_keys.get(access_key_id)
        if key is None:
            key = public_key(access_key_id, self._secret)
            self._public_keys = {access_key_id: key}
        return key

    def __repr__(self) -> str:
        return "<SigningSecret>"
