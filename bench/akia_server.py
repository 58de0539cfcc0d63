"""akia under measurement: as an operator runs it, everything on, on a data directory on the disk."""

from __future__ import annotations

import base64
import configparser
import secrets
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from bench.servers import Server, StartError, running
from bench.signing import Credential

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

PROGRAM = Path(sys.executable).parent / "akia"


@cache
def _key_of(data: Path) -> str:
    """The master key of the akia in `data`. It lives and dies with this process."""
    return base64.b64encode(secrets.token_bytes(32)).decode()


@dataclass(frozen=True, slots=True)
class Authority:
    """An akia that can be started, stopped and started again on the same data."""

    data: Path
    limits: str = "off"
    """As in `akia up --limits`: load is measured, not how it is turned away."""

    @property
    def master_key(self) -> str:
        """Goes to the program by its environment."""
        return _key_of(self.data)

    @property
    def database(self) -> Path:
        """The SQLite file in the data directory. Raises StartError if there is none."""
        found = next(self.data.rglob("*.db"), None)
        if found is None:
            raise StartError("akia left no database in its data directory")
        return found

    def command(self, port: int) -> list[str]:
        return [str(PROGRAM), "up", "--data", str(self.data), "--port", str(port), "--limits", self.limits]

    def running(self) -> AbstractContextManager[Server]:
        """The server for the length of a with-block. Raises StartError."""
        if not PROGRAM.exists():
            raise StartError("akia is not installed in this environment")
        return running("akia", self.command, lambda port: {"AKIA_MASTER_KEY": self.master_key})

    def running_as(self, module: str) -> AbstractContextManager[Server]:
        """As `running`, started by a program of the benchmark's own (`python -m module DATA PORT`). Raises StartError."""
        command = lambda port: [sys.executable, "-m", module, str(self.data), str(port)]  # noqa: E731 - beside its like
        return running("akia", command, lambda port: {"AKIA_MASTER_KEY": self.master_key})

    def administrator(self) -> Credential:
        """The key of the profile that the first start left in the data directory. Raises StartError if there is none."""
        for file in (path for path in self.data.rglob("*") if path.name in {"profile", "credentials"} and path.is_file()):
            profiles = configparser.ConfigParser(interpolation=None)
            profiles.read(file)
            for name in profiles.sections():
                return Credential(profiles[name]["aws_access_key_id"], profiles[name]["aws_secret_access_key"])
        raise StartError(f"akia left no profile in its data directory ({', '.join(sorted(path.name for path in self.data.iterdir()))})")
