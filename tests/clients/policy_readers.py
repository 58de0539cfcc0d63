"""Where the programs are that read an account's policies: Cloudsplaining and Principal Mapper."""

from __future__ import annotations

from pathlib import Path

from tests.clients.programs import absent

READERS = Path(__file__).parents[2] / ".venv-policyreaders" / "bin"


def require_readers() -> None:
    """Skips the test that asks if they are not installed; where every client must be there, fails it."""
    if not READERS.exists():
        absent("the readers of policies are not there: `make clients` or `make test` installs them")
