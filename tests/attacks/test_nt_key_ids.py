"""NT-39: what is written where a key id belongs reaches no look-up unless it can be one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from tests.attacks.signer import Signer, form

from akia.store.connection import Connection

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.attacks.refusals import Observer

INJECTED = {
    "LDAP": "*)(uid=*",
    "SQL": "AKIA' OR '1'='1",
    "quotes": '"AKIAAAAAAAAAAAAAAAAA"',
    "NUL": "AKIAAAAAAAAAAAAAAAAA\0",
    "line break": "AKIAAAAAAAAAAAAAAAAA\n",
    "percent": "AKIA%27AAAAAAAAAAAAAA",
    "star": "AKIA*",
    "blank": "AKIAAAAAAAAAAAA AAAA",
    "10 kB": "A" * 10_000,
    "one too many": "A" * 129,
    "one too few": "A" * 15,
    "not ASCII": "AKIAÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄ",
    "digits of another script": "AKIA" + "\u0661" * 16,
    "dots": "..",
    "template": "${jndi:ldap:x}AKIA",
}


@pytest.fixture
def queries(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The names of all queries that reach the database from now on."""
    seen: list[str] = []
    for method in ("rows", "row", "run", "run_many"):
        original = getattr(Connection, method)

        def spy(self: Connection, query: Any, *args: Any, _original: Any = original, **parameters: Any) -> Any:
            seen.append(query.name)
            return _original(self, query, *args, **parameters)

        monkeypatch.setattr(Connection, method, spy)
    yield seen


def asked(queries: list[str]) -> set[str]:
    """Those that a request has caused: not the feed's look at the clock, and not that of replays, which look for work between requests."""
    return set(queries) - {"changes.since", "replays.running"}


@pytest.mark.covers("E6")
@pytest.mark.parametrize("name", INJECTED)
def test_nt_39_no_query_is_made_with_an_impossible_key_id(observer: Observer, queries: list[str], name: str) -> None:
    signer = Signer(INJECTED[name], "x" * 40)
    queries.clear()
    for request in (signer.header(form("ListUsers")), signer.query({"Action": "ListUsers"})):
        answer = observer.send(request)
        assert answer.status == 403
        assert b"<Code>InvalidClientTokenId</Code><Message>The security token included in the request is invalid.</Message>" in answer.body
        assert INJECTED[name].encode() not in answer.body
    assert asked(queries) == set()


@pytest.mark.parametrize("key_id", ["../AKIAAAAAAAAAAAAAAAAA", "AKIAAAAAAAAAAAAAAAAA/", "//"])
def test_nt_39_a_slash_makes_another_number_of_parts(observer: Observer, queries: list[str], key_id: str) -> None:
    queries.clear()
    answer = observer.send(Signer(key_id, "x").header(form("ListUsers")))
    assert (answer.status, b"IncompleteSignature" in answer.body) == (400, True)
    assert asked(queries) == set()


def test_nt_39_the_spy_sees_a_look_up(observer: Observer, queries: list[str]) -> None:
    queries.clear()
    observer.send(Signer("AKIAAAAAAAAAAAAAAAAA", "x").header(form("ListUsers")))
    assert asked(queries) != set()


@pytest.mark.parametrize("name", INJECTED)
def test_nt_39_the_refusal_leaves_one_event_without_the_claim(observer: Observer, name: str) -> None:
    observer.refused(Signer(INJECTED[name], "x" * 40).header(form("ListUsers")), "InvalidClientTokenId", 403)
