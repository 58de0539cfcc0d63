"""`akia limits`, against an akia in process; and the file of `--limits`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner
from tests.limiting import granted, operated

from akia.authority.limits_file import Bound, LimitsFileError, OperatorLimits, operator_limits
from akia.cli import endpoint
from akia.cli.program import program
from akia.identity.limit import Scope
from akia.settings import Settings, SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def run(akia: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Run the program against the akia in process, as its administrator; its output."""
    monkeypatch.setattr(endpoint, "clients", lambda data, profile: lambda service: akia.client(service, akia.admin))

    def call(*words: str, code: int = 0) -> str:
        result = CliRunner().invoke(program, ["limits", *words])
        assert result.exit_code == code, result.output
        return result.output

    return call


@pytest.mark.covers("I6.limits.commands")
def test_limits_are_set_listed_and_removed(akia: Any, run: Callable[..., str]) -> None:
    operated(akia)
    assert run("list") == "there are no limits\n"
    told = "ACCOUNT_OPERATION  sts:GetCallerIdentity: 2/s, 5 at once, 0 % used (ACCOUNT)\n"
    assert run("set", "--action", "sts:GetCallerIdentity", "--rate", "2", "--burst", "5") == told
    assert granted(akia.client("sts").get_caller_identity, 4) == 4
    assert run("list") == told.replace("0 %", "80 %")
    key = akia.admin.access_key_id
    assert run("set", "--key", key, "--daily", "50") == f"KEY                {key}: 50 a day, 0 % used, 0 today (ACCOUNT)\n"
    assert json.loads(run("list", "--json"))[1]["DailyBudget"] == 50
    assert run("set", "--address", "each", "--rate", "90") == "ADDRESS            each: 90/s, 90 at once (ACCOUNT)\n"
    assert run("remove", "--address", "each") == "removed\n"
    run("remove", "--key", key)
    run("remove", "--action", "sts:GetCallerIdentity")
    assert run("list") == "there are no limits\n"


def test_rates_of_aws_that_nobody_uses_are_only_counted(akia: Any, run: Callable[..., str]) -> None:
    operated(akia, published=True)
    akia.client("cloudtrail").list_trails()
    first, last = run("list").splitlines()
    assert first == "ACCOUNT_OPERATION  cloudtrail:ListTrails: 10/s, 10 at once, 10 % used (AWS)"
    assert last.endswith("published rates of AWS are not in use; --all shows them")
    assert "sts:*: 600/s" in run("list", "--all")


def test_what_is_asked_wrongly_is_told(run: Callable[..., str]) -> None:
    assert "name one of --action, --key, --principal and --address" in run("set", "--rate", "5", code=2)
    assert "name one of" in run("remove", "--key", "each", "--action", "iam:*", code=2)
    assert "There is no action iam:Nothing." in run("set", "--action", "iam:Nothing", "--rate", "5", code=1)


# The file


def written(path: Path, text: str) -> str:
    file = path / "limits.toml"
    file.write_text(text)
    return str(file)


@pytest.mark.covers("I6.limits.file")
def test_a_file_says_what_holds_for_every_account(tmp_path: Path) -> None:
    text = """
aws = false
free = ["cloudtrail:lookupevents"]

[actions]
"iam:*" = { rate = 50, burst = 100 }
"STS:assumerole" = { rate = 0.5 }

[key]
rate = 20
daily = 100000

[principal]
rate = 40

[address]
rate = 200.5
"""
    each = {Scope.KEY: Bound(20.0, 20.0, 100_000), Scope.PRINCIPAL: Bound(40.0, 40.0), Scope.ADDRESS: Bound(200.5, 200.0)}
    actions = {"iam:*": Bound(50.0, 100.0), "sts:AssumeRole": Bound(0.5, 1.0)}
    assert operator_limits(written(tmp_path, text)) == OperatorLimits(False, actions, each, frozenset({"cloudtrail:LookupEvents"}))
    assert (operator_limits("aws"), operator_limits("off")) == (OperatorLimits(), OperatorLimits(published=False))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("rate = 5", "the file says rate, which means nothing here"),
        ("aws = 1", "aws must be true or false"),
        ("free = 'iam:*'", "free must be a list"),
        ("free = ['iam:Nothing']", "there is no action iam:Nothing"),
        ("[actions]\n'iam:Nothing' = { rate = 1 }", "there is no action iam:Nothing"),
        ("[actions]\n'iam:*' = 5", "must be a table"),
        ("[actions]\n'iam:GetUser' = { rate = 1 }\n'IAM:getuser' = { rate = 9 }", "[actions] names iam:GetUser twice"),
        ("[actions]\n'iam:*' = { rate = 1, daily = 5 }", "says daily"),
        ("[actions]\n'iam:*' = { burst = 5 }", "says no rate"),
        ("[key]\nrates = 5", "[key] says rates"),
        ("[key]\nrate = 0", "[key] rate must be a number"),
        ("[key]\nrate = nan", "[key] rate must be a number"),
        ("[key]\nrate = true", "[key] rate must be a number"),
        ("[key]\ndaily = 1.5", "[key] daily must be a whole number"),
        ("[address]\nrate = 1\nburst = 0", "[address] burst must be a whole number"),
        ("[address]\ndaily = 1", "[address] says daily"),
        ("= 5", "is no TOML"),
    ],
)
def test_nt_95_a_file_that_says_something_wrong_stops_the_start(tmp_path: Path, text: str, told: str) -> None:
    file = written(tmp_path, text)
    with pytest.raises(LimitsFileError, match=file) as caught:
        operator_limits(file)
    assert told in str(caught.value)
    with pytest.raises(SettingsError, match="--limits: "):
        Settings(data=tmp_path, limits=file).checked()


def test_a_file_that_is_not_there_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="expected aws, off or a file"):
        Settings(data=tmp_path, limits=str(tmp_path / "none")).checked()


def test_an_installation_has_the_rates_of_aws_and_what_is_thrown_away_none(tmp_path: Path) -> None:
    assert Settings(data=tmp_path).limits_in_force == "aws"
    assert Settings(data=tmp_path, ephemeral=True).limits_in_force == "off"
    assert Settings(data=tmp_path, ephemeral=True, limits="aws").limits_in_force == "aws"
