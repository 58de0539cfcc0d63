"""The first start makes everything and tells how to use it; later ones find it."""

from __future__ import annotations

import configparser
import json
import re
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ASK = "import boto3; print(boto3.client('sts').get_caller_identity()['Arn'])"


@pytest.fixture(scope="module")
def served(shared_home: Any) -> Any:
    """A first start, under the umask that keeps nobody out."""
    return shared_home.up(umask=0)


@pytest.mark.covers("I2.program.first_start")
def test_the_first_start_tells_endpoint_account_and_the_one_line_and_the_line_works(served: Any, shared_home: Any) -> None:
    assert re.search(r"answers at http://127\.0\.0\.1:\d+\n", served.said)
    assert re.search(r"account +\d{12}, made just now, with the user administrator", served.said)
    line = next(line.strip() for line in served.said.splitlines() if line.strip().startswith("export "))
    # a profile of the same name in the user's own files must not win
    (shared_home.path / ".aws").mkdir()
    (shared_home.path / ".aws" / "credentials").write_text("[akia]\naws_access_key_id = AKIAOTHER\naws_secret_access_key = other\n")
    command = ["sh", "-c", f'{line}\nexec {sys.executable} -c "{ASK}"']
    arn = subprocess.run(command, env=shared_home.environment(), capture_output=True, text=True, check=True).stdout.strip()
    assert re.fullmatch(r"arn:aws:iam::\d{12}:user/administrator", arn)


def test_nt_95_the_banner_states_what_is_enforced(served: Any) -> None:
    for line in (
        r"signatures +verified on every request",
        r"policies +evaluated on every request",
        r"events +recorded for every call, refused ones included",
        r"transport +loopback only, without TLS",
        r"master key +in the file /.+/config/akia/keys/[0-9a-f]{16}\.key",
    ):
        assert re.search(line, served.said), line


def test_nt_68_under_umask_0_nobody_else_can_read_anything_that_was_made(served: Any, shared_home: Any) -> None:
    shared_home.client("iam").list_users()  # models are prepared, a journal is written
    made = [shared_home.data, *shared_home.data.rglob("*"), shared_home.keys, *shared_home.keys.rglob("*")]
    assert {path.name for path in made} >= {"data", "akia.db", "akia.json", "profile", "feed", "lock", "journal", "keys"}
    assert [str(path) for path in made if stat.S_IMODE(path.stat().st_mode) & 0o077] == []


@pytest.mark.covers("I2.program.no_secrets", "NT-67")
def test_no_secret_is_printed_or_logged(served: Any, shared_home: Any) -> None:
    secret = shared_home.profile()["aws_secret_access_key"]
    master_key = next(shared_home.keys.iterdir()).read_text().strip()
    said = served.said + served.log.read_text()
    assert len(secret) == 40
    assert secret not in said
    assert master_key not in said


def test_the_founding_is_on_record(served: Any, shared_home: Any) -> None:
    founding = [event for event in shared_home.events() if event["eventType"] == "AwsServiceEvent"]
    assert sorted(event["eventName"] for event in founding) == ["CreateAccessKey", "CreateAccount", "CreateUser"]
    assert {json.dumps(event["userIdentity"]) for event in founding} == {'{"type": "AWSService", "invokedBy": "akia init"}'}
    made = next(event for event in founding if event["eventName"] == "CreateAccessKey")
    assert made["requestParameters"] == {"userName": "administrator"}
    assert made["responseElements"]["accessKey"]["accessKeyId"] == shared_home.profile()["aws_access_key_id"]
    assert "secretAccessKey" not in json.dumps(founding)


@pytest.mark.covers("I2.program.profile")
def test_the_users_own_files_are_not_touched(home: Any) -> None:
    assert home.run("init", "--data", str(home.data)).code == 0
    assert not (home.path / ".aws").exists()
    assert stat.S_IMODE((home.data / "profile").stat().st_mode) == 0o600


@pytest.mark.covers("I2.program.commands")
def test_init_makes_what_up_then_finds(home: Any) -> None:
    made = home.run("init", "--data", str(home.data), "--account", "210987654321")
    assert made.code == 0
    assert "210987654321, made just now" in made.out
    profile = home.profile()
    again = home.run("init", "--data", str(home.data))
    assert (again.code, "made just now" in again.out) == (0, False)
    served = home.up()
    assert re.search(r"account +210987654321, found in the data directory\n", served.said)
    # the key is the same, the endpoint the one that is served now
    assert home.profile() == profile | {"endpoint_url": served.endpoint}
    assert home.client("sts").get_caller_identity()["Account"] == "210987654321"


