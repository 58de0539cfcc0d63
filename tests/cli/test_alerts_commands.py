"""`akia alerts`, against an akia in process and channels on this machine."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner
from tests.alerts.receivers import webhook
from tests.alerts.watch import Watch
from tests.outbound.server import authority

from akia.cli import endpoint
from akia.cli.program import program

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.covers("I5.alerts.commands")


@pytest.fixture
def run(akia: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Run the program against the akia in process, as its administrator; its output."""
    monkeypatch.setattr(endpoint, "clients", lambda data, profile: lambda service: akia.client(service, akia.admin))

    def call(*words: str, code: int = 0) -> str:
        result = CliRunner().invoke(program, ["alerts", *words])
        assert result.exit_code == code, result.output
        return result.output

    return call


def test_alerts_are_listed_shown_and_acknowledged(akia: Any, run: Callable[..., str]) -> None:
    assert run("list") == "there are no alerts\n"
    for _ in range(2):
        akia.client("iam").list_users()
    [alert] = Watch(akia).alerts()
    first, second, third = run("list").splitlines()
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d  HIGH      root-used, 2 times", first)
    assert (second, third) == (f"    {alert.summary}", f"    alert {alert.id}")
    shown = run("show", alert.id)
    assert shown.startswith(f"{alert.summary}\n") and "Severity: HIGH" in shown and shown.count("\nevent ") == 2
    assert json.loads(run("show", alert.id, "--json"))["AlertId"] == alert.id
    by = f"arn:aws:iam::{akia.account}:user/administrator"
    assert run("ack", alert.id, "--note", "me") == f"{alert.id} is acknowledged by {by}.\n"
    assert run("list", "--open") == "there are no alerts\n"
    assert "acknowledged by user/administrator" in run("list")
    assert json.loads(run("list", "--json"))[0]["Note"] == "me"
    assert "There is no alert" in run("show", "0" * 36, code=1)


def test_what_somebody_has_noted_steers_no_terminal(akia: Any, run: Callable[..., str]) -> None:
    akia.client("iam").list_users()
    [alert] = Watch(akia).alerts()
    akia.akia.store.alerts.replace(alert.seen_by("arn:aws:iam::1:user/x", 1, "\x1b]0;gone\x07"))
    assert "\x1b" not in run("show", alert.id) and "Note: \ufffd]0;gone" in run("show", alert.id)


def test_a_channel_is_tested(tmp_path: Path, run: Callable[..., str]) -> None:
    made = authority(tmp_path / "tls", "127.0.0.1")
    with webhook(made, [200, 503]) as taken:
        file = tmp_path / "alerts.toml"
        file.touch(0o600)
        file.write_text(f'[channels.ops]\nkind = "slack"\nurl = "{taken.url}"\nthumbprints = ["{made.thumbprint}"]\n')
        words = ["test", "ops", "--alerts-file", str(file)]
        assert "not public" in run(*words, code=1)
        words += ["--outbound-allowed-network", "127.0.0.0/8"]
        assert run(*words) == "ops has taken a test message.\n"
        assert "s3cret" not in run(*words, code=1)
    [(_, _, body), _] = taken.requests
    assert "This is a test" in body["text"]
    assert "has no channel none; it has ops" in run("test", "none", "--alerts-file", str(file), code=2)
    file.write_text("[x]")
    assert "the file has no 'x'" in run("test", "ops", "--alerts-file", str(file), code=2)
