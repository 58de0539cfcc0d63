from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, is_typeddict

import pytest

from akia.wire.directory import SERVED

if TYPE_CHECKING:
    from akia.wire import Models

pytestmark = pytest.mark.covers("I2.wire.shapes")

TOOL = Path(__file__).parents[2] / "tools" / "shapes.py"


def test_the_generated_shapes_are_up_to_date() -> None:
    checked = subprocess.run([sys.executable, TOOL, "--check"], check=False, capture_output=True, text=True)
    assert checked.returncode == 0, checked.stderr


@pytest.mark.parametrize("service", [entry.name for entry in SERVED])
def test_every_input_and_output_has_its_typed_dict(service: str, models: Models) -> None:
    module = importlib.import_module(f"akia.wire.shapes.{service.replace('-', '_')}")
    for operation in map(models.service(service).operation, models.service(service).operation_names):
        for shape in (operation.interface.input, operation.interface.output):
            if shape is not None:
                typed = getattr(module, shape.name[0].upper() + shape.name[1:])
                assert is_typeddict(typed)
                assert typed.__required_keys__ | typed.__optional_keys__ == set(shape.members)
