"""The keyring: all data keys that are unwrapped, by id, and the current one of each purpose."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import TYPE_CHECKING

from akia.keyring import data_key
from akia.keyring.errors import Unsealable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from akia.keyring.data_key import DataKey
    from akia.keyring.purpose import Purpose


class Keyring:
    """Seals under the newest key of a purpose, unseals with whichever key of that purpose it was: keys rotate without re-sealing first."""

    __slots__ = ("_by_id", "_current")

    def __init__(self, keys: Iterable[DataKey]) -> None:
        ordered = sorted(keys, key=lambda key: (key.created, key.id))
        self._by_id = {key.id: key for key in ordered}
        self._current = {key.purpose: key for key in ordered}

    def seal(self, purpose: Purpose, plaintext: bytes, *, additional: bytes) -> bytes:
        """`plaintext` sealed under the current key of `purpose`, bound to `additional`. Raises LookupError if there is no such key."""
        return data_key.seal(self.current(purpose), plaintext, additional=additional)

    def unseal(self, purpose: Purpose, sealed: bytes, *, additional: bytes) -> bytes:
        """What was sealed for `purpose` with `additional`. Raises Unsealable for all else, another purpose included (NT-31)."""
        key = self._by_id.get(data_key.key_id_of(sealed))
        if key is None or key.purpose is not purpose:
            raise Unsealable("sealed under another key")
        return data_key.unseal(key, sealed, additional=additional)

    def seal_text(self, purpose: Purpose, plaintext: bytes, *, additional: bytes) -> str:
        """What `seal` gives, in characters that a header or a URL may hold (base64url)."""
        return urlsafe_b64encode(self.seal(purpose, plaintext, additional=additional)).decode("ascii")

    def unseal_text(self, purpose: Purpose, text: str, *, additional: bytes) -> bytes:
        """What `seal_text` was given. Raises Unsealable for all else, another spelling of the same bytes included: decoding alone skips
        characters outside of base64's alphabet."""
        try:
            sealed = urlsafe_b64decode(text.encode("ascii"))
        except ValueError:
            raise Unsealable("not base64") from None
        if urlsafe_b64encode(sealed) != text.encode("ascii"):
            raise Unsealable("another spelling of the same bytes")
        return self.unseal(purpose, sealed, additional=additional)

    def current(self, purpose: Purpose) -> DataKey:
        """The newest key of `purpose`. Raises LookupError if there is none."""
        return self._current[purpose]

    def serves(self, purpose: Purpose) -> bool:
        return purpose in self._current

    def with_key(self, key: DataKey) -> Keyring:
        """This keyring and one key more: how a rotation begins."""
        return Keyring([*self._by_id.values(), key])

    def become(self, other: Keyring) -> None:
        """Hold the keys of `other` from now on, for everybody who holds this keyring: another process has rotated them."""
        self._by_id, self._current = other._by_id, other._current

    def __repr__(self) -> str:
        return f"Keyring({', '.join(map(repr, self._by_id.values()))})"
