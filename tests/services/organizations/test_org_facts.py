"""What the operations of Organizations declare, compared with AWS's own data."""

from __future__ import annotations

import botocore.session
import pytest

from akia.aws import catalogue, organization_errors
from akia.aws.organization_errors import OrganizationError
from akia.operation import Operation, everything
from akia.services import every_service

MODEL = botocore.session.get_session().get_service_model("organizations")
HERE = list(every_service()["organizations"])
ERRORS = [each for each in vars(organization_errors).values() if isinstance(each, type) and each.__subclasses__() == []]


@pytest.mark.parametrize("operation", HERE, ids=lambda operation: operation.name)
def test_access_level_and_action_are_those_of_the_catalogue(operation: Operation) -> None:
    facts = catalogue.action("organizations", operation.action.name)
    assert facts is not None
    assert operation.action.access.value == facts.access_level.value
    if facts.resource_types and operation.name != "PutResourcePolicy":
        assert operation.resource is not everything


def test_every_operation_is_here_but_those_that_govern_what_akia_has_not() -> None:
    missing = set(MODEL.operation_names) - {operation.name for operation in HERE}
    assert {name for name in missing if "EffectivePolicy" not in name and "Transfer" not in name} == {"CreateGovCloudAccount"}
    assert len(HERE) + len(missing) == len(MODEL.operation_names)
    assert len(missing) == 10


@pytest.mark.parametrize("error", [error for error in ERRORS if issubclass(error, OrganizationError)], ids=lambda error: error.__name__)
def test_each_error_is_one_of_the_model_and_says_something(error: type[OrganizationError]) -> None:
    shape = MODEL.shape_for(error.code)
    assert shape.metadata["exception"] is True
    assert "error" not in shape.metadata  # so the status is 400 (W7.4)
    assert (error.status, bool(error.text)) == (400, True)
