"""Fixtures: an organization, and what a call is refused with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError
from tests.organization import World, document

if TYPE_CHECKING:
    from akia.testing.in_process import InProcess


@pytest.fixture
def org(akia: InProcess) -> World:
    return World(akia)


@pytest.fixture(name="document")
def _document() -> Any:
    return document


@pytest.fixture
def reason() -> Any:
    """`reason(call, ...)`: the code and the Reason with which a call is refused."""

    def refused(call: Any, /, **arguments: Any) -> tuple[str, str | None]:
        with pytest.raises(ClientError) as caught:
            call(**arguments)
        response: Any = caught.value.response
        assert response["ResponseMetadata"]["HTTPStatusCode"] == 400
        return response["Error"]["Code"].removesuffix("Exception"), response.get("Reason")

    return refused
