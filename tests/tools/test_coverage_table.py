"""tools/coverage.py: which tests carry which claim."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tools import coverage

if TYPE_CHECKING:
    from pathlib import Path

CLAIMS = """# a comment
## Attacks
NT-04 | Missing or loose clock check
PT | Python traps
## The wire
I2.wire.routing | One endpoint serves all services
    tests/wire/test_routing.py::test_w3_*
I2.wire.json | JSON works
"""
SOURCE = '''
"""Tests."""
import pytest
pytestmark = [pytest.mark.slow, pytest.mark.covers("I2.wire.json")]
def test_nt_04_the_window_is_closed(): ...
def test_python_trap_underscored_integers(): ...
def test_w3_1_the_scope_names_the_service(): ...
@pytest.mark.covers("I2.wire.routing", "A5")
async def test_elsewhere(): ...
@pytest.mark.covers("C1")
class TestCli:
    def test_inside(self): ...
    def helper(self): ...
def not_a_test(): ...
'''


@pytest.fixture
def tests(tmp_path: Path) -> list[coverage.Test]:
    folder = tmp_path / "tests/wire"
    folder.mkdir(parents=True)
    (folder / "test_routing.py").write_text(SOURCE)
    (folder / "support.py").write_text("def test_nt_04_not_collected(): ...")
    return sorted(coverage.tests_below(tmp_path / "tests"))


def test_names_and_marks_of_functions_classes_and_modules_are_found(tests: list[coverage.Test]) -> None:
    assert {str(test): test.claims - {"I2.wire.json"} for test in tests} == {
        "tests/wire/test_routing.py::test_nt_04_the_window_is_closed": {"NT-04"},
        "tests/wire/test_routing.py::test_python_trap_underscored_integers": {"PT"},
        "tests/wire/test_routing.py::test_w3_1_the_scope_names_the_service": set(),
        "tests/wire/test_routing.py::test_elsewhere": {"I2.wire.routing", "A5"},
        "tests/wire/test_routing.py::test_inside": {"C1"},
    }
    assert all("I2.wire.json" in test.claims for test in tests)


def test_a_pattern_carries_a_claim_by_place(tests: list[coverage.Test]) -> None:
    routing = next(claim for claim in coverage.claims_in(CLAIMS) if claim.id == "I2.wire.routing")
    assert [test.name for test in coverage.carriers(routing, tests)] == ["test_elsewhere", "test_w3_1_the_scope_names_the_service"]


def test_an_empty_row_an_unknown_mark_and_a_dead_pattern_are_faults(tests: list[coverage.Test]) -> None:
    claims = coverage.claims_in(CLAIMS + "NT-05 | Presigned lifetime stretched\n    tests/nowhere.py::*\n")
    assert list(coverage.faults(claims, tests)) == [
        "coverage: no test carries NT-05: Presigned lifetime stretched",
        "coverage: no test fits tests/nowhere.py::*, given for NT-05",
        "coverage: tests/wire/test_routing.py::test_elsewhere is marked with A5, which nobody claims",
        "coverage: tests/wire/test_routing.py::test_inside is marked with C1, which nobody claims",
    ]


def test_the_table_shows_each_claim_beside_its_tests(tests: list[coverage.Test]) -> None:
    text = coverage.table(coverage.claims_in(CLAIMS), tests)
    attack = "[test_nt_04_the_window_is_closed](../tests/wire/test_routing.py)"
    assert f"\n\n## Attacks\n\n| claim | | tests |\n|---|---|---|\n| NT-04 | Missing or loose clock check | {attack} |\n" in text


def test_a_long_row_is_shortened() -> None:
    tests = [coverage.Test("tests/test_a.py", f"test_{number}", frozenset()) for number in range(coverage.SHOWN + 2)]
    assert coverage.cell(tests).count("<br>") == coverage.SHOWN
    assert coverage.cell(tests).endswith("<br>and 2 more")
    assert coverage.cell([]) == ""


@pytest.mark.parametrize("line", ["I2.wire.json | again", "I2.wire.xml without a bar"])
def test_a_line_that_is_no_claim_or_a_second_one_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match="not a claim"):
        coverage.claims_in(CLAIMS + line)


@pytest.mark.parametrize("name", ["test_nt_4_x", "test_nt_041_x", "test_ant_04_x", "nt_04_x", "test_nt_04"])
def test_other_names_carry_nothing(name: str) -> None:
    assert coverage.named(name) == set()


def test_the_claims_file_can_be_read_and_holds_every_attack_of_the_issue() -> None:
    ids = {claim.id for claim in coverage.claims_in(coverage.CLAIMS.read_text("utf-8"))}
    numbers = [*range(1, 18), 39, *range(41, 46), *range(51, 58), 64, 66, 67, 68, 71]
    assert {f"NT-{number:02}" for number in numbers} <= ids
    assert {"PT", "A1", "A8", "B4", "B9", "C1", "C3", "E1", "E6", "E7", "E12", "E14"} <= ids
