"""Condition keys against what AWS documents (P4.3), and against the actions of their statement."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from akia.aws import catalogue
from akia.aws.condition_keys import GLOBAL
from akia.policy.findings.actions import is_wild
from akia.policy.findings.finding import Found, Place, found
from akia.policy.findings.rules import Rules

if TYPE_CHECKING:
    from collections.abc import Iterator

    from akia.aws.condition_keys import ConditionKey
    from akia.policy.findings.draft import Condition, Statement

rules = Rules()
_FORMAT = re.compile(r"[^:\s]+:[^\s].*", re.ASCII)
SUPPORT_COST = 20
"""Steps that `supports` takes."""
DEPRECATED = {"aws:sourceowner": "aws:SourceArn or aws:SourceAccount"}
_PAIRS = {"aws:vpcsourceip": ("aws:SourceVpc", "aws:SourceVpce")}
"""Addresses in a VPC are only unique within it."""
_IRRELEVANT = {
    "AWS::S3::Bucket": frozenset({"s3:resourceaccount"}),
    "AWS::S3::AccessPoint": frozenset({"s3:resourceaccount"}),
}


def known(key: str) -> ConditionKey | None:
    """What AWS documents of `key`; None also for keys of services whose documentation is not at hand in full."""
    prefix = key.partition(":")[0]
    facts = catalogue.service(prefix) or catalogue.service("sts")  # identity providers' keys (`accounts.google.com:aud`) are of STS
    return GLOBAL.find(key) or (facts.condition_keys.find(key) if facts else None)


def is_in_full(prefix: str) -> bool:
    """Whether the keys of the service with this prefix are at hand."""
    facts = catalogue.service(prefix)
    return facts is not None and any(action.in_full for action in facts.actions.values())


@rules.condition(
    "DEPRECATED_GLOBAL_CONDITION_KEY",
    "INVALID_CONDITION_KEY_FORMAT",
    "INVALID_GLOBAL_CONDITION_KEY",
    "INVALID_SERVICE",
    "INVALID_SERVICE_CONDITION_KEY",
    "MISSING_TAG_KEY_IN_CONDITION",
    "UNSUPPORTED_GLOBAL_CONDITION_KEY",
)
def exists(statement: Statement, condition: Condition) -> Iterator[Found]:
    """Names of hosts before the colon are identity providers'; every claim of theirs may be a key."""
    key, place = condition.key, condition.place
    prefix = key.partition(":")[0].lower()
    if not _FORMAT.fullmatch(key):
        yield found("INVALID_CONDITION_KEY_FORMAT", place, key=key)
    elif key.lower() == "aws:arn":
        yield found("UNSUPPORTED_GLOBAL_CONDITION_KEY", place)
    elif key.lower() in DEPRECATED:
        yield found("DEPRECATED_GLOBAL_CONDITION_KEY", place, key=key, newer=DEPRECATED[key.lower()])
    elif known(key) is None:
        yield from _unknown(key, prefix, place)


def _unknown(key: str, prefix: str, place: Place) -> Iterator[Found]:
    family = key.rstrip("/")
    if known(f"{family}/tag-key") is not None:
        yield found("MISSING_TAG_KEY_IN_CONDITION", place, key=f"{family}/")
    elif prefix == "aws":
        yield found("INVALID_GLOBAL_CONDITION_KEY", place, key=key)
    elif "." in prefix or "/" in prefix or prefix == "saml":
        return
    elif not catalogue.is_service_prefix(prefix):
        yield found("INVALID_SERVICE", place, service=prefix)
    elif is_in_full(prefix):
        yield found("INVALID_SERVICE_CONDITION_KEY", place, key=key, service=prefix)


@rules.statement("DUPLICATE_KEYS_WITH_DIFFERENT_CASE")
def duplicates(statement: Statement) -> Iterator[Found]:
    """C3.1-3."""
    groups: dict[tuple[str, str], list[Condition]] = {}
    for condition in statement.conditions:
        groups.setdefault((condition.operator, condition.key.lower()), []).append(condition)
    for same in groups.values():
        if len(same) > 1:
            yield found("DUPLICATE_KEYS_WITH_DIFFERENT_CASE", *(condition.place for condition in same), key=same[0].key)


@rules.condition("MISSING_PAIRED_CONDITION_KEYS", "IRRELEVANT_CONDITION_KEY_IN_POLICY")
def company(statement: Statement, condition: Condition) -> Iterator[Found]:
    """Keys that mean little without another, or in this kind of policy."""
    key = condition.key.lower()
    pairs = _PAIRS.get(key, ())
    if pairs and statement.condition_keys.isdisjoint(pair.lower() for pair in pairs):
        yield found("MISSING_PAIRED_CONDITION_KEYS", condition.place, key=condition.key, pairs=", ".join(pairs))
    resource_type = statement.draft.resource_type or ""
    if key in _IRRELEVANT.get(resource_type, ()):
        yield found("IRRELEVANT_CONDITION_KEY_IN_POLICY", condition.place, key=condition.key, resource_type=resource_type)


@rules.condition("UNSUPPORTED_ACTION_FOR_CONDITION_KEY")
def unsupported_actions(statement: Statement, condition: Condition) -> Iterator[Found]:
    """Actions named in full whose requests never have a service's own key. Global keys are in every request, or depend on it."""
    documented, prefix = known(condition.key), condition.key.partition(":")[0].lower()
    if documented is None or GLOBAL.find(condition.key) or not is_in_full(prefix):
        return
    texts = [text for text in statement.texts("Action") if not is_wild(text.text) and statement.draft.affords(SUPPORT_COST)]
    wrong = [text for text in texts if not supports(text.text, documented)]
    if wrong:
        actions = ", ".join(text.text for text in wrong)
        places = [text.place for text in wrong]
        yield found("UNSUPPORTED_ACTION_FOR_CONDITION_KEY", condition.place, *places, actions=actions, key=condition.key)


def supports(action: str, key: ConditionKey) -> bool:
    """Whether requests for `action` can hold `key`; also true if the documentation of the action is not at hand."""
    prefix, _, name = action.partition(":")
    facts, service = catalogue.action(prefix, name), catalogue.service(prefix)
    if facts is None or service is None or not facts.in_full:
        return True
    uses = [use for use in facts.resource_types if use.type in service.resource_types]
    of_types = (name for use in uses for name in (*use.condition_keys, *service.resource_types[use.type].condition_keys))
    return key.name in {*facts.condition_keys, *of_types} or _is_for_whole_service(key, service)


def _is_for_whole_service(key: ConditionKey, service: catalogue.ServiceFacts) -> bool:
    """Some keys are documented for no action at all: their service puts them into requests of every kind."""
    if service.condition_keys.find(key.name) is None:
        return False
    of_actions = {name for action in service.actions.values() for name in action.condition_keys}
    of_uses = {name for action in service.actions.values() for use in action.resource_types for name in use.condition_keys}
    of_types = {name for kind in service.resource_types.values() for name in kind.condition_keys}
    return key.name not in of_actions | of_uses | of_types
