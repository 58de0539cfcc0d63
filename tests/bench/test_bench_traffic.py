from __future__ import annotations

import calendar
import itertools
import random
import re
import time
from collections import Counter
from urllib.parse import parse_qs

import pytest
from bench.cases import GET_USER, LIST_USERS, replace_keys
from bench.load import Conversation, next_request
from bench.population import POLICY, create, key_in
from bench.signing import Credential, Scope
from bench.traffic import Traffic, form

SCOPE = Scope("iam", "127.0.0.1:2542")
KEYS = [Credential(f"AKIA{number:016d}", f"secret-{number}", f"user-{number}") for number in range(50)]
ANSWER = b"<AccessKey><AccessKeyId>AKIANEW</AccessKeyId><SecretAccessKey>s3cr3t/+</SecretAccessKey></AccessKey>"


def traffic(seed: int = 1) -> Traffic:
    return Traffic(SCOPE, KEYS, GET_USER.body, random.Random(seed))


def signer(request: bytes) -> str:
    found = re.search(rb"Credential=(\w+)/", request)
    assert found
    return found[1].decode()


def asked(request: bytes) -> dict[str, str]:
    """The parameters in a request's body."""
    return {name: values[0] for name, values in parse_qs(request.partition(b"\r\n\r\n")[2].decode()).items()}


@pytest.mark.covers("I2.bench.requests")
def test_no_two_requests_and_no_two_signatures_are_equal() -> None:
    requests = traffic().drawn(5000) + traffic().drawn(5000) + traffic().once_each()
    assert len(set(requests)) == len(requests)
    assert len({request.partition(b"Signature=")[2][:64] for request in requests}) == len(requests)


@pytest.mark.covers("I2.bench.requests")
def test_keys_are_drawn_uniformly_from_the_whole_population() -> None:
    count = 20_000
    seen = Counter(map(signer, traffic().drawn(count)))
    expected = count / len(KEYS)
    chi_square = sum((seen[key.access_key_id] - expected) ** 2 / expected for key in KEYS)
    assert 23 < chi_square < 86  # 49 degrees of freedom, one in a thousand on each side; the seed is fixed


def test_draws_do_not_depend_on_the_draw_before() -> None:
    drawn = list(map(signer, traffic().drawn(20_000)))
    again = sum(one == two for one, two in itertools.pairwise(drawn))
    assert 300 < again < 500  # one in fifty


def test_once_each_asks_with_every_key_once_in_no_order() -> None:
    order = list(map(signer, traffic().once_each()))
    assert sorted(order) == [key.access_key_id for key in KEYS]
    assert order != sorted(order)


def test_dates_lie_well_within_the_fifteen_minutes_of_sv3() -> None:
    dates = [re.search(rb"X-Amz-Date: (\w+)", request) for request in traffic().drawn(500)]
    seconds = {calendar.timegm(time.strptime(date[1].decode(), "%Y%m%dT%H%M%SZ")) for date in dates if date}
    assert len(seconds) > 50
    assert all(abs(second - time.time()) < 10 * 60 for second in seconds)


def test_each_key_asks_for_its_own_user() -> None:
    by_id = {key.access_key_id: key for key in KEYS}
    for request in traffic().drawn(100):
        assert asked(request) == {"Action": "GetUser", "Version": "2010-05-08", "UserName": by_id[signer(request)].user}


def test_list_users_asks_for_all_thousand() -> None:
    assert parse_qs(LIST_USERS.body(KEYS[0]).decode())["MaxItems"] == ["1000"]


def test_form_encodes_what_is_not_unreserved() -> None:
    assert form("sts", "X", Name="a b&c") == b"Action=X&Version=2011-06-15&Name=a+b%26c"


def test_a_user_is_made_with_policy_and_key() -> None:
    made: list[Credential] = []
    conversation = create(traffic(), KEYS[0], iter(["zed"]), made, keys=True)
    requests = [asked(next(conversation)), asked(conversation.send(b"")), asked(conversation.send(b""))]
    assert [request["Action"] for request in requests] == ["CreateUser", "PutUserPolicy", "CreateAccessKey"]
    assert {request["UserName"] for request in requests} == {"zed"}
    assert requests[1]["PolicyDocument"] == POLICY
    assert answered(conversation, ANSWER) is None
    assert made == [Credential("AKIANEW", "s3cr3t/+", "zed")]


def test_a_user_without_a_key_is_one_call() -> None:
    conversation = create(traffic(), KEYS[0], iter(["one", "two"]), [], keys=False)
    assert asked(next(conversation))["UserName"] == "one"
    assert asked(conversation.send(b""))["UserName"] == "two"
    assert answered(conversation, b"") is None


def test_each_owner_deletes_the_key_that_it_was_given_before_the_next_turn() -> None:
    conversation = replace_keys(traffic(), KEYS[:2], until=time.perf_counter() + 3600)
    made, deleted = next(conversation), conversation.send(ANSWER)
    assert signer(made) == signer(deleted) == KEYS[0].access_key_id
    assert asked(deleted)["AccessKeyId"] == "AKIANEW"
    assert signer(conversation.send(b"")) == KEYS[1].access_key_id


def test_when_time_is_up_the_key_is_still_deleted_and_nothing_more_asked() -> None:
    assert next(replace_keys(traffic(), KEYS, until=time.perf_counter() - 1), None) is None


def test_an_answer_without_a_key_is_refused() -> None:
    with pytest.raises(ValueError, match="no key"):
        key_in(b"<Error/>", "zed")


def answered(conversation: Conversation, body: bytes) -> bytes | None:
    """The next request after an answer, None when the conversation is over."""
    head = b"HTTP/1.1 200 OK\r\n\r\n"
    return next_request(conversation, head + body, len(head) - 4)
