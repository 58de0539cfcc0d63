"""A crowd: users and keys by the million, which need no list, since the number of a key says everything about it."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import overload

from bench.signing import Credential

KEYS_EACH = 2
"""Keys of one user: as many as IAM allows."""
_SCATTER = 0x2545F4914F
"""Odd, so that multiplying by it permutes the numbers below 2**39: ids come in no order, as random ones do."""


@dataclass(frozen=True, slots=True)
class Crowd(Sequence[Credential]):
    """The keys of `account` number 0 to `size - 1`, two for each user."""

    account: str
    size: int

    def __len__(self) -> int:
        return self.size

    @overload
    def __getitem__(self, index: int) -> Credential: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Credential]: ...
    def __getitem__(self, index: int | slice) -> Credential | Sequence[Credential]:
        if isinstance(index, slice):
            return [self[number] for number in range(*index.indices(self.size))]
        if not 0 <= index < self.size:
            raise IndexError(index)
        return Credential(f"AKIA{self._scattered(index)}", secret(index), f"one-of-many-{index // KEYS_EACH:07d}")

    @property
    def users(self) -> int:
        return -(-self.size // KEYS_EACH)

    def user_id(self, user: int) -> str:
        return f"AIDA{self._scattered(user)}A"

    def _scattered(self, number: int) -> str:
        """Sixteen characters as in the account's other ids (W10.4)."""
        value = 1 << 79 | int(self.account) << 39 | number * _SCATTER % (1 << 39)
        return base64.b32encode(value.to_bytes(10, "big")).decode()


def secret(number: int) -> str:
    """The secret of a key: forty characters, the same in every run."""
    return base64.b64encode(hashlib.sha256(b"crowd %d" % number).digest()[:30]).decode()
