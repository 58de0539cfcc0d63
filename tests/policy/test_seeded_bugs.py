"""Would the comparison notice? Twenty-odd bugs, of the kinds that such engines have had, are put into the engine one at a time.

Each is caught by the reference evaluator within a bounded number of generated worlds.
"""

from __future__ import annotations

import random
import re
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

import pytest
from tests.policy import reference_evaluator
from tests.policy.worlds import Chooser, World, world
from tests.policy.worlds import decide as decide_by_engine

from akia import policy
from akia.policy import action, compiled, evaluation, principal, resource, statement, variables, wildcard
from akia.policy.conditions import evaluate, operators, values
from akia.policy.principal import Grant

if TYPE_CHECKING:
    from collections.abc import Callable

decide = import_module("akia.policy.decide")  # the package shows the function of this name
WORLDS = 6_000
Patch = pytest.MonkeyPatch
BUGS: dict[str, Callable[[Patch], None]] = {}


@cache
def case(seed: int) -> tuple[World, tuple[str, str | None]]:
    asked = world(Chooser(random.Random(seed).randbytes(700)))
    return asked, reference_evaluator.evaluate(asked)


def differs(seed: int) -> bool:
    asked, expected = case(seed)
    try:
        decision = decide_by_engine(asked)
    except Exception:  # a bug that makes the engine fall over is caught as well
        return True
    return (str(decision.outcome), decision.blamed and str(decision.blamed)) != expected


@pytest.fixture(autouse=True)
def no_memory_of_other_bugs() -> None:
    wildcard.glob.cache_clear()
    values.address.cache_clear()


NOTHING = policy.compile('{"Statement":{"Effect":"Allow","Action":"x:y","Resource":"*"}}', policy.Kind.IDENTITY_INLINE, policy="nothing")
STATEMENT_OF_NO_ACTION = NOTHING.statements[0]


def bug(make: Callable[[Patch], None]) -> Callable[[Patch], None]:
    BUGS[make.__name__] = make
    return make


def without(patch: Patch, owner: Any, name: str, change: Callable[[Any], Any]) -> None:
    patch.setattr(owner, name, change(getattr(owner, name)))


@bug
def if_exists_is_ignored(patch: Patch) -> None:
    without(patch, evaluate, "operator_name", lambda read: lambda text: (found := read(text)) and found._replace(if_exists=False))


@bug
def if_exists_does_not_look_at_the_value(patch: Patch) -> None:
    without(patch, evaluate.Condition, "holds", lambda holds: lambda self, *args: self._if_exists or holds(self, *args))


@bug
def a_negated_operator_holds_if_any_value_differs(patch: Patch) -> None:
    def compare(make: Any) -> Any:
        def made(texts: list[str], flag: bool) -> Any:
            each = [make([text], flag) for text in texts]
            return lambda value, context, budget: all(one(value, context, budget) for one in each)

        return made

    rows = operators.OPERATORS.items()
    broken = {name: operators.Operator(row.name, compare(row.compare), True) for name, row in rows if row.negated}
    patch.setattr(operators, "OPERATORS", {**operators.OPERATORS, **broken})


@bug
def a_missing_key_meets_positive_operators(patch: Patch) -> None:
    without(patch, evaluate.Condition, "_plain", lambda plain: lambda self, present, *args: present is None or plain(self, present, *args))


@bug
def a_missing_key_fails_negated_operators(patch: Patch) -> None:
    def change(plain: Any) -> Any:
        return lambda self, present, *args: self._if_exists if present is None else plain(self, present, *args)

    without(patch, evaluate.Condition, "_plain", change)


@bug
def for_all_values_fails_without_the_key(patch: Patch) -> None:
    def change(holds: Any) -> Any:
        def changed(self: Any, context: Any, budget: Any) -> bool:
            return not (self._over == "forallvalues" and context.get(self.key) is None) and holds(self, context, budget)

        return changed

    without(patch, evaluate.Condition, "holds", change)


