"""`akia keys rotate` on an akia: the server rotates, and the command asks it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from tests.cli.account import Commands
from tests.cli.test_rotation_by_hand import in_use, keys_of, remembered, works

from akia.store.founding import KeyPair

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.covers("I6.anywhere.rotation")


@pytest.fixture
def run(akia: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Commands:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return Commands(akia, akia.admin, monkeypatch)


@pytest.fixture
def ci(akia: Any, tmp_path: Path) -> KeyPair:
    key: KeyPair = akia.person("ci").key
    (tmp_path / "credentials").write_text(
        f"[ci]\naws_access_key_id = {key.access_key_id}\naws_secret_access_key = {key.secret_access_key}\n"
    )
    return key


def test_the_server_rotates_and_nothing_is_remembered_here(akia: Any, run: Commands, ci: KeyPair, tmp_path: Path) -> None:
    done = run("keys", "rotate", ci.access_key_id, "--to", f"profile:ci@{tmp_path / 'credentials'}", "--quiet-hours", "0")
    new = in_use(tmp_path)
    assert (works(akia, ci), works(akia, new)) == (True, True)
    assert (done.stdout, "IAM tells" in done.stderr, remembered(tmp_path)) == ("", False, [])
    [rotation] = akia.client("akia").list_key_rotations()["Rotations"]
    assert (rotation["OldAccessKeyId"], rotation["NewAccessKeyId"]) == (ci.access_key_id, new.access_key_id)
    run("keys", "rotate", ci.access_key_id)  # takes what is due
    assert keys_of(akia)[ci.access_key_id] == "Inactive"
    told = run("keys", "rotate", ci.access_key_id, "--roll-back").stderr
    assert "ROLLING_BACK" in told
    assert works(akia, ci)


def test_without_targets_the_key_alone_is_on_stdout_and_waits_for_a_word(akia: Any, run: Commands, ci: KeyPair) -> None:
    done = run("keys", "rotate", ci.access_key_id)
    found = re.fullmatch(r"AWS_ACCESS_KEY_ID=(\S+)\nAWS_SECRET_ACCESS_KEY=(\S+)\n", done.stdout)
    assert found is not None
    assert works(akia, KeyPair(found[1], found[2]))
    assert found[2] not in done.stderr
    assert "OPEN" in run("keys", "rotate", ci.access_key_id).stderr
    assert "OPEN" not in run("keys", "rotate", ci.access_key_id, "--confirm").stderr.splitlines()[1]


def test_what_the_server_refuses_ends_with_two(akia: Any, run: Commands, ci: KeyPair, tmp_path: Path) -> None:
    assert "no rotation of" in run("keys", "rotate", ci.access_key_id, "--confirm", code=2).stderr
    assert "is the root user's" in run("keys", "rotate", akia.root.access_key_id, code=2).stderr
    assert "ResourceNotFoundException" in run("keys", "rotate", "AKIAIOSFODNN7EXAMPLE", code=2).stderr
    assert "was rolled back" in run("keys", "rotate", ci.access_key_id, "--to", "command:/bin/false", code=2).stderr
    assert keys_of(akia) == {ci.access_key_id: "Active"}
