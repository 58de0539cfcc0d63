"""What is sent to each intake that speaks HTTP, and what becomes of its answers."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from tests.sinks import intakes
from tests.sinks.conftest import event
from tests.sinks.intakes import KEY, SUMO_PATH

from akia.sinks import Refused, Undelivered
from akia.sinks.intake import retry_after
from akia.sinks.webhook import signed

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SECRET = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz"
KINDS: dict[str, tuple[Callable[[intakes.Posted], intakes.Answer], str, dict[str, Any]]] = {
    "datadog": (intakes.datadog, "/api/v2/logs", {"key_variable": "KEY", "tags": ["env:test", "team:a"]}),
    "newrelic": (intakes.new_relic, "/log/v1", {"key_variable": "KEY"}),
    "sumologic": (intakes.sumo_logic, SUMO_PATH, {}),
    "otlp": (intakes.otlp, "/v1/logs", {}),
    "webhook": (intakes.webhook, "/hook", {"secret_variable": "SECRET"}),
}


def made(sink: Any, kind: str, url: str, **more: Any) -> Any:
    _, path, settings = KINDS[kind]
    where = {"url_variable": "URL"} if kind == "sumologic" else {"url": url + path}
    return sink(kind, {"KEY": KEY, "URL": url + path, "SECRET": SECRET}, **where, **settings, **more)


@pytest.mark.covers("F9", "F10", "F11", "F12")
@pytest.mark.parametrize("kind", KINDS)
def test_every_event_reaches_the_intake_once_and_in_order(kind: str, sink: Any, certificate: Path) -> None:
    events = [event(number, error="AccessDenied" if number % 3 else "") for number in range(40)]
    with intakes.serving(certificate, KINDS[kind][0]) as intake:
        assert made(sink, kind, intake.url).send(events) == 0
        assert intake.event_ids == [one.event_id for one in events]
        assert [intakes.records(posted) for posted in intake.taken] == [[json.loads(one.record) for one in events]]


@pytest.mark.parametrize("kind", KINDS)
def test_the_largest_delivery_is_within_the_intakes_limits(kind: str, sink: Any, certificate: Path) -> None:
    """Full of what doubles when it becomes a string in JSON."""
    with intakes.serving(certificate, KINDS[kind][0]) as intake:
        target = made(sink, kind, intake.url)
        padding = '"' * ((target.limits.bytes // target.limits.events - len(event(999).record.encode())) // 2)
        events = [event(number, padding=padding) for number in range(target.limits.events)]
        assert 0.8 * target.limits.bytes < sum(len(one.record.encode()) for one in events) <= target.limits.bytes
        target.send(events)
        assert len(intake.event_ids) == len(events)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("status", [301, 401, 403, 404, 408, 429, 500, 502, 503, 504])
def test_what_is_not_taken_is_to_be_sent_again(kind: str, status: int, sink: Any, certificate: Path) -> None:
    with intakes.serving(certificate, KINDS[kind][0]) as intake:
        intake.down = status, {"Retry-After": "17", "Location": "/elsewhere"}, b"why"
        with pytest.raises(Undelivered) as caught:
            made(sink, kind, intake.url).send([event(1)])
    assert caught.value.retry_after == 17
    assert str(caught.value) == f"127.0.0.1:{intake.port} answers {status}"
    assert len(intake.asked) == 1


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("status", [400, 413, 422])
def test_what_never_will_be_taken_is_told_apart(kind: str, status: int, sink: Any, certificate: Path) -> None:
    with intakes.serving(certificate, KINDS[kind][0]) as intake:
        intake.down = status, {}, b""
        with pytest.raises(Refused, match=str(status)):
            made(sink, kind, intake.url).send([event(1)])


@pytest.mark.parametrize("kind", KINDS)
def test_an_intake_that_is_gone_or_is_not_trusted_gets_nothing(kind: str, sink: Any, certificate: Path, tmp_path: Path) -> None:
    from tests.outbound.server import authority

    authority(tmp_path / "other", "127.0.0.1")
    with intakes.serving(certificate, KINDS[kind][0]) as intake:
        with pytest.raises(Undelivered, match="certificate"):
            made(sink, kind, intake.url, ca_file=str(tmp_path / "other/ca.pem")).send([event(1)])
        assert not intake.asked
    with pytest.raises(Undelivered, match="no connection"):
        made(sink, kind, intake.url).send([event(1)])


def test_an_intake_inside_needs_an_allowed_network(tmp_path: Path, certificate: Path) -> None:
    """NT-23 holds for what whoever runs akia has written down, too: sinks go through the same client."""
    from akia.sinks import read_sinks

    path = tmp_path / "sinks.toml"
    path.write_text(f'[[sink]]\nname = "a"\nkind = "otlp"\nurl = "https://127.0.0.1:1/"\nca_file = "{certificate}/ca.pem"\n')
    (configured,) = read_sinks(path, (), {})
    with pytest.raises(Undelivered, match="not public and not in an allowed network"):
        configured.sink.send([event(1)])


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("0", 0), ("120", 120), ("Tue, 14 Nov 2023 22:13:30 GMT", 10), ("Tue, 14 Nov 2023 22:00:00 GMT", 0)]
    + [(wrong, None) for wrong in ("", "-1", "1.5", "soon", "\u0661", "9" * 40, "Tue, 99 Nov 2023")],
)
def test_retry_after_is_a_number_or_a_date(header: str, seconds: float | None) -> None:
    assert retry_after(header, 1_700_000_000.0) == seconds


def test_datadogs_entries_say_what_its_pipeline_looks_for(sink: Any, certificate: Path) -> None:
    with intakes.serving(certificate, intakes.datadog) as intake:
        machine = event(2)._replace(record='{"userIdentity":{"arn":"arn:aws:sts::1:assumed-role/r/i-0123456789abcdef0"}}')
        made(sink, "datadog", intake.url).send([event(1), machine])
        first, second = json.loads(intake.taken[0].body)
    assert first == {"ddsource": "cloudtrail", "service": "cloudtrail", "ddtags": "env:test,team:a", "message": event(1).record}
    assert second["hostname"] == "i-0123456789abcdef0"
    assert intake.taken[0].headers["content-encoding"] == "gzip"


def test_sumo_logics_lines_are_filed_where_its_app_looks(sink: Any, certificate: Path) -> None:
    with intakes.serving(certificate, intakes.sumo_logic) as intake:
        made(sink, "sumologic", intake.url, fields={"env": "test", "team": "a"}).send([event(1), event(2)])
        (posted,) = intake.taken
    assert posted.body.decode() == f"{event(1).record}\n{event(2).record}"
    told = {name: value for name, value in posted.headers.items() if name.startswith("x-sumo")}
    assert told == {
        "x-sumo-category": "aws/cloudtrail",
        "x-sumo-name": "akia",
        "x-sumo-host": "akia",
        "x-sumo-fields": "env=test,team=a",
    }


def test_otlp_has_one_resource_an_account_and_a_warning_for_a_refusal(sink: Any, certificate: Path) -> None:
    with intakes.serving(certificate, intakes.otlp) as intake:
        made(sink, "otlp", intake.url).send([event(1), event(2, account="210987654321", error="AccessDenied"), event(3)])
        told = json.loads(intake.taken[0].body)["resourceLogs"]
    accounts = [{one["key"]: one["value"]["stringValue"] for one in resource["resource"]["attributes"]} for resource in told]
    assert accounts == [
        {"service.name": "akia", "cloud.account.id": "123456789012"},
        {"service.name": "akia", "cloud.account.id": "210987654321"},
    ]
    (refused,) = told[1]["scopeLogs"][0]["logRecords"]
    assert (refused["severityNumber"], refused["severityText"], refused["timeUnixNano"]) == (13, "WARN", "1700000000002000000")
    assert {"key": "aws.event_id", "value": {"stringValue": "id-2"}} in refused["attributes"]
    assert [one["severityNumber"] for one in told[0]["scopeLogs"][0]["logRecords"]] == [9, 9]


@pytest.mark.parametrize(
    ("answer", "thrown_away"),
    [
        (b'{"partialSuccess":{"rejectedLogRecords":"2","errorMessage":"full"}}', 2),
        (b'{"partialSuccess":{"rejectedLogRecords":1}}', 1),
        (b'{"partialSuccess":{"rejectedLogRecords":"99"}}', 3),
        (b'{"partialSuccess":{"errorMessage":"a warning"}}', 0),
        (b'{"partialSuccess":null}', 0),
        (b"[]", 0),
        (b"", 0),
        (b"\x00\x01", 0),
    ],
)
def test_otlps_partial_success_is_a_success_and_is_counted(answer: bytes, thrown_away: int, sink: Any, certificate: Path) -> None:
    with intakes.serving(certificate, lambda _: (200, {}, answer)) as intake:
        assert made(sink, "otlp", intake.url).send([event(1), event(2), event(3)]) == thrown_away


def test_a_webhook_is_signed_and_a_repetition_has_the_same_id(sink: Any, certificate: Path) -> None:
    with intakes.serving(certificate, intakes.webhook) as intake:
        target = made(sink, "webhook", intake.url)
        target.send([event(1), event(2)])
        target.send([event(1), event(2)])
        target.send([event(3)])
        ids = [posted.headers["webhook-id"] for posted in intake.taken]
        first = intake.taken[0]
    assert ids[0] == ids[1] != ids[2]
    expected = signed(b"012345678901234567890123", ids[0], first.headers["webhook-timestamp"], first.body)
    assert first.headers["webhook-signature"] == f"v1,{expected}"
    assert json.loads(first.body)["data"]["Records"] == [json.loads(event(1).record), json.loads(event(2).record)]


@pytest.mark.covers("NT-67")
@pytest.mark.parametrize("kind", KINDS)
def test_nt_67_no_secret_is_in_an_error_or_a_repr(kind: str, sink: Any, certificate: Path) -> None:
    with intakes.serving(certificate, KINDS[kind][0]) as intake:
        intake.down = 403, {}, b""
        target = made(sink, kind, intake.url)
        with pytest.raises(Undelivered) as caught:
            target.send([event(1)])
    told = repr(target) + repr(vars(target)) + str(caught.value) + repr(caught.value)
    assert not any(secret in told for secret in (KEY, SECRET, SUMO_PATH, "c2VjcmV0"))
