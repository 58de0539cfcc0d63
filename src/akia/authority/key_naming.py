"""The naming rule of an account, where access keys are made and where they change what they say of themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from akia.aws.errors import InvalidInput

if TYPE_CHECKING:
    from akia.identity.key_attributes import KeyAttributes
    from akia.store.store import Store


class BreaksNamingRule(InvalidInput):
    """The attributes of a key are not what its account wants."""


def require_named_well(store: Store, account: str, attributes: KeyAttributes) -> None:
    """Raises BreaksNamingRule, with everything that is wrong."""
    rule = store.key_naming_rules.of(account)
    wrong = list(rule.violations(attributes)) if rule is not None else []
    if wrong:
        raise BreaksNamingRule(
            f"The naming rule for access keys of account {account} is not met: {'; '.join(wrong)}. akia:CreateAccessKey makes keys with "
            "attributes, akia:UpdateAccessKeyAttributes changes them, akia:GetKeyNamingRule tells the rule."
        )
