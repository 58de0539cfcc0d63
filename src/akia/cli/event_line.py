"""An event in one line, coloured by its outcome."""

from __future__ import annotations

from typing import TYPE_CHECKING

from akia.cli.event_filter import is_denied
from akia.cli.printing import printable

if TYPE_CHECKING:
    from rich.text import Text

    from akia.cli.event_history import Found

OK, DENIED, FAILED = "ok", "denied", "failed"
STYLES = {OK: "green", DENIED: "bold red", FAILED: "yellow"}


def outcome(found: Found) -> str:
    """How the call ended."""
    if is_denied(found.record):
        return DENIED
    return FAILED if "errorCode" in found.record else OK


def who(found: Found) -> str:
    """Who called, in one word: a name, or what is known of it."""
    identity = found.record["userIdentity"]
    account = f"account {identity['accountId']}" if identity.get("type") == "AWSAccount" else ""
    return printable(str(found.event.get("Username") or account or identity.get("invokedBy") or identity.get("type", "")))


def about(found: Found) -> str:
    """What the call was about; of one that failed, the error and the id that `akia why` explains it by."""
    if "errorCode" in found.record:
        return printable(f"{found.record['errorCode']}  {found.id}")
    return printable(", ".join(each["ResourceName"] for each in found.event.get("Resources", ())))


def line(found: Found) -> Text:
    """`12:03:44 ok     iam:CreateUser  alice  AKIA…  203.0.113.7  bob`. The time is UTC."""
    from rich.text import Text

    ended = outcome(found)
    called = f"{found.event['EventSource'].removesuffix('.amazonaws.com')}:{found.event['EventName']}"
    text = Text(f"{found.at:%H:%M:%S} ")
    text.append(f"{ended:6}", STYLES[ended])
    rest = (f"{printable(called):32}", f"{who(found):20}", f"{printable(found.event.get('AccessKeyId', '-')):20}")
    return text.append("  ".join((" ", *rest, f"{printable(found.record['sourceIPAddress']):15}", about(found))))
