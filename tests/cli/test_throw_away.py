"""A throw-away akia for test suites: one line of JSON, the same checks as everywhere, a reset, and no trace."""

from __future__ import annotations

import http.client
import json
import signal
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

ONE_TRY = Config(retries={"max_attempts": 1, "mode": "standard"})


def client(told: dict[str, Any], service: str, who: str = "root", token: str | None = None) -> Any:
    pair = told[who]
    session: Any = boto3.Session(pair["access_key_id"], pair["secret_access_key"], token, region_name="us-east-1")
    return session.client(service, endpoint_url=told["endpoint"], config=ONE_TRY)


def request(method: str, url: str) -> tuple[int, bytes]:
    target = urlsplit(url)
    connection = http.client.HTTPConnection(str(target.hostname), target.port, timeout=30)
    try:
        connection.request(method, target.path)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def reset(told: dict[str, Any]) -> dict[str, Any]:
    status, body = request("POST", told["reset_url"])
    assert status == 200
    answer: dict[str, Any] = json.loads(body)
    return answer


def code(call: Any, **parameters: Any) -> str:
    with pytest.raises(ClientError) as caught:
        call(**parameters)
    return str(caught.value.response["Error"]["Code"])


@pytest.fixture(scope="module")
def served(shared_home: Any) -> Any:
    return shared_home.up("--ephemeral", "--json")


@pytest.fixture
def told(served: Any) -> dict[str, Any]:
    """What the reset has told: an empty account."""
    return reset(served.told)


@pytest.mark.covers("I2.ephemeral.json", "NT-91")
def test_nt_91_one_line_of_json_tells_a_random_pair_each_time(home: Any) -> None:
    seen = []
    for _ in range(2):
        served = home.up("--ephemeral", "--json")
        assert served.said.count("\n") == 1
        assert set(served.told) == {"endpoint", "account_id", "root", "admin", "reset_url"}
        assert set(served.told["root"]) == set(served.told["admin"]) == {"access_key_id", "secret_access_key"}
        assert served.told["account_id"] == "123456789012"
        assert client(served.told, "sts").get_caller_identity()["Arn"] == "arn:aws:iam::123456789012:root"
        assert client(served.told, "sts", "admin").get_caller_identity()["Arn"] == "arn:aws:iam::123456789012:user/administrator"
        seen += [served.told["root"]["secret_access_key"], served.told["admin"]["secret_access_key"], served.told["reset_url"]]
        assert served.log.read_text() == ""
        assert served.stop() == 0
    assert len(set(seen)) == 6


def test_without_json_a_throw_away_akia_tells_no_secret_either(home: Any) -> None:
    served = home.up("--ephemeral", "--account", "210987654321")
    assert "210987654321" in served.said
    assert "gone when it ends" in served.said
    profile = next((home.path / "tmp").glob("akia-*/profile")).read_text()
    secrets = [line.split(" = ")[1] for line in profile.splitlines() if line.startswith("aws_secret_access_key")]
    assert len(secrets) == 2
    assert not any(secret in served.said for secret in secrets)


@pytest.mark.covers("I2.ephemeral.up")
def test_the_same_checks_are_made(served: Any, told: dict[str, Any]) -> None:
    forged = told | {"root": told["root"] | {"secret_access_key": "x" * 40}}
    assert code(client(forged, "sts").get_caller_identity) == "SignatureDoesNotMatch"
    status, body = request("POST", told["endpoint"] + "/")
    assert (status, b"MissingAuthenticationToken" in body) == (403, True)
    iam = client(told, "iam")
    iam.create_user(UserName="alice")
    made = iam.create_access_key(UserName="alice")["AccessKey"]
    alice = told | {"root": {"access_key_id": made["AccessKeyId"], "secret_access_key": made["SecretAccessKey"]}}
    assert code(client(alice, "iam").list_users) == "AccessDenied"
    events = client(told, "cloudtrail").lookup_events(LookupAttributes=[{"AttributeKey": "Username", "AttributeValue": "alice"}])
    assert [json.loads(event["CloudTrailEvent"])["errorCode"] for event in events["Events"]] == ["AccessDenied"]


@pytest.mark.covers("I2.ephemeral.up")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_nothing_is_left_when_it_ends(home: Any, number: signal.Signals) -> None:
    served = home.up("--ephemeral", "--json")
    assert len(list((home.path / "tmp").iterdir())) == 1
    assert served.stop(number) == 0
    assert list((home.path / "tmp").iterdir()) == []
    assert not home.keys.exists()


