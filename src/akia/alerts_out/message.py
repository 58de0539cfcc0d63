"""What is sent of an alert: the same facts on every channel."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypedDict

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
        "time": datetime.fromtimestamp(alert.last_ms / 1000, UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
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
        "time": datetime.fromtimestamp(now, UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        "eventIds": [],
        "response": "",
    }


def title(message: Message) -> str:
    """One line."""
    return f"[akia] {message['severity']}: {message['rule']}"


def facts(message: Message) -> list[tuple[str, str]]:
    """Names and values of what is known, without what is empty."""
    found = [
        ("Severity", message["severity"]),
        ("Rule", message["rule"]),
        ("Account", message["account"]),
        ("Subject", message["subject"]),
        ("Detail", message["detail"]),
        ("Time", message["time"]),
        ("Events", ", ".join(message["eventIds"])),
        ("Response", message["response"]),
        ("Alert", message["id"]),
    ]
    return [(name, value) for name, value in found if value]
