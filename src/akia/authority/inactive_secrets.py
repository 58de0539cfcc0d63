"""Secrets of inactive keys at hand, so that a refusal costs what that of an unknown key costs (NT-14). Nobody gets in with any of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from akia.authority.credential_cache import EVERYTHING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from akia.sigv4 import SigningSecret

CAPACITY = 1_000


class InactiveSecrets:
    """Of up to CAPACITY keys; the one that came first goes first."""

    def __init__(self) -> None:
        self._secrets: dict[str, SigningSecret] = {}

    def get(self, access_key_id: str, load: Callable[[], SigningSecret | None]) -> SigningSecret | None:
        """The secret of the key, by `load` if it is not at hand; what is not there is not remembered."""
        secret = self._secrets.get(access_key_id) or load()
        if secret is not None and access_key_id not in self._secrets:
            if len(self._secrets) >= CAPACITY:
                del self._secrets[next(iter(self._secrets))]
            self._secrets[access_key_id] = secret
        return secret

    def forget(self, subjects: Iterable[str]) -> None:
        """Drop those of keys that have changed."""
        for subject in subjects:
            if subject == EVERYTHING:
                self._secrets.clear()
                return
            self._secrets.pop(subject, None)