@pytest.mark.covers("I2.ephemeral.up")
def test_the_worker_ends_and_cleans_up_when_its_parent_is_killed(home: Any, eventually: Any) -> None:
    served = home.up("--ephemeral", "--json")
    workers = served.workers
    served.process.kill()
    served.process.wait()
    eventually(lambda: not any(Path(f"/proc/{pid}").exists() for pid in workers))
    assert list((home.path / "tmp").iterdir()) == []


@pytest.mark.covers("I2.ephemeral.reset")
def test_a_reset_leaves_an_empty_account_and_tells_a_new_root_pair_only(served: Any, told: dict[str, Any]) -> None:
    iam = client(told, "iam")
    iam.create_user(UserName="alice")
    iam.create_role(RoleName="r", AssumeRolePolicyDocument='{"Version":"2012-10-17","Statement":[]}')
    again = reset(told)
    assert set(again) == {"endpoint", "account_id", "root", "reset_url"}
    assert {name: again[name] for name in ("endpoint", "account_id", "reset_url")} == {
        name: told[name] for name in ("endpoint", "account_id", "reset_url")
    }
    assert again["root"]["access_key_id"] != told["root"]["access_key_id"]
    assert code(iam.list_users) == "InvalidClientTokenId"
    iam = client(again, "iam")
    assert iam.list_users()["Users"] == []
    assert iam.list_roles()["Roles"] == []
    iam.create_user(UserName="alice")
    iam.attach_user_policy(UserName="alice", PolicyArn="arn:aws:iam::aws:policy/ReadOnlyAccess")


@pytest.mark.covers("I2.ephemeral.reset")
def test_old_events_do_not_reappear_after_a_reset(told: dict[str, Any]) -> None:
    iam = client(told, "iam")
    for _ in range(3):
        iam.list_users()  # in the journal, not yet indexed
    iam.create_user(UserName="alice")
    again = reset(told)
    names = {event["EventName"] for event in client(again, "cloudtrail").lookup_events()["Events"]}
    time.sleep(1.2)  # the indexer's next round
    names |= {event["EventName"] for event in client(again, "cloudtrail").lookup_events()["Events"]}
    assert names <= {"LookupEvents"}


@pytest.mark.covers("I2.ephemeral.reset")
def test_a_session_of_the_root_user_ends_with_a_reset(told: dict[str, Any]) -> None:
    made = client(told, "sts").get_session_token()["Credentials"]
    session = told | {"root": {"access_key_id": made["AccessKeyId"], "secret_access_key": made["SecretAccessKey"]}}
    sts = client(session, "sts", token=made["SessionToken"])
    assert sts.get_caller_identity()["Arn"].endswith(":root")
    reset(told)
    assert code(sts.get_caller_identity) == "InvalidClientTokenId"


@pytest.mark.covers("I2.ephemeral.reset")
def test_refusals_of_an_earlier_test_do_not_throttle_or_hide_those_of_the_next(told: dict[str, Any]) -> None:
    for _ in range(3):
        for _ in range(150):
            assert request("POST", told["endpoint"] + "/")[0] == 403
        told = reset(told)
    request("POST", told["endpoint"] + "/")
    assert [event["EventName"] for event in client(told, "cloudtrail").lookup_events()["Events"]] == ["UnknownOperation"]


@pytest.mark.covers("I2.ephemeral.reset_only_there", "NT-47")
def test_nt_47_only_the_exact_secret_path_resets_and_only_by_post(told: dict[str, Any]) -> None:
    url = told["reset_url"]
    assert len(url.rsplit("/", 1)[1]) >= 43  # 256 bits
    assert request("GET", url)[0] == 405
    for guess in (url[:-1], url + "x", url[:-1] + ("A" if url[-1] != "A" else "B"), url.rsplit("/", 1)[0] + "/", url + "/"):
        status, body = request("POST", guess)
        assert (status, b"Exception" in body or b"Error" in body) in {(403, True), (404, True), (400, True)}
    assert client(told, "sts").get_caller_identity()["Account"] == told["account_id"]


def test_the_token_is_in_neither_arguments_nor_environment(served: Any) -> None:
    token = served.told["reset_url"].rsplit("/", 1)[1].encode()
    for pid in [served.process.pid, *served.workers]:
        assert token not in Path(f"/proc/{pid}/cmdline").read_bytes()
        assert token not in Path(f"/proc/{pid}/environ").read_bytes()


def test_a_throw_away_akia_has_one_worker_whatever_the_environment_says(home: Any) -> None:
    served = home.up("--ephemeral", "--json", AKIA_WORKERS="3", AKIA_DATA=str(home.data))
    assert len(served.workers) == 1
    assert not home.data.exists()
    assert not (home.path / "share").exists()
