"""AWS services as principals of resource policies: the confused deputy (P1.8-2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from akia.policy.findings.finding import Found, PolicyType, found
from akia.policy.findings.principals import SERVICE_FORMAT, is_service_name
from akia.policy.findings.rules import Rules

if TYPE_CHECKING:
    from collections.abc import Iterator

    from akia.policy.findings.draft import Condition, Principal, Statement

rules = Rules()
_SOURCES = frozenset({"aws:sourcearn", "aws:sourceaccount", "aws:sourceorgid", "aws:sourceorgpaths", "aws:sourceowner"})
_WEAKER = frozenset({"aws:referer", "aws:sourceip", "aws:useragent", "s3:x-amz-acl"})
"""Keys with which people try to tell a service's callers apart."""
_OF_PRINCIPALS = (
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:principalarn",
    "aws:principalaccount",
    "aws:principaltag/",
    "aws:principaltype",
    "aws:userid",
    "aws:username",
)
"""Keys that no call of a service has (P4.3-7 to P4.3-10)."""
_NAMES_OF_SERVICES = frozenset({"aws:principalservicename", "aws:principalservicenameslist", "iam:passedtoservice", "iam:awsservicename"})


def _services(statement: Statement) -> list[Principal]:
    return [principal for principal in statement.principals if principal.key == "Service"]


@rules.statement("RESTRICT_ACCESS_TO_SERVICE_PRINCIPAL", "RECOMMENDED_CONDITION_KEY_FOR_SERVICE_PRINCIPAL")
def source(statement: Statement) -> Iterator[Found]:
    """P1.8-2. A role says whom it trusts, and services that assume one do so for its own account: trust policies are left out."""
    draft = statement.draft
    if draft.type is not PolicyType.RESOURCE or draft.is_trust or not statement.allows or not _SOURCES.isdisjoint(statement.condition_keys):
        return
    weaker = [condition for condition in statement.conditions if condition.key.lower() in _WEAKER]
    for principal in _services(statement):
        if not weaker:
            yield found("RESTRICT_ACCESS_TO_SERVICE_PRINCIPAL", principal.place)
        for condition in weaker:
            facts = {"service": principal.text, "key": condition.key}
            yield found("RECOMMENDED_CONDITION_KEY_FOR_SERVICE_PRINCIPAL", principal.place, condition.place, **facts)


@rules.statement("UNSUPPORTED_CONDITION_KEY_FOR_SERVICE_PRINCIPAL")
def keys(statement: Statement) -> Iterator[Found]:
    """Keys of callers with an account, in an Allow that only names services."""
    services = _services(statement)
    if not services or len(services) < len(statement.principals) or not statement.allows:
        return
    wrong = [condition for condition in statement.conditions if condition.key.lower().startswith(_OF_PRINCIPALS)]
    if wrong:
        names = ", ".join(condition.key for condition in wrong)
        yield found("UNSUPPORTED_CONDITION_KEY_FOR_SERVICE_PRINCIPAL", *(condition.place for condition in wrong), keys=names)


@rules.condition("INVALID_SERVICE_PRINCIPAL_FORMAT")
def names(statement: Statement, condition: Condition) -> Iterator[Found]:
    """Values of keys that hold a service principal; `kms:ViaService` holds one with a region."""
    key = condition.key.lower()
    if key not in _NAMES_OF_SERVICES and key != "kms:viaservice":
        return
    expected = f"service-name.AWS_region.{SERVICE_FORMAT.partition('.')[2]}" if key == "kms:viaservice" else SERVICE_FORMAT
    for value in condition.values if condition.base.startswith("String") else ():
        plain = value.text.replace("*", "x").replace("?", "x") if condition.base.endswith("Like") else value.text
        regional = key != "kms:viaservice" or plain.removesuffix(".cn").count(".") >= 3 or value.text != plain
        if "${" not in value.text and plain.strip("x") and not (is_service_name(plain) and regional):
            yield found("INVALID_SERVICE_PRINCIPAL_FORMAT", value.place, format=expected)
