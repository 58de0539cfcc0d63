"""What a document must satisfy beyond its grammar, in AWS's order and in AWS's words (P5.2, contested: `malformed_policy_messages`).

A document that is being saved passes every check. One that comes from the store is asked only for what the engine cannot do without: rules
on saving may grow stricter over the years, and yesterday's policies go on working.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator

from akia.aws.errors import MalformedPolicyDocument
from akia.policy import grammar, principal_syntax, resource_syntax, strict_json
from akia.policy.conditions import operator_name
from akia.policy.conditions.values import instant
from akia.policy.grammar import Document, StatementText
from akia.policy.kind import Kind
from akia.policy.wildcard import Budget, glob, pattern

SYNTAX = "Syntax errors in policy."
Check = Callable[[Document], str | None]


def parse(text: str, kind: Kind, *, limit: int = strict_json.SIZE_LIMIT) -> Document:
    """The document that `text` holds, for saving. `limit`: how many characters it may have.

    Raises MalformedPolicyDocument with the first text of P5.2 that applies.
    """
    document = read(text, kind, limit)
    for check in _ON_SAVING:
        _complain(check(document))
    return document


def read(text: str, kind: Kind, limit: int = strict_json.SIZE_LIMIT) -> Document:
    """The document that `text` holds, checked for its grammar only. Raises MalformedPolicyDocument (P5.2-1, P5.2-10)."""
    try:
        value = strict_json.load(text, limit)
    except strict_json.NotJson:
        raise MalformedPolicyDocument("This policy contains invalid Json" if kind is Kind.TRUST else SYNTAX) from None
    try:
        return grammar.document(text, kind, value)
    except grammar.BadGrammar as problem:
        raise MalformedPolicyDocument(SYNTAX, detail=str(problem)) from None


def read_stored(text: str, kind: Kind) -> Document:
    """The document that `text` holds, good enough to be evaluated. Raises MalformedPolicyDocument."""
    document = read(text, kind, strict_json.STORED_SIZE_LIMIT)
    for check in _ALWAYS:
        _complain(check(document))
    return document


def _complain(message: str | None) -> None:
    if message:
        raise MalformedPolicyDocument(message)


def counted_size(text: str) -> int:
    """The size of a document for IAM's quotas, in characters: white space is not counted (P5.4-14, P5.4-15)."""
    return len(text) - sum(map(text.count, " \t\r\n"))


def operators(document: Document) -> str | None:
    """C3.1-5: what AWS does not define is refused."""
    known = all(operator_name(text) for statement in document.statements for text in statement.condition)
    return None if known else SYNTAX


def sid_characters(document: Document) -> str | None:
    """P5.1-3. Resource policies may have spaces."""
    if document.kind is Kind.RESOURCE or all(grammar.is_plain_sid(statement.sid or "") for statement in document.statements):
        return None
    return "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*"


def principals_belong(document: Document) -> str | None:
    """P5.2-9, P1.9-1: principals stand where the kind of policy wants them, and only there."""
    for statement in document.statements:
        named = statement.principal if statement.principal is not None else statement.not_principal
        if not document.kind.names_principals:
            if named is not None:
                return "Policy document should not specify a principal."
        elif not any((named or {}).values()):
            return "Missing required field Principal"
        elif statement.not_principal is not None and document.kind in {Kind.TRUST, Kind.RCP}:
            return SYNTAX
    return None


def principals_are_sound(document: Document) -> str | None:
    """P2.3-9, P1.7-6, P1.9-1 and P1.6-3: every principal has a form that AWS knows; `NotPrincipal` only denies; an RCP is for everybody."""
    for statement in document.statements:
        if statement.not_principal is not None and not statement.is_deny:
            return SYNTAX
        named = statement.principal or statement.not_principal or {}
        if document.kind is Kind.RCP and (named != {"AWS": ("*",)} or not statement.is_deny):
            return SYNTAX
        for kind, values in named.items():
            for value in values:
                if not principal_syntax.is_sound(kind, value):
                    return principal_syntax.complaint(kind, value)
    return None


def version(document: Document) -> str | None:
    """P5.2-2; contested: `old_version_refused_in_create_policy_only`."""
    managed = document.kind in {Kind.IDENTITY_MANAGED, Kind.BOUNDARY}
    return "Policy document must be version 2012-10-17 or greater." if managed and not document.has_variables else None


