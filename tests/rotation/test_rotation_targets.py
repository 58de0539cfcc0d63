"""Targets: the key is there, in one step, and nothing else has changed."""

from __future__ import annotations

import base64
import fcntl
import json
import logging
import os
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import botocore.session
import pytest

from akia.rotation_targets import (
    Command,
    DeliveredKey,
    EnvironmentFile,
    KubernetesSecret,
    NotDelivered,
    ProfileFile,
    Target,
    TargetsError,
    read_targets,
    replaced_file,
    spelled,
)

pytestmark = pytest.mark.covers("I6.rotation.targets")

SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
KEY = DeliveredKey("123456789012", "ci", "AKIANEWNEWNEWNEWNEWN", SECRET, replaces="AKIAOLDOLDOLDOLDOLDO")
CREDENTIALS = """\
# made by hand
[default]
aws_access_key_id = AKIADEFAULT
aws_secret_access_key = default-secret

[ci]  ; the build
# do not touch
Aws_Access_Key_Id=AKIAOLDOLDOLDOLDOLDO
aws_secret_access_key : old-secret
  that-goes-on
aws_session_token = stale
region = eu-west-1
s3 =
    max_concurrent_requests = 3

[other]
aws_access_key_id = AKIAOTHER
"""


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def credentials(path: Path, profile: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    """What botocore reads."""
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(path))
    monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull if path.name != "config" else str(path))
    return botocore.session.Session(profile=profile).get_credentials()


# Profiles


def test_a_profile_gets_the_key_and_all_else_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "credentials"
    path.write_text(CREDENTIALS)
    path.chmod(0o644)
    ProfileFile(path, "ci").deliver(KEY)
    assert mode(path) == 0o600
    gone = {"Aws_Access_Key_Id=AKIAOLDOLDOLDOLDOLDO", "aws_secret_access_key : old-secret", "  that-goes-on", "aws_session_token = stale"}
    added = {f"aws_access_key_id = {KEY.access_key_id}", f"aws_secret_access_key = {SECRET}"}
    before, after = CREDENTIALS.splitlines(), path.read_text().splitlines()
    assert [line for line in after if line not in added] == [line for line in before if line not in gone]
    found = credentials(path, "ci", monkeypatch)
    assert (found.access_key, found.secret_key, found.token) == (KEY.access_key_id, SECRET, None)
    assert credentials(path, "default", monkeypatch).secret_key == "default-secret"
    ProfileFile(path, "ci").deliver(KEY)
    assert path.read_text().splitlines() == after
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("name", "text", "profile"),
    [
        ("credentials", None, "ci"),
        ("credentials", "", "default"),
        ("credentials", "[other]\nx = 1", "ci"),
        ("config", "[default]\nregion = x\n", "ci"),
        ("config", "[profile ci]\nregion = x\n", "ci"),
        ("config", "[default]\nregion = x\n", "default"),
        ("credentials", "[ci]", "ci"),
        ("credentials", "[ci]\r\nregion = x\r\n", "ci"),
    ],
)
def test_a_profile_that_is_not_there_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, text: str | None, profile: str
) -> None:
    path = tmp_path / name
    if text is not None:
        path.write_bytes(text.encode())
    ProfileFile(path, profile).deliver(KEY)
    found = credentials(path, profile, monkeypatch)
    assert (found.access_key, found.secret_key) == (KEY.access_key_id, SECRET)
    assert mode(path) == 0o600
    assert (b"\r\n" in path.read_bytes()) == ("\r\n" in (text or ""))
    assert path.read_text().count("aws_access_key_id") == 1


@pytest.mark.parametrize("text", ["no section\n", "[ci\n", "[ci]\n[ci]x\naws_access_key_id\n"])
def test_a_file_that_is_none_of_the_clients_is_left_alone(tmp_path: Path, text: str) -> None:
    path = tmp_path / "credentials"
    path.write_text(text)
    with pytest.raises(NotDelivered, match="is no file of the AWS clients"):
        ProfileFile(path, "ci").deliver(KEY)
    assert path.read_text() == text


