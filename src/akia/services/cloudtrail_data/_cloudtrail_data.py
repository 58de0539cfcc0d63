"""What the operations of CloudTrail's data service share: the registry and the errors of its model."""

from __future__ import annotations

from akia.aws.errors import AwsError
from akia.operation import Operations

cloudtrail_data = Operations("cloudtrail-data")


class ChannelNotFound(AwsError):
    code, status = "ChannelNotFound", 400


class InvalidChannelARN(AwsError):
    code, status = "InvalidChannelARN", 400


class DuplicatedAuditEventId(AwsError):
    code, status = "DuplicatedAuditEventId", 400


class UnsupportedOperationException(AwsError):
    code, status = "UnsupportedOperationException", 400
