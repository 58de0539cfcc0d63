"""Skipping a step of the pipeline is a type error, and only one module each makes the proofs that the next step demands."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

import akia

REPOSITORY = Path(__file__).parents[2]
SENTENCE = Path(__file__).with_name("sentence.txt")
SOURCES = Path(str(akia.__file__)).parent


@pytest.mark.covers("I2.types.pipeline")
def test_skipping_a_step_is_a_type_error(tmp_path: Path) -> None:
    lines = SENTENCE.read_text("utf-8").splitlines()
    expected = {(number, code) for number, line in enumerate(lines, 1) for code in re.findall(r"# error: (\S+)", line)}
    module = tmp_path / "sentence.py"
    module.write_text("\n".join(lines) + "\n", "utf-8")
    run = subprocess.run([sys.executable, "-m", "mypy", str(module)], cwd=REPOSITORY, capture_output=True, text=True, check=False)
    told = re.findall(r"^\S*sentence\.py:(\d+): error: .*\[([a-z-]+)\]$", run.stdout, re.MULTILINE)
    assert {(int(line), code) for line, code in told} == expected, run.stdout + run.stderr
    assert len(expected) > 15


def made_in(name: str) -> set[str]:
    """The modules of akia that call `name(...)`."""
    found = set()
    for path in SOURCES.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name:
                found.add(str(path.relative_to(SOURCES)))
    return found


@pytest.mark.covers("I2.types.pipeline")
@pytest.mark.parametrize(("proof", "maker"), [("Caller", "pipeline/authenticate.py"), ("Grant", "pipeline/authorize.py")])
def test_a_proof_has_one_maker(proof: str, maker: str) -> None:
    assert made_in(proof) == {maker}
