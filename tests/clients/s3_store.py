"""A real store that speaks S3, in a directory, for trails to deliver to: s3rver, which `make clients` fetches."""

from __future__ import annotations

import shutil
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config
from tests.clients.programs import BUILT, SOURCES, ready, tool
from tests.served import environment

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from akia.store.founding import KeyPair

SECONDS = 30


@dataclass
class Store:
    """A running store."""

    url: str
    key: KeyPair

    @property
    def client(self) -> Any:
        session: Any = boto3.Session(self.key.access_key_id, self.key.secret_access_key, region_name="us-east-1")
        return session.client("s3", endpoint_url=self.url, config=Config(s3={"addressing_style": "path"}))


@contextmanager
def running(home: Path, key: KeyPair, *buckets: str) -> Iterator[Store]:
    """A store with these buckets, which takes `key` and nobody else's."""
    node, there = tool("node"), BUILT / "s3"
    ready(there)
    shutil.copy(SOURCES / "s3/server.cjs", there)  # Node looks for packages beside the source
    home.mkdir(parents=True, exist_ok=True)
    variables = environment(home) | {"STORE_KEY_ID": key.access_key_id, "STORE_SECRET": key.secret_access_key}
    command = [node, str(there / "server.cjs"), str(home), *buckets]
    with subprocess.Popen(command, env=variables, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        try:
            yield Store(f"http://127.0.0.1:{int(process.stdout.readline())}", key)
        finally:
            process.terminate()
            process.wait(SECONDS)
