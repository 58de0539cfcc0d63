"""The edge: what is read, what is refused before anybody looks at it, and what an answer waits for."""

from __future__ import annotations

import asyncio
import gc
import json
import random
import threading
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from tests.attacks import rubbish
from tests.attacks.refusals import read
from tests.attacks.signer import HOST, Signer, form, with_header
from tests.http.edge import WAITING, Served, run
from tests.pipeline.stage import staged

from akia.aws.errors import NoSuchEntity, ServiceUnavailable
from akia.http.bodies import LONGEST_BODY
from akia.jobs.index_journals import IndexJournals
from akia.store.errors import StoreUnavailable
from akia.wire import HttpRequest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.conftest import World

    from akia.store.trail.event_row import EventRow
    from akia.wire import Answer

GET = HttpRequest(b"GET", b"/", b"", [HOST], b"")


def events(akia: World, answer: Answer) -> list[EventRow]:
    akia.akia.authority.drain()
    return akia.akia.store.events.by_request_id(dict(answer.headers)[b"x-amzn-requestid"].decode())


def signed(akia: World, action: str = "ListUsers", **fields: str) -> HttpRequest:
    return Signer.of(akia.admin).header(form(action, **fields))


def test_a_signed_call_is_answered_with_length_server_and_one_event(akia: World) -> None:
    async def test(served: Served) -> None:
        for request in (signed(akia), signed(akia, "CreateUser", UserName="new")):
            answer = await served(request)
            headers = dict(answer.headers)
            assert (answer.status, headers[b"server"], headers[b"content-length"]) == (200, b"akia", b"%d" % len(answer.body))
            [event] = events(akia, answer)
            assert json.loads(event.record)["sourceIPAddress"] == "192.0.2.1"

    run(akia.akia, test)


@pytest.mark.parametrize("sizes", [[LONGEST_BODY + 1], [LONGEST_BODY, 1], [600_000, 600_000, 5]])
@pytest.mark.parametrize("announced", [True, False])
def test_nt_71_a_body_beyond_the_limit_is_refused_before_anything_is_verified(akia: World, sizes: list[int], announced: bool) -> None:
    async def test(served: Served) -> None:
        length = [(b"content-length", b"%d" % sum(sizes))] if announced else []
        request = HttpRequest(b"POST", b"/", b"", [HOST, *length], b"")
        answer = await served.pieces(request, [b"x" * size for size in sizes])
        assert (answer.status, read(answer).code) == (413, "RequestEntityTooLarge")
        assert dict(answer.headers)[b"connection"] == b"close"
        assert served.unread == (len(sizes) if announced else served.unread)
        assert [event.error_code for event in events(akia, answer)] == ["RequestEntityTooLarge"]

    run(akia.akia, test)


JSON_CALL = [(b"content-type", b"application/x-amz-json-1.1"), (b"x-amz-target", b"AmazonSSM.GetParameter")]


def test_what_is_refused_unread_is_told_in_the_protocol_of_the_call(akia: World) -> None:
    """A client of a JSON service finds no code in XML, and so would not know that it may try again."""

    async def test(served: Served) -> None:
        long = [(b"content-length", b"%d" % (LONGEST_BODY + 1))]
        answer = await served.pieces(HttpRequest(b"POST", b"/", b"", [HOST, *JSON_CALL, *long], b""), [b"x"])
        assert (answer.status, read(answer).code) == (413, "RequestEntityTooLargeException")
        analyzer = Signer.of(akia.admin).header(HttpRequest(b"GET", b"/analyzer", b"", [HOST], b""), "access-analyzer")
        for _ in range(450):
            await served(form("ListUsers"))
        told = [read(await served(HttpRequest(b"POST", b"/", b"", [HOST, *JSON_CALL], b"{}"))), read(await served(analyzer))]
        assert [(each.code, each.status) for each in told] == [("ThrottlingException", 400), ("TooManyRequestsException", 429)]
        assert read(await served(signed(akia))).code == "Throttling"

    run(akia.akia, test)