def test_a_reader_finds_one_key_or_the_other_and_never_half_of_each(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "credentials"
    path.write_text("[ci]\naws_access_key_id = A0\naws_secret_access_key = secret-of-A0\n")
    done, found = threading.Event(), set()

    def read() -> None:
        while not done.is_set():
            lines = path.read_text().splitlines()
            found.add((lines[1].rpartition(" ")[2], lines[2].rpartition(" ")[2]))

    reader = threading.Thread(target=read)
    reader.start()
    for number in range(60):
        ProfileFile(path, "ci").deliver(DeliveredKey("1", "ci", f"A{number}", f"secret-of-A{number}"))
    done.set()
    reader.join()
    assert all(secret == f"secret-of-{key}" for key, secret in found)


def test_writers_take_turns(tmp_path: Path) -> None:
    path = tmp_path / "credentials"
    threads = [
        threading.Thread(target=ProfileFile(path, f"p{number}").deliver, args=(DeliveredKey("1", "u", f"A{number}", f"s{number}"),))
        for number in range(12)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(f"[p{number}]" in path.read_text() for number in range(12))


def test_whoever_holds_the_lock_for_too_long_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replaced_file, "LOCK_SECONDS", 0.05)
    held = os.open(tmp_path, os.O_RDONLY)
    try:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(NotDelivered, match="is locked by somebody else"):
            ProfileFile(tmp_path / "credentials", "ci").deliver(KEY)
    finally:
        os.close(held)
    assert list(tmp_path.iterdir()) == []


def test_what_somebody_who_was_killed_has_left_is_cleared_away_and_not_written_through(tmp_path: Path) -> None:
    """It holds secrets; or it is a link of whoever owns the directory."""
    victim = tmp_path / "victim"
    victim.write_text("ours\n")
    (tmp_path / ".credentials.akia-new").symlink_to(victim)
    ProfileFile(tmp_path / "credentials", "ci").deliver(KEY)
    assert victim.read_text() == "ours\n"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["credentials", "victim"]


def test_a_link_is_followed_and_stays_one(tmp_path: Path) -> None:
    real = tmp_path / "real"
    real.mkdir()
    link = tmp_path / "credentials"
    link.symlink_to(real / "file")
    ProfileFile(link, "ci").deliver(KEY)
    assert link.is_symlink()
    assert KEY.access_key_id in (real / "file").read_text()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make links of somebody else's")
def test_a_link_of_somebody_else_s_is_not_followed_to_what_is_akia_s(tmp_path: Path) -> None:
    """Whoever owns the directory could have akia write any file of its own."""
    ours, link = tmp_path / "ours", tmp_path / "credentials"
    ours.write_text("secret\n")
    link.symlink_to(ours)
    os.lchown(link, 12345, 12345)
    with pytest.raises(NotDelivered, match="a link that somebody else has made"):
        EnvironmentFile(link).deliver(KEY)
    assert ours.read_text() == "secret\n"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make links of somebody else's")
def test_nor_is_a_link_of_somebody_else_s_to_a_directory_of_akia_s(tmp_path: Path) -> None:
    ours, link = tmp_path / "ours", tmp_path / ".aws"
    ours.mkdir()
    (ours / "credentials").write_text(CREDENTIALS)
    link.symlink_to(ours)
    os.lchown(link, 12345, 12345)
    with pytest.raises(NotDelivered, match=r"\.aws is a link that somebody else has made"):
        ProfileFile(link / "credentials", "default").deliver(KEY)
    assert (ours / "credentials").read_text() == CREDENTIALS


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files to somebody else")
def test_a_file_stays_its_owner_s(tmp_path: Path) -> None:
    path = tmp_path / "app.env"
    path.write_text("A=1\n")
    os.chown(path, 12345, 12345)
    EnvironmentFile(path).deliver(KEY)
    assert (path.stat().st_uid, path.stat().st_gid, mode(path)) == (12345, 12345, 0o600)


@pytest.mark.parametrize("make", [Path.mkdir, os.mkfifo, lambda path: path.write_bytes(b"\xff")], ids=["directory", "pipe", "bytes"])
def test_what_is_no_text_file_is_refused(tmp_path: Path, make: Any) -> None:
    path = tmp_path / "credentials"
    make(path)
    with pytest.raises(NotDelivered):
        EnvironmentFile(path).deliver(KEY)


def test_a_directory_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotDelivered, match="cannot be written: No such file"):
        ProfileFile(tmp_path / "none" / "credentials", "ci").deliver(KEY)


# Environment files


def test_an_environment_file_gets_the_key_and_all_else_stays(tmp_path: Path) -> None:
    path = tmp_path / "app.env"
    path.write_text(
        "# app\nexport AWS_ACCESS_KEY_ID=old\nDEBUG=1\nAWS_SECRET_ACCESS_KEY='old'\nAWS_SESSION_TOKEN=x\nAWS_ACCESS_KEY_ID=twice"
    )
    EnvironmentFile(path).deliver(KEY)
    assert path.read_text() == f"# app\nexport AWS_ACCESS_KEY_ID={KEY.access_key_id}\nDEBUG=1\nAWS_SECRET_ACCESS_KEY={SECRET}\n"
    assert mode(path) == 0o600


