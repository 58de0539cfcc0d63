"""The cache of credentials: filled only after verification, bounded, emptied by the feed of changes.

Nothing in it is keyed by a signature. What a change touches is found through an index of subjects, so that forgetting one user among a
million costs what that user costs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from akia.authority.credential import Credential

EVERYTHING = "*"
"""The subject of a change that concerns everybody."""

Handle = str | tuple[str, bytes]


class CredentialCache:
    """Up to `capacity` credentials; the one that came first goes first."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._credentials: dict[Handle, Credential] = {}
        self._by_subject: dict[str, set[Handle]] = {}

    def __len__(self) -> int:
        return len(self._credentials)

    def get(self, handle: Handle) -> Credential | None:
        return self._credentials.get(handle)

    def add(self, credential: Credential) -> None:
        """Remember a credential whose holder has just been verified."""
        if credential.handle in self._credentials:
            return
        if len(self._credentials) >= self._capacity:
            self._drop(next(iter(self._credentials)))
        self._credentials[credential.handle] = credential
        for subject in credential.subjects:
            self._by_subject.setdefault(subject, set()).add(credential.handle)

    def forget(self, subjects: Iterable[str]) -> None:
        """Drop every credential that depends on one of `subjects`."""
        for subject in subjects:
            if subject == EVERYTHING:
                self._credentials.clear()
                self._by_subject.clear()
                return
            for handle in list(self._by_subject.get(subject, ())):
                self._drop(handle)

    def _drop(self, handle: Handle) -> None:
        credential = self._credentials.pop(handle)
        for subject in credential.subjects:
            handles = self._by_subject[subject]
            handles.discard(handle)
            if not handles:
                del self._by_subject[subject]
