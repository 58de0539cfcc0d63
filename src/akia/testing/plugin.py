"""The pytest plugin of akia: an AWS account for tests, whose keys are verified, whose policies are evaluated and whose calls are recorded.

    def test_upload_role_may_not_list_users(akia_in_process):
        iam = akia_in_process.client("iam")          # boto3, signed by the root user
        ...

`akia_in_process` needs no socket, but boto3 clients that the fixture has made. `akia_server` is a process that anything can talk to,
at `akia_server.endpoint`. Either has `account_id`, `root` (a key pair), `client(service, key)` and `reset()`, and begins every test
with an empty account: the root user's key, and no user at all.

Every pytest run loads this module wherever akia is installed. Hence it imports nothing of akia before a fixture is used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from akia.ephemeral_server import EphemeralServer
    from akia.testing.in_process import InProcess


@pytest.fixture
def akia_in_process(_akia_in_process: InProcess) -> InProcess:
    """An akia inside the test process, with an empty account."""
    _akia_in_process.reset()
    return _akia_in_process


@pytest.fixture
def akia_server(_akia_server: EphemeralServer) -> EphemeralServer:
    """An akia on a free port of 127.0.0.1, with an empty account. One server for the whole run."""
    _akia_server.reset()
    return _akia_server


@pytest.fixture(scope="session")
def _akia_in_process() -> Iterator[InProcess]:
    from akia.testing.in_process import InProcess

    akia = InProcess()
    yield akia
    akia.close()


@pytest.fixture(scope="session")
def _akia_server() -> Iterator[EphemeralServer]:
    from akia.ephemeral_server import running

    with running() as server:
        yield server
