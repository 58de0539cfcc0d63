"""Errors for requests of which not even the service is known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from akia.aws.errors import AwsError, Family
from akia.wire.protocols.aws_json import json_refusal
from akia.wire.protocols.query import QueryAsJson, xml_refusal

if TYPE_CHECKING:
    from akia.wire.request import Answer

_NAMESPACE = "http://webservices.amazon.com/AWSFault/2005-15-09"
"""What AWS's own front end writes when it knows no more than we do."""


class Stranger:
    """Words errors as a query service would, or in JSON if the request looked like it."""

    def __init__(self, *, json: bool = False) -> None:
        self._json = json

    @property
    def family(self) -> Family:
        return Family.JSON if self._json else Family.QUERY

    def error(self, error: AwsError, request_id: str, *, accept_json: bool = False) -> Answer:
        """The response for `error`."""
        if self._json:
            return json_refusal(error, Family.JSON, b"application/x-amz-json-1.1", request_id)
        if accept_json:
            return QueryAsJson().refuse(error, request_id)
        return xml_refusal(error, _NAMESPACE, request_id)


STRANGER = Stranger()
"""For requests of which nothing is known yet."""
