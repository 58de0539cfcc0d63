"""A throw-away akia: a data directory that goes with it, a master key that is never on a disk, and a page that empties it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from akia import reset
from akia.keyring import MasterKey
from akia.store.master_key import VARIABLE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from akia.cli.first_start import Start
    from akia.settings import Settings

ACCOUNT = "123456789012"
"""The account of a throw-away akia, unless another one is asked for: the one that test suites have in their expectations."""


@contextmanager
def directory() -> Iterator[Path]:
    """A data directory, with a master key for it in the environment. It is gone when the block ends, by SIGTERM too.

    The server process, which the block may turn into, removes it likewise.
    """
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    path = Path(tempfile.mkdtemp(prefix="akia-"))
    try:
        os.environ[VARIABLE] = MasterKey.generate().text
        reset.make_token(path)
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def summary(settings: Settings, start: Start) -> str:
    """One line of JSON: all that a test suite needs. With `--tls` it has a member more, `ca_bundle`."""
    keys = {name: key for name, key in (("root", start.root), ("admin", start.admin)) if key is not None}
    told = reset.described(settings.endpoint, start.installation.account, reset.path(settings.data), **keys)
    bundle = {"ca_bundle": str(settings.data / "tls" / "ca.pem")} if settings.tls else {}
    return json.dumps(told | bundle) + "\n"
