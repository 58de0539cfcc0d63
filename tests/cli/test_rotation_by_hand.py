"""`akia keys rotate` where there is only IAM: at every moment a key works and nothing forgets it, wherever the program is killed."""

from __future__ import annotations

import configparser
import json
import re
import stat
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError
from tests.cli.account import Commands, as_plain_iam

from akia.cli.account_keys import progress, rotation_by_hand
from akia.cli.account_keys.rotation_record import Record
from akia.store.founding import KeyPair

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.covers("I6.anywhere.rotation")

NOW = ("--quiet-hours", "0", "--inactive-hours", "0")


class Killed(BaseException):
    """As `kill -9` would: nothing is cleared up."""


@pytest.fixture
def run(akia: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Commands:
    monkeypatch.setattr(progress, "WORKERS", 1)
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return as_plain_iam(akia, monkeypatch)


@pytest.fixture
def ci(akia: Any, tmp_path: Path) -> KeyPair:
    """The key of the user ci, which stands in a profile file."""
    key: KeyPair = akia.person("ci").key
    (tmp_path / "credentials").write_text(
        f"[ci]\naws_access_key_id = {key.access_key_id}\naws_secret_access_key = {key.secret_access_key}\n"
    )
    return key


@pytest.fixture
def target(tmp_path: Path) -> str:
    return f"profile:ci@{tmp_path / 'credentials'}"


def in_use(tmp_path: Path) -> KeyPair:
    """What a client finds in the profile file."""
    parser = configparser.ConfigParser()
    parser.read(tmp_path / "credentials")
    return KeyPair(parser["ci"]["aws_access_key_id"], parser["ci"]["aws_secret_access_key"])


def works(akia: Any, key: KeyPair) -> bool:
    try:
        akia.client("sts", key).get_caller_identity()
    except ClientError:
        return False
    return True


def keys_of(akia: Any) -> dict[str, str]:
    return {key["AccessKeyId"]: key["Status"] for key in akia.client("iam").list_access_keys(UserName="ci")["AccessKeyMetadata"]}


def remembered(tmp_path: Path) -> list[Path]:
    return list((tmp_path / "state").rglob("*.json"))


def test_a_key_is_replaced_where_it_is_used_and_then_deleted(akia: Any, run: Commands, ci: KeyPair, target: str, tmp_path: Path) -> None:
    done = run("keys", "rotate", ci.access_key_id, "--to", target, *NOW)
    new = in_use(tmp_path)
    assert (keys_of(akia), works(akia, new)) == ({new.access_key_id: "Active"}, True)
    told = done.stderr.splitlines()
    assert "neither by whom nor whether it is still called" in told[1]
    assert told[2:] == [
        f"{new.access_key_id} of ci is made",
        "it works",
        f"{target} has it",
        f"{new.access_key_id} has not been used since it was distributed: if it should have been, --roll-back",
        f"{ci.access_key_id} is inactive. --roll-back makes it work again.",
        f"{ci.access_key_id} is deleted. The rotation is over.",
    ]
    assert new.secret_access_key not in done.output
    assert remembered(tmp_path) == []


def test_the_old_key_stays_as_long_as_it_is_used(akia: Any, run: Commands, ci: KeyPair, target: str, tmp_path: Path) -> None:
    run("keys", "rotate", ci.access_key_id, "--to", target, "--quiet-hours", "24")
    [path] = remembered(tmp_path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert in_use(tmp_path).secret_access_key not in path.read_text()
    assert run("keys", "rotate", ci.access_key_id).stderr.count("The next step is due on") == 1
    assert set(keys_of(akia).values()) == {"Active"}
    kept = json.loads(path.read_text())
    path.write_text(json.dumps(kept | {"distributed": "2020-01-01T00:00:00+00:00"}))
    assert works(akia, ci)  # somebody has the old one still
    assert f"{ci.access_key_id}: last used" in run("keys", "rotate", ci.access_key_id).stderr
    assert set(keys_of(akia).values()) == {"Active"}
    run("keys", "rotate", ci.access_key_id, "--quiet-hours", "0")  # whoever waits may change the time
    assert keys_of(akia)[ci.access_key_id] == "Inactive"


def test_an_inactive_key_that_somebody_made_active_again_is_watched_anew(akia: Any, run: Commands, ci: KeyPair, target: str) -> None:
    run("keys", "rotate", ci.access_key_id, "--to", target, "--quiet-hours", "0", "--inactive-hours", "9")
    assert keys_of(akia)[ci.access_key_id] == "Inactive"
    akia.client("iam").update_access_key(UserName="ci", AccessKeyId=ci.access_key_id, Status="Active")
    told = run("keys", "rotate", ci.access_key_id).stderr
    assert f"somebody has made {ci.access_key_id} active again: the wait begins anew" in told


def test_without_targets_the_key_is_printed_once_and_waits_for_a_word(akia: Any, run: Commands, ci: KeyPair) -> None:
    done = run("keys", "rotate", ci.access_key_id, *NOW)
    found = re.fullmatch(r"AWS_ACCESS_KEY_ID=(\S+)\nAWS_SECRET_ACCESS_KEY=(\S+)\n", done.stdout)
    assert found is not None
    assert works(akia, KeyPair(found[1], found[2]))
    assert found[2] not in done.stderr
    assert "--confirm" in run("keys", "rotate", ci.access_key_id, code=2).stderr
    assert keys_of(akia) == {ci.access_key_id: "Active", found[1]: "Active"}
    run("keys", "rotate", ci.access_key_id, "--confirm")
    assert keys_of(akia) == {found[1]: "Active"}


@pytest.mark.parametrize("hours", [("--quiet-hours", "9"), ("--quiet-hours", "0", "--inactive-hours", "9")])
def test_it_can_be_rolled_back(akia: Any, run: Commands, ci: KeyPair, target: str, tmp_path: Path, hours: tuple[str, ...]) -> None:
    run("keys", "rotate", ci.access_key_id, "--to", target, *hours)
    told = run("keys", "rotate", ci.access_key_id, "--roll-back").stderr
    new = in_use(tmp_path)
    assert (works(akia, ci), works(akia, new)) == (True, True)  # whoever has the new one must not fail
    assert f"aws iam delete-access-key --user-name ci --access-key-id {new.access_key_id}" in told
    assert "no rotation" in run("keys", "rotate", ci.access_key_id, "--roll-back", code=2).stderr


def test_a_target_that_does_not_take_the_key_leaves_all_as_it_was(akia: Any, run: Commands, ci: KeyPair, tmp_path: Path) -> None:
    refused = run("keys", "rotate", ci.access_key_id, "--to", "command:/bin/false", code=2)
    assert "The new key is deleted, and all is as it was." in refused.stderr
    assert (keys_of(akia), remembered(tmp_path)) == ({ci.access_key_id: "Active"}, [])


def test_a_second_target_that_fails_leaves_both_keys(akia: Any, run: Commands, ci: KeyPair, target: str, tmp_path: Path) -> None:
    refused = run("keys", "rotate", ci.access_key_id, "--to", target, "--to", "command:/bin/false", code=2)
    assert "Both keys work" in refused.stderr
    assert (works(akia, ci), works(akia, in_use(tmp_path))) == (True, True)
    run("keys", "rotate", ci.access_key_id, "--confirm", code=0)
    assert len(keys_of(akia)) == 2


def test_a_new_key_that_is_not_known_everywhere_yet_is_waited_for(
    akia: Any, run: Commands, ci: KeyPair, target: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = {"calls": 0}
    client = akia.client

    def eventually(service: str, key: Any = None, **more: Any) -> Any:
        made = client(service, key, **more)
        if service == "sts" and key is not None and key != run.key:
            whole = made.get_caller_identity

            def flaky() -> Any:
                slow["calls"] += 1
                if slow["calls"] in (1, 2, 4):
                    raise ClientError({"Error": {"Code": "InvalidClientTokenId", "Message": "not yet"}}, "GetCallerIdentity")
                return whole()

            monkeypatch.setattr(made, "get_caller_identity", flaky)
        return made

    monkeypatch.setattr(akia, "client", eventually)
    run("keys", "rotate", ci.access_key_id, "--to", target, "--quiet-hours", "9")
    assert slow["calls"] == 7  # two refusals, a success, a refusal, three successes in a row


def test_a_key_that_never_works_is_deleted(akia: Any, run: Commands, ci: KeyPair, target: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rotation_by_hand, "PATIENCE_SECONDS", 0.0)
    client = akia.client

    def refusing(service: str, key: Any = None, **more: Any) -> Any:
        return client(
            service, KeyPair("AKIAIOSFODNN7EXAMPLE", "x" * 40) if service == "sts" and key not in (None, run.key) else key, **more
        )

    monkeypatch.setattr(akia, "client", refusing)
    assert "does not work after" in run("keys", "rotate", ci.access_key_id, "--to", target, code=2).stderr
    assert keys_of(akia) == {ci.access_key_id: "Active"}


def test_a_second_key_is_in_the_way_and_named(akia: Any, run: Commands, ci: KeyPair) -> None:
    second = akia.client("iam").create_access_key(UserName="ci")["AccessKey"]["AccessKeyId"]
    refused = run("keys", "rotate", ci.access_key_id, code=2)
    assert f"aws iam delete-access-key --user-name ci --access-key-id {second}" in refused.stderr
    assert len(keys_of(akia)) == 2


def test_what_is_no_key_of_the_account_is_refused(akia: Any, run: Commands) -> None:
    assert "is no key of a user" in run("keys", "rotate", akia.root.access_key_id, code=2).stderr
    run("keys", "rotate", "AKIAIOSFODNN7EXAMPLE", code=2)
    run("keys", "rotate", "../../etc/passwd", code=2)


def test_the_key_that_signs_can_rotate_itself(
    akia: Any, run: Commands, monkeypatch: pytest.MonkeyPatch, target: str, tmp_path: Path
) -> None:
    (tmp_path / "credentials").write_text("[ci]\n")
    run("keys", "rotate", run.key.access_key_id, "--to", target, *NOW)
    assert works(akia, in_use(tmp_path))
    assert not works(akia, run.key)


def _dying(number: int, *, after: bool) -> Callable[..., None]:
    """`Record.save`, but the program is killed at the `number`th, before or after it."""
    save, calls = Record.save, [0]

    def dying(self: Record, **changes: Any) -> None:
        calls[0] += 1
        if calls[0] == number and not after:
            raise Killed
        save(self, **changes)
        if calls[0] == number:
            raise Killed

    return dying


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("number", range(1, 7))
def test_a_run_that_is_killed_anywhere_goes_on_and_no_client_ever_fails(
    akia: Any, run: Commands, ci: KeyPair, target: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, after: bool
) -> None:
    with monkeypatch.context() as killed:
        killed.setattr(Record, "save", _dying(number, after=after))
        with pytest.raises(Killed):
            run("keys", "rotate", ci.access_key_id, "--to", target, *NOW)
    assert works(akia, in_use(tmp_path))
    for _ in range(4):
        told = _again(run, ci, target, tmp_path)
        assert works(akia, in_use(tmp_path))
        if lost := re.search(r"^  aws iam delete-access-key --user-name ci --access-key-id (\w+)", told, re.MULTILINE):
            assert lost[1] != in_use(tmp_path).access_key_id
            akia.client("iam").delete_access_key(UserName="ci", AccessKeyId=lost[1])
        if "The rotation is over." in told:
            break
    new = in_use(tmp_path)
    assert new != ci
    assert keys_of(akia) == {new.access_key_id: "Active"}
    assert remembered(tmp_path) == []


def _again(run: Commands, ci: KeyPair, target: str, tmp_path: Path) -> str:
    """The same command, or what it asks for: a look at whether the new key has arrived."""
    told = run.freely("keys", "rotate", ci.access_key_id, "--to", target, *NOW)
    if "say --confirm" not in told:
        return told
    arrived = in_use(tmp_path) != ci
    return run.freely("keys", "rotate", ci.access_key_id, "--confirm" if arrived else "--roll-back")