def effect_case(document: Document) -> str | None:
    """P5.2-3: `Allow` and `Deny`, in exactly these letters."""
    exact = all(statement.effect in {"Allow", "Deny"} for statement in document.statements)
    return None if exact else "The policy failed legacy parsing"


def legacy_parsing(document: Document) -> str | None:
    """P5.2-3: dates that can be read, ARNs of six parts (contested: `short_arns_padded`)."""
    short = any(resource_syntax.is_short(text) for statement in document.statements for text in _resources(statement))
    dated = all(instant(value) is not None for statement in document.statements for value in _dates(statement))
    return None if dated and not short else "The policy failed legacy parsing"


def _dates(statement: StatementText) -> Iterator[str]:
    for text, keys in statement.condition.items():
        name = operator_name(text)
        if name and name.operator and name.operator.name.startswith("Date"):
            for values in keys.values():
                yield from values


def unique_sids(document: Document) -> str | None:
    """P5.2-4."""
    counted = Counter(statement.sid for statement in document.statements if statement.sid)
    repeated = any(count > 1 for count in counted.values())
    return "Statement IDs (SID) in a single policy must be unique." if repeated else None


def has_actions(document: Document) -> str | None:
    """P5.2-5."""
    complete = all(statement.action or statement.not_action for statement in document.statements)
    return None if complete else "Policy statement must contain actions."


def resource_forms(document: Document) -> str | None:
    """P5.2-6: the first faulty resource."""
    if document.kind is Kind.TRUST:
        return None
    complaints = (resource_syntax.complaint(text) for statement in document.statements for text in _resources(statement))
    return next(filter(None, complaints), None)


def action_forms(document: Document) -> str | None:
    """P5.2-7."""
    texts = (text for statement in document.statements for text in statement.action or statement.not_action or ())
    return next(filter(None, map(_action_complaint, texts)), None)


NO_VENDOR = "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc."


def _action_complaint(text: str) -> str | None:
    if text == "*":
        return None
    vendor, colon, name = text.partition(":")
    if not colon:
        return NO_VENDOR
    if ":" in name:
        return "Actions/Condition can contain only one colon."
    sound = vendor and all(character.isascii() and (character.isalnum() or character in "-.*?") for character in vendor)
    return None if sound else f"Vendor {vendor} is not valid"


def condition_keys(document: Document) -> str | None:
    """P5.2-7: a key names whose it is."""
    keys = (key for statement in document.statements for block in statement.condition.values() for key in block)
    return None if all(":" in key for key in keys) else NO_VENDOR


def names_no_role(document: Document) -> str | None:
    """P5.2-8: a trust policy concerns its role and says nothing about it."""
    named = any(statement.resource is not None or statement.not_resource is not None for statement in document.statements)
    return "Has prohibited field Resource" if named and document.kind is Kind.TRUST else None


def has_resources(document: Document) -> str | None:
    """P5.2-8: what a policy concerns."""
    for statement in document.statements:
        silent = statement.resource is None and statement.not_resource is None
        if not any(_resources(statement)) and not (silent and not document.kind.demands_resources):
            return "Policy statement must contain resources."
    return None


_TRUST_ACTIONS = tuple(
    f"sts:{name}".lower()
    for name in ("AssumeRole", "AssumeRoleWithSAML", "AssumeRoleWithWebIdentity", "TagSession", "SetSourceIdentity", "SetContext")
)


def trust_actions(document: Document) -> str | None:
    """P5.2-8, P1.7-1: a role can be assumed, and nothing else can be done with it."""
    if document.kind is not Kind.TRUST or all(map(_concerns_trust, document.statements)):
        return None
    return "AssumeRole policy may only specify STS AssumeRole actions."


def _concerns_trust(statement: StatementText) -> bool:
    globs = [glob(pattern(text.lower())) for text in statement.action or ()]
    named = (any(each.matches(action, Budget()) for action in _TRUST_ACTIONS) for each in globs)
    return statement.action is not None and "*" not in statement.action and all(named)


def _resources(statement: StatementText) -> tuple[str, ...]:
    return statement.resource or statement.not_resource or ()


_ALWAYS: tuple[Check, ...] = (names_no_role, principals_belong, effect_case, has_actions, action_forms, has_resources)
_ON_SAVING: tuple[Check, ...] = (
    operators,
    sid_characters,
    names_no_role,
    principals_belong,
    principals_are_sound,
    version,
    effect_case,
    legacy_parsing,
    unique_sids,
    has_actions,
    resource_forms,
    action_forms,
    condition_keys,
    has_resources,
    trust_actions,
)