@bug
def for_any_value_holds_without_the_key_under_if_exists(patch: Patch) -> None:
    def change(holds: Any) -> Any:
        def changed(self: Any, context: Any, budget: Any) -> bool:
            missing = self._over == "foranyvalue" and self._if_exists and context.get(self.key) is None
            return missing or holds(self, context, budget)

        return changed

    without(patch, evaluate.Condition, "holds", change)


@bug
def a_plain_operator_takes_the_first_of_many_values(patch: Patch) -> None:
    def change(plain: Any) -> Any:
        return lambda self, present, *args: plain(self, present[:1] if isinstance(present, tuple) else present, *args)

    without(patch, evaluate.Condition, "_plain", change)


@bug
def conflicting_values_are_a_list(patch: Patch) -> None:
    patch.setattr(evaluate, "Conflicting", type("Nothing", (), {}))


@bug
def null_is_turned_around(patch: Patch) -> None:
    without(patch, evaluate, "truth", lambda read: lambda text: {True: False, False: True}.get(read(text)))


@bug
def doubt_meets_a_negated_operator_in_an_allow(patch: Patch) -> None:
    def change(one: Any) -> Any:
        return lambda self, *args: (self._negated and self._compare(*args) is None) or one(self, *args)

    without(patch, evaluate.Condition, "_one", change)


@bug
def an_unknown_operator_is_ignored(patch: Patch) -> None:
    def change(compile_block: Any) -> Any:
        def changed(block: Any, **options: Any) -> Any:
            return compile_block({name: keys for name, keys in block.items() if operators.operator_name(name)}, **options)

        return changed

    without(patch, statement, "compile_block", change)


@bug
def numbers_are_floats(patch: Patch) -> None:
    patch.setattr(values, "Decimal", float)


@bug
def numbers_may_have_exponents(patch: Patch) -> None:
    patch.setattr(values, "_NUMBER", re.compile(r"[-+0-9.e]+"))


@bug
def dates_lose_their_offset(patch: Patch) -> None:
    without(patch, values, "_moment", lambda moment: lambda part: moment(part | {"zone_hour": "0", "zone_minute": "0"}))


@bug
def a_bare_year_is_no_number_of_seconds(patch: Patch) -> None:
    patch.setattr(values, "_EPOCH", re.compile("[0-9]{5,19}"))


@bug
def actions_are_compared_in_their_case(patch: Patch) -> None:
    class Cased(str):
        __slots__ = ()

        def lower(self) -> str:
            return str(self)

    def change(init: Any) -> Any:
        return lambda self, texts, *, negated: init(self, [Cased(text) for text in texts], negated=negated)

    without(patch, action.Actions, "__init__", change)


@bug
def not_action_is_action(patch: Patch) -> None:
    without(patch, action.Actions, "__init__", lambda init: lambda self, texts, *, negated: init(self, texts, negated=False))


@bug
def a_run_crosses_colons_everywhere(patch: Patch) -> None:
    patch.setattr(resource, "_narrow", lambda heads, tail: wildcard.Glob(resource._whole(heads, tail)).matches)


@bug
def a_run_crosses_colons_nowhere(patch: Patch) -> None:
    patch.setattr(resource, "_wide", resource._narrow)


@bug
def not_resource_is_resource(patch: Patch) -> None:
    def change(init: Any) -> Any:
        return lambda self, texts, *, negated, **options: init(self, texts, negated=False, **options)

    without(patch, resource.Resources, "__init__", change)


@bug
def short_arns_match_nothing(patch: Patch) -> None:
    patch.setattr(resource, "_is_padded", lambda text, kind: False)


@bug
def an_unresolved_not_resource_allows(patch: Patch) -> None:
    def change(init: Any) -> Any:
        def changed(self: Any, *args: Any, **options: Any) -> None:
            init(self, *args, **options)
            self._lenient = True

        return changed

    without(patch, resource.Resources, "__init__", change)


