"""`akia shadow` and `akia replay`, against an akia in process."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import click
import pytest
from click.testing import CliRunner

from akia.cli import endpoint
from akia.cli.event_history import Moment
from akia.cli.program import program
from akia.jobs import run_replays

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.covers("I3.drafts.commands")


@pytest.fixture
def run(akia: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Run the program against the akia in process; its output."""
    monkeypatch.setattr(endpoint, "clients", lambda data, profile: akia.client)

    def call(*words: str, code: int = 0) -> str:
        result = CliRunner().invoke(program, words)
        assert result.exit_code == code, result.output
        return result.output

    return call


@pytest.fixture
def draft(tmp_path: Path, policy: Any) -> str:
    """A file that denies iam:List*."""
    (tmp_path / "draft.json").write_text(policy({"Sid": "NoLists", "Effect": "Deny", "Action": "iam:List*"}))
    return str(tmp_path / "draft.json")


def test_a_policy_is_tried_reported_and_detached(akia: Any, run: Callable[..., str], draft: str) -> None:
    bob = akia.person("bob", {"Action": "iam:*"})
    assert "nothing is tried" in run("shadow", "list")
    assert "enforced nowhere" in run("shadow", "attach", bob.arn, "s", "--policy", draft)
    for _ in range(2):
        bob.client("iam").list_users()
    assert run("shadow", "list", bob.arn) == f"s on {bob.arn}: a document of its own\n"
    told = run("shadow", "report", bob.arn, "s", "--requests")
    assert told.startswith("2 decisions would have been denied, 0 allowed.\n")
    assert f"would be denied 2 times: iam:ListUsers on arn:aws:iam::{akia.account}:user/ by user/bob, last " in told
    assert told.count("(statement NoLists of shadow/s)\n    event ") == 2
    assert json.loads(run("shadow", "report", bob.arn, "s", "--json"))["NewlyDeniedCount"] == 2
    run("shadow", "detach", bob.arn, "s")
    assert json.loads(run("shadow", "list", "--json")) == []


def test_a_managed_policy_is_tried_in_place_of_another(akia: Any, run: Callable[..., str]) -> None:
    bob = akia.person("bob", {"Action": "iam:*"})
    arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
    run("shadow", "attach", bob.arn, "s", "--policy-arn", arn, "--replaces", "test")
    assert run("shadow", "list") == f"s on {bob.arn}: {arn}, in place of test\n"
    assert "name either --policy or --policy-arn" in run("shadow", "attach", bob.arn, "t", code=2)


def test_a_draft_is_replayed_and_told(akia: Any, run: Callable[..., str], draft: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_replays, "STEP_EVENTS", 2)
    monkeypatch.setattr("akia.cli.replay.POLL_SECONDS", 0)
    bob = akia.person("bob", {"Action": "iam:*"})
    for _ in range(5):
        bob.client("iam").list_users()
    told = run("replay", "--policy", draft, "--principal", bob.arn, "--since", "1h", "--limit", "3")
    assert told.startswith("5 decisions of 5 requests made once more.\nWith the draft 5 would be denied that are allowed, and 0 allowed")
    assert told.count("would be denied: iam:ListUsers") == 3
    assert told.endswith("… and 2 more\n")
    assert akia.client("akia").list_replays()["Replays"] == []
    kept = json.loads(run("replay", "--policy", draft, "--principal", bob.arn, "--keep", "--json"))
    (replay,) = akia.client("akia").list_replays()["Replays"]
    assert (replay["ReplayId"], len(kept["Results"])) == (kept["Replay"]["ReplayId"], 5)


def test_what_a_draft_lacks_and_what_has_changed_since_is_told(akia: Any, run: Callable[..., str], policy: Any, tmp_path: Path) -> None:
    iam, bob, eve = akia.client("iam"), akia.person("bob", {"Action": "iam:*"}), akia.person("eve", {"Action": "iam:*"})
    for person in (bob, eve):
        person.client("iam").list_users()
        person.client("iam").list_roles()
    iam.put_user_policy(UserName="bob", PolicyName="test", PolicyDocument=policy({"Action": "iam:ListUsers"}))
    for name in ("eve",):
        iam.delete_user_policy(UserName=name, PolicyName="test")
        iam.delete_access_key(UserName=name, AccessKeyId=eve.key.access_key_id)
        iam.delete_user(UserName=name)
    (tmp_path / "none.json").write_text(policy({"Action": "s3:*"}))
    told = run("replay", "--policy", str(tmp_path / "none.json"), "--principal", bob.arn, "--replaces", "test")
    assert "1 turned out otherwise then" in told
    assert "(nothing allows it)" in told
    assert "2 could not be: who made the request" in run("replay", "--policy", str(tmp_path / "none.json"))


def test_refusals_are_told_in_one_line(akia: Any, run: Callable[..., str], draft: str, tmp_path: Path) -> None:
    nobody = f"arn:aws:iam::{akia.account}:user/nobody"
    assert run("shadow", "report", nobody, "s", code=1).startswith("Error: An error occurred (ResourceNotFoundException)")
    assert "ResourceNotFoundException" in run("replay", "--policy", draft, "--principal", nobody, code=1)
    assert "cannot be read" in run("replay", "--policy", str(tmp_path / "absent.json"), code=1)


@pytest.mark.parametrize(("text", "ago"), [("30m", 1_800), ("12h", 43_200), ("7d", 604_800), ("2w", 1_209_600)])
def test_a_time_is_told_as_how_long_ago(text: str, ago: int) -> None:
    moment = Moment().convert(text, None, None).moment
    assert abs((datetime.now(UTC) - moment) - timedelta(seconds=ago)) < timedelta(minutes=1)


def test_a_time_without_an_offset_is_in_utc() -> None:
    assert Moment().convert("2026-11-01", None, None).moment == datetime(2026, 11, 1, tzinfo=UTC)
    assert Moment().convert("2026-11-01T12:00:00+02:00", None, None).moment == datetime(2026, 11, 1, 10, tzinfo=UTC)


@pytest.mark.parametrize("text", ["7", "d", "-7d", "7 d", "\u0667d", "7d\n", "999999d", "yesterday"])
def test_python_trap_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(click.BadParameter):
        Moment().convert(text, None, None)