@pytest.mark.parametrize("other", ["FOO=a\u2028b", "FOO=a\x0cb", "FOO=a\x1cb", "FOO=a\rb"])
def test_signs_within_a_value_end_no_line(tmp_path: Path, other: str) -> None:
    env, manifest, profile = tmp_path / "app.env", tmp_path / "secret.yaml", tmp_path / "credentials"
    env.write_bytes(f"{other}\n".encode())
    EnvironmentFile(env).deliver(KEY)
    assert env.read_bytes().decode().startswith(f"{other}\nAWS_ACCESS_KEY_ID=")
    manifest.write_bytes(f"{SECRET_HEAD}# {other}\ndata:\n  AWS_ACCESS_KEY_ID: b2xk\n".encode())
    KubernetesSecret(manifest, "app-aws").deliver(KEY)
    assert f"# {other}\ndata:\n".encode() in manifest.read_bytes()
    profile.write_bytes(f"[ci]\nregion = {other}\naws_access_key_id = x\n".encode())
    if "\r" not in other:  # which AWS's clients do not read
        ProfileFile(profile, "ci").deliver(KEY)
        assert f"region = {other}\n".encode() in profile.read_bytes()


@pytest.mark.parametrize(
    "line",
    [
        "export AWS_ACCESS_KEY_ID=a AWS_REGION=b",
        "AWS_ACCESS_KEY_ID=a; export AWS_ACCESS_KEY_ID",
        "AWS_SESSION_TOKEN=a AWS_REGION=b",
        'AWS_SECRET_ACCESS_KEY="a\\',
    ],
)
def test_a_variable_that_shares_its_line_is_left_alone(tmp_path: Path, line: str) -> None:
    """What else stands there would be lost."""
    path = tmp_path / "app.env"
    path.write_text(f'{line}\nb"\n')
    with pytest.raises(NotDelivered, match="on a line that is not understood"):
        EnvironmentFile(path).deliver(KEY)
    assert path.read_text() == f'{line}\nb"\n'


def test_an_environment_file_is_made_and_a_shell_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "app.env"
    EnvironmentFile(path, "APP_ID", "APP_SECRET").deliver(KEY)
    told = subprocess.run(["sh", "-c", f". {path}; echo $APP_ID $APP_SECRET"], capture_output=True, text=True, check=True).stdout
    assert told.split() == [KEY.access_key_id, SECRET]


# Kubernetes


SECRET_HEAD = "apiVersion: v1\nkind: Secret\nmetadata:\n  name: app-aws\n"
MANIFEST = """\
# deployed by hand
apiVersion: v1
kind: ConfigMap
metadata:
  name: app-aws
data:
  AWS_ACCESS_KEY_ID: not-this-one
---
apiVersion: v1
kind: Secret   # ours
metadata:
  name: "app-aws"
  labels:
    name: something-else
data:
    # base64
    AWS_ACCESS_KEY_ID: b2xk
    other: eA==
    AWS_SESSION_TOKEN: eA==
type: Opaque
"""


def entries(text: str) -> dict[str, str]:
    lines = [line.strip() for line in text.splitlines()]
    return {
        name: base64.b64decode(value).decode() for name, _, value in (line.partition(": ") for line in lines) if name.startswith("AWS_")
    }


def test_a_secret_in_a_manifest_gets_the_key_and_all_else_stays(tmp_path: Path) -> None:
    path = tmp_path / "secret.yaml"
    path.write_text(MANIFEST)
    KubernetesSecret(path, "app-aws").deliver(KEY)
    untouched, _, ours = path.read_text().partition("---\n")
    assert untouched == MANIFEST.partition("---\n")[0]
    assert entries(ours) == {"AWS_ACCESS_KEY_ID": KEY.access_key_id, "AWS_SECRET_ACCESS_KEY": SECRET}
    kept = [line for line in ours.splitlines() if "AWS_" not in line]
    assert kept == [line for line in MANIFEST.partition("---\n")[2].splitlines() if "AWS_" not in line]
    once = path.read_text()
    KubernetesSecret(path, "app-aws").deliver(KEY)
    assert path.read_text() == once


