from __future__ import annotations

import asyncio
import os
from typing import Any

import pytest
from bench.contenders import KEYED, USERS
from bench.crowd import Crowd
from bench.figures import Results
from bench.floor import BODY, application
from bench.load import LoadError, answer_length
from bench.suite import reported

from akia.aws.ids import account_of
from bench import process

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"


def length(received: bytes, *, closed: bool = False) -> int | None:
    return answer_length(received, received.find(b"\r\n\r\n"), closed=closed)


@pytest.mark.parametrize("answer", [ANSWER, ANSWER.replace(b"Content-Length", b"content-length"), CHUNKED])
def test_an_answer_is_complete_at_its_last_byte_and_not_before(answer: bytes) -> None:
    assert length(answer) == len(answer)
    for end in range(len(answer)):
        known = length(answer[:end])
        assert known is None or known > end


def test_an_answer_without_a_length_ends_with_the_connection() -> None:
    assert length(b"HTTP/1.0 200 OK\r\n\r\nhello") is None
    assert length(b"HTTP/1.0 200 OK\r\n\r\nhello", closed=True) == 24


def test_a_length_in_the_body_means_nothing() -> None:
    assert length(b"HTTP/1.0 200 OK\r\n\r\n\r\nContent-Length: 2\r\n") is None


def test_a_crowd_has_distinct_keys_that_name_its_account() -> None:
    crowd = Crowd("123456789012", 5000)
    assert len({key.access_key_id for key in crowd}) == 5000
    assert len({key.secret for key in crowd}) == 5000
    assert {account_of(key.access_key_id) for key in crowd} == {"123456789012"}
    assert {len(key.access_key_id) for key in crowd} == {20}


def test_two_keys_of_a_crowd_share_a_user_whose_id_is_its_own() -> None:
    crowd = Crowd("123456789012", 5)
    assert [key.user for key in crowd[:3]] == ["one-of-many-0000000", "one-of-many-0000000", "one-of-many-0000001"]
    assert crowd.users == 3
    assert account_of(crowd.user_id(2)) == "123456789012"
    assert len({crowd.user_id(number) for number in range(3)}) == 3


def test_a_crowd_needs_no_list_and_has_an_end() -> None:
    crowd = Crowd("123456789012", 1_000_000)
    assert crowd[999_999] == crowd[999_999]
    with pytest.raises(IndexError):
        crowd[1_000_000]


def test_the_floor_reads_the_whole_request_and_answers_a_constant() -> None:
    messages: list[dict[str, Any]] = [{"type": "http.request", "body": b"a", "more_body": True}, {"type": "http.request", "body": b"b"}]
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return messages.pop(0)

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    asyncio.run(application({"type": "http"}, receive, send))
    assert messages == []
    assert (b"content-length", str(len(BODY)).encode()) in sent[0]["headers"]
    assert sent[1]["body"] == BODY
    assert 350 < len(BODY) < 450


def test_a_process_is_in_its_own_tree_and_has_cost_something() -> None:
    own = os.getpid()
    assert process.tree(own)[0] == own
    assert own in process.tree(os.getppid())
    assert process.cpu_seconds([own]) > 0
    assert process.pss_bytes([own]) > 1_000_000


def test_a_process_that_has_ended_costs_nothing() -> None:
    assert process.cpu_seconds([2**22 + 1]) == 0
    assert process.pss_bytes([2**22 + 1]) == 0


def test_a_thousand_users_are_listed_and_a_hundred_ask() -> None:
    assert len(set(USERS)) == 1000
    assert KEYED == 100


def test_a_case_that_fails_leaves_its_reason_and_the_next_one_runs() -> None:
    results = Results()
    with reported("keys", results):
        raise LoadError("refused: 403")
    with reported("statements", results):
        pass
    assert results.failures == {"keys": "LoadError: refused: 403"}


def test_a_mistake_of_our_own_is_not_hidden_as_a_failed_case() -> None:
    with pytest.raises(ZeroDivisionError), reported("keys", Results()):
        raise ZeroDivisionError
