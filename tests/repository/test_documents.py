"""What stands beside the code."""

from __future__ import annotations

import re
import tomllib
from itertools import chain
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TEXT = {".py", ".md", ".txt", ".in", ".toml", ".ini", ".json", ".sh", ".yml", ".mjs", ".java", ".xml", ".go", ".mod", ".sum", ""}
PLACES_OF_ONE_MACHINE = re.compile(
    "/wor"
    + r"k/\w|/roo"
    + r"t/\w|\.\./share"
    + "d|py"
    + r"pi\.org|pythonho"
    + r"sted\.org|registry\.np"
    + r"mjs|repo1?\.mav"
    + r"en|proxy\.gol"
    + "ang"
)


def committed() -> list[Path]:
    """The text files of the repository, wherever it was cloned from."""
    folders = ("src", "tests", "tools", "bench", "docs", "requirements", ".ci")
    below = chain.from_iterable((ROOT / folder).rglob("*") for folder in folders)
    files = [path for path in chain(below, ROOT.iterdir()) if path.is_file() and path.suffix in TEXT]
    return [path for path in files if not {"__pycache__", "node_modules"} & set(path.parts) and not path.name.startswith(".coverage")]


@pytest.mark.covers("I2.repo.documents")
def test_the_licence_is_the_one_that_the_package_declares() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["license"] == "Apache-2.0"
    text = (ROOT / "LICENSE").read_text("utf-8")
    assert text.split()[:4] == ["Apache", "License", "Version", "2.0,"]
    assert "END OF TERMS AND CONDITIONS" in text


@pytest.mark.covers("I2.repo.documents")
def test_the_changelog_begins_with_what_is_not_released_or_with_this_version() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    first = re.search(r"^## (.+)$", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    assert first is not None
    assert first[1] == "Unreleased" or first[1].startswith(version)


@pytest.mark.covers("I2.repo.documents")
def test_the_architecture_names_every_package() -> None:
    text = (ROOT / "docs/ARCHITECTURE.md").read_text("utf-8")
    packages = [path.name for path in (ROOT / "src/akia").iterdir() if (path / "__init__.py").exists()]
    assert packages
    assert [name for name in packages if f"{name}/" not in text] == []


@pytest.mark.covers("I2.repo.documents")
def test_decision_records_are_numbered_without_a_gap() -> None:
    numbers = sorted(int(path.name[:4]) for path in (ROOT / "docs/adr").glob("[0-9]*.md"))
    assert numbers == list(range(1, len(numbers) + 1))
    assert numbers


@pytest.mark.covers("I2.repo.documents")
def test_nothing_names_a_place_of_one_machine_or_a_registry() -> None:
    found = [str(path.relative_to(ROOT)) for path in committed() if PLACES_OF_ONE_MACHINE.search(path.read_text("utf-8"))]
    assert found == []


@pytest.mark.covers("I2.repo.documents")
def test_the_data_carry_their_source_s_licence() -> None:
    notice = (ROOT / "src/akia/aws/data/README.md").read_text("utf-8")
    assert "Copyright 2019 Salesforce.com" in notice
    assert "Permission is hereby granted, free of charge" in notice
