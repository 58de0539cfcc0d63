"""Where exported events go: a file of lines, or files as CloudTrail delivers them (AC1.2, AC7.1)."""

from __future__ import annotations

import gzip
import os
import re
from collections import defaultdict
from hashlib import sha256
from typing import TYPE_CHECKING, BinaryIO

import click

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from akia.cli.event_history import Found

_PART = re.compile("[A-Za-z0-9-]{1,64}", re.ASCII)
"""Of a path: what a record says becomes the name of a directory only in this form."""


class JsonLines:
    """A record a line. Until it is complete, the file has another name."""

    def __init__(self, path: Path, length: int) -> None:
        """Go on behind the first `length` bytes of what was written before. ClickException if there is a complete file already."""
        if path.exists():
            raise click.ClickException(f"{path} exists already")
        self._path, self._part = path, path.with_name(path.name + ".part")
        self._file: BinaryIO = os.fdopen(os.open(self._part, os.O_RDWR | os.O_CREAT, 0o600), "r+b")
        self._file.truncate(length)
        self._file.seek(length)

    def write(self, step: Sequence[Found]) -> int:
        """Append the records; the file's length when they are on the disk."""
        self._file.write(b"".join(found.text.encode() + b"\n" for found in step))
        self._file.flush()
        os.fsync(self._file.fileno())
        return self._file.tell()

    def finish(self) -> None:
        """Give the complete file its name."""
        self._file.close()
        self._part.replace(self._path)

    def close(self) -> None:
        self._file.close()


class CloudTrailFiles:
    """Below a directory `AWSLogs/<account>/CloudTrail/<region>/<year>/<month>/<day>/…json.gz`. Equal events give equal names: a step that
    is written once more overwrites itself."""

    def __init__(self, path: Path, length: int) -> None:
        self._path, self._length = path, length
        path.mkdir(mode=0o700, parents=True, exist_ok=True)

    def write(self, step: Sequence[Found]) -> int:
        """One file for each account, region and day."""
        groups: dict[tuple[str, str, str], list[Found]] = defaultdict(list)
        for found in step:
            groups[_part(found.record["recipientAccountId"]), _part(found.record["awsRegion"]), f"{found.at:%Y/%m/%d}"].append(found)
        for (account, region, day), members in groups.items():
            self._write(account, region, day, members)
        return self._length

    def _write(self, account: str, region: str, day: str, members: list[Found]) -> None:
        directory = self._path / "AWSLogs" / account / "CloudTrail" / region / day
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        unique = sha256("".join(found.id for found in members).encode()).hexdigest()[:16]
        file = directory / f"{account}_CloudTrail_{region}_{members[0].at:%Y%m%dT%H%MZ}_{unique}.json.gz"
        text = '{"Records":[' + ",".join(found.text for found in members) + "]}"
        fresh = file.with_name(file.name + ".part")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
            out.write(gzip.compress(text.encode(), mtime=0))
            out.flush()
            os.fsync(out.fileno())
        fresh.replace(file)

    def finish(self) -> None:
        """Every file is complete already."""

    def close(self) -> None:
        """Nothing is open."""


def _part(text: str) -> str:
    return text if _PART.fullmatch(text) else "unknown"
