"""Worlds: a caller, a request and all the policies around them, as plain dictionaries, made from bytes.

The bytes are choices, so Hypothesis can make a failing world small, and a seeded generator can make as many as are wanted.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, TypeVar

from tests.policy.vocabulary import (
    ACTION_PATTERNS,
    ACTIONS,
    AWAY,
    CALLERS,
    FAMILIES,
    HOME,
    KEYS,
    MANAGEMENT,
    NOT_PRINCIPALS,
    PRINCIPALS,
    RESOURCE_PATTERNS,
    RESOURCES,
    TEXTS,
)

from akia import policy
from akia.policy import Conflicting, Decision, Kind, Policies, PolicySet, PolicyType, Principal, Request, Value
from akia.policy import principal as principals

if TYPE_CHECKING:
    from collections.abc import Sequence

World = dict[str, Any]
Choice = TypeVar("Choice")

KINDS = {
    "identity": Kind.IDENTITY_MANAGED,
    "boundary": Kind.BOUNDARY,
    "session": Kind.SESSION,
    "ceiling": Kind.CEILING,
    "scp": Kind.SCP,
    "rcp": Kind.RCP,
    "endpoint": Kind.ENDPOINT,
    "resource": Kind.RESOURCE,
    "trust": Kind.TRUST,
    "key": Kind.RESOURCE,
}


class Chooser:
    """Choices from bytes, one each. When they run out, everything is the first of its list, which is the plainest."""

    def __init__(self, data: bytes) -> None:
        self._bytes = iter(data)

    def number(self, below: int) -> int:
        return next(self._bytes, 0) % below

    def one(self, choices: Sequence[Choice]) -> Choice:
        return choices[self.number(len(choices))]

    def chance(self, percent: int) -> bool:
        """False, when the bytes have run out."""
        return next(self._bytes, 0) * 100 // 256 >= 100 - percent

    def some(self, choices: Sequence[Choice], least: int = 1) -> Choice | list[Choice]:
        """One of them bare, or a list of `least` to three."""
        if self.chance(60):
            return self.one(choices)
        return [self.one(choices) for _ in range(least + self.number(4 - least))]


def world(choose: Chooser) -> World:
    """A world, often a small one in which a single element of a statement decides, else one with all that there can be."""
    return small(choose) if choose.chance(35) else large(choose)


def small(choose: Chooser) -> World:
    everything: World = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    deny = choose.chance(50)
    deciding = everything | {"Effect": "Deny" if deny else "Allow"}
    if choose.chance(70):
        deciding["Condition"] = conditions(choose)
    else:
        del deciding["Resource"]
        deciding["NotResource" if choose.chance(30) else "Resource"] = choose.some(RESOURCE_PATTERNS)
    version = "2008-10-17" if choose.chance(10) else "2012-10-17"
    return {
        "caller": CALLERS[0],
        "resource_account": HOME,
        "management_account": None,
        "identity": [{"Version": version, "Statement": [everything, deciding] if deny else deciding}],
        "boundary": None,
        "session": None,
        "ceiling": None,
        "scp": [],
        "rcp": [],
        "endpoint": None,
        "resource_policy": None,
        "resource_type": "resource",
        **request(choose),
    }


def large(choose: Chooser) -> World:
    caller = choose.one(CALLERS[:7] if choose.chance(70) else CALLERS)
    resource_type = choose.one(["resource", "trust", "resource", "key", "resource", "resource"])
    away = choose.chance(20)
    return {
        "caller": caller,
        "resource_account": AWAY if away else choose.one([HOME, None]),
        "management_account": choose.one([None, None, MANAGEMENT, HOME, AWAY]),
        "identity": [document(choose, "identity") for _ in range(1 + choose.number(3))],
        "boundary": [document(choose, "boundary")] if choose.chance(25) else None,
        "session": [document(choose, "session") for _ in range(choose.number(3))] if choose.chance(30) else None,
        "ceiling": [document(choose, "ceiling") for _ in range(1 + choose.number(2))] if choose.chance(20) else None,
        "scp": [level(choose, "scp") for _ in range(choose.one([0, 0, 0, 1, 2]))],
        "rcp": [level(choose, "rcp") for _ in range(choose.one([0, 0, 0, 1, 2]))],
        "endpoint": level(choose, "endpoint") if choose.chance(15) else None,
        "resource_policy": [document(choose, resource_type)] if choose.chance(80) else None,
        "resource_type": resource_type,
        **request(choose),
    }


def request(choose: Chooser) -> World:
    """What is asked in a world; another one can take its place."""
    context = {key: choose.one(values) for key, values in KEYS.items() if choose.chance(75)}
    return {"action": choose.one(ACTIONS), "resource": choose.one(RESOURCES), "context": context}


def level(choose: Chooser, layer: str) -> list[Any]:
    everything: World = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}
    if KINDS[layer].names_principals:
        everything["Statement"]["Principal"] = "*"
    return ([] if choose.chance(8) else [everything]) + [document(choose, layer) for _ in range(choose.number(2))]


def document(choose: Chooser, layer: str) -> Any:
    """A document, or now and then something that is none."""
    if choose.chance(1):
        return choose.one(["", '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Conditon":{}}]}'])
    statements = [statement(choose, layer) for _ in range(1 + choose.number(3))]
    found: World = {"Statement": statements[0] if len(statements) == 1 else statements}
    if not choose.chance(15):
        found["Version"] = "2008-10-17" if choose.chance(15) else "2012-10-17"
    return found


def statement(choose: Chooser, layer: str) -> World:
    deny = choose.chance(15)
    found: World = {"Effect": "Deny" if deny else "Allow"}
    found["NotAction" if choose.chance(10) else "Action"] = "*" if choose.chance(30) else choose.some(ACTION_PATTERNS)
    if layer != "trust" and not (layer in ("resource", "key") and choose.chance(10)):
        found["NotResource" if choose.chance(15) else "Resource"] = "*" if choose.chance(25) else choose.some(RESOURCE_PATTERNS)
    if KINDS[layer].names_principals:
        aside = choose.chance(25) and layer not in ("trust", "rcp")
        found |= {"NotPrincipal": choose.one(NOT_PRINCIPALS)} if aside else {"Principal": choose.one(PRINCIPALS)}
    if choose.chance(60):
        found["Condition"] = conditions(choose)
    return found


def conditions(choose: Chooser) -> World:
    block: World = {}
    for _ in range(1 + choose.number(2)):
        operators, key, values = choose.one(FAMILIES)
        if choose.chance(5):
            values = TEXTS
        name = choose.one(operators)
        over = (
            choose.one(["", "", "", "ForAllValues:", "ForAnyValue:"])
            if key != "aws:TagKeys"
            else choose.one(["ForAllValues:", "ForAnyValue:", ""])
        )
        if_exists = "IfExists" if name != "Null" and choose.chance(30) else ""
        name = f"{over}{name}{if_exists}"
        if choose.chance(3):
            name = choose.one(["StringAlmostEquals", "NullIfExists", name.upper()])
        block.setdefault(name, {})[key.lower() if choose.chance(10) else key] = choose.some(values, least=0)
    return block


# The same world for the engine.


def decide(world: World, *, every: bool = False) -> Decision:
    """What the engine says of a world."""
    return policy.decide(engine_request(world), policies(world), every=every)


def engine_request(world: World) -> Request:
    context = {key: _value(value) for key, value in world["context"].items()}
    account, management = world["resource_account"], world["management_account"]
    return Request(caller(world["caller"]), world["action"], world["resource"], context, account, management)


def _value(value: Any) -> Value:
    if isinstance(value, dict):
        return Conflicting(value["conflict"])
    return value if isinstance(value, str) else tuple(value)


def policies(world: World) -> Policies:
    def united(layer: str, documents: list[Any] | None) -> PolicySet | None:
        return None if documents is None else PolicySet(compiled(text, layer, place) for place, text in enumerate(documents))

    return Policies(
        identity=united("identity", world["identity"]) or PolicySet(),
        boundary=united("boundary", world["boundary"]),
        session=united("session", world["session"]),
        ceiling=united("ceiling", world["ceiling"]),
        scps=tuple(united("scp", level) or PolicySet() for level in world["scp"]),
        rcps=tuple(united("rcp", level) or PolicySet() for level in world["rcp"]),
        resource=united(world["resource_type"], world["resource_policy"]),
        resource_type=PolicyType.TRUST if world["resource_type"] == "trust" else PolicyType.RESOURCE,
        resource_required=world["resource_type"] == "key",
        endpoint=united("endpoint", world["endpoint"]),
    )


def compiled(document: Any, layer: str, place: int) -> policy.Compiled:
    return policy.compile(document if isinstance(document, str) else json.dumps(document), KINDS[layer], policy=f"{layer}-{place}")


def caller(fields: World) -> Principal:
    match fields:
        case {"kind": "root", "account": account}:
            return principals.root(account)
        case {"kind": "user", "arn": arn, "id": unique_id, "account": account}:
            return principals.user(arn, unique_id, account)
        case {"kind": "role session", "arn": arn, "role_arn": role_arn, "role_id": role_id, "account": account}:
            return principals.role_session(arn, role_arn, role_id, account)
        case {"kind": "federated user", "arn": arn, "account": account, "user_arn": user_arn, "user_id": user_id}:
            return principals.federated_user(arn, account, user_arn, user_id)
        case {"kind": "service", "name": name}:
            return principals.service(name)
        case {"kind": "web identity", "provider": provider}:
            return principals.web_identity(provider)
        case {"kind": "saml", "provider": provider}:
            return principals.saml(provider)
    return principals.anonymous()
