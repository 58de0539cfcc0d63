"""`akia keys rotate` by hand, really killed, against a real server that is a plain IAM to it."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from typing import TYPE_CHECKING, Any

import pytest
from tests.conftest import policy
from tests.served import PATIENCE_SECONDS, PROGRAM

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.covers("I6.anywhere.rotation")

PLAIN = ("--profile", "plain")


@pytest.fixture
def served(home: Any) -> Any:
    """A running akia, users ci and steward with keys in the home's own AWS files, of whom steward may not call the service akia."""
    server = home.up()
    iam = home.client("iam")
    made = {}
    for name in ("steward", "ci"):
        iam.create_user(UserName=name)
        made[name] = iam.create_access_key(UserName=name)["AccessKey"]
    document = policy({"Action": "*"}, {"Effect": "Deny", "Action": "akia:*"})
    iam.put_user_policy(UserName="steward", PolicyName="p", PolicyDocument=document)
    (home.path / ".aws").mkdir()
    (home.path / ".aws" / "config").write_text(f"[profile plain]\nregion = eu-west-1\nendpoint_url = {server.endpoint}\n")
    profiles = [
        f"[{profile}]\naws_access_key_id = {made[name]['AccessKeyId']}\naws_secret_access_key = {made[name]['SecretAccessKey']}\n"
        for profile, name in (("plain", "steward"), ("ci", "ci"))
    ]
    (home.path / ".aws" / "credentials").write_text("\n".join(profiles))
    home.old = made["ci"]["AccessKeyId"]
    return home


def killed(home: Any, *words: str, when: str) -> str:
    """Run the program until it says `when`, and `kill -9` it; all that it has said."""
    log: Path = home.path / "rotate-log"
    with log.open("wb") as output:
        command = [str(PROGRAM), "keys", "rotate", *PLAIN, home.old, *words]
        process = subprocess.Popen(command, env=home.environment(), stdin=subprocess.DEVNULL, stdout=output, stderr=output)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while when not in log.read_text():
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < deadline
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait(PATIENCE_SECONDS)
    return log.read_text()


def remembered(home: Any) -> Any:
    [path] = (home.path / ".local" / "state" / "akia" / "rotations").glob("*.json")
    return json.loads(path.read_text())


def keys_of(home: Any) -> dict[str, str]:
    return {key["AccessKeyId"]: key["Status"] for key in home.client("iam").list_access_keys(UserName="ci")["AccessKeyMetadata"]}


def test_killed_while_it_watches_it_goes_on_where_it_was(served: Any) -> None:
    killed(served, "--to", "profile:ci", "--watch", when="was never used")
    assert remembered(served)["state"] == "DISTRIBUTED"
    done = served.run("keys", "rotate", *PLAIN, served.old, "--quiet-hours", "0", "--inactive-hours", "0")
    assert (done.code, done.err.strip().splitlines()[-1]) == (0, f"{served.old} is deleted. The rotation is over.")
    [new] = keys_of(served)
    assert new in (served.path / ".aws" / "credentials").read_text()
    assert served.old not in (served.path / ".aws" / "credentials").read_text()


def test_killed_while_it_distributes_it_asks_and_nobody_loses_a_key(served: Any) -> None:
    (served.path / "slow").write_text("#!/bin/sh\ncat > /dev/null\nsleep 5\n")
    (served.path / "slow").chmod(0o700)
    killed(served, "--to", "profile:ci", "--to", f"command:{served.path / 'slow'}", when="profile:ci has it")
    assert (remembered(served)["state"], remembered(served)["delivered"]) == ("DISTRIBUTING", ["profile:ci"])
    asked = served.run("keys", "rotate", *PLAIN, served.old)
    assert (asked.code, "say --confirm; else --roll-back" in asked.err) == (2, True)
    assert sorted(keys_of(served).values()) == ["Active", "Active"]
    assert served.run("keys", "rotate", *PLAIN, served.old, "--roll-back").code == 0
    assert sorted(keys_of(served).values()) == ["Active", "Active"]
