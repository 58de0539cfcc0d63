"""All services, loaded when first asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from akia.wire.directory import SERVED, Entry
from akia.wire.library import Library
from akia.wire.service import Service

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


class Models:
    """The services of this endpoint: those of the directory, and those whose models lie under `extra`.

    `cache_dir` keeps pruned models between starts; None keeps none. Each extra directory holds `<name>/<api version>/service-2.json`.
    """

    def __init__(self, cache_dir: Path | None = None, extra: Sequence[Path] = ()) -> None:
        self._library = Library(cache_dir, extra)
        self._services: dict[str, Service] = {}
        self.entries: tuple[Entry, ...] = (*SERVED, *map(self._own_entry, self._library.names_of_extra()))
        self._names = {entry.name for entry in self.entries}
        self._targets = {entry.target_prefix: entry.name for entry in self.entries if entry.target_prefix}
        self._signed_as: dict[str, tuple[Entry, ...]] = {}
        self._queries = {entry.signing_name: entry.name for entry in self.entries if entry.protocol == "query"}
        for entry in self.entries:
            self._signed_as[entry.signing_name] = (*self._signed_as.get(entry.signing_name, ()), entry)

    def service(self, name: str) -> Service:
        """The service called `name`. Raises KeyError for one that is not served here."""
        known = self._services.get(name)
        if known is None:
            if name not in self._names:
                raise KeyError(name)
            known = self._services[name] = Service(name, self._library.read(name))
        return known

    def with_target(self, prefix: str) -> Service | None:
        """The service whose `X-Amz-Target` begins with `prefix` (W3.2)."""
        name = self._targets.get(prefix)
        return None if name is None else self.service(name)

    def query_signed_as(self, signing_name: str) -> Service | None:
        """The query service that a credential scope for `signing_name` means (W3.4)."""
        name = self._queries.get(signing_name)
        return None if name is None else self.service(name)

    def signed_as(self, signing_name: str) -> tuple[Entry, ...]:
        """The services that a credential scope for `signing_name` may mean (W3.3)."""
        return self._signed_as.get(signing_name, ())

    def _own_entry(self, name: str) -> Entry:
        service = self._services[name] = Service(name, self._library.read(name))
        return Entry(name, service.protocol, service.api_version, service.signing_name, service.target_prefix)
