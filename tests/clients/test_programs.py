"""The programs in other languages, as far as can be seen without their tools."""

from __future__ import annotations

import json
import re
from xml.etree import ElementTree

import pytest
from tests.clients import programs
from tests.clients.programs import ROOT, SOURCES
from tests.clients.steps import STEPS

TABLES = {
    "javascript/main.mjs": r'^  "?([a-z-]+)"?: [a-z]+\.[a-zA-Z]+,$',
    "java/src/akia/Main.java": r'Map\.entry\("([a-z-]+)", ',
    "go/main.go": r'^\t"([a-z-]+)": +[a-zA-Z]+,$',
}


@pytest.mark.covers("I4.clients.javascript", "I4.clients.java", "I4.clients.go")
@pytest.mark.parametrize("table", TABLES)
def test_every_program_has_every_step(table: str) -> None:
    assert tuple(re.findall(TABLES[table], (SOURCES / table).read_text("utf-8"), re.MULTILINE)) == STEPS


@pytest.mark.covers("I2.repo.pins")
def test_libraries_have_exact_versions_and_no_file_names_their_host() -> None:
    asked = json.loads((SOURCES / "javascript/package.json").read_text("utf-8"))["dependencies"]
    locked = json.loads((SOURCES / "javascript/package-lock.json").read_text("utf-8"))["packages"]
    assert {name: locked[f"node_modules/{name}"]["version"] for name in asked} == asked
    assert [name for name, package in locked.items() if name and ("resolved" in package or "integrity" not in package)] == []
    project = ElementTree.parse(SOURCES / "java/pom.xml").getroot()
    versions = [
        version.text or "" for version in project.findall(".//{*}dependency/{*}version") + project.findall(".//{*}plugin/{*}version")
    ]
    assert versions
    assert [version for version in versions if not re.fullmatch(r"\$\{aws\}|[0-9.]+", version)] == []
    assert (project.findtext("{*}properties/{*}aws") or "").count(".") == 2


def test_a_tool_that_is_absent_skips_a_test_but_fails_it_in_continuous_integration(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("EVERY_CLIENT", raising=False)
    with pytest.raises(pytest.skip.Exception, match="no-such-tool is not installed"):
        programs.tool("no-such-tool")
    monkeypatch.setenv("EVERY_CLIENT", "yes")
    with pytest.raises(pytest.fail.Exception, match="no-such-tool is not installed"):
        programs.tool("no-such-tool")
    assert "export EVERY_CLIENT=" in (ROOT / ".ci/run").read_text("utf-8")


def test_a_tool_that_is_too_old_skips_a_test() -> None:
    programs.recent("python3", "--version", (3, 11))
    with pytest.raises(pytest.skip.Exception, match=r"is older than 99\.1"):
        programs.recent("python3", "--version", (99, 1))
