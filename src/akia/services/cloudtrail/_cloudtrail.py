"""What CloudTrail's operations share: the registry and the errors of its model (W7.4: each is 400)."""

from __future__ import annotations

from akia.aws.errors import AwsError
from akia.operation import Operations

cloudtrail = Operations("cloudtrail")

SERVICE_PRINCIPAL = "cloudtrail.amazonaws.com"
"""As which CloudTrail works across an organization."""


class InvalidLookupAttributesException(AwsError):
    code, status = "InvalidLookupAttributesException", 400


class InvalidTimeRangeException(AwsError):
    code, status = "InvalidTimeRangeException", 400


class InvalidNextTokenException(AwsError):
    code, status = "InvalidNextTokenException", 400
