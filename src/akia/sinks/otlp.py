"""OpenTelemetry's protocol for logs over HTTP, in its JSON encoding: integers of 64 bits are strings, enums are numbers, names are in
lowerCamelCase. One resource an account."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

import orjson

import akia
from akia.sinks.intake import Intake
from akia.sinks.sink import Limits

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from akia.sinks.table import Table
    from akia.store.trail.event_row import EventRow

LIMITS = Limits(events=512, bytes=1_500_000)
"""Collectors take 4 MB or more by default."""
INFO, WARN = 9, 13
"""Severities, by number."""
_TEXTS = {INFO: "INFO", WARN: "WARN"}


class Otlp:
    limits = LIMITS

    def __init__(self, intake: Intake, resource: Mapping[str, str]) -> None:
        self._intake = intake
        self._resource = dict(resource)

    def send(self, events: Sequence[EventRow]) -> int:
        by_account: defaultdict[str, list[EventRow]] = defaultdict(list)
        for event in events:
            by_account[event.account].append(event)
        reply = self._intake.post(orjson.dumps({"resourceLogs": [self._logs(*told) for told in by_account.items()]}))
        return _thrown_away(reply.body, len(events))

    def _logs(self, account: str, events: Iterable[EventRow]) -> dict[str, Any]:
        return {
            "resource": {"attributes": _attributes(self._resource | {"cloud.account.id": account})},
            "scopeLogs": [{"scope": {"name": "akia", "version": akia.__version__}, "logRecords": [_record(event) for event in events]}],
        }


def _record(event: EventRow) -> dict[str, Any]:
    severity, nanoseconds = WARN if event.error_code else INFO, str(event.at_ms * 1_000_000)
    told = {
        "event.name": event.name,
        "aws.event_id": event.event_id,
        "aws.event_source": event.source,
        "aws.request_id": event.request_id,
        "aws.region": event.region,
        "aws.error_code": event.error_code,
    }
    return {
        "timeUnixNano": nanoseconds,
        "observedTimeUnixNano": nanoseconds,
        "severityNumber": severity,
        "severityText": _TEXTS[severity],
        "body": {"stringValue": event.record},
        "attributes": _attributes({name: value for name, value in told.items() if value}),
    }


def _attributes(values: Mapping[str, str]) -> list[dict[str, Any]]:
    return [{"key": name, "value": {"stringValue": value}} for name, value in values.items()]


def _thrown_away(body: bytes, most: int) -> int:
    """How many records a partial success tells of. It is a success: none of them may be sent again."""
    try:
        told = int(orjson.loads(body)["partialSuccess"]["rejectedLogRecords"])
    except (orjson.JSONDecodeError, LookupError, TypeError, ValueError):
        return 0
    return min(max(told, 0), most)


def read(table: Table) -> Otlp:
    """A sink from its settings: `url` (with its path, mostly /v1/logs); `headers`, secret ones by `secret_headers`; `resource`."""
    url, headers = table.url("url"), table.pairs("headers") | table.secrets("secret_headers")
    resource = {"service.name": "akia"} | table.pairs("resource")
    return Otlp(Intake(table.client(), url, headers | {"Content-Type": "application/json"}), resource)
