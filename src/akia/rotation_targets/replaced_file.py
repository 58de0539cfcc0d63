"""Files that hold a key: replaced in one step, so that a reader finds the old key or the new one, and never half of each."""

from __future__ import annotations

import fcntl
import os
import re
import stat
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from akia.rotation_targets.target import NotDelivered

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

LOCK_SECONDS = 10.0
LONGEST_SECONDS = 20.0
"""How long a delivery takes at most, unless the disk stands still."""
_POLL_SECONDS = 0.02
MOST_BYTES = 1 << 20


def rewrite(path: Path, edit: Callable[[str], str]) -> None:
    """Replace the text of the file `path` by what `edit` makes of it ("" if there is no file). Mode 0600; the owner stays.

    A symbolic link is followed: what it points to is replaced. Others who rewrite files in that directory through here wait meanwhile.
    Raises NotDelivered, also what `edit` raises of it; the file is as it was then.
    """
    try:
        real = _followed(path)
        with _locked(real.parent) as directory:
            before, found = _read(real)
            after = edit(before)
            if after != before or found is None or stat.S_IMODE(found.st_mode) != 0o600:
                _replace(real, after, found)
                os.fsync(directory)
    except OSError as error:
        raise NotDelivered(f"{path} cannot be written: {error.strerror or type(error).__name__}") from None
    except UnicodeError:
        raise NotDelivered(f"{path} is not UTF-8") from None


def lines_of(text: str) -> list[str]:
    """The lines, each with its end. Only a line feed ends one: other signs that Python takes for ends stand within values."""
    return re.findall(r"[^\n]*\n|[^\n]+", text)


def _followed(path: Path) -> Path:
    """The file that `path` means. A link of somebody else's, be it to a directory, is not followed to where only akia may write."""
    real = path.resolve()
    for part in (path, *path.parents):
        if part.is_symlink():
            owner = real.stat().st_uid if real.exists() else os.geteuid()
            if part.lstat().st_uid not in (0, os.geteuid(), owner):
                raise NotDelivered(f"{part} is a link that somebody else has made")
    return real


@contextmanager
def _locked(directory: Path) -> Iterator[int]:
    """A lock on the directory itself leaves no file behind, and survives no process."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        deadline = time.monotonic() + LOCK_SECONDS
        while not _try_to_lock(descriptor):
            if time.monotonic() > deadline:
                raise NotDelivered(f"{directory} is locked by somebody else")
            time.sleep(_POLL_SECONDS)
        yield descriptor
    finally:
        os.close(descriptor)


def _try_to_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _read(path: Path) -> tuple[str, os.stat_result | None]:
    """The text with its line ends as they are, and what is known of the file; None if there is none."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)  # a pipe keeps nobody waiting
        with os.fdopen(descriptor, "rb") as file:
            found = os.fstat(file.fileno())
            data = file.read(MOST_BYTES + 1) if stat.S_ISREG(found.st_mode) else b""
    except FileNotFoundError:
        return "", None
    if not stat.S_ISREG(found.st_mode) or len(data) > MOST_BYTES:
        raise NotDelivered(f"{path} is no file of a sensible size")
    return data.decode("utf-8"), found


def _replace(path: Path, text: str, found: os.stat_result | None) -> None:
    temporary = path.with_name(f".{path.name}.akia-new")
    temporary.unlink(missing_ok=True)  # whoever has left it was killed: it is not his turn, but ours
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            _keep_owner(path, file.fileno(), found)
            file.write(text.encode("utf-8"))
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _keep_owner(path: Path, descriptor: int, found: os.stat_result | None) -> None:
    """A file of mode 0600 is of use to its owner alone: it is not taken from whom it belongs to."""
    if found is None or found.st_uid == os.fstat(descriptor).st_uid:
        return
    try:
        os.fchown(descriptor, found.st_uid, found.st_gid)
    except OSError:
        raise NotDelivered(f"{path} belongs to somebody else") from None
