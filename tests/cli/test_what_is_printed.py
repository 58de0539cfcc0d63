"""What commands print: nothing of others' acts on a terminal, nouns agree with their numbers, a table in a pipe is whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from akia.cli import endpoint, rotation_progress
from akia.cli.changed_decisions import lines
from akia.cli.printing import counted, tell, to_json
from akia.cli.program import program

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.covers("I5.cli")

STEERING = "\x1b[2J\x9b2J\u202egnp\nDenied"


@pytest.fixture
def run(akia: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Run the program against the akia in process, as its administrator; its output."""
    monkeypatch.setattr(endpoint, "clients", lambda data, profile: lambda service: akia.client(service, akia.admin))

    def call(*words: str, code: int = 0) -> str:
        result = CliRunner().invoke(program, words)
        assert result.exit_code == code, (result.output, result.exception)
        return result.output

    return call


def test_nouns_agree_with_their_numbers() -> None:
    assert [counted(number, "key") for number in (0, 1, 2)] == ["0 keys", "1 key", "2 keys"]
    assert [counted(number, "policy", "policies") for number in (1, 2)] == ["1 policy", "2 policies"]


def test_nt_a_line_stays_one_line_and_steers_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    tell([f"by {STEERING}"])
    told = capsys.readouterr().out
    assert told.count("\n") == 1
    assert not set(told) & set("\x1b\x9b\u202e")
    assert to_json({"by": STEERING}).isascii()


def test_nt_what_a_caller_says_of_itself_is_quoted_in_an_explanation(akia: Any, run: Callable[..., str]) -> None:
    bob = akia.person("bob")
    client = bob.client("iam")

    def lie(request: Any, **_: Any) -> None:
        request.headers["User-Agent"] = "x\u009b2J\u202e".encode()

    client.meta.events.register("before-send", lie)
    with pytest.raises(client.exceptions.ClientError) as caught:
        client.list_users()
    told = run("why", caught.value.response["ResponseMetadata"]["RequestId"])
    assert "Denied for want of an Allow" in told
    assert not set(told) & set("\x9b\u202e")
    described = run("keys", "describe", bob.key.access_key_id)
    assert "0 days old" in described
    assert not set(described) & set("\x9b\u202e")


def test_a_request_has_a_resource_and_a_context_of_its_own(run: Callable[..., str]) -> None:
    for words in (("--resource", "x"), ("--context", "a=b")):
        assert "belong to --principal" in run("why", "id", *words, code=2)


def test_a_table_in_a_pipe_is_as_wide_as_it_needs_to_be(akia: Any, run: Callable[..., str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    name = "a-user-with-a-name-of-sixty-four-characters-which-is-the-longest"
    akia.client("iam").create_user(UserName=name)
    [line] = [line for line in run("audit", "search", "--event", "CreateUser").splitlines() if name[:12] in line]
    assert name in line


def test_an_export_to_where_nothing_can_be_written_ends_in_a_line(run: Callable[..., str], tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("")
    assert f"{tmp_path / 'none' / 'x.part'} cannot be written" in run("audit", "export", str(tmp_path / "none" / "x"), code=1)
    assert "cannot be written: " in run("audit", "export", str(file), "--format", "cloudtrail", code=1)
    assert file.read_text() == ""


def test_a_replay_that_is_interrupted_leaves_nothing_behind(
    akia: Any, run: Callable[..., str], policy: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "draft.json").write_text(policy({"Action": "iam:*"}))

    def interrupt(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("akia.cli.replay._followed", interrupt)
    run("replay", "--policy", str(tmp_path / "draft.json"), code=1)
    assert akia.client("akia").list_replays()["Replays"] == []
    run("replay", "--policy", str(tmp_path / "draft.json"), "--keep", code=1)
    assert len(akia.client("akia").list_replays()["Replays"]) == 1


def test_a_replay_of_a_time_that_there_never_was_is_asked_wrongly(run: Callable[..., str], policy: Any, tmp_path: Path) -> None:
    (tmp_path / "draft.json").write_text(policy({"Action": "iam:*"}))
    assert "is neither a time" in run("replay", "--policy", str(tmp_path / "draft.json"), "--since", "999999w", code=2)


def test_a_request_is_one_line_of_findings_whatever_its_resource_is() -> None:
    from datetime import UTC, datetime

    each = {"EventTime": datetime.now(UTC), "Change": "NEWLY_DENIED", "Action": "a:B", "Resource": "x", "PrincipalArn": "u", "EventId": "e"}
    assert len(list(lines([each]))) == 2


def test_who_interrupts_a_watch_learns_that_the_rotation_goes_on(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Client:
        def get_key_rotation(self, **_: Any) -> Any:
            raise KeyboardInterrupt

    rotation_progress.watch(Client(), "an-id")
    said = capsys.readouterr()
    assert (said.out, "akia rotation show an-id" in said.err) == ("", True)


def test_all_public_keys_are_asked_for_and_not_the_first_page_alone(akia: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from akia.cli.audit_verify import _keys_of_server

    pages = {
        None: {"PublicKeyList": [{"Fingerprint": "a", "Value": b"1"}], "NextToken": "n"},
        "n": {"PublicKeyList": [{"Fingerprint": "b", "Value": b"2"}]},
    }
    real = akia.client("cloudtrail")

    class Client:
        def get_paginator(self, name: str) -> Any:
            self.list_public_keys = lambda **asked: pages[asked.get("NextToken")]
            return type(real.get_paginator(name))(
                self.list_public_keys, real.get_paginator(name)._pagination_cfg, real.get_paginator(name)._model
            )

    monkeypatch.setattr(endpoint, "clients", lambda data, profile: lambda service: Client())
    assert _keys_of_server(None, None) == {"a": b"1", "b": b"2"}


def test_revoking_all_of_a_user_where_there_is_only_iam_says_so_once(akia: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    operator = akia.person("operator", {"Action": "*"}, {"Effect": "Deny", "Action": "akia:*"})
    monkeypatch.setattr(endpoint, "clients", lambda data, profile: operator.client)
    akia.person("bob")
    akia.client("iam").create_access_key(UserName="bob")
    told = CliRunner().invoke(program, ["revoke", "--all-of", "bob", "--yes"]).output
    assert (told.count("is inactive"), told.count("AWSRevokeOlderSessions denies")) == (2, 1)
