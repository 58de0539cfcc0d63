"""From the text of a document to all findings about it (P5.5)."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, NoReturn

from akia.policy import strict_json
from akia.policy.findings import (
    actions,
    addresses,
    condition_keys,
    condition_values,
    data_types,
    grammar,
    identity_providers,
    operators,
    organizations,
    passed_roles,
    principals,
    repetition,
    resource_types,
    resources,
    service_principals,
    sizes,
    statement_ids,
    tags,
    trust_policies,
    variables,
)
from akia.policy.findings.codes import CODES
from akia.policy.findings.draft import Draft
from akia.policy.findings.finding import Finding, Found, Location, Place, PolicyType, found
from akia.policy.positions import Position, Span, name_positions, positions

if TYPE_CHECKING:
    from collections.abc import Mapping

    from akia.policy.positions import Path

_THEMES = (
    data_types, grammar, statement_ids, actions, resources, resource_types, principals, trust_policies, identity_providers,
    service_principals, operators, condition_keys, condition_values, addresses, tags, variables, organizations, passed_roles, repetition,
    sizes,
)  # fmt: skip
_RULES = tuple(theme.rules for theme in _THEMES)
REPORTED = frozenset(code for rules in _RULES for code in rules.codes) | {"JSON_SYNTAX_ERROR"}
"""All codes that some rule reports."""


def validate(text: str, type: PolicyType, resource_type: str | None = None) -> list[Finding]:  # noqa: A002 - AWS's word for it
    """All findings about the document `text`, errors first, then in the order of the document. Never raises.

    `resource_type` is CloudFormation's name of the resource that a resource policy is for (`AWS::S3::Bucket`), if that is known.
    """
    try:
        value = strict_json.load(text)
    except strict_json.NotJson:
        return [_syntax_error(text)]
    draft = Draft(text, value, type, resource_type)
    spans, names = positions(text), name_positions(text)
    reports = dict.fromkeys((report.code, report.places, tuple(report.facts.items())) for rules in _RULES for report in rules.apply(draft))
    findings = [_finding(Found(code, places, dict(facts)), text, spans, names) for code, places, facts in reports]
    return sorted(findings, key=_order)


_SEVERITY = {kind: rank for rank, kind in enumerate(("ERROR", "SECURITY_WARNING", "WARNING", "SUGGESTION"))}


def _order(finding: Finding) -> tuple[int, int, str]:
    return _SEVERITY[finding.type], finding.locations[0].span.start.offset, finding.code


def _finding(report: Found, text: str, spans: Mapping[Path, Span], names: Mapping[Path, Span]) -> Finding:
    code = CODES[report.code]
    locations = tuple(Location(place, _span(place, text, (names if place.is_name else spans)[place.path])) for place in report.places)
    return Finding(code.name, code.type, code.text.format(**report.facts), code.link, locations)


def _span(place: Place, text: str, whole: Span) -> Span:
    """Of some characters of a text: their own span, unless the text is written with escapes."""
    if place.length is None or "\\" in whole.of(text):
        return whole
    first = whole.start.offset + 1 + place.start
    return Span(_moved(whole.start, first), _moved(whole.start, first + place.length))


def _moved(start: Position, offset: int) -> Position:
    """A place in the same line: texts have no line breaks in them."""
    return Position(start.line, start.column + offset - start.offset, offset)


def _syntax_error(text: str) -> Finding:
    offset = _place_of_error(text)
    line = text.count("\n", 0, offset) + 1
    column = offset - (text.rfind("\n", 0, offset) + 1)
    here = Position(line, column, offset)
    report = found("JSON_SYNTAX_ERROR", Place(()), index=str(offset), line=str(line), column=str(column))
    return _finding(report, text, {(): Span(here, here)}, {})


def _place_of_error(text: str) -> int:
    """Where the JSON goes wrong; the start if it cannot be told (nested too deeply)."""
    strange = re.search(r"[^\t\n\r\x20-\xff]", text)
    try:
        json.JSONDecoder(object_pairs_hook=_unique, parse_constant=_refuse).decode(text)
    except _NameTwice as twice:
        return _second(text, twice.name)
    except json.JSONDecodeError as error:
        return min(error.pos, strange.start()) if strange else error.pos
    except (ValueError, RecursionError):
        return 0
    return strange.start() if strange else min(len(text), strict_json.SIZE_LIMIT)


class _NameTwice(Exception):
    def __init__(self, name: str) -> None:
        self.name = name


def _unique(pairs: list[tuple[str, object]]) -> None:
    seen: set[str] = set()
    for name, _ in pairs:
        if name in seen:
            raise _NameTwice(name)
        seen.add(name)


def _refuse(_: str) -> NoReturn:
    raise ValueError


def _second(text: str, name: str) -> int:
    """The second place where `name` is written as a member's name."""
    places = [match.start() for match in re.finditer(rf"{re.escape(json.dumps(name))}\s*:", text)]
    return places[1] if len(places) > 1 else 0
