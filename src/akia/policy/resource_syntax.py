"""The forms of resources that may be saved (P5.2-6)."""

from __future__ import annotations

from akia.policy.wildcard import Budget, glob, pattern

PARTITIONS = ("aws", "aws-cn", "aws-us-gov", "aws-iso", "aws-iso-b", "aws-iso-e", "aws-iso-f", "aws-eusc")
_IAM_PATHS = (
    "user/", "federated-user/", "role/", "group/", "instance-profile/", "mfa/", "server-certificate/", "policy/", "sms-mfa/",
    "saml-provider/", "oidc-provider/", "report/", "access-report/",
)  # fmt: skip
_S3_WITH_REGION = ("accesspoint/", "access-grants/", "job/", "storage-lens/", "storage-lens-group/")
"""What S3 has beside buckets and objects lies in a region, as in AWS's own policies."""
_LATER_IAM_PATHS = ("delegation-request/",)
"""What the catalogue documents and AWS's message, as it was measured, does not name yet."""


def is_short(text: str) -> bool:
    """Whether it begins like an ARN and has fewer than six parts."""
    return text.startswith("arn:") and text.count(":") < 5


def complaint(text: str) -> str | None:
    """What AWS says about a faulty resource, or None."""
    if text == "*":
        return None
    parts = text.split(":", 5)
    if parts[0] != "arn" or len(parts) < 6:
        return f'Resource {text} must be in ARN format or "*".'
    _, partition, service, region, account, name = parts
    if not _is_partition(partition):
        return f'Partition "{partition}" is not valid for resource "{text}".'
    if not service or "*" in service or "?" in service:
        return "Resource vendor must be fully qualified and cannot contain regexes."
    if service == "s3" and region and not name.startswith(_S3_WITH_REGION):
        return f"Resource {text} can not contain region information."
    return _iam_complaint(text, region, account, name) if service == "iam" else None


def _is_partition(text: str) -> bool:
    wanted = glob(pattern(text))
    return any(wanted.matches(partition, Budget()) for partition in PARTITIONS)


def _iam_complaint(text: str, region: str, account: str, name: str) -> str | None:
    if region:
        return f"IAM resource {text} cannot contain region information."
    if name in {"*", "root"} or name.startswith(_IAM_PATHS + _LATER_IAM_PATHS):  # AWS's own policies for the root user name `root`
        return None
    if account == "aws" and name.startswith("role-template/"):  # of services, in AWS's own policies
        return None
    return f'IAM resource path must either be "*" or start with {", ".join(_IAM_PATHS)}.'
