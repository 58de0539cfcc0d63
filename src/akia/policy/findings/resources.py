"""`Resource` and `NotResource` against the forms of ARNs that AWS documents (P2.2)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from akia.aws import catalogue, regions
from akia.policy.findings.actions import is_wild, redundant_texts
from akia.policy.findings.finding import Found, found
from akia.policy.findings.rules import Rules
from akia.policy.resource_syntax import PARTITIONS
from akia.policy.wildcard import Budget, Wild, glob, pattern

if TYPE_CHECKING:
    from collections.abc import Iterator

    from akia.policy.findings.draft import Draft, Statement, Text

rules = Rules()
FIELDS = 6
_VARIABLE = re.compile(r"\$\{[^}]*\}")
_ACCOUNT = re.compile(r"[0-9]{12}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Form:
    """The form of a documented resource type: whether it has a region and an account, and a pattern of its last part."""

    has_region: bool
    has_account: bool
    resource: str


_MORE = {"iam": (Form(has_region=False, has_account=True, resource="root"),)}
"""Forms that AWS documents with another service: the root user is a resource of STS."""


@lru_cache(maxsize=256)
def forms(service: str) -> tuple[Form, ...]:
    """The forms of the ARNs whose third part is `service`; none if AWS's documentation of it is not at hand in full."""
    facts = catalogue.service(service)
    types = facts.resource_types.values() if facts else ()
    parts = [each.arn_pattern.split(":", FIELDS - 1) for each in types]
    found = (Form(bool(part[3]), bool(part[4]), _VARIABLE.sub("*", part[5])) for part in parts if part[2] == service)
    return (*found, *_MORE.get(service, ()))


def overlap(one: str, other: str) -> bool:
    """Whether some text matches both patterns."""
    return _overlap(_letters(one), _letters(other))


def _letters(text: str) -> tuple[str | Wild, ...]:
    return tuple(letter for token in pattern(text) for letter in ([token] if isinstance(token, Wild) else token))


def _overlap(one: tuple[str | Wild, ...], other: tuple[str | Wild, ...]) -> bool:
    """Both are walked at once; `reached` are the places in `other` for the place in `one`."""
    reached = _past_runs({0}, other)
    for letter in one:
        if letter is Wild.RUN:
            reached = set(range(min(reached), len(other) + 1)) if reached else set()
        else:
            reached = _past_runs({end for place in reached if place < len(other) for end in _step(letter, place, other)}, other)
    return len(other) in reached


def _step(letter: str | Wild, place: int, other: tuple[str | Wild, ...]) -> Iterator[int]:
    theirs = other[place]
    if theirs is Wild.RUN:
        yield place
    elif theirs == letter or Wild.ONE in (theirs, letter):
        yield place + 1


def _past_runs(places: set[int], other: tuple[str | Wild, ...]) -> set[int]:
    for place in sorted(places):
        end = place
        while end < len(other) and other[end] is Wild.RUN:
            end += 1
            places.add(end)
    return places


@rules.statement(
    "ARN_ACCOUNT_NOT_ALLOWED",
    "ARN_REGION_NOT_ALLOWED",
    "INVALID_ARN_ACCOUNT",
    "INVALID_ARN_PREFIX",
    "INVALID_ARN_REGION",
    "INVALID_ARN_RESOURCE",
    "INVALID_ARN_SERVICE_CASE",
    "INVALID_PARTITION",
    "INVALID_SERVICE",
    "MISSING_ARN_FIELD",
    "MISSING_ARN_REGION",
    "WILDCARD_IN_SERVICE_NAME",
)
def arns(statement: Statement) -> Iterator[Found]:
    """P5.2-6 and what the catalogue says of each service. Variables stand for any text."""
    for text in statement.texts("Resource", "NotResource"):
        if text.text.strip("*") or not text.text:
            yield from _judged(statement.draft, text)


