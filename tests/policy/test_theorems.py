"""What holds in every world: theorems about decisions, on generated worlds."""

from __future__ import annotations

import copy
import random
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.policy.worlds import Chooser, World, decide, document, level, statement, world

from akia.policy import Outcome, PolicyType

if TYPE_CHECKING:
    from collections.abc import Callable

SIZE = 900
LAYERS = ("identity", "boundary", "session", "ceiling", "endpoint", "resource_policy")
theorem = settings(max_examples=400, deadline=None, database=None, suppress_health_check=list(HealthCheck))
worlds = given(st.binary(min_size=SIZE, max_size=SIZE))


def with_documents(asked: World, change: Callable[[Any], Any]) -> World:
    """The world with `change` applied to every list of documents."""
    changed = copy.deepcopy(asked)
    for layer in LAYERS:
        if changed[layer] is not None:
            changed[layer] = change(changed[layer])
    for layer in ("scp", "rcp"):
        changed[layer] = [change(level) for level in changed[layer]]
    return changed


def one_more(asked: World, choose: Chooser, effect: str) -> World:
    """The world with one more statement of this effect in one of the layers that it has."""
    changed = copy.deepcopy(asked)
    places = [(layer, changed[layer]) for layer in LAYERS if changed[layer] is not None]
    places += [(layer, level) for layer in ("scp", "rcp") for level in changed[layer]]
    layer, documents = choose.one(places)
    kind = asked["resource_type"] if layer == "resource_policy" else layer
    added = statement(choose, kind) | {"Effect": effect}
    if effect == "Allow" and "NotPrincipal" in added:
        added["Principal"] = added.pop("NotPrincipal")
    documents.append({"Version": "2012-10-17", "Statement": added})
    return changed


@theorem
@worlds
def test_an_explicit_deny_always_wins(data: bytes) -> None:
    decision = decide(world(Chooser(data)), every=True)
    denied = any(finding.denied_by for finding in decision.facts)
    assert denied is (decision.outcome is Outcome.EXPLICIT_DENY)
    if denied:
        assert decision.determining
        assert decision.blamed is not None


@theorem
@worlds
def test_nothing_is_allowed_that_no_policy_allows(data: bytes) -> None:
    asked = world(Chooser(data))
    if asked["caller"]["kind"] != "root":
        allowing = [finding for finding in decide(asked).facts if finding.allows]
        own = {PolicyType.IDENTITY, PolicyType.RESOURCE, PolicyType.TRUST}
        assert not decide(asked).allowed or own & {finding.type for finding in allowing}
        assert not decide(with_documents(asked, lambda _: [])).allowed


@pytest.mark.covers("I3.policy.theorems")
@theorem
@worlds
def test_adding_a_deny_never_allows(data: bytes) -> None:
    choose = Chooser(data)
    asked = world(choose)
    if not decide(asked).allowed:
        assert not decide(one_more(asked, choose, "Deny")).allowed


@pytest.mark.covers("I3.policy.theorems")
@theorem
@worlds
def test_adding_an_allow_never_denies(data: bytes) -> None:
    choose = Chooser(data)
    asked = world(choose)
    if decide(asked).allowed:
        assert decide(one_more(asked, choose, "Allow")).allowed


@pytest.mark.covers("I3.policy.theorems")
@theorem
@worlds
def test_order_never_matters(data: bytes) -> None:
    asked = world(Chooser(data))
    shuffle = random.Random(data)

    def shuffled(documents: list[Any]) -> list[Any]:
        documents = shuffle.sample(documents, len(documents))
        for each in documents:
            if isinstance(each, dict) and isinstance(each["Statement"], list):
                shuffle.shuffle(each["Statement"])
        return documents

    changed = with_documents(asked, shuffled)
    for layer in ("scp", "rcp"):
        shuffle.shuffle(changed[layer])
    one, other = decide(asked), decide(changed)
    assert (one.outcome, one.rule, one.blamed) == (other.outcome, other.rule, other.blamed)


@theorem
@worlds
def test_naming_every_statement_changes_nothing(data: bytes) -> None:
    asked = world(Chooser(data))
    one, other = decide(asked), decide(asked, every=True)
    assert (one.outcome, one.rule, one.blamed) == (other.outcome, other.rule, other.blamed)
    assert set(one.determining) <= set(other.determining)


def never_widens(data: bytes, field: str, new: Callable[[World, Chooser], Any]) -> None:
    choose = Chooser(data)
    asked = world(choose)
    without = asked | {field: [] if field in ("scp", "rcp") else None}
    if field == "session" and asked["caller"]["kind"] == "federated user":
        return  # P1.3-10: without a session policy a federated user may do nothing at all
    assert decide(without).allowed or not decide(without | {field: new(asked, choose)}).allowed


