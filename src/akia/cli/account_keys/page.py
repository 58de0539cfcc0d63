"""The report as one HTML file: charts, keys, findings. It asks for nothing outside, runs nothing, and shows others' text as text."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from typing import TYPE_CHECKING

from akia.cli.account_keys.cells import ago
from akia.cli.account_keys.charts import Bar, bars, text
from akia.cli.account_keys.findings import SEVERITIES
from akia.cli.account_keys.page_style import STYLE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    from akia.cli.account_keys.findings import Finding
    from akia.cli.account_keys.inventory import Inventory, Key

_AGES = ((30, "under 30 days", "good"), (75, "30 to 74", "good"), (90, "75 to 89", "medium"), (365, "90 to 364", "high"))
_USES = ((1, "today", "good"), (7, "within a week", "good"), (45, "within 45 days", "good"), (90, "45 to 89 days", "medium"))


def html_page(inventory: Inventory, findings: Sequence[Finding], preamble: str = "") -> str:
    """The whole page. `preamble` is a line for the shell that the commands presuppose, "" if they need none."""
    digest = b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    return "\n".join(
        [
            "<!doctype html>",
            '<html lang="en">',
            "<head>",
            '<meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
            '<meta name="referrer" content="no-referrer">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            '<meta name="color-scheme" content="light dark">',
            f"<title>Access keys of account {text(inventory.account)}</title>",
            f"<style>{STYLE}</style>",
            "</head>",
            "<body>",
            *_head(inventory, findings),
            *_charts(inventory, findings),
            *_findings(findings, preamble),
            *_keys(inventory, findings),
            *_notes(inventory),
            "</body>",
            "</html>",
            "",
        ]
    )


def _head(inventory: Inventory, findings: Sequence[Finding]) -> Iterator[str]:
    yield "<header>"
    yield f"<h1>Access keys of account {text(inventory.account)}</h1>"
    yield f"<p>{text(inventory.title)}, {inventory.taken:%Y-%m-%d %H:%M} UTC</p>"
    yield "</header>"
    urgent = sum(finding.severity in ("critical", "high") for finding in findings)
    tiles = (
        ("keys", len(inventory.keys), ""),
        ("active", sum(key.active for key in inventory.keys), ""),
        ("owners", len({key.user for key in inventory.keys}), ""),
        ("findings", len(findings), ""),
        ("critical or high", urgent, " urgent" if urgent else ""),
    )
    yield '<ul class="tiles">' + "".join(f'<li class="tile{tone}"><b>{number}</b> {label}</li>' for label, number, tone in tiles) + "</ul>"


def _charts(inventory: Inventory, findings: Sequence[Finding]) -> Iterator[str]:
    now, active = inventory.taken, [key for key in inventory.keys if key.active]
    worst = [Bar(name, sum(finding.severity == name for finding in findings), name) for name in SEVERITIES]
    yield '<section class="charts" aria-label="Charts">'
    yield bars("Age of active keys", _counted([key.age_days(now) for key in active], _AGES, "a year or more"))
    used = [key.idle_days(now) for key in active if key.used is not None]
    never = Bar("never", len(active) - len(used), "medium")
    yield bars("Last use of active keys", [*_counted(used, _USES, "longer ago"), never])
    yield bars("Findings", worst)
    yield "</section>"


def _counted(days: Sequence[int], bounds: Sequence[tuple[int, str, str]], rest: str) -> list[Bar]:
    counted, floor = [], -1
    for bound, label, tone in bounds:
        counted.append(Bar(label, sum(floor < day < bound for day in days), tone))
        floor = bound - 1
    return [*counted, Bar(rest, sum(day > floor for day in days), "high")]


def _findings(findings: Sequence[Finding], preamble: str) -> Iterator[str]:
    yield "<section><h2>Findings</h2>"
    if not findings:
        yield "<p>None.</p></section>"
        return
    yield "<p>Each with the command that mends it. Words in capitals are for you to replace.</p>"
    if preamble:
        yield f"<p>Before them: {_command(preamble)}</p>"
    yield from _table(("Severity", "Rule", "User", "Access key", "What", "Command"), (_finding_row(finding) for finding in findings))
    yield "</section>"


def _finding_row(finding: Finding) -> tuple[str, ...]:
    return (
        f'<span class="badge {finding.severity}">{finding.severity}</span>',
        text(finding.rule),
        text(finding.user),
        f"<code>{text(finding.access_key_id)}</code>" if finding.access_key_id else "",
        text(finding.text),
        _command(finding.command),
    )


def _command(command: str) -> str:
    """Its words stay whole, as far as there is room; browsers would break them at each hyphen."""
    words = (f"<span>{text(word)}</span>" for word in command.split(" "))
    return f'<code class="command">{" ".join(words)}</code>'


def _keys(inventory: Inventory, findings: Sequence[Finding]) -> Iterator[str]:
    columns = [
        column for column in _columns(inventory.taken, findings) if column[0] in _ALWAYS or any(column[1](key) for key in inventory.keys)
    ]
    yield "<section><h2>Keys</h2>"
    yield from _table([name for name, _ in columns], (tuple(shown(key) for _, shown in columns) for key in inventory.keys))
    yield "</section>"


_ALWAYS = ("User", "Access key", "Status", "Age", "Last used")


def _columns(now: datetime, findings: Sequence[Finding]) -> list[tuple[str, Callable[[Key], str]]]:
    """What is shown of a key, as HTML."""
    worst: dict[tuple[str, str], list[Finding]] = {}
    for finding in findings:
        worst.setdefault((finding.user, finding.access_key_id), []).append(finding)
    return [
        ("User", lambda key: text(key.user)),
        ("Access key", lambda key: f"<code>{text(key.access_key_id or '(not told)')}</code>"),
        ("Status", lambda key: key.status),
        ("Age", lambda key: f"{key.age_days(now)} d"),
        ("Last used", lambda key: f"{ago(key.used.time, now)} ago" if key.used else "never"),
        ("For", lambda key: text(f"{key.used.service} in {key.used.region}") if key.used and key.used.service else ""),
        ("From", lambda key: text(key.used.address) if key.used else ""),
        ("Owner", lambda key: text(key.owner)),
        ("Description", lambda key: text(key.description)),
        ("Ends", lambda key: f"{key.expires:%Y-%m-%d}" if key.expires else ""),
        ("Restricted", lambda key: text(", ".join(key.restrictions or ()))),
        ("Findings", lambda key: _badges([*worst.get((key.user, key.access_key_id), ()), *worst.get((key.user, ""), ())])),
    ]


def _badges(findings: Sequence[Finding]) -> str:
    distinct = dict.fromkeys((finding.severity, finding.rule) for finding in findings)
    return " ".join(f'<span class="badge {severity}">{text(rule)}</span>' for severity, rule in distinct)


def _notes(inventory: Inventory) -> Iterator[str]:
    if inventory.notes:
        yield (
            "<section><h2>What this does not tell</h2><ul>"
            + "".join(f"<li>{text(note)}</li>" for note in inventory.notes)
            + "</ul></section>"
        )


def _table(columns: Sequence[str], rows: Iterator[tuple[str, ...]]) -> Iterator[str]:
    """Cells are HTML already. Each has its column's name, for a screen that is too narrow for columns."""
    yield (
        '<div class="scroll" tabindex="0"><table><thead><tr>'
        + "".join(f'<th scope="col">{name}</th>' for name in columns)
        + "</tr></thead><tbody>"
    )
    for row in rows:
        yield "<tr>" + "".join(f'<td data-name="{name}">{cell}</td>' for name, cell in zip(columns, row, strict=True)) + "</tr>"
    yield "</tbody></table></div>"
