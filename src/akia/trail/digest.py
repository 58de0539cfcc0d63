"""Digest files: what was delivered in a period, signed, each bound to the one before (AC8)."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from akia.trail.log_file import DIGESTS, File, Lane, basic_moment
from akia.trail.signing import ALGORITHM, fingerprint, public_of, sign
from akia.trail.user_identity import timestamp

if TYPE_CHECKING:
    from collections.abc import Sequence

HASH = "SHA-256"


class Period(NamedTuple):
    """From when to when, in epoch seconds."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class LoggedFile:
    """A log file as its digest names it. Times of its events are in epoch seconds."""

    bucket: str
    key: str
    hash: str
    oldest: int
    newest: int


@dataclass(frozen=True, slots=True)
class DigestLink:
    """What a digest says of the one before it."""

    bucket: str
    key: str
    hash: str
    signature: str

    def to_json(self) -> str:
        return orjson.dumps(asdict(self)).decode()

    @classmethod
    def from_json(cls, text: str) -> DigestLink:
        return cls(**orjson.loads(text))


class SignedDigest(NamedTuple):
    """A digest file with its signature in its metadata, and the link that the next one needs."""

    file: File
    link: DigestLink


def digest_key(lane: Lane, trail: str, home: str, end: int) -> str:
    """The key of the digest of the trail called `trail`, made in the region `home`, for a period that ends at `end` (AC8.1)."""
    return f"{lane.folder(DIGESTS, end)}{lane.account}_{DIGESTS}_{lane.region}_{trail}_{home}_{basic_moment(end)}.json.gz"


def digest_file(
    lane: Lane, trail: str, home: str, period: Period, files: Sequence[LoggedFile], previous: DigestLink | None, private: bytes
) -> SignedDigest:
    """The digest of `files`, signed with `private` (PKCS #8, DER). `previous` is None for the first of a chain (AC8.5)."""
    key = digest_key(lane, trail, home, period.end)
    content = _content(lane, key, period, files, previous, fingerprint(public_of(private)))
    unsigned = File(lane.bucket, key, orjson.dumps(content))
    signature = sign(private, to_sign(content["digestEndTime"], lane.bucket, key, unsigned.hash, content["previousDigestSignature"]))
    metadata = (("signature", signature), ("signature-algorithm", ALGORITHM))
    return SignedDigest(File(lane.bucket, key, unsigned.text, metadata), DigestLink(lane.bucket, key, unsigned.hash, signature))


def to_sign(end: str, bucket: str, key: str, content_hash: str, previous_signature: str | None) -> bytes:
    """What a digest's signature is over (AC8.9). `end` is spelt as in the digest."""
    return f"{end}\n{bucket}/{key}\n{content_hash}\n{previous_signature if previous_signature is not None else 'null'}".encode()


def _content(lane: Lane, key: str, period: Period, files: Sequence[LoggedFile], previous: DigestLink | None, signer: str) -> dict[str, Any]:
    """AC8.2, in AWS's order of members."""
    return {
        "awsAccountId": lane.account,
        "digestStartTime": timestamp(period.start),
        "digestEndTime": timestamp(period.end),
        "digestS3Bucket": lane.bucket,
        "digestS3Object": key,
        "digestPublicKeyFingerprint": signer,
        "digestSignatureAlgorithm": ALGORITHM,
        "newestEventTime": timestamp(max(file.newest for file in files)) if files else None,
        "oldestEventTime": timestamp(min(file.oldest for file in files)) if files else None,
        "previousDigestS3Bucket": previous.bucket if previous else None,
        "previousDigestS3Object": previous.key if previous else None,
        "previousDigestHashValue": previous.hash if previous else None,
        "previousDigestHashAlgorithm": HASH if previous else None,
        "previousDigestSignature": previous.signature if previous else None,
        "logFiles": [_named(file) for file in files],
    }


def _named(file: LoggedFile) -> dict[str, str]:
    return {
        "s3Bucket": file.bucket,
        "s3Object": file.key,
        "hashValue": file.hash,
        "hashAlgorithm": HASH,
        "newestEventTime": timestamp(file.newest),
        "oldestEventTime": timestamp(file.oldest),
    }
