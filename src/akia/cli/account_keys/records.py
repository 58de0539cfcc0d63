"""Keys and findings for programs: JSON, and CSV for spreadsheets."""

from __future__ import annotations

import csv
import io
from datetime import datetime
from typing import TYPE_CHECKING, Any

from akia.cli.account_keys.cells import cell

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from akia.cli.account_keys.findings import Finding
    from akia.cli.account_keys.inventory import Inventory, Key

FINDING = ("severity", "rule", "user", "access_key_id", "text", "command")


def of_key(key: Key, now: datetime) -> dict[str, Any]:
    """A key, flat."""
    use = key.used
    return {
        "user": key.user,
        "access_key_id": key.access_key_id,
        "status": key.status,
        "created": key.created,
        "age_days": key.age_days(now),
        "last_used": use.time if use else None,
        "service": (use.service if use else None) or None,
        "region": (use.region if use else None) or None,
        "source_address": (use.address if use else None) or None,
        "user_agent": (use.agent if use else None) or None,
        "description": key.description or None,
        "owner": key.owner or None,
        "expires": key.expires,
        "restrictions": dict(key.restrictions or {}),
    }


def of_finding(finding: Finding) -> dict[str, Any]:
    """A finding, flat."""
    return {name: getattr(finding, name) for name in FINDING}


def of_report(inventory: Inventory, findings: Sequence[Finding]) -> dict[str, Any]:
    """All of it."""
    return {
        "account": inventory.account,
        "endpoint": inventory.title,
        "taken": inventory.taken,
        "keys": [of_key(key, inventory.taken) for key in inventory.keys],
        "findings": [of_finding(finding) for finding in findings],
        "notes": list(inventory.notes),
    }


def as_csv(columns: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> str:
    """CSV (RFC 4180) in UTF-8 without a byte-order mark; nothing in it is a formula."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(columns)
    for row in rows:
        writer.writerow([cell(_text(row[name])) for name in columns])
    return text.getvalue()


def keys_as_csv(inventory: Inventory, findings: Sequence[Finding] | None = None) -> str:
    """A line for each key; with the names of its findings, its user's included, and the commands that mend the key's, if there are any."""
    rows = [of_key(key, inventory.taken) for key in inventory.keys]
    if findings is not None:
        for row in rows:
            mine = [each for each in findings if each.user == row["user"] and each.access_key_id in ("", row["access_key_id"])]
            row["findings"] = "; ".join(f"{each.severity} {each.rule}" for each in mine)
            row["commands"] = "; ".join(dict.fromkeys(each.command for each in mine))
    columns = [*of_key_columns(), *(("findings", "commands") if findings is not None else ())]
    return as_csv(columns, rows)


def of_key_columns() -> tuple[str, ...]:
    """The columns of a key."""
    return (
        "user", "access_key_id", "status", "created", "age_days", "last_used", "service", "region", "source_address", "user_agent",
        "description", "owner", "expires", "restrictions",
    )  # fmt: skip


def _text(value: Any) -> str:
    match value:
        case None:
            return ""
        case datetime():
            return value.isoformat()
        case dict():
            return ", ".join(value)
    return str(value)
