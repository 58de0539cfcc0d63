"""CheckNoNewAccess, CheckAccessNotGranted, CheckNoPublicAccess: what a policy can allow, proven (docs/access-checks.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from akia import policy
from akia.aws.errors import MalformedPolicyDocument, ValidationError
from akia.operation import Access, Context, everything
from akia.policy import Kind
from akia.policy.access import TooComplex, granted, new_access, public
from akia.services.accessanalyzer._accessanalyzer import InvalidParameterException, UnprocessableEntityException, accessanalyzer

if TYPE_CHECKING:
    from collections.abc import Callable

    from akia.policy.access import Reason
    from akia.wire.shapes import accessanalyzer as shapes

_KINDS = {"IDENTITY_POLICY": Kind.IDENTITY_INLINE, "RESOURCE_POLICY": Kind.RESOURCE}
_TRUST = "AWS::IAM::AssumeRolePolicyDocument"
_ACTIONS_ON = {
    "AWS::ApiGateway::RestApi": "execute-api",
    "AWS::Backup::BackupVault": "backup",
    "AWS::CloudTrail::Dashboard": "cloudtrail",
    "AWS::CloudTrail::EventDataStore": "cloudtrail",
    "AWS::CodeArtifact::Domain": "codeartifact",
    "AWS::DynamoDB::Stream": "dynamodb",
    "AWS::DynamoDB::Table": "dynamodb",
    "AWS::EFS::FileSystem": "elasticfilesystem",
    _TRUST: "sts",
    "AWS::KMS::Key": "kms",
    "AWS::Kinesis::Stream": "kinesis",
    "AWS::Kinesis::StreamConsumer": "kinesis",
    "AWS::Lambda::Function": "lambda",
    "AWS::OpenSearchService::Domain": "es",
    "AWS::S3::AccessPoint": "s3",
    "AWS::S3::Bucket": "s3",
    "AWS::S3::Glacier": "glacier",
    "AWS::S3Express::AccessPoint": "s3express",
    "AWS::S3Express::DirectoryBucket": "s3express",
    "AWS::S3Outposts::AccessPoint": "s3-outposts",
    "AWS::S3Outposts::Bucket": "s3-outposts",
    "AWS::S3Tables::Table": "s3tables",
    "AWS::S3Tables::TableBucket": "s3tables",
    "AWS::SNS::Topic": "sns",
    "AWS::SQS::Queue": "sqs",
    "AWS::SecretsManager::Secret": "secretsmanager",
}
"""The prefix of the actions on each type of resource that the model has."""


@accessanalyzer.operation("CheckNoNewAccess", access=Access.READ, resource=everything)
def check_no_new_access(ctx: Context, request: shapes.CheckNoNewAccessRequest) -> shapes.CheckNoNewAccessResponse:
    """PASS only if it is proven that the new document allows nothing that the existing one does not.

    Raises InvalidParameterException (a document), UnprocessableEntityException (too complex).
    """
    kind = _KINDS[request["policyType"]]
    new, existing = _document(request["newPolicyDocument"], kind), _document(request["existingPolicyDocument"], kind)
    reasons = _proven(lambda: new_access(new, existing))
    verb = "grant" if reasons else "do not grant"
    message = f"The modified permissions {verb} new access compared to your existing policy."
    return cast("shapes.CheckNoNewAccessResponse", _answer(message, "New access in the statement with", reasons))


@accessanalyzer.operation("CheckAccessNotGranted", access=Access.READ, resource=everything)
def check_access_not_granted(ctx: Context, request: shapes.CheckAccessNotGrantedRequest) -> shapes.CheckAccessNotGrantedResponse:
    """PASS only if it is proven that the document allows none of the actions on any of the resources; conditions may always hold.

    Raises ValidationException (nothing is asked for), InvalidParameterException, UnprocessableEntityException.
    """
    asked = request["access"][0] if request["access"] else {}
    actions, resources = asked.get("actions", []), asked.get("resources", [])
    if not actions and not resources:
        raise ValidationError("At least one of actions and resources must be specified in access.")
    _require_forms(actions, resources)
    document = _document(request["policyDocument"], _KINDS[request["policyType"]])
    reasons = _proven(lambda: granted(document, actions, resources))
    what = "actions or resources" if actions and resources else "actions" if actions else "resources"
    verb = f"grants access to perform one or more of the listed {what}" if reasons else f"does not grant access to the listed {what}"
    answer = _answer(f"The policy document {verb}.", f"One or more of the listed {what} in the statement with", reasons)
    return cast("shapes.CheckAccessNotGrantedResponse", answer)


def _require_forms(actions: list[str], resources: list[str]) -> None:
    for action in actions:
        if action != "*" and action.count(":") != 1:
            raise InvalidParameterException(f"The action {action} is not valid.")
    for resource in resources:
        if resource != "*" and (not resource.startswith("arn:") or resource.count(":") < 5):
            raise InvalidParameterException(f"The resource {resource} is not valid.")


@accessanalyzer.operation("CheckNoPublicAccess", access=Access.READ, resource=everything)
def check_no_public_access(ctx: Context, request: shapes.CheckNoPublicAccessRequest) -> shapes.CheckNoPublicAccessResponse:
    """PASS only if it is proven that the policy of such a resource keeps the world out.

    Raises InvalidParameterException (the document), UnprocessableEntityException (too complex).
    """
    resource_type = request["resourceType"]
    document = _document(request["policyDocument"], Kind.TRUST if resource_type == _TRUST else Kind.RESOURCE)
    reasons = _proven(lambda: public(document, _ACTIONS_ON[resource_type]))
    verb = "grants" if reasons else "does not grant"
    message = f"The resource policy {verb} public access for the given resource type."
    return cast("shapes.CheckNoPublicAccessResponse", _answer(message, "Public access granted in the following statement with", reasons))


def _document(text: str, kind: Kind) -> policy.Document:
    try:
        return policy.parse(text, kind)
    except MalformedPolicyDocument as problem:
        raise InvalidParameterException(f"The policy document is not valid: {problem.message}") from None


def _proven(check: Callable[[], list[Reason]]) -> list[Reason]:
    try:
        return check()
    except TooComplex:
        raise UnprocessableEntityException("The policy is too complex for this check.") from None


def _answer(message: str, words: str, reasons: list[Reason]) -> dict[str, object]:
    if not reasons:
        return {"result": "PASS", "message": message}
    return {"result": "FAIL", "message": message, "reasons": [_reason(words, reason) for reason in reasons]}


def _reason(words: str, reason: Reason) -> shapes.ReasonSummary:
    if reason.sid is None:
        return {"description": f"{words} index: {reason.position}.", "statementIndex": reason.position}
    return {"description": f"{words} sid: {reason.sid}.", "statementIndex": reason.position, "statementId": reason.sid}
