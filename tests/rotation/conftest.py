from __future__ import annotations

from typing import Any

import pytest
from tests.rotation.rotating import Rotating


@pytest.fixture
def world(akia: Any, monkeypatch: pytest.MonkeyPatch) -> Rotating:
    return Rotating(akia, monkeypatch)
