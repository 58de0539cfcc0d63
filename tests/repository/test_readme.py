"""The README tells the truth: its commands, its help text, its links and its messages are those of the program."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from click import Context
from click.testing import CliRunner

from akia.cli.profile import one_line
from akia.cli.program import program

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")

pytestmark = pytest.mark.covers("I2.repo.readme")


def test_the_help_text_is_the_programs() -> None:
    told = CliRunner().invoke(program, ["--help"], prog_name="akia", terminal_width=78).output
    assert f"$ akia --help\n{told.rstrip()}\n```" in README


def test_every_command_and_option_that_is_shown_exists() -> None:
    for command, rest in re.findall(r"`akia ([a-z-]+)([^`]*)`", README):
        found = program.get_command(Context(program), command)
        assert found is not None, command
        options = {name for parameter in found.params for name in parameter.opts}
        assert set(re.findall(r"--[a-z-]+", rest)) <= options | {"--help"}, (command, rest)


def test_every_make_verb_that_is_shown_exists() -> None:
    verbs = set(re.findall(r"^([a-z]+):.*##", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    assert set(re.findall(r"\bmake ([a-z]+)\b(?! alone)", README)) - {"a", "it"} <= verbs


def test_every_link_leads_somewhere() -> None:
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", README):
        assert target.startswith("http") or (ROOT / target).exists(), target


def test_the_one_line_is_the_one_that_the_program_prints() -> None:
    shown = next(line for line in README.splitlines() if line.startswith("export "))
    told = one_line(Path("/home/you/.local/share/akia/profile"), "akia").replace("/home/you", "~")
    assert shown == told


def test_the_refusal_that_is_shown_is_the_one_that_is_given(akia: Any, refused: Any) -> None:
    message = refused(akia.person("alice").client("iam").list_users)[2]
    assert message in " ".join(README.split())
