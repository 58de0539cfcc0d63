"""The pytest plugin, as a team's own test suite has it."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.covers("I2.ephemeral.plugin")

SUITE = """
import urllib.request
import pytest
from botocore.exceptions import ClientError

@pytest.fixture(params=["akia_in_process", "akia_server"])
def akia(request):
    return request.getfixturevalue(request.param)

@pytest.mark.parametrize("again", [1, 2])
def test_each_test_begins_with_an_empty_account(akia, again):
    iam = akia.client("iam")
    assert iam.list_users()["Users"] == []
    assert akia.client("sts").get_caller_identity()["Arn"] == f"arn:aws:iam::{akia.account_id}:root"
    iam.create_user(UserName="alice")
    made = iam.create_access_key(UserName="alice")["AccessKey"]
    alice = type(akia.root)(made["AccessKeyId"], made["SecretAccessKey"])
    with pytest.raises(ClientError, match="AccessDenied"):
        akia.client("iam", alice).list_users()
    with pytest.raises(LookupError, match="a reset leaves no user"):
        akia.admin

def test_a_server_can_be_asked_by_anything(akia_server):
    with urllib.request.urlopen(akia_server.endpoint + "/healthz") as answer:
        assert answer.read() == b"ok\\n"

def test_a_reset_in_the_middle_of_a_test(akia):
    akia.client("iam").create_user(UserName="alice")
    akia.reset()
    assert akia.client("iam").list_users()["Users"] == []
"""


def test_both_fixtures_give_an_empty_account_to_every_test(tmp_path: Path) -> None:
    (tmp_path / "test_theirs.py").write_text(SUITE)
    command = [sys.executable, "-m", "pytest", "-q", "-W", "error", "-p", "no:cacheprovider", str(tmp_path)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert "7 passed" in done.stdout


def test_a_test_run_that_does_not_use_it_pays_nothing_for_it() -> None:
    code = "import akia.testing.plugin, sys; print(sorted(name for name in sys.modules if name.startswith(('akia.', 'boto', 'granian'))))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['akia.testing', 'akia.testing.plugin']"


def test_a_server_that_cannot_start_says_why() -> None:
    from akia.ephemeral_server import StartFailed, running

    with pytest.raises(StartFailed, match="No such option"), running("--no-such-option"):
        pass
