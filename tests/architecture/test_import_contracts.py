"""Who may import whom (importlinter.ini)."""

from __future__ import annotations

import configparser
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.covers("I2.repo.layers")
def test_every_import_points_down() -> None:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--config", "importlinter.ini", "--no-cache", "--no-logo"]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stdout


@pytest.mark.covers("I2.repo.layers")
def test_every_package_stands_in_a_layer() -> None:
    contracts = configparser.ConfigParser()
    contracts.read(ROOT / "importlinter.ini")
    layers = contracts["importlinter:contract:direction"]["layers"].replace("|", " ").replace("(", "").replace(")", "").split()
    packages = {path.stem for path in (ROOT / "src/akia").iterdir() if path.is_dir() or path.suffix == ".py"}
    assert packages - {"__init__", "__main__", "__pycache__"} <= set(layers)


@pytest.mark.covers("I2.repo.layers")
def test_every_directory_of_modules_is_a_package() -> None:
    # Without its __init__.py a directory is neither seen by the contracts nor put into the wheel.
    directories = {path.parent for path in (ROOT / "src/akia").rglob("*.py")}
    assert sorted(str(path.relative_to(ROOT)) for path in directories if not (path / "__init__.py").exists()) == []
