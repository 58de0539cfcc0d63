"""Fixtures of the tests of all services."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.variants.plenty import rehearsing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.variants.plenty import Plenty


@pytest.fixture(scope="module")
def plenty() -> Iterator[Plenty]:
    """A world with one of everything, in which nothing that is asked lasts."""
    with rehearsing() as world:
        yield world
