"""Keys and findings for people, in a terminal. What others have written is shown as plain text, whatever it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from akia.cli.account_keys.cells import ago
from akia.cli.printing import console, counted, print_table, printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from akia.cli.account_keys.findings import Finding
    from akia.cli.account_keys.inventory import Inventory, Key

STYLES = {"critical": "bold red", "high": "red", "medium": "yellow", "low": "dim"}


def print_keys(inventory: Inventory, keys: Sequence[Key] | None = None) -> None:
    """One line a key. What no key of them has is no column."""
    shown = inventory.keys if keys is None else keys
    columns = [column for column in _columns(inventory) if column[0] in _ALWAYS or any(column[1](key) for key in shown)]
    table = _table(*(name for name, _ in columns))
    for key in shown:
        table.add_row(*(_plain(value(key)) for _, value in columns), style=None if key.active else "dim")
    print_table(table)


_ALWAYS = ("User", "Access key", "Status", "Age", "Last used", "For")


def _columns(inventory: Inventory) -> list[tuple[str, Any]]:
    now = inventory.taken
    return [
        ("User", lambda key: key.user),
        ("Access key", lambda key: key.access_key_id or "(not told)"),
        ("Status", lambda key: key.status),
        ("Age", lambda key: ago(key.created, now)),
        ("Last used", lambda key: f"{ago(key.used.time, now)} ago" if key.used else "never"),
        ("For", lambda key: f"{key.used.service} in {key.used.region}" if key.used and key.used.service else ""),
        ("From", lambda key: key.used.address if key.used else ""),
        ("Owner", lambda key: key.owner),
        ("Ends", lambda key: f"{key.expires:%Y-%m-%d}" if key.expires else ""),
        ("Restricted", lambda key: ", ".join(key.restrictions or ())),
        ("Description", lambda key: key.description),
    ]


def print_findings(findings: Sequence[Finding]) -> None:
    """Two lines a finding: what it is, and what mends it. The command is one line however long it is, to be copied."""
    from rich.text import Text

    screen = console()
    for finding in findings:
        subject = f"{finding.user} {finding.access_key_id}".rstrip()
        line = Text.assemble(
            (f"{finding.severity:9}", STYLES[finding.severity]), f"{finding.rule:18} {printable(subject)}: {printable(finding.text)}"
        )
        screen.print(line, soft_wrap=True)
        screen.print(Text(f"{'':10}{printable(finding.command)}", "cyan"), soft_wrap=True)


def print_sum(inventory: Inventory, findings: Sequence[Finding]) -> None:
    """How many of what, in a line."""
    count = {severity: sum(finding.severity == severity for finding in findings) for severity in STYLES}
    told = ", ".join(f"{number} {severity}" for severity, number in count.items() if number)
    keys, found = counted(len(inventory.keys), "key"), counted(len(findings), "finding")
    console().print(_plain(f"{keys}, {found}{': ' + told if told else ''}."), soft_wrap=True)


def _table(*names: str) -> Any:
    from rich.table import Table

    return Table(*names, box=None, pad_edge=False, header_style="bold")


def _plain(text: str) -> Any:
    from rich.text import Text

    return Text(printable(text))
