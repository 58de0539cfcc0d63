"""Where the master key comes from: a file of its own, or the environment; other key stores join by the Protocol.

The file lies outside the data directory, is left out of backups, and is made only when there is no database yet.
"""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING, Protocol

from akia.keyring import MasterKey
from akia.store.errors import MasterKeyExposed, MasterKeyMissing, MasterKeyWrong

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

VARIABLE = "AKIA_MASTER_KEY"
_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_LONGEST = 1024


class MasterKeySource(Protocol):
    """A place that holds the master key. `str()` of it names the place in messages."""

    def read(self) -> MasterKey | None:
        """The key; None if there is none. Raises MasterKeyWrong if what is there is not a key, MasterKeyExposed if others can read it."""

    def create(self) -> MasterKey:
        """Makes and keeps a new key where there is none. Raises MasterKeyMissing if this place cannot keep one."""


class MasterKeyFile:
    """A file that its owner alone can read: base64 text, one line."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __str__(self) -> str:
        return f"the file {self.path}"

    def read(self) -> MasterKey | None:
        try:
            descriptor = os.open(self.path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise MasterKeyWrong(f"cannot read the master key in {self}: {error.strerror}") from error
        try:
            self._require_private(os.fstat(descriptor))
            return self._parse(os.read(descriptor, _LONGEST))
        finally:
            os.close(descriptor)

    def create(self) -> MasterKey:
        """The file has mode 0600 from its first moment, under any umask, and is never one that was there before (NT-68)."""
        key = MasterKey.generate()
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(key.text.encode("ascii") + b"\n")
                file.flush()
                os.fsync(descriptor)
            _sync_directory(self.path.parent)
        except OSError as error:
            raise MasterKeyMissing(f"cannot make a master key in {self}: {error.strerror}") from error
        return key

    def _require_private(self, status: os.stat_result) -> None:
        if not stat.S_ISREG(status.st_mode):
            raise MasterKeyWrong(f"{self} is not a regular file")
        if status.st_mode & _OTHERS:
            mode = stat.S_IMODE(status.st_mode)
            raise MasterKeyExposed(f"{self} can be read by others (mode {mode:04o}): make it 0600, and a new key if it was seen")

    def _parse(self, content: bytes) -> MasterKey:
        try:
            return MasterKey.parse(content.removesuffix(b"\n").decode("ascii"))
        except ValueError:
            raise MasterKeyWrong(f"{self} does not hold a master key (44 characters of base64)") from None


class MasterKeyVariable:
    """The environment variable AKIA_MASTER_KEY."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ

    def __str__(self) -> str:
        return f"the environment variable {VARIABLE}"

    def read(self) -> MasterKey | None:
        text = self._environ.get(VARIABLE)
        if text is None:
            return None
        try:
            return MasterKey.parse(text)
        except ValueError as error:
            raise MasterKeyWrong(f"{self} does not hold a master key: {error}") from None

    def create(self) -> MasterKey:
        raise MasterKeyMissing(f"{self} is not set, and akia cannot set it: put a key there, or leave the key to a file")


class MasterKeyInMemory:
    """A key that ends with the process, for databases that are thrown away."""

    def __init__(self, key: MasterKey | None = None) -> None:
        self._key = key

    def __str__(self) -> str:
        return "the memory of this process"

    def read(self) -> MasterKey | None:
        return self._key

    def create(self) -> MasterKey:
        self._key = MasterKey.generate()
        return self._key


def master_key_source(environ: Mapping[str, str], path: Path) -> MasterKeySource:
    """The environment variable if it is set (an empty one is a wrong key, not a missing one), else the file at `path`."""
    return MasterKeyVariable(environ) if VARIABLE in environ else MasterKeyFile(path)


def _sync_directory(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
