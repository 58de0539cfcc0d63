"""Where a request goes: an HTTPS URL, taken apart strictly."""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from urllib.parse import urlsplit

from akia.outbound.errors import OutboundRefused

HTTPS = 443
LONGEST_URL = 2_048
_CHARACTERS = re.compile(r"[!-~]+", re.ASCII)
_NAME = re.compile(r"(?=.{1,253}\Z)[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?)*\.?", re.ASCII)
_NUMERIC = re.compile(r"(?:0x[0-9a-f]*|[0-9]+)\.?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Destination:
    """`host` is a name or an address without brackets; `target` the path and query."""

    host: str
    port: int
    target: str

    @property
    def authority(self) -> str:
        """As the Host header has it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == HTTPS else f"{host}:{self.port}"

    @property
    def url(self) -> str:
        return f"https://{self.authority}{self.target}"


def destination(url: str) -> Destination:
    """The destination of `url`. Raises OutboundRefused for what is not plainly an https URL.

    There is one way to write an IPv4 address, four decimal numbers; any other (2130706433, 0x7f.1, 127.1) is refused, whatever it means.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise OutboundRefused("the URL cannot be read") from None
    if parts.scheme != "https" or len(url) > LONGEST_URL or not _CHARACTERS.fullmatch(url) or "\\" in url:
        raise OutboundRefused("only https URLs are asked")
    if "@" in parts.netloc or parts.fragment or port == 0 or not _is_host(host):
        raise OutboundRefused("the URL does not name a host as it should")
    return Destination(host, port or HTTPS, (parts.path or "/") + (f"?{parts.query}" if parts.query else ""))


def host_and_port(host: str, port: int) -> Destination:
    """The destination of what is not HTTP. Raises OutboundRefused for what is not plainly a name or an address, without brackets."""
    found = destination(f"https://{f'[{host}]' if ':' in host else host}:{port}")
    if (found.host, found.port) != (host.lower(), port):
        raise OutboundRefused("that does not name a host as it should")
    return found


def _is_host(host: str) -> bool:
    if ":" in host:
        return _is(IPv6Address, host) and "%" not in host
    if _NUMERIC.fullmatch(host.rstrip(".").rpartition(".")[2]):
        return _is(IPv4Address, host)
    return _NAME.fullmatch(host) is not None


def _is(kind: type[IPv4Address | IPv6Address], text: str) -> bool:
    try:
        kind(text)
    except ValueError:
        return False
    return True