@bug
def values_of_variables_are_patterns(patch: Patch) -> None:
    def change(resolved: Any) -> Any:
        def changed(self: Any, context: Any) -> Any:
            tokens = resolved(self, context)
            return (
                None if tokens is None else wildcard.pattern("".join(token if isinstance(token, str) else token.value for token in tokens))
            )

        return changed

    def matches(self: Any, value: str, context: Any, budget: Any) -> Any:
        tokens = self.resolved(context)
        return None if tokens is None else wildcard.Glob(tokens).matches(value, budget)

    without(patch, variables.Template, "resolved", change)
    patch.setattr(variables.Template, "matches", matches)


@bug
def variables_of_a_2008_document_are_replaced(patch: Patch) -> None:
    without(patch, variables, "parse", lambda parse: lambda text, *, variables, wildcards: parse(text, variables=True, wildcards=wildcards))
    for module in (resource, operators):
        patch.setattr(module, "parse", variables.parse)


@bug
def defaults_of_variables_are_forgotten(patch: Patch) -> None:
    patch.setattr(variables.Variable, "text", lambda self, context: value if isinstance(value := context.get(self.key), str) else None)


@bug
def an_empty_string_is_a_missing_variable(patch: Patch) -> None:
    without(patch, variables.Variable, "text", lambda text: lambda self, context: text(self, context) or self.default)


@bug
def a_deny_of_the_last_layer_is_lost(patch: Patch) -> None:
    without(patch, evaluation.Facts, "in_order", lambda in_order: lambda self: in_order(self)[:-1] or in_order(self))


@bug
def a_deny_loses_against_an_allow(patch: Patch) -> None:
    without(patch, evaluation._Question, "_denials", lambda _: lambda self, statements: ())


@bug
def levels_of_scps_unite(patch: Patch) -> None:
    def change(collect: Any) -> Any:
        def changed(request: Any, policies: Any, **options: Any) -> Any:
            united = compiled.PolicySet(document for level in policies.scps for document in level.documents)
            return collect(request, policies._replace(scps=(united,) if policies.scps else ()), **options)

        return changed

    without(patch, decide, "collect", change)


@bug
def scps_bind_the_management_account(patch: Patch) -> None:
    patch.setattr(evaluation, "_bound_by_scps", lambda request: request.principal.account is not None)


@bug
def a_boundary_is_forgotten(patch: Patch) -> None:
    without(patch, decide, "collect", lambda collect: lambda *args, **options: collect(*args, **options)._replace(boundary=None))


@bug
def a_grant_to_the_account_is_enough(patch: Patch) -> None:
    without(patch, principal.Principals, "grant", lambda grant: lambda self, caller: Grant.COMPLETE if grant(self, caller) else Grant.NONE)


@bug
def a_grant_to_a_role_ignores_the_boundary(patch: Patch) -> None:
    def change(grant: Any) -> Any:
        return lambda self, caller: Grant.COMPLETE if grant(self, caller) is Grant.ENTITY else grant(self, caller)

    without(patch, principal.Principals, "grant", change)


@bug
def one_name_of_the_chain_escapes_not_principal(patch: Patch) -> None:
    def denies(self: Any, caller: Any, *, bounded: bool) -> bool:
        if self._negated:
            return bounded or self._names.isdisjoint(caller.grants)
        return not self._names.isdisjoint(caller.heeded)

    patch.setattr(principal.Principals, "denies", denies)


@bug
def across_accounts_a_grant_is_enough(patch: Patch) -> None:
    patch.setattr(decide, "_across_accounts", decide._within_account)


@bug
def a_document_that_cannot_be_read_is_skipped(patch: Patch) -> None:
    patch.setattr(compiled, "_deny_everything", lambda kind, policy: STATEMENT_OF_NO_ACTION)


def test_without_a_bug_the_worlds_are_decided_alike() -> None:
    assert not any(differs(seed) for seed in range(500))


def test_there_are_at_least_twenty_bugs() -> None:
    assert len(BUGS) >= 20


@pytest.mark.covers("I2.policy.seeded_bugs")
@pytest.mark.parametrize("name", BUGS)
def test_a_seeded_bug_is_caught(name: str, monkeypatch: Patch) -> None:
    BUGS[name](monkeypatch)
    caught = next((seed for seed in range(WORLDS) if differs(seed)), None)
    assert caught is not None
