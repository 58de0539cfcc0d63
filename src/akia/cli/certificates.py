"""Which certificate the server shows, and for which names."""

from __future__ import annotations

import socket
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from akia.settings import Settings, SettingsError

if TYPE_CHECKING:
    from pathlib import Path

_WILDCARDS = {"0.0.0.0", "::"}  # noqa: S104 - they are left out


def provide(settings: Settings) -> tuple[Settings, Path | None]:
    """`settings` with the files to serve with, and the bundle that clients must trust if the authority is a private one.

    With `--tls` the certificate is made here, or made anew when it ends soon. Raises SettingsError.
    """
    if not settings.serves_tls:
        return settings, None
    from akia.http.tls import PrivateAuthority, TlsError, check_pair  # who serves without TLS need not import all that

    try:
        if settings.tls:
            authority = PrivateAuthority(settings.data / "tls")
            authority.certify(names(settings))
            return replace(settings, tls_cert=authority.certificate, tls_key=authority.key), authority.bundle
        if settings.tls_cert is not None and settings.tls_key is not None:
            check_pair(settings.tls_cert, settings.tls_key)
    except TlsError as error:
        raise SettingsError(str(error)) from error
    return settings, None


def names(settings: Settings) -> set[str]:
    """Every name by which clients may reach the server."""
    public = urlsplit(settings.public_url).hostname if settings.public_url is not None else None
    return {"localhost", "127.0.0.1", "::1", socket.gethostname(), settings.host, *([public] if public else [])} - _WILDCARDS
