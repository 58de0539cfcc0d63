"""`akia rotation`, against an akia in process."""

from __future__ import annotations

import json
import os
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import botocore.session
import pytest
from click.testing import CliRunner
from tests.rotation.rotating import INACTIVE, QUIET, Rotating

from akia.cli import endpoint, rotation_progress
from akia.cli.printing import tell
from akia.cli.program import program

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.covers("I6.rotation.commands")

TIMES = ("--quiet-hours", str(QUIET / 3600), "--inactive-hours", str(INACTIVE / 3600))


@pytest.fixture
def world(akia: Any, monkeypatch: pytest.MonkeyPatch) -> Rotating:
    return Rotating(akia, monkeypatch)


@pytest.fixture
def run(world: Rotating, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Run the program against the akia in process, as its administrator; its output."""
    monkeypatch.setattr(endpoint, "clients", lambda data, profile: lambda service: world.akia.client(service, world.akia.admin))

    def call(*words: str, code: int = 0, typed: str = "") -> str:
        result = CliRunner().invoke(program, ["rotation", *words], input=typed)
        assert result.exit_code == code, result.output
        return result.output

    return call


def rotation_id(told: str) -> str:
    found = re.search(r"rotation ([0-9a-f-]{36})", told)
    assert found
    return found[1]


def test_to_a_profile_of_this_machine_and_watched_to_its_end(
    world: Rotating, run: Callable[..., str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "credentials"
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(path))
    monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)
    path.write_text(f"[ci]\naws_access_key_id={world.old.access_key_id}\naws_secret_access_key={world.old.secret_access_key}\n")
    monkeypatch.setattr("akia.cli.rotation_progress.time.sleep", lambda _: world.work(QUIET))
    told = run("start", world.old.access_key_id, "--to", "profile:ci", *TIMES, "--watch")
    found: Any = botocore.session.Session(profile="ci").get_credentials()
    assert world.keys() == {found.access_key: "Active"}
    assert found.secret_key not in told
    states = [line.split()[2] for line in told.splitlines() if re.match(r"\d{4}-", line)]
    assert states == ["OPEN", "DISTRIBUTED", "OBSERVING", "QUIET", "OLD_INACTIVE", "DELETED"]
    assert "profile:ci has the new key" in told
    assert "waits for nobody to call the inactive old key, until " in told


def test_by_hand_step_by_step(world: Rotating, run: Callable[..., str]) -> None:
    assert run("list") == "there are no rotations\n"
    told = run("start", world.old.access_key_id, *TIMES)
    id_ = rotation_id(told)
    assert re.search(r"\nAWS_ACCESS_KEY_ID=AKIA\w{16}\nAWS_SECRET_ACCESS_KEY=\S{40}\n", told)
    assert f"akia rotation confirm {id_}" in told
    assert run("confirm", id_) == f"rotation {id_} is DISTRIBUTED, and waits for its next look at the calls of the old key.\n"
    world.akia.source_ip = "203.0.113.7"
    assert world.works(world.old)
    assert run("advance", id_) == f"rotation {id_} is OBSERVING, and waits for nobody to call the old key for the quiet time.\n"
    shown = run("show", id_)
    assert re.search(r"AKIA\w+ is called from 203\.0\.113\.7 by Boto3.*: sts:GetCallerIdentity, once, last at .* \(answered\)", shown)
    assert json.loads(run("show", id_, "--json"))["Callers"][0]["Count"] == 1
    assert f"rotation {id_}" in run("list", "--open", "--user", "ci")
    assert json.loads(run("list", "--json"))[0]["State"] == "OBSERVING"
    assert run("list", "--user", "nobody") == "there are no rotations\n"
    assert "is OLD_INACTIVE" in run("advance", id_, "--quiet-hours", "0")
    assert "is ROLLING_BACK, and waits for nobody to call the new key" in run("roll-back", id_)
    assert world.works(world.old)
    assert "is ROLLED_BACK." in run("advance", id_, "--inactive-hours", "0")
    assert run("list", "--open") == "there are no rotations\n"
    assert "there is no way back" in run("roll-back", id_, code=1)


def test_what_the_first_place_does_not_take_is_rolled_back(world: Rotating, run: Callable[..., str], tmp_path: Path) -> None:
    told = run("start", world.old.access_key_id, "--to", f"environment:{tmp_path}/none/app.env", code=1)
    assert "was rolled back, and the new key is gone" in told
    assert world.keys() == {world.old.access_key_id: "Active"}


def test_what_a_later_place_does_not_take_can_be_tried_again(world: Rotating, run: Callable[..., str], tmp_path: Path) -> None:
    places = ("--to", f"environment:{tmp_path}/a.env", "--to", f"environment:{tmp_path}/none/b.env")
    told = run("start", world.old.access_key_id, *places, typed="y\nn\n", code=1)
    assert told.count("Try again?") == 2 and "Both keys work" in told
    assert set(world.keys().values()) == {"Active"} and len(world.keys()) == 2
    assert world.keys().keys() >= {(tmp_path / "a.env").read_text().splitlines()[0].partition("=")[2]}


def test_targets_of_the_server_are_listed_and_named(world: Rotating, run: Callable[..., str]) -> None:
    assert "has no targets" in run("targets")
    shelf = world.shelf()
    assert run("targets") == "shelf  shelf, for keys of ci\n"
    assert json.loads(run("targets", "--json"))[0]["Name"] == "shelf"
    told = run("start", world.old.access_key_id, "--target", "shelf", *TIMES)
    assert "SECRET" not in told
    world.work()
    assert len(shelf.got) == 1
    assert "OBSERVING" in run("show", rotation_id(told))


def test_what_is_spelled_wrongly_is_told_before_anything_happens(world: Rotating, run: Callable[..., str]) -> None:
    assert "is no target: expected profile:NAME" in run("start", world.old.access_key_id, "--to", "ftp:x", code=2)
    assert "give one of them" in run("start", world.old.access_key_id, "--to", "profile:x", "--target", "y", code=2)
    assert "No user of this account" in run("start", "AKIANOBODYHASTHISKEY", code=1)
    assert len(world.keys()) == 1


def test_what_a_caller_says_of_itself_steers_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    told = {"AccessKeyId": "A", "SourceIPAddress": "1", "UserAgent": "\x1b[2Jx\n" + "y" * 90, "Action": "a:B", "Count": 1, "Refused": True}
    tell(rotation_progress._callers([{**told, "LastSeen": datetime.now(UTC)}]))
    line = capsys.readouterr().out.removesuffix("\n")
    assert "\x1b" not in line and "\n" not in line and "y" * 80 not in line and "(refused)" in line
