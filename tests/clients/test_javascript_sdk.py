"""The unmodified AWS SDK for JavaScript, in a program of ours, against akia as a user starts it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.clients.steps import STEPS

from akia.store.founding import KeyPair

if TYPE_CHECKING:
    from tests.clients.programs import Program
    from tests.served import Served

pytestmark = pytest.mark.covers("I4.clients.javascript")


@pytest.fixture(scope="module")
def outcomes(javascript: Program, served: Served) -> dict[str, str | None]:
    return javascript.outcomes(served, STEPS)


@pytest.mark.parametrize("step", STEPS)
def test_the_sdk_finds_all_that_it_expects(outcomes: dict[str, str | None], step: str) -> None:
    assert outcomes.get(step, "the program ended before this step") is None


def test_a_step_that_goes_wrong_is_told(javascript: Program, served: Served) -> None:
    stranger = KeyPair("AKIAIOSFODNN7EXAMPLE", "x" * 40)
    told = javascript.outcomes(served, ["caller", "nonsense"], stranger)
    assert "The security token included in the request is invalid" in str(told["caller"])
    assert "there is no step nonsense" in str(told["nonsense"])
