"""Variants of every operation's input, generated from its model: never a 500; a good answer, or an error that is documented.

Sent by unmodified clients that check nothing, as an administrator and as root, into a world with one of everything.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from tests.variants import expected
from tests.variants.asked import Asked, Told
from tests.variants.plenty import Plenty, rehearsing
from tests.variants.shown import echoes, flaws

from akia.services import every_service

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.covers("I4.contract.variants")

EVERY = [Asked(service, operation.name) for service, operations in every_service().items() for operation in operations]


@pytest.fixture(scope="module")
def world() -> Iterator[Plenty]:
    with rehearsing() as plenty:
        yield plenty


@pytest.mark.parametrize("asked", EVERY, ids=str)
def test_every_variant_is_answered_in_the_models_words(world: Plenty, asked: Asked) -> None:
    """With what the operation's output shape allows, or with an error that it documents. Somebody succeeds, but for `NEVER_DONE`."""
    complaints: list[str] = []
    done = False
    documented = {*asked.modelled(world), *expected.COMMON[asked.service], *expected.UNMODELLED.get(asked.key, ())}
    for told in asked.good(world):
        done |= not told.code
        complaints += _complaints(asked, told, documented)
    assert not complaints, "\n".join(complaints)
    assert done != (asked.key in expected.NEVER_DONE), "nobody succeeds" if not done else "somebody succeeds"


def _complaints(asked: Asked, told: Told, documented: set[str]) -> Iterator[str]:
    if told.code == "NotImplemented" and asked.key in expected.NOT_BUILT:
        return
    if told.code:
        if told.status >= 500 or told.code not in documented or not told.message:
            yield str(told)
        return
    too_strict, otherwise = expected.TOO_STRICT.get(asked.key, {}), expected.OTHERWISE.get(asked.key, {})
    yield from (f"{told}: {flaw}" for flaw in flaws(asked.operation.interface.output, told.response) if flaw not in too_strict)
    wrong = echoes(told.variant.members, told.response)
    yield from (f"{told}: {echo}" for echo in wrong if echo.partition(":")[0] not in otherwise)


_QUOTED, _OWN_WORDS = re.compile("'([^']*)'"), re.compile("^The specified value for ([^ ]+) is invalid")


@pytest.mark.parametrize("asked", EVERY, ids=str)
def test_every_broken_constraint_is_named(world: Plenty, asked: Asked) -> None:
    """Each constraint of the model is broken once, by itself."""
    protocol = asked.operation.service.protocol
    complaints = []
    for told in asked.broken(world):
        if told.variant.bent:
            right = told.code == expected.WRONG_TYPE[protocol]
        else:
            code = "ValidationError" if protocol == "query" else "ValidationException"
            named = told.variant.breaks in {*_QUOTED.findall(told.message), *_OWN_WORDS.findall(told.message)}
            right = named and told.code in {code, *expected.OWN_VIOLATIONS.get(asked.key, ())}
        if told.status != 400 or not right:
            complaints.append(f"{told} for {told.variant.breaks or told.variant.bent}")
    assert not complaints, "\n".join(complaints)