@pytest.mark.parametrize("text", ["", MANIFEST.replace('name: "app-aws"', "name: another")])
def test_a_secret_that_is_not_there_is_made(tmp_path: Path, text: str) -> None:
    path = tmp_path / "secret.yaml"
    path.write_text(text)
    KubernetesSecret(path, "app-aws", "prod").deliver(KEY)
    assert path.read_text().startswith(text)
    made = path.read_text().removeprefix(text).removeprefix("---\n")
    assert made.splitlines()[:6] == ["apiVersion: v1", "kind: Secret", "metadata:", "  name: app-aws", "  namespace: prod", "type: Opaque"]
    assert entries(made) == {"AWS_ACCESS_KEY_ID": KEY.access_key_id, "AWS_SECRET_ACCESS_KEY": SECRET}


@pytest.mark.parametrize(
    "text",
    [
        'kind: Secret\nmetadata:\n  name: app-aws\ndata: {"a": "b"}\n',
        "kind: Secret\nmetadata:\n  name: app-aws\nstringData:\n  AWS_ACCESS_KEY_ID: x\n",
        "kind: Secret\nmetadata:\n  name: app-aws\n---\nkind: Secret\nmetadata:\n  name: app-aws\n",
        SECRET_HEAD + "data:\n  AWS_ACCESS_KEY_ID: >-\n    b2\n    xk\n  other: eA==\n",
        SECRET_HEAD + "data:\n  AWS_SESSION_TOKEN: |\n    b2xk\n",
        SECRET_HEAD + 'data:\n  AWS_ACCESS_KEY_ID: "b2\n    xk"\n',
        SECRET_HEAD + "data:\n  ? AWS_ACCESS_KEY_ID\n  : b2xk\n",
        SECRET_HEAD + '"data":\n  AWS_ACCESS_KEY_ID: b2xk\n',
        "kind: Secret\nmetadata: {name: app-aws}\ndata:\n  AWS_ACCESS_KEY_ID: b2xk\n",
        "kind: List\nitems:\n- kind: Secret\n  metadata:\n    name: app-aws\n",
        '{"kind": "Secret", "metadata": {"name": "app-aws"}}\n',
    ],
    ids=["flow", "strings", "twice", "folded", "token", "quoted", "complex", "quoted block", "metadata", "list", "json"],
)
def test_a_manifest_of_another_style_is_left_alone(tmp_path: Path, text: str) -> None:
    path = tmp_path / "secret.yaml"
    path.write_text(text)
    with pytest.raises(NotDelivered):
        KubernetesSecret(path, "app-aws").deliver(KEY)
    assert path.read_text() == text


# Commands


def python(tmp_path: Path, text: str) -> tuple[str, ...]:
    script = tmp_path / "command.py"
    script.write_text(text)
    return sys.executable, str(script), str(tmp_path / "told")


def test_a_command_gets_the_key_on_its_standard_input_and_nowhere_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AKIA_MASTER_KEY", "the-master-key")
    command = python(
        tmp_path,
        "import json, os, sys\n"
        "told = {'in': json.load(sys.stdin), 'arguments': sys.argv, 'environment': dict(os.environ)}\n"
        "json.dump(told, open(sys.argv[1], 'w'))\n",
    )
    Command(command).deliver(KEY)
    told = json.loads((tmp_path / "told").read_text())
    assert told["in"] == {
        "Version": 1,
        "AccountId": KEY.account,
        "UserName": "ci",
        "AccessKeyId": KEY.access_key_id,
        "SecretAccessKey": SECRET,
        "Replaces": KEY.replaces,
    }
    assert told["arguments"] == list(command[1:])
    assert SECRET not in json.dumps([told["arguments"], told["environment"]])
    assert "AKIA_MASTER_KEY" not in told["environment"]


