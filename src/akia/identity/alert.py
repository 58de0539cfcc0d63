"""Alerts, and the messages that tell of them."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from enum import StrEnum

from akia.aws.arn import Arn

MOST_EVENT_IDS = 50
"""How many events an alert names, the first ones; its count goes on."""


class AlertStatus(StrEnum):
    OPEN = "OPEN"
    ACKNOWLEDGED = "ACKNOWLEDGED"


@dataclass(frozen=True, slots=True)
class Alert:
    """Findings alike. Times of events are in epoch milliseconds, `acknowledged` in epoch seconds (0: not yet). `event_ids` is a JSON list.

    `response` tells what akia has done by itself, "" for nothing.
    """

    id: str
    account: str
    rule: str
    subject: str
    detail: str
    severity: str
    summary: str
    first_ms: int
    last_ms: int
    event_ids: str
    count: int = 1
    status: str = AlertStatus.OPEN.value
    response: str = ""
    acknowledged: int = 0
    acknowledged_by: str = ""
    note: str = ""

    @property
    def arn(self) -> Arn:
        return Arn("akia", "", self.account, f"alert/{self.id}")

    @property
    def events(self) -> list[str]:
        found: list[str] = json.loads(self.event_ids)
        return found

    def again(self, event_id: str, at_ms: int) -> Alert:
        """With one more event that shows the same."""
        events = self.events
        if event_id and len(events) < MOST_EVENT_IDS and event_id not in events:
            events.append(event_id)
        first, last = min(self.first_ms, at_ms), max(self.last_ms, at_ms)
        return replace(self, first_ms=first, last_ms=last, count=self.count + 1, event_ids=json.dumps(events))

    def seen_by(self, who: str, now: int, note: str) -> Alert:
        """Acknowledged by the principal with the ARN `who`."""
        return replace(self, status=AlertStatus.ACKNOWLEDGED.value, acknowledged=now, acknowledged_by=who, note=note)


@dataclass(frozen=True, slots=True)
class AlertMessage:
    """What `channel` is to be told. `body` is JSON (`akia.alerts_out.message`); `created` and `due` are in epoch seconds.

    `attempts` also tells whose turn it is: whoever wants to send counts it up first, and sends only if nobody else did.
    """

    id: str
    channel: str
    alert_id: str
    body: str
    created: int
    due: int
    attempts: int = 0
