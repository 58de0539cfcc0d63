"""Checking a bucket's log files against its digests: what was changed, removed or put in (AC8).

Digests are read from the newest to the oldest: each vouches for the one before it, and one whose signature has got lost is judged by the
signature that its successor names.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import orjson

from akia.trail.digest import Period, to_sign
from akia.trail.log_file import inflated
from akia.trail.moment import epoch
from akia.trail.not_taken import NotTaken
from akia.trail.signing import ALGORITHM, verifies

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_DIGEST = re.compile(
    r"(?:.*/)?AWSLogs/(?:o-[a-z0-9]+/)?([0-9]{12})/CloudTrail-Digest/([a-z0-9-]+)/[0-9/]{10}/"
    r"\1_CloudTrail-Digest_\2_(.+)_([0-9]{8}T[0-9]{6}Z)\.json\.gz",
    re.ASCII,
)
_LOG = re.compile(
    r"(?:.*/)?AWSLogs/(?:o-[a-z0-9]+/)?([0-9]{12})/CloudTrail/([a-z0-9-]+)/[0-9/]{10}/"
    r"\1_CloudTrail_\2_([0-9]{8}T[0-9]{4}Z)_[A-Za-z0-9]{16}\.json\.gz",
    re.ASCII,
)
_TEXTS = ("digestS3Bucket", "digestS3Object", "digestPublicKeyFingerprint", "digestStartTime", "digestEndTime")


class Wrong(StrEnum):
    """What may be wrong with a file."""

    REMOVED = "removed"
    CHANGED = "changed"
    INSERTED = "inserted: no digest of its time names it"
    UNREADABLE = "changed: it is not a digest any more"
    MOVED = "moved from its original location"
    UNSIGNED = "its signature is gone"
    FORGED = "changed: its signature does not verify"
    KEY_UNKNOWN = "signed with a key that is not known"
    REPLACED = "replaced by another digest than the next one names"


class Problem(NamedTuple):
    """A file, by its key, and what is wrong with it."""

    key: str
    wrong: Wrong


class Files(Protocol):
    """A bucket, or a copy of one."""

    def keys(self) -> Iterable[str]: ...

    def read(self, key: str) -> bytes | None:
        """The object as it is stored; None if there is none."""
        ...

    def metadata(self, key: str) -> Mapping[str, str]:
        """What is stored beside the object: `signature`, `signature-algorithm`."""
        ...


@dataclass(slots=True)
class Report:
    """What was found. `uncovered` are log files that no digest can speak for: too new, or from when there were none. `newest` is until when
    the digests of each chain go (epoch seconds)."""

    problems: list[Problem] = field(default_factory=list)
    digests: int = 0
    logs: int = 0
    uncovered: list[str] = field(default_factory=list)
    newest: dict[str, int] = field(default_factory=dict)

    @property
    def sound(self) -> bool:
        """Whether there were digests, and nothing is wrong."""
        return bool(self.digests) and not self.problems


def verify(files: Files, public_keys: Mapping[str, bytes]) -> Report:
    """Check everything that `files` holds. `public_keys` are PKCS #1 (DER), by fingerprint: they must come from a place that whoever could
    have changed the files could not."""
    return _Verification(files, public_keys).done()


class _Verification:
    def __init__(self, files: Files, public_keys: Mapping[str, bytes]) -> None:
        self._files = files
        self._public_keys = public_keys
        self._keys = set(files.keys())
        self._report = Report()
        self._signatures: dict[str, str] = {}
        """What verified digests say the signatures of those before them are."""
        self._hashes: dict[str, str] = {}
        self._listed: set[str] = set()
        self._covered: dict[tuple[str, str], list[Period]] = {}

    def done(self) -> Report:
        chains = sorted(((match[4], key, match) for key in self._keys if (match := _DIGEST.fullmatch(key))), reverse=True)
        for _, key, match in chains:
            self._check_digest(key, match)
        self._look_for_strangers()
        self._report.problems = sorted(set(self._report.problems))
        return self._report

    def _add(self, key: str, wrong: Wrong) -> None:
        self._report.problems.append(Problem(key, wrong))

    def _check_digest(self, key: str, match: re.Match[str]) -> None:
        self._report.digests += 1
        text = _inflated(self._files.read(key))
        content = _parsed(text)
        if text is None or content is None:
            return self._add(key, Wrong.UNREADABLE)
        wrong = self._signature_problem(key, text, content)
        if wrong is not None:
            return self._add(key, wrong)
        period = Period(epoch(content["digestStartTime"]), epoch(content["digestEndTime"]))
        self._covered.setdefault((match[1], match[2]), []).append(period)
        self._report.newest.setdefault(f"{match[3]} ({match[1]}, {match[2]})", period.end)
        self._follow(content)
        for listed in content["logFiles"]:
            self._check_log(listed)
        return None

    def _signature_problem(self, key: str, text: bytes, content: Mapping[str, Any]) -> Wrong | None:
        if content["digestS3Object"] != key:
            return Wrong.MOVED
        content_hash = sha256(text).hexdigest()
        if self._hashes.get(key, content_hash) != content_hash:
            return Wrong.REPLACED
        public = self._public_keys.get(content["digestPublicKeyFingerprint"])
        if public is None:
            return Wrong.KEY_UNKNOWN
        stored = self._files.metadata(key)
        signature = stored.get("signature") or self._signatures.get(key)
        if signature is None or stored.get("signature-algorithm", ALGORITHM) != ALGORITHM:
            return Wrong.UNSIGNED
        signed = to_sign(content["digestEndTime"], content["digestS3Bucket"], key, content_hash, content.get("previousDigestSignature"))
        return None if verifies(public, signed, signature) else Wrong.FORGED

    def _follow(self, content: Mapping[str, Any]) -> None:
        """What this digest says of the one before it."""
        previous = content.get("previousDigestS3Object")
        if previous is None:
            return
        self._signatures[previous] = content["previousDigestSignature"]
        self._hashes[previous] = content["previousDigestHashValue"]
        if previous not in self._keys and content["previousDigestS3Bucket"] == content["digestS3Bucket"]:
            self._add(previous, Wrong.REMOVED)

    def _check_log(self, listed: Mapping[str, str]) -> None:
        key = listed["s3Object"]
        self._report.logs += 1
        self._listed.add(key)
        stored = self._files.read(key)
        if stored is None:
            return self._add(key, Wrong.REMOVED)
        text = _inflated(stored)
        if text is None or sha256(text).hexdigest() != listed["hashValue"]:
            self._add(key, Wrong.CHANGED)
        return None

    def _look_for_strangers(self) -> None:
        """Log files that no digest lists. A name tells the minute: it is a stranger if digests cover the whole of it."""
        covered = {lane: _merged(periods) for lane, periods in self._covered.items()}
        for key in sorted(self._keys - self._listed):
            match = _LOG.fullmatch(key)
            if match is None:
                continue
            minute = _minute(match[3])
            periods = covered.get((match[1], match[2]), ())
            if minute is None or any(start <= minute and minute + 60 <= end for start, end in periods):
                self._add(key, Wrong.INSERTED)
            else:
                self._report.uncovered.append(key)


def _minute(name: str) -> int | None:
    """Epoch seconds of a minute in a log file's name; None for one that there is not, and that no trail has written."""
    try:
        return int(datetime.fromisoformat(name).timestamp())
    except ValueError:
        return None


def _merged(periods: list[Period]) -> list[Period]:
    """The same times, as few periods as possible."""
    merged: list[Period] = []
    for period in sorted(periods):
        if merged and period.start <= merged[-1].end:
            merged[-1] = Period(merged[-1].start, max(merged[-1].end, period.end))
        else:
            merged.append(period)
    return merged


def _inflated(stored: bytes | None) -> bytes | None:
    """What was compressed; None if there is nothing, or if it is not compressed as it should be."""
    try:
        return inflated(stored or b"")
    except NotTaken:
        return None


def _parsed(text: bytes | None) -> dict[str, Any] | None:
    """The digest, if it is one (AC8.3)."""
    try:
        content = orjson.loads(text or b"")
        if not isinstance(content, dict) or not all(isinstance(content.get(name), str) for name in _TEXTS):
            return None
        if not isinstance(content.get("logFiles"), list) or not isinstance(content.get("previousDigestSignature", 0), str | None):
            return None
        epoch(content["digestStartTime"]), epoch(content["digestEndTime"])
    except ValueError:
        return None
    return content
