"""`akia tail`, `akia audit search`, `akia audit export`: what they tell is what the event history holds, once each."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from click.testing import CliRunner

from akia.aws.errors import DENIALS
from akia.cli import audit_export, endpoint, tail
from akia.cli.event_filter import Filter, is_denied
from akia.cli.event_history import History
from akia.cli.program import program
from akia.store.founding import KeyPair
from akia.store.trail.lookup import Attribute

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.covers("I5.cli")


@pytest.fixture
def run(akia: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Run the program against the akia in process; its output. Nothing is waited for: `tail` ends with the first pause."""
    monkeypatch.setattr(endpoint, "clients", lambda data, profile: akia.client)

    def interrupt(_: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("akia.cli.tail.time.sleep", interrupt)

    def run_it(*words: str, code: int = 0) -> str:
        result = CliRunner().invoke(program, words, terminal_width=300, env={"COLUMNS": "300"})
        assert result.exit_code == code, (result.output, result.exception)
        return result.output

    return run_it


@pytest.fixture
def day(akia: Any) -> Any:
    """Some calls: good ones, a denial, a failure, a forgery."""
    bob = akia.person("bob", {"Action": "iam:List*"})
    bob.client("iam").list_users()
    calls: tuple[Callable[[], object], ...] = (
        lambda: bob.client("iam").create_user(UserName="eve"),
        lambda: akia.client("iam").get_user(UserName="nobody"),
        lambda: akia.client("iam", KeyPair(bob.key.access_key_id, "x" * 40)).list_roles(),
    )
    for call in calls:
        with pytest.raises(ClientError):
            call()
    return bob


def names(output: str) -> list[str]:
    return [record["eventName"] for record in json.loads(output)]


def test_search_shows_who_did_what_from_where_and_how_it_ended(run: Callable[..., str], day: Any) -> None:
    told = run("audit", "search", "--user", "bob")
    head, *lines = told.splitlines()
    assert head.split() == ["Time", "(UTC)", "Outcome", "Call", "Who", "Access", "key", "From", "About"]
    denied, good = lines
    assert ["denied", "iam:CreateUser", "bob", day.key.access_key_id, "127.0.0.1", "AccessDenied"] == denied.split()[2:8]
    assert good.split()[2:5] == ["ok", "iam:ListUsers", "bob"]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("--user", "bob"), ["CreateUser", "ListUsers"]),
        (("--denied",), ["ListRoles", "CreateUser"]),
        (("--failed",), ["ListRoles", "GetUser", "CreateUser"]),
        (("--user", "bob", "--denied"), ["CreateUser"]),
        (("--event", "CreateUser", "--user", "root"), ["CreateUser"]),
        (("--resource", "bob", "--event", "CreateAccessKey"), ["CreateAccessKey"]),
        (("--source", "iam", "--failed", "--writes"), ["CreateUser"]),
        (("--source", "sts.amazonaws.com"), []),
        (("--user", "bob", "--limit", "1"), ["CreateUser"]),
        (("--since", "1h", "--denied"), ["ListRoles", "CreateUser"]),
        (("--until", "1h"), []),
        (("--since", "2020-01-01", "--until", "2020-01-02T12:00:00+01:00"), []),
    ],
)
def test_all_filters_hold_at_once(run: Callable[..., str], day: Any, words: tuple[str, ...], expected: list[str]) -> None:
    assert names(run("audit", "search", "--json", *words)) == expected


@pytest.mark.parametrize("code", sorted(DENIALS))
def test_a_denial_is_one_in_the_words_of_every_protocol(code: str) -> None:
    assert is_denied({"errorCode": code, "userIdentity": {"type": "IAMUser"}})
    assert not is_denied({"errorCode": "NoSuchEntity", "userIdentity": {"type": "IAMUser"}})


def test_a_key_finds_its_calls_and_what_was_forged_in_its_name(run: Callable[..., str], day: Any) -> None:
    assert names(run("audit", "search", "--json", "--key", day.key.access_key_id)) == ["ListRoles", "CreateUser", "ListUsers"]


def test_nothing_found_is_told(run: Callable[..., str], day: Any) -> None:
    assert run("audit", "search", "--user", "nobody") == "no such event\n"