def test_nt_67_what_a_command_prints_is_told_nowhere(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    command = python(tmp_path, "import sys\ntext = sys.stdin.read()\nprint(text)\nsys.stderr.write(text)\nsys.exit(3)\n")
    with pytest.raises(NotDelivered, match="ended with 3") as caught:
        Command(command).deliver(KEY)
    told = "".join([str(caught.value), caplog.text, *capfd.readouterr(), repr(KEY)])
    assert SECRET not in told


def test_a_command_that_takes_too_long_is_ended_with_all_that_it_has_started(tmp_path: Path) -> None:
    command = python(
        tmp_path,
        "import subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        "open(sys.argv[1], 'w').write(str(child.pid))\n"
        "time.sleep(60)\n",
    )
    with pytest.raises(NotDelivered, match="was not done within 3 seconds"):
        Command(command, 3.0).deliver(KEY)
    child = int((tmp_path / "told").read_text())
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and Path(f"/proc/{child}/stat").exists():
        if Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
            break
        time.sleep(0.02)
    else:
        assert not Path(f"/proc/{child}").exists()


@pytest.mark.parametrize("arguments", [("/nowhere/program",), ("/etc/passwd",), ("/bin/sh\0",)])
def test_a_command_that_cannot_be_started_is_named(arguments: tuple[str, ...]) -> None:
    with pytest.raises(NotDelivered, match="cannot be started"):
        Command(arguments).deliver(KEY)


def test_a_command_that_does_not_read_may_have_done_its_work() -> None:
    Command(("/bin/true",)).deliver(KEY)


# As they are spelled


def test_targets_are_spelled_on_the_command_line(tmp_path: Path) -> None:
    home = tmp_path / "credentials"
    expected: dict[str, Target] = {
        "profile:ci": ProfileFile(home, "ci"),
        "profile:ci@/srv/c": ProfileFile(Path("/srv/c"), "ci"),
        "environment:/srv/a.env": EnvironmentFile(Path("/srv/a.env")),
        "kubernetes:prod/app@/srv/s.yaml": KubernetesSecret(Path("/srv/s.yaml"), "app", "prod"),
        "command:/bin/put 'a b'": Command(("/bin/put", "a b")),
    }
    assert {text: spelled(text, home) for text in expected} == expected
    for wrong in ("", "ci", "profile:", "environment:", "kubernetes:app", "command: ", "ftp:x"):
        with pytest.raises(ValueError, match="is no target"):
            spelled(wrong, home)


FILE = """\
[targets.ci]
kind = "profile"
account = "123456789012"
users = ["ci"]
file = "/srv/credentials"

[targets.app]
kind = "environment"
account = "123456789012"
users = ["app", "ci"]
file = "/srv/app.env"

[targets.k8s]
kind = "kubernetes"
account = "111122223333"
users = ["ci"]
file = "/srv/secret.yaml"
name = "app-aws"

[targets.vault]
kind = "command"
account = "123456789012"
users = ["app"]
command = ["/usr/local/bin/put-key", "--quiet"]
seconds = 5
"""


def written(tmp_path: Path, text: str, permissions: int = 0o600) -> Path:
    path = tmp_path / "targets.toml"
    path.write_text(text)
    path.chmod(permissions)
    return path


def test_the_file_of_targets_says_which_there_are_and_whose_keys_they_take(tmp_path: Path) -> None:
    targets = read_targets(written(tmp_path, FILE))
    assert [each.name for each in targets.of("123456789012")] == ["app", "ci", "vault"]
    assert targets.for_user("123456789012", "ci") == ["app", "ci"]
    found = targets.get("vault", "123456789012", "app")
    assert found is not None and found.target == Command(("/usr/local/bin/put-key", "--quiet"), 5.0)
    assert targets.get("vault", "123456789012", "ci") is None
    assert targets.get("ci", "111122223333", "ci") is None
    assert targets.get("none", "123456789012", "ci") is None


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('kind = "profile"', 'kind = "ftp"', "kind must be one of"),
        ('account = "123456789012"', 'account = "1"', "needs a proper account"),
        ('users = ["ci"]', "users = []", "users must be names"),
        ('users = ["ci"]', 'users = ["*"]', "users must be names"),
        ('file = "/srv/credentials"', 'file = "credentials"', "must be a whole path"),
        ('file = "/srv/credentials"', 'file = "/srv/credentials"\nmode = "0644"', "has no 'mode'"),
        ('["/usr/local/bin/put-key", "--quiet"]', '["put-key"]', "must begin with the whole path"),
        ("seconds = 5", "seconds = 6000", "seconds must be a number"),
        ("[targets.ci]", "[targets.'a b']", "with a name of letters"),
        ("[targets.ci]", "[target.ci]", "expected nothing but tables"),
        ("[targets.ci]", "[targets.ci", "is no TOML"),
    ],
)
def test_nt_95_what_the_file_says_wrongly_stops_the_start(tmp_path: Path, old: str, new: str, told: str) -> None:
    with pytest.raises(TargetsError, match=told):
        read_targets(written(tmp_path, FILE.replace(old, new, 1)))


@pytest.mark.parametrize("permissions", [0o620, 0o602, 0o666])
def test_a_file_that_others_can_write_is_refused(tmp_path: Path, permissions: int) -> None:
    """They could have any command run as akia."""
    with pytest.raises(TargetsError, match="others can write"):
        read_targets(written(tmp_path, FILE, permissions))


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(TargetsError, match="cannot be read"):
        read_targets(tmp_path / "none")
