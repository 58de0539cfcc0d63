"""From uses to a policy: one statement for each set of resources, with all actions that were allowed on it."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from typing import TYPE_CHECKING

from akia.aws import catalogue

if TYPE_CHECKING:
    from collections.abc import Iterable

    from akia.store.trail.evidence import Use

NAMED = 20
"""Resources that a statement names; more than that of one collection become a pattern."""


def least_privilege(uses: Iterable[Use], *, placeholders: bool) -> str:
    """A policy that allows the uses that were allowed, or nothing if there were none.

    `placeholders`: the documented forms of the resources (`arn:${Partition}:iam::${Account}:user/…`) in place of those that were used.
    """
    resources: dict[str, set[str]] = defaultdict(set)
    for use in uses:
        if use.allowed:
            resources[use.action].update(_forms(use.action) if placeholders else {_literal(use.resource)})
    statements: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for action, used in sorted(resources.items()):
        statements[tuple(_collected(used))].append(action)
    if not statements:
        return ""
    listed = [
        {"Effect": "Allow", "Action": actions, "Resource": list(named) if named != ("*",) else "*"} for named, actions in statements.items()
    ]
    return json.dumps({"Version": "2012-10-17", "Statement": listed})


def _literal(resource: str) -> str:
    """The ARN as a pattern that matches it alone: what a caller named with a star in it must not become a wildcard (P4.1-3)."""
    head, colon, name = resource.rpartition(":")
    return resource if resource == "*" else head + colon + re.sub(r"[*?$]", lambda found: f"${{{found[0]}}}", name)


def _forms(action: str) -> set[str]:
    prefix, _, name = action.partition(":")
    facts = catalogue.action(prefix, name)
    found = (catalogue.resource_arn_pattern(prefix, use.type) for use in (facts.resource_types if facts else ()))
    return {form for form in found if form is not None} or {"*"}


def _collected(used: set[str]) -> list[str]:
    """The resources in order; of a collection with many of them (all users of an account), one pattern. `*` is all of them."""
    if "*" in used:
        return ["*"]
    collections: dict[str, list[str]] = defaultdict(list)
    for resource in used:
        collections[_collection(resource)].append(resource)
    return sorted(name for start, members in collections.items() for name in (members if len(members) <= NAMED else [f"{start}*"]))


def _collection(resource: str) -> str:
    """What stands before the name: `arn:aws:iam::111122223333:user/`."""
    head, last = resource.rpartition(":")[0], resource.rpartition(":")[2]
    kind, slash, _ = last.partition("/")
    return f"{head}:{kind}{slash}" if slash else f"{head}:"
