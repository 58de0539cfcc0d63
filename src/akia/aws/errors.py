"""What AWS answers when it says no: a code, a message, an HTTP status and whose fault it is.

Errors that every service shares have other codes and statuses in each family of protocols (SV7, P6.2): those are `CommonError`s
with one row each. Errors of one service (`NoSuchEntity`) have one code and status, those of the service's model.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

Fault = Literal["Sender", "Receiver"]


class Family(StrEnum):
    """The families of protocols that word errors alike."""

    QUERY = "query"
    JSON = "json"
    REST_JSON = "rest-json"
    REST_XML = "rest-xml"


DENIALS = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "NotAuthorized"})
"""The codes of refusals for want of permission."""


class AwsError(Exception):
    """A refusal that the caller may read. `message` is public: it never holds a secret.

    `detail` is for the server's log only (also free of secrets).
    """

    code: ClassVar[str] = "InternalFailure"
    status: ClassVar[int] = 500
    more: Mapping[str, str] = {}
    """Members of the error's shape beside its message, such as `Reason`."""

    def __init__(self, message: str = "", *, detail: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.detail = detail

    def seen_through(self, family: Family) -> tuple[str, int]:
        """The code and the HTTP status that this error has in `family`."""
        return self.code, self.status

    @property
    def fault(self) -> Fault:
        """`Sender` for 4xx, `Receiver` for 5xx (W7.5)."""
        return "Sender" if self.status < 500 else "Receiver"


class CommonError(AwsError):
    """An error that each family of protocols names in its own way. `code` and `status` are those of the query family."""

    elsewhere: ClassVar[Mapping[Family, tuple[str, int]]] = {}

    def seen_through(self, family: Family) -> tuple[str, int]:
        return self.elsewhere.get(family, (self.code, self.status))


def _row(json: tuple[str, int], rest_json: tuple[str, int], rest_xml: tuple[str, int]) -> Mapping[Family, tuple[str, int]]:
    return {Family.JSON: json, Family.REST_JSON: rest_json, Family.REST_XML: rest_xml}


class MissingAuthenticationToken(CommonError):
    """SV7-1."""

    code, status = "MissingAuthenticationToken", 403
    elsewhere = _row(("MissingAuthenticationTokenException", 400), ("MissingAuthenticationTokenException", 403), ("AccessDenied", 403))


class IncompleteSignature(CommonError):
    """SV7-2."""

    code, status = "IncompleteSignature", 400
    elsewhere = _row(("IncompleteSignatureException", 400), ("IncompleteSignatureException", 403), ("AuthorizationHeaderMalformed", 400))


class InvalidClientTokenId(CommonError):
    """SV7-3: unknown, inactive, deleted or expired key; SV7-6: a session token that is not genuine."""

    code, status = "InvalidClientTokenId", 403
    elsewhere = _row(("UnrecognizedClientException", 400), ("UnrecognizedClientException", 403), ("InvalidAccessKeyId", 403))


class InactiveKey(InvalidClientTokenId):
    """SV7-3 of an inactive key whose holder has proven to hold it. The client is told what every other is told; the event knows more."""


class SignatureDoesNotMatch(CommonError):
    """SV7-4."""

    code, status = "SignatureDoesNotMatch", 403
    elsewhere = _row(("InvalidSignatureException", 400), ("InvalidSignatureException", 403), ("SignatureDoesNotMatch", 403))


class ExpiredToken(CommonError):
    """SV7-5."""

    code, status = "ExpiredToken", 403
    elsewhere = _row(("ExpiredTokenException", 400), ("ExpiredTokenException", 403), ("ExpiredToken", 400))


class AccessDenied(CommonError):
    """SV7-7, P6.2."""

    code, status = "AccessDenied", 403
    elsewhere = _row(("AccessDeniedException", 400), ("AccessDeniedException", 403), ("AccessDenied", 403))


class Throttling(CommonError):
    """SV7-9."""

    code, status = "Throttling", 400
    elsewhere = _row(("ThrottlingException", 400), ("TooManyRequestsException", 429), ("SlowDown", 503))


class RateExceeded(Throttling):
    """The same from a limit, in the service's own words: `own` is the code and status that its model has for it (W8.1).

    `retry_seconds` is when another try may succeed; None: not before long, so clients should not wait for it.
    """

    def __init__(self, message: str, own: tuple[str, int] | None = None, retry_seconds: float | None = None) -> None:
        super().__init__(message)
        self.own = own
        self.retry_seconds = retry_seconds

    def seen_through(self, family: Family) -> tuple[str, int]:
        return self.own or super().seen_through(family)


class InvalidAction(CommonError):
    """SV7-11: there is no such operation."""

    code, status = "InvalidAction", 400
    elsewhere = _row(("UnknownOperationException", 400), ("UnknownOperationException", 404), ("MethodNotAllowed", 405))


class NotImplementedHere(CommonError):
    """The operation exists in AWS's model; akia does not perform it yet (W1.5). Clients do not retry a 501 of this form."""

    code, status = "NotImplemented", 501
    elsewhere = _row(("NotImplementedException", 501), ("NotImplementedException", 501), ("NotImplemented", 501))


class ValidationError(CommonError):
    """SV7-12."""

    code, status = "ValidationError", 400
    elsewhere = _row(("ValidationException", 400), ("ValidationException", 400), ("InvalidArgument", 400))


class InvalidMember(ValidationError):
    """The same, for a member for which the model has an error of its own: `own_code`."""

    def __init__(self, message: str, own_code: str = "") -> None:
        super().__init__(message)
        self.own_code = own_code

    def seen_through(self, family: Family) -> tuple[str, int]:
        return (self.own_code, self.status) if self.own_code else super().seen_through(family)


class MalformedInput(CommonError):
    """The body or the parameters cannot be read as the protocol's form at all (W7.11 row i)."""

    code, status = "MalformedInput", 400
    elsewhere = _row(("SerializationException", 400), ("SerializationException", 400), ("MalformedXML", 400))


class MalformedQueryString(CommonError):
    """SV7-18, contested point SX-2: 400."""

    code, status = "MalformedQueryString", 400
    elsewhere = _row(("MalformedQueryString", 400), ("MalformedQueryString", 400), ("InvalidURI", 400))


class MalformedHttpRequest(CommonError):
    """What is wrong is wrong before any protocol: a body that is not what its Content-Encoding says (AWS's common errors)."""

    code, status = "MalformedHttpRequestException", 400
    elsewhere = _row((code, 400), (code, 400), ("InvalidRequest", 400))


class RequestTimeout(CommonError):
    """The body took too long to arrive (AWS's common errors). Clients try again (W8.2)."""

    code, status = "RequestTimeoutException", 408
    elsewhere = _row((code, 408), (code, 408), ("RequestTimeout", 400))


class RequestEntityTooLarge(CommonError):
    """The body is longer than this endpoint reads."""

    code, status = "RequestEntityTooLarge", 413
    elsewhere = _row(("RequestEntityTooLargeException", 413), ("RequestEntityTooLargeException", 413), ("EntityTooLarge", 400))


class InternalFailure(CommonError):
    """SV7-13. Seeing one is a bug."""

    code, status = "InternalFailure", 500
    elsewhere = _row(("InternalServerException", 500), ("InternalServerException", 500), ("InternalError", 500))


class ServiceUnavailable(CommonError):
    """SV7-13: a part that is needed to decide, to remember or to record is not to be had. Never answered with "allowed" instead."""

    code, status = "ServiceUnavailable", 503
    elsewhere = _row(("ServiceUnavailableException", 503), ("ServiceUnavailableException", 503), ("ServiceUnavailable", 503))


# Errors of IAM's and STS's models (W7.2, W7.3). A test compares each code and status with the model's trait.


class NoSuchEntity(AwsError):
    code, status = "NoSuchEntity", 404


class EntityAlreadyExists(AwsError):
    code, status = "EntityAlreadyExists", 409


class EntityTemporarilyUnmodifiable(AwsError):
    code, status = "EntityTemporarilyUnmodifiable", 409


class ConcurrentModification(AwsError):
    code, status = "ConcurrentModification", 409


class LimitExceeded(AwsError):
    code, status = "LimitExceeded", 409


class DeleteConflict(AwsError):
    code, status = "DeleteConflict", 409


class MalformedPolicyDocument(AwsError):
    code, status = "MalformedPolicyDocument", 400


class InvalidInput(AwsError):
    code, status = "InvalidInput", 400


class UnmodifiableEntity(AwsError):
    code, status = "UnmodifiableEntity", 400


class PolicyNotAttachable(AwsError):
    code, status = "PolicyNotAttachable", 400


class MalformedCertificate(AwsError):
    code, status = "MalformedCertificate", 400


class InvalidCertificate(AwsError):
    code, status = "InvalidCertificate", 400


class DuplicateCertificate(AwsError):
    code, status = "DuplicateCertificate", 409


class KeyPairMismatch(AwsError):
    code, status = "KeyPairMismatch", 400


class InvalidPublicKey(AwsError):
    code, status = "InvalidPublicKey", 400


class UnrecognizedPublicKeyEncoding(AwsError):
    code, status = "UnrecognizedPublicKeyEncoding", 400


class DuplicateSSHPublicKey(AwsError):
    code, status = "DuplicateSSHPublicKey", 400


class ServiceNotSupported(AwsError):
    """No service-specific credentials exist for this service."""

    code, status = "NotSupportedService", 404


class InvalidParameterValue(AwsError):
    """STS's word for session tags that contradict one another (P5.3-7, P5.3-8)."""

    code, status = "InvalidParameterValue", 400


class InvalidAuthenticationCode(AwsError):
    code, status = "InvalidAuthenticationCode", 403


class InvalidUserType(AwsError):
    code, status = "InvalidUserType", 400


class PasswordPolicyViolation(AwsError):
    code, status = "PasswordPolicyViolation", 400


class PackedPolicyTooLarge(AwsError):
    code, status = "PackedPolicyTooLarge", 400


class InvalidAuthorizationMessage(AwsError):
    """AC13.2."""

    code, status = "InvalidAuthorizationMessageException", 400


class ExpiredTokenPresented(AwsError):
    """A token or assertion of an identity provider whose time is over; of the credentials that sign, see `ExpiredToken`."""

    code, status = "ExpiredTokenException", 400


class InvalidIdentityToken(AwsError):
    code, status = "InvalidIdentityToken", 400


class IDPRejectedClaim(AwsError):
    code, status = "IDPRejectedClaim", 403


class IDPCommunicationError(AwsError):
    code, status = "IDPCommunicationError", 400


class ReportNotPresent(AwsError):
    code, status = "ReportNotPresent", 410


class ReportExpired(AwsError):
    code, status = "ReportExpired", 410


class ExpiredTradeInToken(AwsError):
    """SI17.6: also of what was never a trade-in token, so that nobody can tell."""

    code, status = "ExpiredTradeInTokenException", 400


class ReportGenerationLimitExceeded(AwsError):
    code, status = "ReportGenerationLimitExceeded", 409


# Of IAM's operations about organizations. The model gives these no code of their own: it is the shape's name, with status 400.
class ServiceAccessNotEnabled(AwsError):
    code, status = "ServiceAccessNotEnabledException", 400


class AccountNotManagementOrDelegatedAdministrator(AwsError):
    code, status = "AccountNotManagementOrDelegatedAdministratorException", 400


class OrganizationNotFound(AwsError):
    code, status = "OrganizationNotFoundException", 400


class OrganizationNotInAllFeaturesMode(AwsError):
    code, status = "OrganizationNotInAllFeaturesModeException", 400


class CallerIsNotManagementAccount(AwsError):
    code, status = "CallerIsNotManagementAccountException", 400


class OpenIdIdpCommunicationError(AwsError):
    code, status = "OpenIdIdpCommunicationError", 400


class FeatureEnabled(AwsError):
    code, status = "FeatureEnabled", 409


class FeatureDisabled(AwsError):
    code, status = "FeatureDisabled", 404


class OutboundWebIdentityFederationDisabled(AwsError):
    code, status = "OutboundWebIdentityFederationDisabledException", 403


class SessionDurationEscalation(AwsError):
    code, status = "SessionDurationEscalationException", 403


class JWTPayloadSizeExceeded(AwsError):
    code, status = "JWTPayloadSizeExceededException", 400
