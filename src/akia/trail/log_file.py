"""Log files: which events are in one, what it is called, and its bytes (AC7.1)."""

from __future__ import annotations

import gzip
import secrets
import string
import zlib
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from typing import TYPE_CHECKING

from akia.trail.not_taken import NotTaken

if TYPE_CHECKING:
    from collections.abc import Sequence

LOGS, DIGESTS, INSIGHTS = "CloudTrail", "CloudTrail-Digest", "CloudTrail-Insight"
LARGEST_TEXT = 256 * 1_048_576
"""Bytes of a file, after decompression."""
_CHARACTERS = string.ascii_letters + string.digits


@dataclass(frozen=True, slots=True)
class Lane:
    """Where a trail's files about one account and one region go. `organization` is the id of the trail's organization, "" without one."""

    bucket: str
    prefix: str
    organization: str
    account: str
    region: str

    def folder(self, kind: str, at: int) -> str:
        """The folder of files of `kind` (LOGS, DIGESTS, INSIGHTS) that are dated `at` (epoch seconds), with a slash at its end."""
        parts = (self.prefix, "AWSLogs", self.organization, self.account, kind, self.region, day_folder(at))
        return "/".join(part for part in parts if part) + "/"


@dataclass(frozen=True, slots=True)
class File:
    """An object to deliver: `text` are the bytes before compression, which hashes are made of (AC8.7, AC8.10)."""

    bucket: str
    key: str
    text: bytes = field(repr=False)
    metadata: tuple[tuple[str, str], ...] = ()

    @property
    def hash(self) -> str:
        """SHA-256 of `text`, in hex."""
        return sha256(self.text).hexdigest()

    @property
    def compressed(self) -> bytes:
        """What is stored: the same bytes for the same text, whenever it is made."""
        return gzip.compress(self.text, mtime=0)


def log_file(lane: Lane, records: Sequence[str], at: int, kind: str = LOGS) -> File:
    """The log file of `records` (each the JSON of one event), written at `at` (epoch seconds). `kind` is INSIGHTS for their events."""
    name = f"{lane.account}_{kind}_{lane.region}_{_moment(at, '%Y%m%dT%H%MZ')}_{_unique()}.json.gz"
    return File(lane.bucket, lane.folder(kind, at) + name, b'{"Records":[%b]}' % ",".join(records).encode())


def inflated(body: bytes) -> bytes:
    """What was compressed. Raises NotTaken if `body` is not one whole gzip stream and nothing else (AC8.7), or if it is too large."""
    stream = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        text = stream.decompress(body, LARGEST_TEXT + 1)
    except zlib.error:
        raise NotTaken("InvalidFormat", "The file is not compressed as it should be.") from None
    if len(text) > LARGEST_TEXT:
        raise NotTaken("EntityTooLarge", "The file is too large.")
    if not stream.eof or stream.unused_data:
        raise NotTaken("InvalidFormat", "The file is not compressed as it should be.")
    return text


def day_folder(at: int) -> str:
    """`YYYY/MM/DD` of epoch seconds."""
    return _moment(at, "%Y/%m/%d")


def basic_moment(at: int) -> str:
    """`YYYYMMDDThhmmssZ` of epoch seconds."""
    return _moment(at, "%Y%m%dT%H%M%SZ")


def _moment(at: int, form: str) -> str:
    return datetime.fromtimestamp(at, UTC).strftime(form)


def _unique() -> str:
    return "".join(secrets.choice(_CHARACTERS) for _ in range(16))
