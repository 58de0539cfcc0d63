"""A command of the operator's: it gets the key on its standard input, where no other process can look, and nowhere else."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from akia.rotation_targets.target import NotDelivered

if TYPE_CHECKING:
    from akia.rotation_targets.target import DeliveredKey

SECONDS = 60.0
LONGEST_SECONDS = 600.0
_ENVIRONMENT = ("HOME", "LANG", "LC_ALL", "LOGNAME", "PATH", "TMPDIR", "USER")
"""What a command is told of akia's own environment, which may hold the master key."""


@dataclass(frozen=True, slots=True)
class Command:
    """`arguments` are the program, with its whole path, and what it is called with; no shell reads them. Exit code 0 means that the key is
    there. It may be asked more than once for the same key. What it prints goes nowhere: it may be the secret."""

    kind: ClassVar[str] = "command"
    arguments: tuple[str, ...]
    seconds: float = SECONDS

    def deliver(self, key: DeliveredKey) -> None:
        """Raises NotDelivered, also if it takes longer than `seconds`; it and what it has started are ended then."""
        environment = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
        try:
            process = subprocess.Popen(  # noqa: S603 - it is the operator who names the program
                self.arguments,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=environment,
                cwd="/",
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            raise NotDelivered(f"{self.arguments[0]} cannot be started: {type(error).__name__}") from None
        try:
            process.communicate(_told(key), timeout=self.seconds)
        except subprocess.TimeoutExpired:
            raise NotDelivered(f"{self.arguments[0]} was not done within {self.seconds:g} seconds") from None
        finally:
            _end(process)
        if process.returncode != 0:
            raise NotDelivered(f"{self.arguments[0]} ended with {process.returncode}")


def _told(key: DeliveredKey) -> bytes:
    told = {
        "Version": 1,
        "AccountId": key.account,
        "UserName": key.user_name,
        "AccessKeyId": key.access_key_id,
        "SecretAccessKey": key.secret_access_key,
        "Replaces": key.replaces,
    }
    return json.dumps(told).encode()


def _end(process: subprocess.Popen[bytes]) -> None:
    """Nothing that it has started stays behind."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
