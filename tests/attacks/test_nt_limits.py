"""NT-74: nobody gains a fresh allowance by another spelling, key, session, address or clock, and nobody takes that of others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.config import Config
from tests.attacks.signer import FORM, HOST, Signer, form
from tests.limiting import Clock, granted, stopped
from tests.openid import Issuer, known_to, role, trusting

from akia.http.addresses import Proxies
from akia.store.founding import KeyPair
from akia.wire import HttpRequest

if TYPE_CHECKING:
    from tests.conftest import World

ONCE = Config(retries={"total_max_attempts": 1})
EVERYTHING = {"Action": "*"}


@pytest.fixture
def clock(akia: World) -> Clock:
    return stopped(akia)


@pytest.fixture
def own(akia: World, clock: Clock) -> Any:
    return akia.client("akia", config=ONCE)


def who_am_i(akia: World, key: KeyPair, tries: int, token: str | None = None) -> int:
    """How many of so many GetCallerIdentity calls go through."""
    return granted(akia.client("sts", key, token=token, config=ONCE).get_caller_identity, tries)


def pair(credentials: dict[str, Any]) -> tuple[KeyPair, str]:
    return KeyPair(credentials["AccessKeyId"], credentials["SecretAccessKey"]), credentials["SessionToken"]


# Spellings


def test_nt_74_every_spelling_of_an_action_has_one_allowance(akia: World, own: Any) -> None:
    own.put_limit(Scope="ACCOUNT_OPERATION", Action="sts:GetCallerIdentity", Rate=0.001, Burst=5)
    signer = Signer.of(akia.root)
    escaped = HttpRequest(b"POST", b"/", b"", [HOST, FORM], b"Version=2011-06-15&Action=%47et%43aller%49dentity")
    requests = [
        signer.header(form("GetCallerIdentity", "sts"), "sts"),
        signer.header(escaped, "sts"),
        signer.query({"Action": "GetCallerIdentity"}, "sts"),
        signer.header(HttpRequest(b"GET", b"/", b"Action=GetCallerIdentity&Version=2011-06-15", [HOST], b""), "sts"),
        signer.header(form("GetCallerIdentity", "sts", Ignored="x"), "sts", region="eu-west-1"),
        signer.header(form("GetCallerIdentity", "sts"), "sts", region="mars-1"),
    ]
    statuses = [akia.answer(request).status for request in requests]
    assert statuses == [200, 200, 200, 200, 200, 400]
    others = ("getcalleridentity", "GetCallerIdentity\u200b", "GetCallerIdentity ")
    assert all(b"<Code>InvalidAction" in akia.answer(signer.header(form(name, "sts"), "sts")).body for name in others)


def test_nt_74_another_region_is_no_other_allowance(akia: World, own: Any) -> None:
    own.put_limit(Scope="ACCOUNT_OPERATION", Action="sts:*", Rate=3)
    clients = [akia.client("sts", region=region, config=ONCE) for region in ("us-east-1", "eu-west-1", "ap-south-1", "sa-east-1")]
    assert sum(granted(client.get_caller_identity, 3) for client in clients) == 3


# Keys, sessions, principals


@pytest.mark.covers("I6.limits.fair")
def test_nt_74_one_key_cannot_use_up_that_of_others(akia: World, clock: Clock, own: Any) -> None:
    """By the account's limit: who calls without pause leaves the last of it to those who call now and then."""
    greedy, modest = akia.person("greedy"), akia.person("modest")
    own.put_limit(Scope="ACCOUNT_OPERATION", Action="sts:GetCallerIdentity", Rate=10)
    through = {"greedy": 0, "modest": 0}
    for step in range(60):
        clock.now += 0.05
        through["greedy"] += who_am_i(akia, greedy.key, 3)
        if step % 20 == 0:
            through["modest"] += who_am_i(akia, modest.key, 1)
    assert through["modest"] == 3
    assert 36 <= sum(through.values()) <= 41, "three seconds, and the burst"


def test_nt_74_who_is_stopped_by_its_own_limit_takes_nothing_of_the_accounts(akia: World, clock: Clock, own: Any) -> None:
    greedy, other = akia.person("greedy"), akia.person("other")
    own.put_limit(Scope="ACCOUNT_OPERATION", Action="sts:GetCallerIdentity", Rate=0.001, Burst=10)
    own.put_limit(Scope="KEY", Subject=greedy.key.access_key_id, Rate=0.001, Burst=2)
    assert who_am_i(akia, greedy.key, 50) == 2
    assert who_am_i(akia, other.key, 50) == 8


def test_nt_74_new_sessions_of_a_role_are_no_fresh_allowance(akia: World, own: Any) -> None:
    ann = akia.person("ann", EVERYTHING)
    arn = role(akia, "worker", {"Effect": "Allow", "Principal": {"AWS": ann.arn}, "Action": "sts:AssumeRole"})
    own.put_limit(Scope="PRINCIPAL", Subject=arn, Rate=0.001, Burst=4)
    through = 0
    for number in range(4):
        made = ann.client("sts").assume_role(RoleArn=arn, RoleSessionName=f"session-{number}")["Credentials"]
        through += who_am_i(akia, *_of(made, 3))
    assert through == 4


def test_nt_74_new_sessions_of_a_user_are_no_fresh_allowance(akia: World, own: Any) -> None:
    ann = akia.person("ann", EVERYTHING)
    sessions = [ann.client("sts").get_session_token()["Credentials"] for _ in range(3)]
    sessions += [ann.client("sts").get_federation_token(Name=f"name-{number}")["Credentials"] for number in range(3)]
    own.put_limit(Scope="KEY", Rate=3)
    assert sum(who_am_i(akia, *_of(made, 2)) for made in sessions) == 3, "all sessions of one principal count as one key"
    own.put_limit(Scope="PRINCIPAL", Subject=ann.arn, Rate=0.001, Burst=1)
    own.delete_limit(Scope="KEY")
    assert sum(who_am_i(akia, *_of(made, 2)) for made in sessions) + who_am_i(akia, ann.key, 2) == 1


