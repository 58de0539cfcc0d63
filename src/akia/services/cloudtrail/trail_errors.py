"""The errors of CloudTrail's model that trails give (W7.4: each is 400)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from akia.aws.errors import AwsError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any


class TrailError(AwsError):
    """Its code is its name."""

    status = 400

    def __init_subclass__(cls) -> None:
        cls.code = cls.__name__


class AccountHasOngoingImportException(TrailError): ...


class AccountNotFoundException(TrailError): ...


class AccountNotRegisteredException(TrailError): ...


class AccountRegisteredException(TrailError): ...


class CannotDelegateManagementAccountException(TrailError): ...


class ChannelARNInvalidException(TrailError): ...


class ChannelAlreadyExistsException(TrailError): ...


class ChannelExistsForEDSException(TrailError): ...


class ChannelMaxLimitExceededException(TrailError): ...


class ChannelNotFoundException(TrailError): ...


class CloudTrailARNInvalidException(TrailError): ...


class CloudTrailAccessNotEnabledException(TrailError): ...


class CloudWatchLogsDeliveryUnavailableException(TrailError): ...


class ConflictException(TrailError): ...


class DelegatedAdminAccountLimitExceededException(TrailError): ...


class EventDataStoreHasOngoingImportException(TrailError): ...


class ImportNotFoundException(TrailError): ...


class InsightNotEnabledException(TrailError): ...


class InsufficientS3BucketPolicyException(TrailError): ...


class InvalidEventSelectorsException(TrailError): ...


class InvalidHomeRegionException(TrailError): ...


class InvalidImportSourceException(TrailError): ...


class InvalidInsightSelectorsException(TrailError): ...


class InvalidParameterCombinationException(TrailError): ...


class InvalidS3BucketNameException(TrailError): ...


class InvalidS3PrefixException(TrailError): ...


class InvalidSourceException(TrailError): ...


class InvalidTagParameterException(TrailError): ...


class InvalidTokenException(TrailError): ...


class InvalidTrailNameException(TrailError): ...


class KmsKeyNotFoundException(TrailError): ...


class MaximumNumberOfTrailsExceededException(TrailError): ...


class NotOrganizationManagementAccountException(TrailError): ...


class NotOrganizationMasterAccountException(TrailError): ...


class OrganizationNotInAllFeaturesModeException(TrailError): ...


class OrganizationsNotInUseException(TrailError): ...


class ResourceARNNotValidException(TrailError): ...


class ResourceNotFoundException(TrailError): ...


class ResourcePolicyNotFoundException(TrailError): ...


class ResourcePolicyNotValidException(TrailError): ...


class ResourceTypeNotSupportedException(TrailError): ...


class S3BucketDoesNotExistException(TrailError): ...


class ServiceQuotaExceededException(TrailError): ...


class TagsLimitExceededException(TrailError): ...


class TrailAlreadyExistsException(TrailError): ...


class TrailNotFoundException(TrailError): ...


class UnsupportedOperationException(TrailError): ...


def refuse_token(request: Mapping[str, Any]) -> None:
    """For lists that are told at once, so that nobody was given a token. Raises InvalidTokenException if the request brings one."""
    if "NextToken" in request:
        raise InvalidTokenException("The token is not valid, or was given for other parameters.")
