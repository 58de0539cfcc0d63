"""The facts of one request that do not come from its signature: where from, how, with what."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class RequestFacts:
    """`source_ip` is the peer's address after trusted proxies, IPv4-mapped forms unmapped (C3.3-16); None over a unix socket (NT-45).

    `region` is the one signed for (global services: see P4.3-3). `received` is in epoch seconds with a fraction.
    """

    request_id: str
    received: float
    source_ip: str | None
    secure: bool
    user_agent: str
    host: str
    region: str = ""
    referer: str | None = None
    tls_version: str | None = None
