"""What is sent of an alert: the same facts on every channel."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypedDict

from akia.alerts.wording import plain

if TYPE_CHECKING:
    from akia.identity.alert import Alert


class Message(TypedDict):
    """JSON-ready. `id` is the alert's: whoever gets a message twice knows it by that."""

    id: str
    rule: str
    severity: str
    account: str
    subject: str
    detail: str
    summary: str
    time: str
    eventIds: list[str]
    response: str


def message_of(alert: Alert) -> Message:
    """The message that tells of an alert."""
    return {
        "id": alert.id,
        "rule": alert.rule,
        "severity": alert.severity,
        "account": alert.account,
        "subject": alert.subject,
        "detail": alert.detail,
        "summary": alert.summary,
        "time": _moment(alert.last_ms / 1000),
        "eventIds": alert.events,
        "response": alert.response,
    }


def test_message(now: float) -> Message:
    """What tries a channel: plainly no alert. `now` in epoch seconds."""
    return {
        "id": "test",
        "rule": "test",
        "severity": "LOW",
        "account": "",
        "subject": "",
        "detail": "",
        "summary": "This is a test of akia's alerts. Nothing has happened.",
        "time": _moment(now),
        "eventIds": [],
        "response": "",
    }


def _moment(epoch: float) -> str:
    return f"{datetime.fromtimestamp(epoch, UTC):%Y-%m-%dT%H:%M:%SZ}"


def title(message: Message) -> str:
    """One line."""
    return f"[akia] {message['severity']}: {message['rule']}"


def facts(message: Message) -> list[tuple[str, str]]:
    """Names and values of what is known, each on one line, without what is empty."""
    found = [
        ("Severity", message["severity"]),
        ("Rule", message["rule"]),
        ("Account", message["account"]),
        ("Subject", plain(message["subject"])),
        ("Detail", plain(message["detail"])),
        ("Time", message["time"]),
        ("Events", ", ".join(message["eventIds"])),
        ("Response", message["response"]),
        ("Alert", message["id"]),
    ]
    return [(name, value) for name, value in found if value]