def test_another_account_is_not_put_into_a_data_directory(home: Any) -> None:
    assert home.run("init", "--data", str(home.data), "--account", "210987654321").code == 0
    refused = home.run("init", "--data", str(home.data), "--account", "210987654322")
    assert refused.code == 1
    assert "holds the account 210987654321" in refused.err


def test_a_first_start_that_was_interrupted_is_completed_by_the_next(home: Any) -> None:
    home.data.mkdir()
    (home.data / "akia.json").write_text('{"id": "00112233445566ff", "account": "210987654321"}')
    assert "210987654321, made just now" in home.run("init", "--data", str(home.data)).out


@pytest.mark.covers("I2.program.profile")
def test_the_profile_is_added_to_the_users_own_files_only_when_asked_and_changes_nothing_there(home: Any) -> None:
    aws = home.path / ".aws"
    aws.mkdir()
    before = "# mine\n[default]\nregion = eu-west-1\n"
    (aws / "config").write_text(before)
    assert home.run("init", "--data", str(home.data), "--write-profile").code == 0
    assert (aws / "config").read_text().startswith(before)
    config, credentials = configparser.ConfigParser(), configparser.ConfigParser(interpolation=None)
    config.read(aws / "config")
    credentials.read(aws / "credentials")
    assert config["profile akia"]["endpoint_url"] == "http://127.0.0.1:2542"
    assert credentials["akia"]["aws_access_key_id"] == home.profile()["aws_access_key_id"]
    assert [stat.S_IMODE((aws / name).stat().st_mode) for name in ("config", "credentials")] == [0o600, 0o600]


@pytest.mark.parametrize(("file", "title"), [("config", "profile mine"), ("credentials", "mine")])
def test_a_profile_of_the_users_is_never_overwritten(home: Any, file: str, title: str) -> None:
    aws = home.path / ".aws"
    aws.mkdir()
    (aws / file).write_text(f"[{title}]\nregion = eu-west-1\n")
    refused = home.run("init", "--data", str(home.data), "--write-profile=mine")
    assert (refused.code, refused.is_readable_error) == (1, True)
    assert "has a profile mine already" in refused.err
    assert (aws / file).read_text() == f"[{title}]\nregion = eu-west-1\n"
    assert not (home.data / "akia.json").exists()


def test_nt_91_no_setting_lets_unknown_keys_pass_and_sources_hold_no_key_pair(served: Any, shared_home: Any) -> None:
    sources = Path(__file__).parents[2] / "src" / "akia"
    text = "\n".join(path.read_text() for path in sources.rglob("*.py"))
    assert re.findall(r"\b(?:AKIA|ASIA)[A-Z2-7]{16}\b", text) == []
    assert [found for found in re.findall(r"""["'][A-Za-z0-9/+]{40}["']""", text) if re.search("[0-9/+]", found)] == []  # names have none
    import boto3
    from botocore.exceptions import ClientError

    for key_id in ("test", "test1", "root", "admin", "123456789012", "AKIAIOSFODNN7EXAMPLE"):
        session: Any = boto3.Session(key_id, "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", region_name="us-east-1")
        with pytest.raises(ClientError) as caught:
            session.client("sts", endpoint_url=served.endpoint).get_caller_identity()
        assert caught.value.response["Error"]["Code"] == "InvalidClientTokenId"


@pytest.mark.covers("I2.program.profile")
def test_profiles_that_somebody_adds_to_the_file_stay_when_the_endpoint_changes(home: Any) -> None:
    assert home.run("init", "--data", str(home.data), "--port", "2600").code == 0
    path = home.data / "profile"
    mine = "[profile alice]\nregion = eu-west-1\ns3 =\n    addressing_style = path\n\n[alice]\naws_access_key_id = AKIAX\n"
    path.write_text(f"# a remark\n{path.read_text()}\n{mine}")
    kept = path.read_text()
    assert home.run("init", "--data", str(home.data), "--port", "2600").code == 0
    assert path.read_text() == kept
    assert home.run("init", "--data", str(home.data), "--port", "2601").code == 0
    parser = configparser.ConfigParser(interpolation=None)
    parser.read(path)
    assert parser["profile akia"]["endpoint_url"] == "http://127.0.0.1:2601"
    assert (parser["profile alice"]["region"], parser["alice"]["aws_access_key_id"]) == ("eu-west-1", "AKIAX")
    assert "addressing_style = path" in parser["profile alice"]["s3"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_profile_that_cannot_be_read_is_not_called_somebody_elses(home: Any) -> None:
    assert home.run("init", "--data", str(home.data)).code == 0
    (home.data / "profile").unlink()
    (home.data / "profile").mkdir()
    refused = home.run("limits", "list", "--data", str(home.data))
    assert (refused.code, refused.is_readable_error) == (1, True)
    assert f"{home.data / 'profile'} cannot be read: Is a directory" in refused.err
