"""Fixtures: an organization."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from tests.organization import World, document

if TYPE_CHECKING:
    from akia.testing.in_process import InProcess


@pytest.fixture
def org(akia: InProcess) -> World:
    return World(akia)


@pytest.fixture(name="document")
def _document() -> Any:
    return document
