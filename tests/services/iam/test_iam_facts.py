"""What IAM's operations declare, compared with AWS's own data."""

from __future__ import annotations

import pytest

from akia.aws import catalogue
from akia.operation import Operation, everything
from akia.services import every_service
from akia.services.iam import access_keys, account, account_summary, groups, memberships, users

MODULES = (access_keys, account, account_summary, groups, memberships, users)
TAGS = {"TagUser", "UntagUser", "ListUserTags"}
NAMES_OF_MODULES = {module.__name__ for module in MODULES}
HERE = [operation for operation in every_service()["iam"] if operation.body.__module__ in NAMES_OF_MODULES or operation.name in TAGS]


@pytest.mark.parametrize("operation", HERE, ids=lambda operation: operation.name)
def test_access_level_and_action_are_those_of_the_catalogue(operation: Operation) -> None:
    facts = catalogue.action("iam", operation.action.name)
    assert facts is not None
    assert operation.action.access.value == facts.access_level.value
    assert catalogue.action_of("iam", operation.name) == operation.action.text


@pytest.mark.parametrize("operation", HERE, ids=lambda operation: operation.name)
def test_what_has_a_resource_type_is_asked_for_by_arn(operation: Operation) -> None:
    facts = catalogue.action("iam", operation.name)
    assert facts is not None
    if facts.resource_types:
        assert operation.resource is not everything


@pytest.mark.parametrize("operation", HERE, ids=lambda operation: operation.name)
def test_conditions_of_the_catalogue_are_declared(operation: Operation) -> None:
    facts = catalogue.action("iam", operation.name)
    assert facts is not None
    of_user = any(use.type == "user" for use in facts.resource_types)
    assert (operation.conditions is not None) == (bool(facts.condition_keys) or of_user)


def test_none_of_these_twenty_five_operations_has_gone() -> None:
    assert len(HERE) == 25