def another_level_never_widens(data: bytes, layer: str) -> None:
    """Wherever a level stands among those that there are."""
    choose = Chooser(data)
    asked = world(choose)
    place = choose.number(len(asked[layer]) + 1)
    added = [*asked[layer][:place], level(choose, layer), *asked[layer][place:]]
    assert decide(asked).allowed or not decide(asked | {layer: added}).allowed


@pytest.mark.covers("I3.policy.theorems")
@theorem
@worlds
def test_a_boundary_never_widens(data: bytes) -> None:
    never_widens(data, "boundary", lambda _, choose: [document(choose, "boundary")])


@pytest.mark.covers("I3.policy.theorems")
@theorem
@worlds
def test_a_session_policy_never_widens(data: bytes) -> None:
    never_widens(data, "session", lambda _, choose: [document(choose, "session")])


@pytest.mark.covers("O4")
@theorem
@worlds
def test_the_ceiling_of_a_key_never_widens(data: bytes) -> None:
    never_widens(data, "ceiling", lambda _, choose: [document(choose, "ceiling")])


@pytest.mark.covers("I3.policy.theorems")
@theorem
@worlds
def test_a_service_control_policy_never_widens(data: bytes) -> None:
    never_widens(data, "scp", lambda _, choose: [[document(choose, "scp")]])
    another_level_never_widens(data, "scp")


@pytest.mark.covers("I3.policy.theorems")
@theorem
@worlds
def test_a_resource_control_policy_never_widens(data: bytes) -> None:
    never_widens(data, "rcp", lambda _, choose: [[document(choose, "rcp")]])
    another_level_never_widens(data, "rcp")


@theorem
@worlds
def test_an_endpoint_policy_never_widens(data: bytes) -> None:
    never_widens(data, "endpoint", lambda _, choose: [document(choose, "endpoint")])


@pytest.mark.covers("I3.policy.theorems")
@theorem
@worlds
def test_a_wildcard_is_at_least_as_wide_as_its_instances(data: bytes) -> None:
    """Put `*` for a run of characters in the name of an action or in the last part of a resource of an Allow: what was allowed still is."""
    choose = Chooser(data)
    asked = world(choose)
    if decide(asked).allowed:
        assert decide(all_widened(asked, choose, "Allow")).allowed


@pytest.mark.covers("I3.policy.theorems")
@theorem
@worlds
def test_a_wildcard_denies_at_least_what_its_instances_deny(data: bytes) -> None:
    """The same in every Deny: what was denied explicitly still is."""
    choose = Chooser(data)
    asked = world(choose)
    if decide(asked).outcome is Outcome.EXPLICIT_DENY:
        assert decide(all_widened(asked, choose, "Deny")).outcome is Outcome.EXPLICIT_DENY


def all_widened(asked: World, choose: Chooser, effect: str) -> World:
    return with_documents(asked, lambda documents: [widened(each, choose, effect) for each in documents])


def widened(each: Any, choose: Chooser, effect: str) -> Any:
    if not isinstance(each, dict):
        return each
    statements = each["Statement"] if isinstance(each["Statement"], list) else [each["Statement"]]
    for one in statements:
        if one["Effect"] == effect:
            for element in {"Action", "Resource"} & one.keys():
                one[element] = [starred(text, choose) for text in ([one[element]] if isinstance(one[element], str) else one[element])]
    return each


def starred(text: str, choose: Chooser) -> str:
    """The pattern with a run in place of some of what follows its last colon. Variables are left whole."""
    head, colon, tail = text.rpartition(":")
    if not colon or "$" in text or " " in text or "," in text:
        return text
    start = 0 if choose.chance(50) else choose.number(len(tail) + 1)
    end = len(tail) if choose.chance(50) else start + choose.number(len(tail) + 1 - start)
    return f"{head}:{tail[:start]}*{tail[end:]}"


def test_the_theorems_have_something_to_say() -> None:
    """Among generated worlds every premise is met, and the changes do change decisions that they may change."""
    met: Counter[str] = Counter()
    for seed in range(600):
        choose = Chooser(random.Random(seed).randbytes(SIZE))
        asked = world(choose)
        before = decide(asked)
        met[before.outcome] += 1
        met["denied by one more"] += before.allowed > decide(one_more(asked, choose, "Deny")).allowed
        met["allowed by one more"] += before.allowed < decide(one_more(asked, choose, "Allow")).allowed
        for effect in ("Allow", "Deny"):
            met[f"changed by wider {effect}s"] += before.outcome is not decide(all_widened(asked, choose, effect)).outcome
        for layer in ("scp", "rcp"):
            met[f"withheld by one more {layer}"] += before.allowed > decide(asked | {layer: [*asked[layer], level(choose, layer)]}).allowed
    assert (len(met), min(met.values()) > 0) == (9, True), met