@pytest.mark.parametrize(
    "words", [("--since", "1h", "--until", "2h"), ("--since", "yesterday"), ("--until", "2026-13-01"), ("--limit", "0")]
)
def test_nonsense_is_refused(run: Callable[..., str], words: tuple[str, ...]) -> None:
    run("audit", "search", *words, code=2)


def test_a_refusal_is_told_in_one_line(akia: Any, run: Callable[..., str], day: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(endpoint, "clients", lambda data, profile: lambda service: akia.client(service, day.key))
    for words in (("audit", "search"), ("tail",)):
        told = run(*words, code=1)
        assert told.startswith("Error: ") and "cloudtrail:LookupEvents" in told and told.count("\n") == 1


# tail


def test_tail_begins_with_the_last_events_and_ends_quietly_with_ctrl_c(run: Callable[..., str], day: Any) -> None:
    lines = run("tail", "--user", "bob").splitlines()
    assert [line.split()[1:4] for line in lines] == [["ok", "iam:ListUsers", "bob"], ["denied", "iam:CreateUser", "bob"]]
    assert len(run("tail", "-n", "1", "--user", "bob").splitlines()) == 1
    assert run("tail", "-n", "0", "--user", "bob") == ""


def test_tail_in_json_is_the_record_on_one_line(run: Callable[..., str], day: Any) -> None:
    (line,) = run("tail", "-n", "1", "--json", "--denied", "--user", "bob").splitlines()
    assert json.loads(line)["errorCode"] == "AccessDenied"


def followed(akia: Any, wanted: Filter, *between: Callable[[], object], lines: int = 0) -> list[str]:
    """The names of the events that `tail` tells while `between` is done, a piece in each pause."""
    pieces = iter(between)

    class Over(Exception):
        pass

    def pause() -> None:
        piece = next(pieces, None)
        if piece is None:
            raise Over
        piece()

    told: list[str] = []
    with pytest.raises(Over):
        told.extend(found.event["EventName"] for found in tail.follow(History(akia.client("cloudtrail")), wanted, lines, pause))
    return told


def test_tail_tells_each_new_event_once_in_its_order_and_not_its_own_looking(akia: Any, day: Any) -> None:
    iam = akia.client("iam")

    def two() -> None:
        iam.list_groups()
        iam.list_roles()

    assert followed(akia, Filter(), two, lambda: None, iam.list_users, lambda: None) == ["ListGroups", "ListRoles", "ListUsers"]
    assert followed(akia, Filter(user="bob"), two, day.client("iam").list_users, lambda: None) == ["ListUsers"]
    assert followed(akia, Filter(denied=True, user="bob"), two, lambda: None, lines=5) == ["CreateUser"]


def test_tail_tells_of_somebody_elses_look_ups(akia: Any) -> None:
    assert followed(akia, Filter(), akia.client("cloudtrail").lookup_events, lambda: None) == ["LookupEvents"]


def test_tail_goes_on_after_akia_was_away(akia: Any, day: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    client = akia.client("cloudtrail")
    answering, away = client.lookup_events, EndpointConnectionError(endpoint_url="http://akia")

    def fail(**_: Any) -> Any:
        monkeypatch.setattr(client, "lookup_events", answering)
        raise away

    pieces = iter((lambda: monkeypatch.setattr(client, "lookup_events", fail), day.client("iam").list_users))
    told = []
    with pytest.raises(RuntimeError):
        for found in tail.follow(History(client), Filter(user="bob"), 0, lambda: next(pieces)()):
            told.append(found.event["EventName"])
            raise RuntimeError
    assert told == ["ListUsers"]


def test_nt_67_a_record_cannot_steer_a_terminal(akia: Any, run: Callable[..., str]) -> None:
    from tests.attacks.signer import Signer, form

    evil = "AKIA\x1b]0;pwned\x07"
    akia.answer(Signer(evil, "x").header(form("ListUsers")))
    for words in (("tail",), ("audit", "search")):
        told = run(*words)
        assert "\x1b]0" not in told and "\x07" not in told


# export


@pytest.fixture
def many(akia: Any, monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The ids of a hundred and twenty events, exported forty at a time."""
    monkeypatch.setattr(audit_export, "STEP", 40)
    iam = akia.client("iam")
    for _ in range(120):
        iam.list_groups()
    akia.akia.authority.drain()
    return {row.event_id for row in akia.akia.store.events.lookup(akia.account, Attribute.EVENT_NAME, "ListGroups", limit=1_000)}


def test_export_writes_a_record_a_line(run: Callable[..., str], many: set[str], tmp_path: Path) -> None:
    target = tmp_path / "events.jsonl"
    assert run("audit", "export", str(target), "--event", "ListGroups", "--quiet") == f"{target} has 120 events\n"
    records = [json.loads(line) for line in target.read_text().splitlines()]
    times = [record["eventTime"] for record in records]
    assert times == sorted(times, reverse=True)
    assert len(records) == len(many) and {record["eventID"] for record in records} == many
    assert {path.name for path in tmp_path.iterdir()} == {"events.jsonl"}
    assert target.stat().st_mode & 0o077 == 0
    assert "exists already" in run("audit", "export", str(target), "--event", "ListGroups", code=1)


def test_export_in_cloudtrails_form_can_be_read_as_such(akia: Any, run: Callable[..., str], many: set[str], tmp_path: Path) -> None:
    run("audit", "export", str(tmp_path / "logs"), "--format", "cloudtrail", "--event", "ListGroups", "--quiet")
    files = list((tmp_path / "logs").rglob("*.json.gz"))
    ids = [record["eventID"] for file in files for record in json.loads(gzip.decompress(file.read_bytes()))["Records"]]
    assert len(files) >= 3 and sorted(ids) == sorted(many)
    for file in files:
        *_, year, month, day_, name = file.parts
        assert f"AWSLogs/{akia.account}/CloudTrail/us-east-1/{year}/{month}/{day_}" in str(file)
        assert name.startswith(f"{akia.account}_CloudTrail_us-east-1_{year}{month}{day_}T")


class Interrupted(Exception):
    pass


@pytest.mark.parametrize("form", ["jsonl", "cloudtrail"])
@pytest.mark.parametrize("calls", [1, 2, 3])
def test_an_interrupted_export_goes_on_and_has_every_event_once(
    akia: Any, run: Callable[..., str], many: set[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str, calls: int
) -> None:
    words = ("audit", "export", str(tmp_path / "out"), "--format", form, "--event", "ListGroups", "--since", "1h", "--quiet")
    whole, read = History.events, 0

    def breaks(self: Any, *arguments: Any) -> Any:
        nonlocal read
        for found in whole(self, *arguments):
            read += 1
            if read > 40 * calls - 5:
                raise Interrupted
            yield found

    with monkeypatch.context() as patched:
        patched.setattr(History, "events", breaks)
        assert isinstance(CliRunner().invoke(program, words).exception, Interrupted)
    if form == "jsonl" and calls > 1:
        with (tmp_path / "out.part").open("a") as part:
            part.write('{"half": ')  # as if the machine had stopped in the middle of a line
    assert not (tmp_path / "out").is_file()
    if calls > 1:
        refused = ("audit", "export", str(tmp_path / "out"), "--format", form, "--event", "ListRoles", "--since", "1h", "--quiet")
        assert "other options" in run(*refused, code=1)
    run(*words)
    if form == "jsonl":
        ids = [json.loads(line)["eventID"] for line in (tmp_path / "out").read_text().splitlines()]
    else:
        files = (tmp_path / "out").rglob("*.json.gz")
        ids = [record["eventID"] for file in files for record in json.loads(gzip.decompress(file.read_bytes()))["Records"]]
    assert sorted(ids) == sorted(many)
    assert not (tmp_path / "out.export").exists()


def test_who_interrupts_an_export_learns_how_it_goes_on(
    run: Callable[..., str], many: set[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ("audit", "export", str(tmp_path / "out"), "--event", "ListGroups", "--since", "1h")
    with monkeypatch.context() as patched:
        patched.setattr(audit_export, "_copy", lambda *_, **__: (_ for _ in ()).throw(KeyboardInterrupt))
        assert "interrupted after 0 events: the same command goes on from there" in run(*words, code=1)
    run(*words)
    assert len((tmp_path / "out").read_text().splitlines()) == len(many)