def _judged(draft: Draft, text: Text) -> Iterator[Found]:
    parts = _VARIABLE.sub("*", text.text).split(":", FIELDS - 1)
    if parts[0] != "arn":
        yield found("INVALID_ARN_PREFIX", text.place)
    elif len(parts) < FIELDS:
        yield found("MISSING_ARN_FIELD", text.place, fields=str(FIELDS))
    else:
        _, partition, service, region, account, resource = parts
        if not any(glob(pattern(partition)).matches(known, Budget()) for known in PARTITIONS):
            yield found("INVALID_PARTITION", text.place, partition=partition, partitions=", ".join(PARTITIONS))
        yield from _service(text, service)
        yield from _form(draft, text, service, region, account, resource)


def _service(text: Text, service: str) -> Iterator[Found]:
    if is_wild(service):
        yield found("WILDCARD_IN_SERVICE_NAME", text.place)
    elif service != service.lower() and catalogue.is_service_prefix(service):
        yield found("INVALID_ARN_SERVICE_CASE", text.place, service=service)
    elif not catalogue.is_service_prefix(service) and service not in _ONLY_IN_ARNS:
        yield found("INVALID_SERVICE", text.place, service=service)


_ONLY_IN_ARNS = frozenset({"apigateway", "execute-api", "s3-object-lambda", "s3-outposts", "elasticloadbalancing"})


def _form(draft: Draft, text: Text, service: str, region: str, account: str, resource: str) -> Iterator[Found]:
    known = forms(service)
    if not draft.affords(sum(len(form.resource) for form in known) * len(resource)):
        known = ()
    fitting = [form for form in known if overlap(resource, form.resource)]
    if known and not fitting:
        yield found("INVALID_ARN_RESOURCE", text.place, service=service)
    if fitting:
        yield from _region_fits(text, service, region, fitting)
        yield from _account_fits(text, service, account, fitting)
    if region and not is_wild(region) and region not in regions.NAMES:
        yield found("INVALID_ARN_REGION", text.place, region=region)
    if account not in {"", "aws"} and not is_wild(account) and not _ACCOUNT.fullmatch(account):
        yield found("INVALID_ARN_ACCOUNT", text.place, account=account)


def _region_fits(text: Text, service: str, region: str, fitting: list[Form]) -> Iterator[Found]:
    if region.strip("*") and not any(form.has_region for form in fitting):
        yield found("ARN_REGION_NOT_ALLOWED", text.place, service=service)
    elif not region and all(form.has_region for form in fitting):
        yield found("MISSING_ARN_REGION", text.place, service=service)


def _account_fits(text: Text, service: str, account: str, fitting: list[Form]) -> Iterator[Found]:
    if account.strip("*") and not any(form.has_account for form in fitting):
        yield found("ARN_ACCOUNT_NOT_ALLOWED", text.place, service=service)
    elif not account and all(form.has_account for form in fitting):
        yield found("INVALID_ARN_ACCOUNT", text.place, account=account)


@rules.statement("REDUNDANT_RESOURCE")
def redundant(statement: Statement) -> Iterator[Found]:
    """Resources of a list that another of the same list covers whole."""
    for element in ("Resource", "NotResource"):
        spare = redundant_texts(statement, element, _covers)
        if spare:
            yield found("REDUNDANT_RESOURCE", *(text.place for text in spare), count=str(len(spare)))


def _covers(wide: str, narrow: str) -> bool:
    """Part by part (P2.2-1). A star of `narrow` is taken as text that only a star can match."""
    if not wide.strip("*"):
        return True
    heads, others = wide.split(":", FIELDS - 1), narrow.split(":", FIELDS - 1)
    return len(heads) == len(others) == FIELDS and all(map(_part_covers, heads, others))


def _part_covers(wide: str, narrow: str) -> bool:
    return glob(pattern(wide)).matches(narrow.replace("?", "\0"), Budget()) and not ("?" in wide and "*" in narrow)
