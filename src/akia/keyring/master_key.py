"""The master key: wraps data keys, and does nothing else."""

from __future__ import annotations

import hashlib
import re
import secrets
from base64 import b64decode, b64encode
from itertools import pairwise

LENGTH = 32
_TEXT = re.compile(r"[A-Za-z0-9+/]{43}=", re.ASCII)
_FEWEST_DISTINCT = 16
"""32 random bytes hold fewer distinct values than this less often than once in 10^15 keys."""


class MasterKey:
    """32 random bytes. Its `repr` shows the fingerprint only (NT-67)."""

    __slots__ = ("_bytes",)

    def __init__(self, key: bytes) -> None:
        """Raises ValueError if `key` is not 32 bytes, or is plainly not random: constant, counted, or text that somebody typed (NT-31)."""
        if len(key) != LENGTH:
            raise ValueError(f"a master key has {LENGTH} bytes, not {len(key)}")
        if len(set(key)) < _FEWEST_DISTINCT or _is_progression(key) or all(0x20 <= byte < 0x7F for byte in key):
            raise ValueError("a master key is random; this one is constant, counted or plain text")
        self._bytes = bytes(key)

    @classmethod
    def generate(cls) -> MasterKey:
        """A fresh key from the system's random generator (NT-33)."""
        return cls(secrets.token_bytes(LENGTH))

    @classmethod
    def parse(cls, text: str) -> MasterKey:
        """The key whose base64 form is `text` (44 characters, nothing around them). Raises ValueError, never with the text in it."""
        if _TEXT.fullmatch(text) is None:
            raise ValueError("a master key is 44 characters of base64")
        key = b64decode(text, validate=True)
        if b64encode(key).decode("ascii") != text:  # spare bits at the end: two spellings of one key
            raise ValueError("a master key is 44 characters of canonical base64")
        return cls(key)

    @property
    def text(self) -> str:
        """The base64 form, for the key file alone."""
        return b64encode(self._bytes).decode("ascii")

    @property
    def raw(self) -> bytes:
        """The 32 bytes, for the cipher alone."""
        return self._bytes

    @property
    def fingerprint(self) -> str:
        """Sixteen hex digits that name this key and tell nothing about it."""
        return hashlib.sha256(b"akia master key fingerprint\0" + self._bytes).hexdigest()[:16]

    def __repr__(self) -> str:
        return f"MasterKey({self.fingerprint})"


def _is_progression(key: bytes) -> bool:
    step = key[1] - key[0]
    return all((following - previous - step) % 256 == 0 for previous, following in pairwise(key))
