"""What the attacks share: an akia for a whole module where its state does not matter, and somebody who watches."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from tests.attacks.refusals import Observer
from tests.attacks.signer import Signer
from tests.conftest import World

from akia.testing.in_process import ACCOUNT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.conftest import Person


@pytest.fixture(scope="module")
def shared() -> Iterator[World]:
    """One akia for all tests of a module."""
    world = World(ACCOUNT)
    yield world
    world.close()


@pytest.fixture(scope="module")
def bob(shared: World) -> Person:
    """A user who may do everything, so that only the signature can be what is wrong."""
    return shared.person("bob", {"Action": "*"})


@pytest.fixture(scope="module")
def nobody(shared: World) -> Person:
    """A user without any policy."""
    return shared.person("nobody")


@pytest.fixture
def observer(shared: World) -> Observer:
    return Observer(shared)


@pytest.fixture(scope="module")
def signer(bob: Any) -> Signer:
    """Signs as `bob`."""
    return Signer.of(bob.key)
