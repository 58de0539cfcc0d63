"""The Makefile, tools/environment and the pinned requirements: what a fresh machine meets first."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PINS = sorted((ROOT / "requirements").glob("*.txt"))
VERBS = ["setup", "up", "test", "check", "bench", "shapes", "parity", "coverage", "tour", "clients", "clean"]


def run(*command: str, path: Path, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": str(path), "HOME": str(cwd)}
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """A directory of programs with no Python in it."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("sh", "make", "awk", "touch", "env"):
        found = shutil.which(name)
        assert found, f"{name} is needed to run akia's verbs"
        (folder / name).symlink_to(found)
    return folder


def program(path: Path, text: str) -> None:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


@pytest.mark.covers("I2.repo.verbs")
def test_make_alone_lists_every_verb_with_what_it_does(bare: Path) -> None:
    answer = run("make", path=bare)
    listed = dict(re.findall(r"^  make (\w+) +(\S.*)$", answer.stdout, re.MULTILINE))
    assert set(VERBS) <= listed.keys()


@pytest.mark.covers("I2.repo.setup")
@pytest.mark.parametrize("verb", ["setup", "up", "test"])
def test_without_python_one_line_says_what_is_missing(verb: str, bare: Path, tmp_path: Path) -> None:
    answer = run("make", "--silent", verb, path=bare, cwd=copy_of_the_verbs(tmp_path))
    assert answer.returncode != 0
    assert answer.stderr.splitlines()[0].startswith("akia needs Python 3.11 or newer: apt-get install python3")


@pytest.mark.covers("I2.repo.setup")
def test_an_old_python_is_passed_over(bare: Path, tmp_path: Path) -> None:
    program(bare / "python3", "exit 1")
    program(bare / "python3.12", f'case "$*" in *ensurepip*) exit 1;; esac; exec {sys.executable} "$@"')
    answer = run("make", "--silent", "setup", path=bare, cwd=copy_of_the_verbs(tmp_path))
    assert answer.stderr.splitlines()[0] == "akia needs python3-venv: apt-get install python3-venv"


@pytest.mark.covers("I2.repo.setup", "I2.repo.environments")
def test_an_environment_is_made_with_uv_where_uv_is(bare: Path, tmp_path: Path) -> None:
    cwd = copy_of_the_verbs(tmp_path)
    program(bare / "uv", 'echo "uv $*" >> uv.log')
    (bare / "python3").symlink_to(sys.executable)
    answer = run("make", "--silent", ".venv-peers/.ready", path=bare, cwd=cwd)
    made, installed = (cwd / "uv.log").read_text().splitlines()
    assert made.startswith("uv venv ") and made.endswith(" .venv-peers")
    assert installed == "uv pip install --quiet --python .venv-peers/bin/python --require-hashes -r requirements/bench-peers.txt"
    assert answer.stdout == "akia: making .venv-peers with uv (once)\n"


@pytest.mark.covers("I2.repo.setup")
def test_pip_installs_hashed_requirements_then_the_project_without_isolation(bare: Path, tmp_path: Path) -> None:
    cwd = copy_of_the_verbs(tmp_path)
    python = cwd / ".venv/bin/python"
    python.parent.mkdir(parents=True)
    program(python, 'echo "$*" >> pip.log')
    assert run("make", "--silent", "setup", path=bare, cwd=cwd).returncode == 0
    installs = [line.partition("--no-input ")[2] for line in (cwd / "pip.log").read_text().splitlines() if "--no-input" in line]
    assert installs == [
        "--require-hashes -r requirements/build.txt",
        "--require-hashes -r requirements/runtime.txt",
        "--no-deps --no-build-isolation --editable .",
        "--require-hashes -r requirements/dev.txt",
    ]


@pytest.mark.covers("I2.repo.setup")
def test_set_up_is_done_once_and_again_when_a_pin_changes(bare: Path, tmp_path: Path) -> None:
    cwd = copy_of_the_verbs(tmp_path)
    python = cwd / ".venv/bin/python"
    python.parent.mkdir(parents=True)
    program(python, 'echo "$*" >> pip.log')
    log = cwd / "pip.log"
    sizes = []
    for _ in range(2):
        run("make", "setup", path=bare, cwd=cwd)
        sizes.append(log.stat().st_size)
    later = (cwd / ".venv/.dev").stat().st_mtime + 10
    os.utime(cwd / "requirements/dev.txt", (later, later))
    run("make", "setup", path=bare, cwd=cwd)
    assert sizes[0] == sizes[1] < log.stat().st_size


@pytest.mark.covers("I2.repo.environments")
@pytest.mark.parametrize(("language", "tool"), [("javascript", "npm"), ("java", "mvn")])
def test_without_a_language_its_libraries_are_left_and_one_line_says_so(language: str, tool: str, bare: Path, tmp_path: Path) -> None:
    for name in ("mkdir", "rm"):
        (bare / name).symlink_to(str(shutil.which(name)))
    answer = run(str(ROOT / "tools/client_libraries"), language, path=bare, cwd=tmp_path)
    assert answer.returncode == 0, answer.stderr
    assert answer.stdout == f"akia: there is no {tool}, so the tests with AWS's SDK in {language} are skipped\n"
    assert not (tmp_path / ".clients" / language / ".ready").exists()


@pytest.mark.covers("I2.repo.environments")
def test_libraries_that_cannot_be_fetched_are_a_failure(bare: Path, tmp_path: Path) -> None:
    for name in ("mkdir", "rm"):
        (bare / name).symlink_to(str(shutil.which(name)))
    program(bare / "mvn", "exit 7")
    assert run(str(ROOT / "tools/client_libraries"), "java", path=bare, cwd=tmp_path).returncode == 7
    assert not (tmp_path / ".clients/java/.ready").exists()


@pytest.mark.covers("I2.repo.pins")
@pytest.mark.parametrize("pins", PINS, ids=lambda path: path.name)
def test_every_requirement_is_pinned_with_hashes_and_names_no_host(pins: Path) -> None:
    text = pins.read_text("utf-8")
    requirements = [line for line in text.replace("\\\n", " ").splitlines() if line.strip()]
    assert requirements
    for requirement in requirements:
        assert re.match(r"[a-z0-9_.-]+==\S+ ", requirement), requirement
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", requirement), requirement
    assert "://" not in text


@pytest.mark.covers("I2.repo.pins")
def test_each_pinned_file_has_a_source_and_akia_pins_one_botocore() -> None:
    named = {path.stem for path in (ROOT / "requirements").glob("*.in")} | {"runtime"}
    assert {path.stem for path in PINS} == named
    pinned = dict(re.findall(r"^([\w-]+)==(\S+)", (ROOT / "requirements/runtime.txt").read_text("utf-8"), re.MULTILINE))
    development = dict(re.findall(r"^([\w-]+)==(\S+)", (ROOT / "requirements/dev.txt").read_text("utf-8"), re.MULTILINE))
    assert "botocore" in pinned
    assert {name: version for name, version in development.items() if pinned.get(name, version) != version} == {}


def copy_of_the_verbs(tmp_path: Path) -> Path:
    """A checkout with nothing in it but what sets it up."""
    folder = tmp_path / "checkout"
    folder.mkdir()
    for name in ("Makefile", "pyproject.toml"):
        shutil.copy(ROOT / name, folder / name)
    shutil.copytree(ROOT / "requirements", folder / "requirements")
    (folder / "tools").mkdir()
    shutil.copy(ROOT / "tools/environment", folder / "tools/environment")
    return folder