def test_nt_74_a_second_key_is_no_fresh_allowance_of_the_user(akia: World, own: Any) -> None:
    ann = akia.person("ann")
    made = akia.client("iam").create_access_key(UserName="ann")["AccessKey"]
    own.put_limit(Scope="PRINCIPAL", Subject=ann.arn, Rate=3)
    second = KeyPair(made["AccessKeyId"], made["SecretAccessKey"])
    assert who_am_i(akia, ann.key, 2) + who_am_i(akia, second, 5) == 3


def test_nt_74_bearers_of_one_provider_share_what_they_have(akia: World, own: Any) -> None:
    issuer = Issuer()
    arn = role(akia, "ci", trusting(known_to(akia, issuer)))
    own.put_limit(Scope="PRINCIPAL", Rate=0.001, Burst=3)
    take = akia.client("sts", config=ONCE).assume_role_with_web_identity
    through = [
        granted(take, 1, RoleArn=arn, RoleSessionName="ci", WebIdentityToken=issuer.token(sub=f"job-{number}")) for number in range(5)
    ]
    assert sum(through) == 3


# Addresses


def test_nt_74_an_address_of_ones_own_invention_is_no_fresh_allowance(akia: World, own: Any) -> None:
    """X-Forwarded-For of nobody that was declared is not believed: it is the peer that counts."""
    own.put_limit(Scope="ADDRESS", Rate=0.001, Burst=2)
    signer, proxies = Signer.of(akia.root), Proxies()
    statuses = []
    for number in range(5):
        request = signer.header(form("GetCallerIdentity", "sts"), "sts")
        headers = [*request.headers, (b"x-forwarded-for", b"8.8.8.%d" % number), (b"forwarded", b"for=8.8.8.%d" % number)]
        origin, _ = proxies.origin("203.0.113.9", "http", headers)
        assert origin is not None
        akia.source_ip = origin
        statuses.append(akia.answer(request._replace(headers=headers)).status)
    assert statuses == [200, 200, 400, 400, 400]


def test_nt_74_addresses_of_one_ipv6_network_share_what_they_have(akia: World, own: Any) -> None:
    own.put_limit(Scope="ADDRESS", Rate=0.001, Burst=2)
    through = 0
    for number in range(5):
        akia.source_ip = f"2001:db8:0:1:{number}::1"
        through += who_am_i(akia, akia.root, 1)
    assert through == 2
    akia.source_ip = "2001:db8:0:2::1"
    assert who_am_i(akia, akia.root, 1) == 1


def test_the_limit_of_one_ipv6_address_is_that_of_its_network(akia: World, own: Any) -> None:
    """They have one bucket, which cannot have two limits."""
    own.put_limit(Scope="ADDRESS", Rate=0.001, Burst=9)
    own.put_limit(Scope="ADDRESS", Subject="2001:db8:0:1::7", Rate=0.001, Burst=3)
    akia.source_ip = "2001:db8:0:1::8"
    assert who_am_i(akia, akia.root, 9) == 3


def test_each_address_has_its_own_and_a_network_may_have_another(akia: World, own: Any) -> None:
    own.put_limit(Scope="ADDRESS", Rate=0.001, Burst=4)
    own.put_limit(Scope="ADDRESS", Subject="203.0.113.0/24", Rate=0.001, Burst=2)
    found = []
    for address in ("198.51.100.1", "198.51.100.2", "203.0.113.1", "203.0.113.2"):
        akia.source_ip = address
        found.append(who_am_i(akia, akia.admin, 1) + who_am_i(akia, akia.root, 9))
    assert found == [4, 4, 2, 2]


# Clocks


def test_nt_74_setting_a_clock_back_resets_nothing(akia: World, clock: Clock, own: Any) -> None:
    ann = akia.person("ann")
    own.put_limit(Scope="KEY", Subject=ann.key.access_key_id, Rate=1, Burst=5)
    assert who_am_i(akia, ann.key, 9) == 5
    clock.now -= 900
    assert who_am_i(akia, ann.key, 9) == 0
    clock.now += 902
    assert who_am_i(akia, ann.key, 9) == 2


# Effects


def test_nt_74_who_is_turned_away_has_changed_nothing(akia: World, own: Any) -> None:
    own.put_limit(Scope="ACCOUNT_OPERATION", Action="iam:CreateUser", Rate=0.001)
    iam = akia.client("iam", config=ONCE)
    assert granted(iam.create_user, 1, UserName="one") == 1
    generation = akia.akia.store.changes.latest()
    assert granted(iam.create_user, 3, UserName="two") == 0
    assert akia.akia.store.changes.latest() == generation
    assert {user["UserName"] for user in iam.list_users()["Users"]} == {"administrator", "one"}


def test_nt_74_no_refusal_tells_a_secret(akia: World, own: Any) -> None:
    own.put_limit(Scope="KEY", Rate=0.001)
    answer = [akia.answer(Signer.of(akia.root).header(form("GetCallerIdentity", "sts"), "sts")) for _ in range(2)][1]
    assert answer.status == 400
    text = answer.body + b"".join(value for _, value in answer.headers)
    assert akia.root.secret_access_key.encode() not in text


def _of(credentials: dict[str, Any], tries: int) -> tuple[KeyPair, int, str]:
    key, token = pair(credentials)
    return key, tries, token
