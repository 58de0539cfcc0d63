"""Programs that audit an account, each a command that finds endpoint and credentials in its environment."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.served import Served, environment

if TYPE_CHECKING:
    from pathlib import Path

    from akia.store.founding import KeyPair


@dataclass(frozen=True)
class Session:
    """Temporary credentials."""

    key: KeyPair
    token: str


def run(served: Served, folder: Path, *command: str, session: Session | None = None) -> str:
    """What `command` prints, as the administrator or in a session; it works in `folder` and keeps there whatever it keeps.

    Raises AssertionError with all that it said if it fails.
    """
    key = session.key if session else served.administrator
    variables = environment(folder) | {
        "AWS_ENDPOINT_URL": served.endpoint,
        "AWS_ACCESS_KEY_ID": key.access_key_id,
        "AWS_SECRET_ACCESS_KEY": key.secret_access_key,
        **({"AWS_SESSION_TOKEN": session.token} if session else {}),
        "AWS_DEFAULT_REGION": "us-east-1",
        "PMAPPER_STORAGE": str(folder),
    }
    variables.pop("PYTHONPATH", None)
    done = subprocess.run(command, env=variables, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done.stdout
