"""Whose certificates are believed: those of the system's authorities, or, where these do not know one, those under a certificate that was
named by its thumbprint, as AWS does for OpenID Connect providers."""

from __future__ import annotations

import hashlib
import socket
import ssl
from functools import cache
from typing import TYPE_CHECKING, Any

import httpcore

from akia.outbound.errors import NotTrusted, OutboundError

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from pathlib import Path

    from akia.outbound.connection import Deadline
    from akia.outbound.destination import Destination


@cache
def system() -> ssl.SSLContext:
    """Trust in the system's authorities."""
    return ssl.create_default_context()


def private(authorities: Path | None, certificate: Path | None, key: Path | None) -> ssl.SSLContext:
    """Trust in the authorities of a PEM file (None: in the system's), and a certificate to show. Raises OutboundError."""
    try:
        context = ssl.create_default_context(cafile=authorities)
        if certificate is not None:
            context.load_cert_chain(certificate, key, password=_no_password)
    except OSError as error:  # an SSLError is one, too
        raise OutboundError(f"{getattr(error, 'reason', None) or error.strerror}: expected PEM files that can be read") from None
    return context


def _no_password() -> str:
    """Without this, OpenSSL would ask a person at the terminal for the password of a sealed key."""
    return ""


def pinned(chain: Sequence[bytes], thumbprints: Collection[str]) -> ssl.SSLContext:
    """Trust in the last certificate of `chain` (DER), if it is among `thumbprints` (SHA-1, hex). Raises NotTrusted if it is not.

    Names, dates and signatures are verified from there on as ever: a thumbprint says whom to believe, not that anything goes.
    """
    if thumbprint(chain) not in {one.lower() for one in thumbprints}:
        raise NotTrusted("neither the system's authorities nor the thumbprints know the certificate")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cadata=chain[-1])
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    return context


def thumbprint(chain: Sequence[bytes]) -> str:
    """The thumbprint of the last certificate that was presented: the top intermediate authority, or what stands alone."""
    return hashlib.sha1(chain[-1], usedforsecurity=False).hexdigest()


def presented_chain(destination: Destination, addresses: Sequence[str], deadline: Deadline) -> Sequence[bytes]:
    """The certificates that the other side presents (DER), its own first. Nothing is sent to it. Raises OutboundError."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE  # only to look at it: what is believed, `pinned` says
    reason = ""
    for address in addresses:
        try:
            with (
                socket.create_connection((address, destination.port), deadline.left()) as plain,
                context.wrap_socket(plain, server_hostname=destination.host) as secured,
            ):
                return _chain(secured)
        except (OSError, httpcore.ReadTimeout) as error:
            reason = type(error).__name__
    raise OutboundError(f"no TLS with {destination.authority}: {reason}")


def _chain(secured: ssl.SSLSocket) -> Sequence[bytes]:
    public: Any = getattr(secured, "get_unverified_chain", None)  # since Python 3.13
    if public is not None:
        return [bytes(certificate) for certificate in public()]
    inner: Any = secured._sslobj  # type: ignore[attr-defined]  # public only since Python 3.13
    return [ssl.PEM_cert_to_DER_cert(certificate.public_bytes()) for certificate in inner.get_unverified_chain()]