def test_nt_71_a_body_that_does_not_come_is_not_waited_for(akia: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("akia.http.bodies.SECONDS_FOR_BODY", 0.0)
    monkeypatch.setattr("akia.http.bodies.LOOK_EVERY_SECONDS", 0.005)

    async def test(served: Served) -> None:
        looking = asyncio.ensure_future(served.edge.bodies.run())
        for headers, code in (([], "RequestTimeoutException"), (JSON_CALL, "RequestTimeoutException")):
            request = HttpRequest(b"POST", b"/", b"", [HOST, *headers, (b"content-length", b"10")], b"")
            answer = await served.pieces(request, [b"Action=", WAITING])
            assert (answer.status, read(answer).code) == (408, code)
            assert dict(answer.headers)[b"connection"] == b"close"
            assert [event.error_code for event in events(akia, answer)] == [code]
        looking.cancel()

    run(akia.akia, test)


def test_a_body_of_just_the_limit_is_read(akia: World) -> None:
    async def test(served: Served) -> None:
        answer = await served(HttpRequest(b"POST", b"/", b"", [HOST], b"x" * LONGEST_BODY))
        assert answer.status == 403

    run(akia.akia, test)


@pytest.mark.parametrize("announced", ["", "-1", "+5", "1_0", "\u0665", "0x5", "5 ", "99999999999999999999"])
def test_python_trap_lengths_that_are_no_length(akia: World, announced: str) -> None:
    """What the server has let through is read to its end all the same."""

    async def test(served: Served) -> None:
        request = signed(akia)
        answer = await served.pieces(with_header(request, b"content-length", announced.encode()), [request.body[:5], request.body[5:]])
        assert answer.status == 200

    run(akia.akia, test)


@pytest.mark.parametrize("parts", [1, 2, 7])
def test_pieces_of_a_body_are_joined(akia: World, parts: int) -> None:
    async def test(served: Served) -> None:
        request = signed(akia)
        size = -(-len(request.body) // parts)
        pieces: list[bytes | None] = [request.body[start : start + size] for start in range(0, len(request.body), size)]
        assert (await served.pieces(request, [*pieces, b""])).status == 200

    run(akia.akia, test)


@pytest.mark.parametrize("parts", [[None], [b"Action=Create", None], [b"", b"", None]])
def test_a_client_that_goes_is_not_served(akia: World, parts: list[bytes | None]) -> None:
    async def test(served: Served) -> None:
        akia.akia.authority.drain()
        before = akia.akia.store.events.count()
        answer = await served.pieces(signed(akia, "CreateUser", UserName="half"), parts)
        assert read(answer).code == "MalformedHttpRequestException", "nobody is there to read it, unless chunks were malformed"
        akia.akia.authority.drain()
        assert akia.akia.store.events.count() == before
        assert akia.akia.store.users.named(akia.account, "half") is None

    run(akia.akia, test)


def test_nt_71_a_refused_request_leaves_nothing_for_the_garbage_collector(akia: World) -> None:
    """Else a flood of refused requests would be in memory, bodies and all, until the collector comes, which is seldom (`_tune`)."""
    bob, wrong = Signer.of(akia.person("bob").key), Signer(akia.admin.access_key_id, "wrong")
    requests = [
        signed(akia),
        form("ListUsers"),
        bob.header(form("ListUsers")),
        wrong.header(form("ListUsers")),
        signed(akia, "GetUser", UserName="nobody"),
        signed(akia, "DeleteUser", UserName="nobody"),
        signed(akia, "GetUser", UserName="<>"),
        signed(akia, "Conquer"),
        HttpRequest(b"POST", b"/", b"", [HOST, *JSON_CALL, (b"content-encoding", b"gzip")], b"x"),
        HttpRequest(b"POST", b"/", b"", [HOST, (b"content-length", b"%d" % (LONGEST_BODY + 1))], b""),
    ]

    async def test(served: Served) -> None:
        for request in requests:
            await served(request)
        gc.collect()
        gc.disable()
        try:
            for request in requests:
                answer = await served(request)
                assert gc.collect() == 0, answer
        finally:
            gc.enable()

    run(akia.akia, test)


def test_nt_08_only_the_raw_path_counts(akia: World) -> None:
    async def test(served: Served) -> None:
        assert (await served(GET._replace(raw_path=b""))).status == 400
        assert (await served(GET, raw_path=None)).status == 400
        assert (await served(GET._replace(raw_path=b"*"))).status == 400
        assert (await served(GET._replace(raw_path=b"http://x/"))).status == 400
        assert (await served(signed(akia), path="/healthz")).status == 200
        assert (await served(GET._replace(raw_path=b"/%68ealthz"))).status == 403

    run(akia.akia, test)


def test_nt_09_repeated_headers_arrive_as_they_were_sent(akia: World) -> None:
    async def test(served: Served) -> None:
        request = signed(akia)
        authorization = next(pair for pair in request.headers if pair[0] == b"authorization")
        assert read(await served(with_header(request, *authorization))).code == "SignatureDoesNotMatch"

    run(akia.akia, test)


@pytest.mark.covers("I2.program.healthz")
def test_health_tells_nothing_but_health(akia: World, monkeypatch: pytest.MonkeyPatch) -> None:
    async def test(served: Served) -> None:
        healthy = GET._replace(raw_path=b"/healthz")
        assert (await served(healthy)).body == b"ok\n"
        assert (await served(healthy._replace(method=b"POST"))).status == 405
        with monkeypatch.context() as broken:
            broken.setattr(akia.akia.authority, "begin_reading", _unavailable)
            answer = await served(healthy)
        assert (answer.status, answer.body) == (503, b"unavailable\n")

    run(akia.akia, test)


def _unavailable(*_: object) -> None:
    raise ServiceUnavailable("x", detail="disk")


class Held:
    """A journal that writes when it is told to, or fails."""

    def __init__(self, akia: World) -> None:
        self._journal = akia.akia.journal
        self.go = threading.Event()
        self.fails = False
        self.written = 0

    def take(self) -> list[bytes]:
        return self._journal.take()

    def write(self, waiting: Sequence[bytes]) -> None:
        assert self.go.wait(10)
        if self.fails and waiting:
            raise OSError(28, "No space left on device")
        self._journal.write(waiting)
        self.written += len(waiting)


@pytest.mark.covers("I2.store.journals")
def test_no_answer_leaves_before_its_event_is_written(akia: World) -> None:
    held = Held(akia)

    async def test(served: Served) -> None:
        call = asyncio.ensure_future(served(signed(akia)))
        for _ in range(20):
            await asyncio.sleep(0.002)
        assert not call.done() and held.written == 0
        held.go.set()
        assert (await call).status == 200
        assert held.written == 1

    run(akia.akia, test, journal=held)


@pytest.mark.covers("I2.store.journals")
def test_nt_72_an_event_that_cannot_be_written_makes_the_answer_unavailable(akia: World) -> None:
    held = Held(akia)
    held.go.set()

    async def test(served: Served) -> None:
        held.fails = True
        answer = await served(signed(akia))
        assert (answer.status, read(answer).code) == (503, "ServiceUnavailable")
        assert b"administrator" not in answer.body
        held.fails = False
        assert (await served(signed(akia))).status == 200

    run(akia.akia, test, journal=held)


def test_a_call_that_is_cancelled_takes_no_other_along(akia: World) -> None:
    held = Held(akia)

    async def test(served: Served) -> None:
        calls = [asyncio.ensure_future(served(signed(akia))) for _ in range(3)]
        await asyncio.sleep(0.02)
        calls[0].cancel()
        await asyncio.sleep(0)
        held.go.set()
        assert [(await call).status for call in calls[1:]] == [200, 200]

    run(akia.akia, test, journal=held)


@pytest.mark.covers("I2.store.group_commit", "I2.faults.full_disk")
def test_a_commit_that_fails_is_503_for_the_whole_batch_and_changes_no_cache(akia: World, monkeypatch: pytest.MonkeyPatch) -> None:
    bob = akia.person("bob", {"Action": "iam:ListUsers"})

    async def test(served: Served) -> None:
        listing = Signer.of(bob.key).header(form("ListUsers"))
        assert (await served(listing)).status == 200
        cached = akia.akia.authority.key(bob.key.access_key_id)
        with monkeypatch.context() as broken:
            broken.setattr("akia.store.connection.Connection.commit", _full)
            requests = [signed(akia, "CreateUser", UserName=f"u{number}") for number in range(3)]
            requests.append(signed(akia, "UpdateAccessKey", UserName="bob", AccessKeyId=bob.key.access_key_id, Status="Inactive"))
            answers = await asyncio.gather(*(served(request) for request in requests))
        assert [answer.status for answer in answers] == [503] * 4
        assert akia.akia.authority.key(bob.key.access_key_id) is cached
        assert (await served(listing)).status == 200
        assert [user for user in range(3) if akia.akia.store.users.named(akia.account, f"u{user}")] == []
        for answer in answers:
            assert [event.error_code for event in events(akia, answer)] == ["ServiceUnavailable"]

    run(akia.akia, test)


def _full(*_: object) -> None:
    raise StoreUnavailable("database or disk is full")


def test_a_slow_step_that_crashes_is_answered(akia: World) -> None:
    def crash(request: Any) -> None:
        raise KeyError("bug")

    stage = staged(akia, lambda ctx, request: None, prepare=crash)

    async def test(served: Served) -> None:
        answer = await served(signed(akia, "CreateUser", UserName="x"))
        assert (answer.status, read(answer).code) == (500, "InternalFailure")
        assert [event.error_code for event in events(akia, answer)] == ["InternalFailure"]

    run(replace(akia.akia, pipeline=stage.pipeline), test)


@pytest.mark.covers("I2.faults.floods")
def test_a_flood_of_unsigned_requests_is_counted_and_does_not_fill_the_journal(akia: World) -> None:
    async def test(served: Served) -> None:
        akia.akia.authority.drain()
        before = akia.akia.store.events.count()
        codes: dict[str, int] = {}
        for _ in range(600):
            code = read(await served(form("ListUsers"))).code
            codes[code] = codes.get(code, 0) + 1
        assert codes.keys() == {"MissingAuthenticationToken", "Throttling"}
        assert codes["Throttling"] > 100
        akia.akia.authority.drain()
        own = akia.akia.store.events.count() - before
        assert own <= 40, "twenty a minute, and the minute may have turned"
        surplus = akia.akia.recorder.surplus(time.time() + 120)
        told = [json.loads(row.record)["additionalEventData"]["refusals"] for row in surplus]
        assert sum(sum(counts.values()) for counts in told) + own == 600
        assert {name for counts in told for name in counts} == {"MissingAuthenticationToken", "Throttling"}
        assert {json.loads(row.record)["sourceIPAddress"] for row in surplus} == {"192.0.2.1"}

    run(akia.akia, test)


async def full(work: Any) -> Any:
    raise ServiceUnavailable("full")


@pytest.mark.covers("I2.faults.floods")
def test_the_job_tells_of_the_flood_in_one_event(akia: World) -> None:
    async def test(served: Served) -> None:
        for _ in range(50):
            await served(form("ListUsers"))
        job = IndexJournals(akia.akia.indexer, akia.akia.recorder, akia.akia.store, served.writes.do)
        akia.akia.recorder._unverified._minute -= 60
        broken = IndexJournals(akia.akia.indexer, akia.akia.recorder, akia.akia.store, full)
        with pytest.raises(ServiceUnavailable):
            await broken.once()
        await job.once()
        await job.once()
        [event, before] = akia.akia.store.events.lookup(akia.account, limit=2)
        assert (event.name, event.verified) == ("UnverifiedCalls", False)
        assert before.name != event.name, "told once, though the store could not be written at first"

    run(akia.akia, test)


def test_nt_38_strangers_lock_nobody_elses_address_or_key(akia: World) -> None:
    async def test(served: Served) -> None:
        forged = Signer(akia.admin.access_key_id, "wrong").header(form("ListUsers"))
        for _ in range(450):
            await served(forged, client=("198.51.100.1", 1))
        assert read(await served(forged, client=("198.51.100.1", 1))).code == "Throttling"
        assert (await served(signed(akia), client=("198.51.100.2", 1))).status == 200
        assert (await served(signed(akia), client=None)).status == 200

    run(akia.akia, test)


def test_nt_74_addresses_of_one_ipv6_network_are_one_stranger(akia: World) -> None:
    """Whoever has a /64 has an address for every request."""

    async def test(served: Served) -> None:
        akia.akia.authority.drain()
        before = akia.akia.store.events.count()
        for number in range(450):
            await served(form("ListUsers"), client=(f"2001:db8:0:1:{number:x}::1", 1))
        assert read(await served(form("ListUsers"), client=("2001:db8:0:1:ffff::1", 1))).code == "Throttling"
        assert read(await served(form("ListUsers"), client=("2001:db8:0:2::1", 1))).code == "MissingAuthenticationToken"
        akia.akia.authority.drain()
        assert akia.akia.store.events.count() - before <= 42, "twenty a minute of each, and the minute may have turned"

    run(akia.akia, test)


def test_nt_74_a_forged_address_gains_no_fresh_allowance(akia: World) -> None:
    async def test(served: Served) -> None:
        codes = set()
        for number in range(450):
            codes.add(read(await served(with_header(form("ListUsers"), b"x-forwarded-for", b"203.0.113.%d" % (number % 250)))).code)
        assert "Throttling" in codes

    run(akia.akia, test)


def test_an_outage_of_the_store_is_no_strangers_failure(akia: World, monkeypatch: pytest.MonkeyPatch) -> None:
    async def test(served: Served) -> None:
        with monkeypatch.context() as broken:
            broken.setattr(akia.akia.authority, "begin_reading", _unavailable)
            for _ in range(450):
                assert (await served(signed(akia))).status == 503
        assert (await served(signed(akia))).status == 200

    run(akia.akia, test)


def test_nt_71_rubbish_through_the_edge(akia: World) -> None:
    chance, signer = random.Random("edge"), Signer.of(akia.admin)

    async def test(served: Served) -> None:
        for number in range(300):
            http = rubbish.at_random(chance) if number % 2 else rubbish.broken(chance, signer)
            answer = await served(http, client=(f"198.51.{number % 250}.9", 1), scheme=chance.choice(["http", "https"]))
            assert answer.status not in (0, 500), http
            if answer.body and answer.status >= 400:  # what was broken by the same word is good
                assert read(answer).code != "InternalFailure"

    run(akia.akia, test)


def test_nt_38_a_refused_read_that_counts_takes_its_turn_to_write(akia: World) -> None:
    def refuse(ctx: Any, request: Any) -> None:
        account = ctx.account
        ctx.remember_refusal(lambda store: store.accounts.set_alias(account, "remembered"))
        raise NoSuchEntity("Not this one.")

    stage = staged(akia, refuse)

    async def test(served: Served) -> None:
        answer = await served(signed(akia, "ListUsers"))
        assert (answer.status, read(answer).code) == (404, "NoSuchEntity")
        assert [event.error_code for event in events(akia, answer)] == ["NoSuchEntity"]
        account = akia.akia.store.accounts.get(akia.account)
        assert account is not None and account.alias == "remembered"

    run(replace(akia.akia, pipeline=stage.pipeline), test)
