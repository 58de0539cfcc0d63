"""How far a rotation by hand has come, in a file of its own, so that it goes on whatever has ended the program. No secret is in it."""

from __future__ import annotations

import fcntl
import json
import os
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from akia.cli.account_keys.connection import Failed
from akia.store.private_file import write_private

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

CREATING, CREATED, DISTRIBUTING, DISTRIBUTED, OLD_INACTIVE = "CREATING", "CREATED", "DISTRIBUTING", "DISTRIBUTED", "OLD_INACTIVE"
"""Before the new key is made; it is made, and nobody has it; it goes to the targets; all have it; the old key does not work any more."""

_TIMES = ("started", "distributed", "deactivated")


@dataclass
class Record:
    """One rotation. `others` are the user's keys before it; `delivered` the targets that have the new key."""

    path: Path
    account: str
    user: str
    old: str
    started: datetime
    others: list[str]
    targets: list[str]
    quiet_hours: float = 24
    inactive_hours: float = 72
    state: str = CREATING
    new: str = ""
    delivered: list[str] = field(default_factory=list)
    distributed: datetime | None = None
    deactivated: datetime | None = None

    def save(self, **changes: Any) -> None:
        """Remember the changes. The file is of mode 0600, and replaced in one step. Raises Failed."""
        for name, value in changes.items():
            setattr(self, name, value)
        kept = {name: value for name, value in asdict(self).items() if name != "path"}
        try:
            write_private(self.path, json.dumps(kept, indent=1, default=datetime.isoformat))
        except OSError as error:
            raise Failed(f"{self.path} cannot be written: {error.strerror}") from None

    def forget(self) -> None:
        """The rotation is over."""
        self.path.unlink(missing_ok=True)


def place(account: str, key: str, environment: Mapping[str, str] = os.environ) -> Path:
    """Where the rotation of `key` is remembered. The directory is made. Raises Failed."""
    state = environment.get("XDG_STATE_HOME")
    directory = (Path(state) if state else Path.home() / ".local" / "state") / "akia" / "rotations"
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise Failed(f"{directory} cannot be made: {error.strerror}") from None
    return directory / f"{account}-{key}.json"


def read(path: Path) -> Record | None:
    """What is remembered there; None if nothing is. Raises Failed for what is no such file."""
    try:
        kept = json.loads(path.read_text("utf-8"))
        times = {name: datetime.fromisoformat(kept[name]) for name in _TIMES if kept[name] is not None}
        return Record(path=path, **kept | times)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Failed(f"{path} cannot be read: look at the user's keys before you remove it") from error


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Nobody else goes on with the same rotation meanwhile. Raises Failed if somebody does."""
    with path.with_suffix(".lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise Failed("another run goes on with this rotation") from None
        yield
