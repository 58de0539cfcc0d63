"""What the account wants its access keys to say of themselves: PutKeyNamingRule, GetKeyNamingRule, DeleteKeyNamingRule."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from akia.aws.errors import ValidationError
from akia.identity.key_naming_rule import KeyNamingRule
from akia.identity.safe_pattern import SafePattern
from akia.operation import Access, Context, everything
from akia.services.akia._akia import ResourceNotFoundException, akia

if TYPE_CHECKING:
    from akia.wire.shapes import akia as shapes

NO_RULE = "The account has no naming rule for access keys."


@akia.operation("PutKeyNamingRule", access=Access.WRITE, resource=everything)
def put_key_naming_rule(ctx: Context, request: shapes.PutKeyNamingRuleRequest) -> shapes.PutKeyNamingRuleResponse:
    """In place of the one before. Raises ValidationError for a pattern that is none, for attributes given twice, and for no rule at all."""
    rule = _given(ctx.account, request)
    if not (rule.pattern or rule.required or rule.allowed):
        raise ValidationError("A naming rule says something: DescriptionPattern, RequiredAttributes or AllowedValues.")
    ctx.store.key_naming_rules.put(rule)
    return {"Rule": _told(rule)}


def _given(account: str, request: shapes.PutKeyNamingRuleRequest) -> KeyNamingRule:
    pattern, required = request.get("DescriptionPattern", ""), request.get("RequiredAttributes", [])
    allowed = [(each["Attribute"], each["Values"]) for each in request.get("AllowedValues", [])]
    if len({*required}) != len(required) or len({name for name, _ in allowed}) != len(allowed):
        raise ValidationError("An attribute is given twice.")
    try:
        SafePattern(pattern)
    except ValueError as error:
        raise ValidationError(f"DescriptionPattern: {error}.") from None
    values = {name.lower(): tuple(values) for name, values in allowed}
    return KeyNamingRule(account, pattern, tuple(name.lower() for name in required), values)


def _told(rule: KeyNamingRule) -> shapes.KeyNamingRule:
    told: dict[str, Any] = {}
    if rule.pattern:
        told["DescriptionPattern"] = rule.pattern
    if rule.required:
        told["RequiredAttributes"] = [name.capitalize() for name in rule.required]
    if rule.allowed:
        told["AllowedValues"] = [{"Attribute": name.capitalize(), "Values": values} for name, values in rule.allowed.items()]
    return cast("shapes.KeyNamingRule", told)


@akia.operation("GetKeyNamingRule", access=Access.READ, resource=everything)
def get_key_naming_rule(ctx: Context, request: shapes.GetKeyNamingRuleRequest) -> shapes.GetKeyNamingRuleResponse:
    """Raises ResourceNotFoundException."""
    rule = ctx.store.key_naming_rules.of(ctx.account)
    if rule is None:
        raise ResourceNotFoundException(NO_RULE)
    return {"Rule": _told(rule)}


@akia.operation("DeleteKeyNamingRule", access=Access.WRITE, resource=everything)
def delete_key_naming_rule(ctx: Context, request: shapes.DeleteKeyNamingRuleRequest) -> None:
    """Raises ResourceNotFoundException."""
    if not ctx.store.key_naming_rules.delete(ctx.account):
        raise ResourceNotFoundException(NO_RULE)
