"""Advice on policy documents before they are saved: Access Analyzer's findings (P5.5).

    findings = validate(text, PolicyType.RESOURCE, "AWS::S3::Bucket")

`codes` is the table of all findings. Each theme is a module with its rules; a rule is a generator that says which codes it may report.
What a rule needs to know of AWS comes from `akia.aws.catalogue`; where that has no facts, a rule is silent rather than wrong.
"""

from akia.policy.findings.codes import CANNOT_OCCUR, CODES
from akia.policy.findings.finding import Finding, FindingType, Location, Place, PolicyType
from akia.policy.findings.validation import REPORTED, validate

__all__ = ["CANNOT_OCCUR", "CODES", "REPORTED", "Finding", "FindingType", "Location", "Place", "PolicyType", "validate"]
