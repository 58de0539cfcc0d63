"""Access Analyzer's findings: every code is reported where it should be, at the exact place, and not elsewhere (P5.5)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from tests.policy.findings import condition_rows, element_rows, principal_rows

from akia.policy.findings import CANNOT_OCCUR, CODES, REPORTED, FindingType, PolicyType, validate

if TYPE_CHECKING:
    from tests.policy.findings.rows import Case

ROWS = element_rows.ROWS + condition_rows.ROWS + principal_rows.ROWS


def _codes(text: str, kind: PolicyType = PolicyType.IDENTITY, resource_type: str | None = None) -> list[str]:
    return [finding.code for finding in validate(text, kind, resource_type)]


@pytest.mark.parametrize("case", ROWS, ids=lambda case: case.code)
def test_p5_5_a_finding_is_reported_at_its_place(case: Case) -> None:
    found = [finding for finding in validate(case.bad, case.type, case.resource_type) if finding.code == case.code]
    assert found, _codes(case.bad, case.type, case.resource_type)
    parts = [location.span.of(case.bad) for location in found[0].locations]
    assert parts == ([case.bad] if case.parts == ["*"] else case.parts)
    assert found[0].type is CODES[case.code].type
    assert found[0].details
    assert "{" not in found[0].details.replace("${ }", "").replace("${", "")
    assert found[0].link.endswith(case.code.lower().replace("_", "-"))


@pytest.mark.parametrize("case", ROWS, ids=lambda case: case.code)
def test_p5_5_a_near_document_does_not_have_the_finding(case: Case) -> None:
    assert case.code not in _codes(case.good, case.type, case.resource_type)


def test_p5_5_every_code_is_reported_by_a_rule_or_has_a_reason_why_not() -> None:
    assert frozenset(CODES) == REPORTED | set(CANNOT_OCCUR)
    assert REPORTED.isdisjoint(CANNOT_OCCUR)


def test_p5_5_every_code_that_is_reported_has_a_row_here() -> None:
    assert {case.code for case in ROWS} == REPORTED


def test_p5_5_1_the_catalogue_has_135_codes_of_four_types_and_five_for_resource_control_policies() -> None:
    of_rcps = {name for name in CODES if "RCP" in name}
    counted = {kind: sum(code.type is kind for name, code in CODES.items() if name not in of_rcps) for kind in FindingType}
    assert len(of_rcps) == 5
    assert sum(counted.values()) == 135
    assert (counted[FindingType.SECURITY_WARNING], counted[FindingType.WARNING], counted[FindingType.SUGGESTION]) == (14, 23, 25)


def test_a_sound_policy_has_no_findings() -> None:
    sound = {"Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject"], "Resource": "arn:aws:s3:::b/${aws:username}/*"}
    assert _codes(json.dumps({"Version": "2012-10-17", "Statement": [sound]})) == []


def test_lines_and_columns_are_told_like_access_analyzer_does() -> None:
    statement = '{\n    "Effect": "allow",\n    "Action": "*", "Resource": "arn:aws:s3:::b/${}"\n  }'
    text = f'{{\n  "Version": "2012-10-17",\n  "Statement": {statement}\n}}'
    effect, variable = (finding.locations[0] for finding in validate(text, PolicyType.IDENTITY)[:2])
    assert (effect.span.start.line, effect.span.start.column) == (4, 14)
    assert effect.span.start.offset == text.index('"allow"')
    assert variable.place.path == ("Statement", "Resource")
    assert (variable.place.start, variable.place.length) == (15, 3)
    assert variable.span.of(text) == "${}"
    assert variable.span.start.line == 5


def test_a_syntax_error_is_shown_where_it_is() -> None:
    (finding,) = validate('{"Version": "2012-10-17",\n "Statement": [,]}', PolicyType.IDENTITY)
    start = finding.locations[0].span.start
    assert (start.line, start.column, start.offset) == (2, 15, 41)
    assert finding.details == "Fix the JSON syntax error at index 41 line 2 column 15."


def test_errors_come_first_and_the_order_is_that_of_the_document() -> None:
    text = '{"Statement": [{"Sid": "", "Effect": "allow", "Action": "s3:Nope", "Resource": "*"}]}'
    types = [finding.type for finding in validate(text, PolicyType.IDENTITY)]
    assert types == sorted(types, key=["ERROR", "SECURITY_WARNING", "WARNING", "SUGGESTION"].index)
    assert _codes(text)[:2] == ["INVALID_EFFECT", "INVALID_ACTION"]


def test_a_misspelt_action_is_answered_with_the_right_one() -> None:
    text = json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": "iam:CreteUser", "Resource": "*"}})
    assert validate(text, PolicyType.IDENTITY)[0].details.endswith("Did you mean iam:CreateUser?")


@pytest.mark.parametrize(
    "text", ["", "{", "null", "7", '"a"', "[]", "{}", '{"Statement": null}', '{"Statement": [null, [], "a", {}]}', "[" * 5_000, "\ufeff{}"]
)
@pytest.mark.parametrize("kind", list(PolicyType))
def test_nt_55_whatever_is_sent_gets_findings_and_no_failure(text: str, kind: PolicyType) -> None:
    assert validate(text, kind)


def test_nt_53_a_long_document_is_looked_at_less_closely_but_still_whole() -> None:
    actions = [f"s3:*a{number}*" for number in range(4_000)]
    text = json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "allow", "Action": actions, "Resource": "*"}})
    codes = _codes(text)
    assert "INVALID_EFFECT" in codes
    assert "REDUNDANT_ACTION" not in codes
