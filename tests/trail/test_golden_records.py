"""Records compared whole: each form of `userIdentity`, each redaction, each kind of refusal (AC1 to AC3)."""

from __future__ import annotations

import pytest
from tests.trail.golden_records import CASES, DIRECTORY, golden

pytestmark = pytest.mark.covers("I5.records.golden")


@pytest.mark.parametrize("case", CASES)
def test_the_record_is_the_golden_one(case: str) -> None:
    assert golden(case) == (DIRECTORY / f"{case}.json").read_text("utf-8")


def test_every_golden_file_has_its_case() -> None:
    assert {path.stem for path in DIRECTORY.iterdir()} == set(CASES)
