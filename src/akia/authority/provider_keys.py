"""The keys of identity providers, fetched when a token needs them. Each process has a memory of its own."""

from __future__ import annotations

import logging
from functools import cached_property
from typing import TYPE_CHECKING

from akia import federation
from akia.federation import KeyCache, KeySet, NoKeys

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from akia.identity.openid_provider import OpenIdProvider
    from akia.outbound import OutboundClient

MOST_REDIRECTS = 3

log = logging.getLogger("akia.federation")


class ProviderKeys:
    """`allowed_networks`: where providers may be, beside the public internet."""

    def __init__(self, allowed_networks: Iterable[str] = ()) -> None:
        self._allowed_networks = tuple(allowed_networks)
        self._cache = KeyCache()

    @cached_property
    def client(self) -> OutboundClient:
        """The client that providers are asked with; blocks."""
        from akia.outbound import OutboundClient  # here: a fifth of a second, for those who believe somebody's tokens

        return OutboundClient(self._allowed_networks)

    def find(self, provider: OpenIdProvider, kid: str, now: int) -> KeySet | NoKeys:
        """The keys to verify a token with that names the key `kid`, or why there are none. Does not fetch. `now` is in epoch seconds."""
        return self._cache.find(_subject(provider), kid, now)

    def fetching(self, provider: OpenIdProvider, now: int) -> Callable[[], None]:
        """What fetches the provider's keys; for another thread. It never raises: that nothing could be fetched is remembered too."""

        def fetch() -> None:
            try:
                keys = fetch_keys(self.client, provider)
            except Exception as error:
                self._cache.miss(_subject(provider), now)
                log.warning("no keys of the identity provider %s: %s", provider.url, _reason(error))
            else:
                self._cache.learn(_subject(provider), keys, now)

        return fetch

    def forget(self) -> None:
        """Know nothing any more. A throw-away akia's reset does this."""
        self._cache.forget()


def fetch_keys(client: OutboundClient, provider: OpenIdProvider) -> KeySet:
    """The provider's keys, from where its own description says. Raises OutboundError, and ValueError for answers that cannot be used."""
    described = _read(client, federation.discovery_url(provider.url), provider)
    return KeySet.parse(_read(client, federation.keys_url(described, provider.url), provider))


def _read(client: OutboundClient, url: str, provider: OpenIdProvider) -> bytes:
    reply = client.get(url, thumbprints=provider.thumbprints, redirects=MOST_REDIRECTS)
    if reply.status != 200:
        raise ValueError(f"{url} answers with the status {reply.status}")
    return reply.body


def fetch_thumbprints(client: OutboundClient, url: str) -> tuple[str, ...]:
    """The thumbprints of the certificates over the provider's server and over the server of its keys, as they are now.

    Raises OutboundError, and ValueError for answers that cannot be used.
    """
    found = client.thumbprint(url)
    reply = client.get(federation.discovery_url(url), thumbprints=(found,), redirects=MOST_REDIRECTS)
    if reply.status != 200:
        raise ValueError(f"{federation.discovery_url(url)} answers with the status {reply.status}")
    return tuple(dict.fromkeys((found, client.thumbprint(federation.keys_url(reply.body, url)))))


def _subject(provider: OpenIdProvider) -> tuple[str, tuple[str, ...]]:
    """What is remembered of one provider is not good for another account's, nor for one that trusts other certificates."""
    return str(provider.arn), provider.thumbprints


def _reason(error: Exception) -> str:
    from akia.outbound import OutboundError

    return str(error) if isinstance(error, (OutboundError, ValueError)) else type(error).__name__
