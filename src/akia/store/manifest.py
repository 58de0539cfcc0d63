"""The manifest of a backup: which files belong to it, and how many rows of what."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

import akia
from akia.store.connection import make_private
from akia.store.errors import BackupFailed

if TYPE_CHECKING:
    from pathlib import Path

DATABASE = "akia.db"
JOURNALS = "journals"
_NAME = "manifest.json"
_FORMAT = 1


@dataclass(frozen=True, slots=True)
class Manifest:
    """`made` is in epoch seconds; `files` holds each file's SHA-256 in hex by its path in the backup; `counts` rows by table."""

    made: int
    schema: str
    counts: dict[str, int]
    files: dict[str, str]
    akia: str = akia.__version__


def describe(backup: Path) -> dict[str, str]:
    """The SHA-256 of every file below `backup`, but for the manifest."""
    files = sorted(path for path in backup.rglob("*") if not path.is_dir() and path.name != _NAME)
    return {path.relative_to(backup).as_posix(): _sha256(path) for path in files}


def write_manifest(backup: Path, manifest: Manifest) -> None:
    path = backup / _NAME
    make_private(path)
    path.write_text(json.dumps({"format": _FORMAT, **asdict(manifest)}, indent=1) + "\n", encoding="utf-8")


def read_manifest(backup: Path) -> Manifest:
    """Raises BackupFailed if there is none, or not one that this akia can read."""
    try:
        content: dict[str, Any] = json.loads((backup / _NAME).read_bytes())
        if content.pop("format") != _FORMAT:
            raise BackupFailed(f"the backup {backup} was made by another akia and cannot be read by this one")
        manifest = Manifest(**content)
        return replace(manifest, files=dict(manifest.files), counts=dict(manifest.counts))
    except OSError as error:
        raise BackupFailed(f"{backup} is not a backup: no readable {_NAME}") from error
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise BackupFailed(f"the manifest of the backup {backup} is damaged") from error


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
