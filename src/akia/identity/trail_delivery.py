"""What a trail has on its way, and how far it has come with each account and region. Times are in epoch seconds, 0 for never."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

LOG, DIGEST, INSIGHT = "log", "digest", "insight"


@dataclass(frozen=True, slots=True)
class TrailLane:
    """A trail's files about one account and one region. `trail` is its id.

    `digested_until` is when the last digest ended, or when the chain of digests began; 0 while there is no chain. `previous` is the link to
    the last digest, "" if the next one is the first of its chain.
    """

    trail: str
    account: str
    region: str
    digested_until: int = 0
    previous: str = ""
    delivered: int = 0
    attempted: int = 0
    delivery_error: str = ""
    digest_delivered: int = 0
    digest_error: str = ""


@dataclass(frozen=True, slots=True)
class TrailFile:
    """A file on its way. `hash` is that of its text; `oldest` and `newest` are the times of its events; `number` is 0 before it is
    stored."""

    trail: str
    account: str
    region: str
    kind: str
    written: int
    bucket: str
    key: str
    metadata: Mapping[str, str] = field(default_factory=dict)
    body: bytes = field(default=b"", repr=False)
    hash: str = ""
    oldest: int = 0
    newest: int = 0
    undigested: bool = False
    number: int = 0


@dataclass(frozen=True, slots=True)
class TrailKey:
    """A key that digests are signed with from `created` until `ends`. `public` is PKCS #1, DER; the private half is sealed in the store."""

    fingerprint: str
    created: int
    ends: int
    public: bytes
