"""The code cites numbers, and the numbers stand in the specification."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
NUMBER = re.compile(r"\b(?:P[1-6]\.\d|C3\.\d)(?:-\d+[a-f]?)?\b", re.ASCII)
SPECIFICATION = (ROOT / "docs/policy-evaluation.md").read_text("utf-8")


def test_every_number_that_code_or_tests_cite_is_defined() -> None:
    defined = set(re.findall(r"\*\*([PC]\d\.\d(?:-\d+[a-f]?)?)\*\*", SPECIFICATION, re.ASCII))
    files = [path for folder in ("src/akia", "tests/policy") for path in (ROOT / folder).rglob("*.py")]
    cited = {number: path.name for path in files for number in NUMBER.findall(path.read_text("utf-8"))}
    sections = {f"{number.rpartition('-')[0]}" for number in defined} | defined
    assert {number: name for number, name in cited.items() if number not in sections} == {}


def test_every_contested_point_of_the_engine_is_one_test() -> None:
    register = set(re.findall(r"^\| `(\w+)` \|", SPECIFICATION, re.MULTILINE))
    tests = (ROOT / "tests/policy/test_contested_policy.py").read_text("utf-8")
    elsewhere = {"quotas_are_settings", "query_services_keep_short_codes", "iam_lists_ask_the_collection"}
    written = set(re.findall(r"def test_contested_(\w+)\(", tests))
    assert written == register - elsewhere
    assert len(register) == 32
