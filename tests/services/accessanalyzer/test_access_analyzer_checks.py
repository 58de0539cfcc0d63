"""Access Analyzer's policy checks through boto3."""

from __future__ import annotations

import json
from typing import Any

import pytest

ACCOUNT = "111122223333"
ALLOW = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}


def _text(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


@pytest.fixture
def analyzer(akia: Any) -> Any:
    return akia.client("accessanalyzer")


def test_validate_policy_tells_code_type_text_link_path_and_span(analyzer: Any) -> None:
    text = _text({**ALLOW, "Action": ["s3:GetObject", "s3:GetObjct"], "Resource": "arn:aws:s3:::b/${ }"})
    action, variable = analyzer.validate_policy(policyDocument=text, policyType="IDENTITY_POLICY")["findings"]
    start, end = text.index('"s3:GetObjct"'), text.index('"s3:GetObjct"') + len('"s3:GetObjct"')
    assert action == {
        "findingDetails": "The action s3:GetObjct does not exist. Did you mean s3:GetObject?",
        "findingType": "ERROR",
        "issueCode": "INVALID_ACTION",
        "learnMoreLink": "https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html"
        "#access-analyzer-reference-policy-checks-error-invalid-action",
        "locations": [
            {
                "path": [{"value": "Statement"}, {"index": 0}, {"value": "Action"}, {"index": 1}],
                "span": {
                    "start": {"line": 1, "column": start, "offset": start},
                    "end": {"line": 1, "column": end, "offset": end},
                },
            }
        ],
    }
    assert variable["issueCode"] == "EMPTY_VARIABLE"
    assert variable["locations"][0]["path"][-1] == {"substring": {"start": 15, "length": 4}}


def test_validate_policy_points_at_the_name_of_a_condition_key(analyzer: Any) -> None:
    text = _text({**ALLOW, "Condition": {"StringEquals": {"aws:nobody": "a"}}})
    (finding,) = analyzer.validate_policy(policyDocument=text, policyType="IDENTITY_POLICY")["findings"]
    path = finding["locations"][0]["path"]
    assert path == [{"value": "Statement"}, {"index": 0}, {"value": "Condition"}, {"value": "StringEquals"}, {"key": "aws:nobody"}]


def test_validate_policy_has_pages(analyzer: Any) -> None:
    text = _text({**ALLOW, "Action": [f"s3:Nope{number}" for number in range(250)]})
    paginator = analyzer.get_paginator("validate_policy")
    pages = list(paginator.paginate(policyDocument=text, policyType="IDENTITY_POLICY"))
    assert [len(page["findings"]) for page in pages] == [100, 100, 50]
    first = analyzer.validate_policy(policyDocument=text, policyType="IDENTITY_POLICY", maxResults=7)
    assert len(first["findings"]) == 7


def test_a_page_token_is_bound_to_its_document(analyzer: Any, refused: Any) -> None:
    texts = [_text({**ALLOW, "Action": [f"{prefix}:Nope", f"{prefix}:Nopf"]}) for prefix in ("s3", "iam")]
    token = analyzer.validate_policy(policyDocument=texts[0], policyType="IDENTITY_POLICY", maxResults=1)["nextToken"]
    for wrong in (token, "AAAA", "x" * 9):
        code, status, _ = refused(analyzer.validate_policy, policyDocument=texts[1], policyType="IDENTITY_POLICY", nextToken=wrong)
        assert (code, status) == ("ValidationException", 400)


def test_a_resource_type_belongs_to_resource_policies_only(analyzer: Any, refused: Any) -> None:
    given = {"policyDocument": _text(ALLOW), "policyType": "IDENTITY_POLICY", "validatePolicyResourceType": "AWS::S3::Bucket"}
    assert refused(analyzer.validate_policy, **given)[0] == "ValidationException"


def test_check_no_new_access(analyzer: Any) -> None:
    old, new = _text(ALLOW), _text(ALLOW, {**ALLOW, "Sid": "More", "Action": "s3:*"})
    same = analyzer.check_no_new_access(newPolicyDocument=old, existingPolicyDocument=old, policyType="IDENTITY_POLICY")
    assert (same["result"], same["message"]) == (
        "PASS",
        "The modified permissions do not grant new access compared to your existing policy.",
    )
    more = analyzer.check_no_new_access(newPolicyDocument=new, existingPolicyDocument=old, policyType="IDENTITY_POLICY")
    assert more["result"] == "FAIL"
    assert more["message"] == "The modified permissions grant new access compared to your existing policy."
    assert more["reasons"] == [{"description": "New access in the statement with sid: More.", "statementIndex": 1, "statementId": "More"}]


def test_check_access_not_granted(analyzer: Any, refused: Any) -> None:
    def check(**access: list[str]) -> Any:
        return analyzer.check_access_not_granted(policyDocument=_text(ALLOW), access=[access], policyType="IDENTITY_POLICY")

    assert check(actions=["s3:PutObject"])["result"] == "PASS"
    failed = check(actions=["s3:GetObject"], resources=["arn:aws:s3:::b/k"])
    assert failed["result"] == "FAIL"
    assert failed["reasons"][0]["statementIndex"] == 0
    for access in ({}, {"actions": ["GetObject"]}, {"resources": ["bucket"]}):
        given = {"policyDocument": _text(ALLOW), "access": [access], "policyType": "IDENTITY_POLICY"}
        assert refused(analyzer.check_access_not_granted, **given)[1] == 400


def test_check_no_public_access_for_every_type_of_the_model(analyzer: Any) -> None:
    shape = analyzer.meta.service_model.operation_model("CheckNoPublicAccess").input_shape.members["resourceType"]
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole"}
    for resource_type in shape.enum:
        body = trust if resource_type.endswith("AssumeRolePolicyDocument") else {**ALLOW, "Action": "*", "Resource": "*"}
        answers = [
            analyzer.check_no_public_access(policyDocument=_text({**body, "Principal": principal}), resourceType=resource_type)["result"]
            for principal in ({"AWS": "*"}, {"AWS": ACCOUNT})
        ]
        assert answers == ["FAIL", "PASS"], resource_type


def test_a_document_that_iam_would_refuse_is_an_invalid_parameter(analyzer: Any, refused: Any) -> None:
    given = {"newPolicyDocument": "{", "existingPolicyDocument": _text(ALLOW), "policyType": "IDENTITY_POLICY"}
    code, status, message = refused(analyzer.check_no_new_access, **given)
    assert (code, status) == ("InvalidParameterException", 400)
    assert "Syntax errors in policy." in message


def test_a_document_that_is_too_complex_is_unprocessable(analyzer: Any, refused: Any) -> None:
    stars = [f"s3:*{first}*{second}*" for first in "abcdefghij" for second in "abcdefghij"]
    given = {"newPolicyDocument": _text({**ALLOW, "Action": "s3:*"}), "existingPolicyDocument": _text({**ALLOW, "Action": stars})}
    code, status, _ = refused(analyzer.check_no_new_access, **given, policyType="IDENTITY_POLICY")
    assert (code, status) == ("UnprocessableEntityException", 422)


def test_each_check_needs_its_permission(akia: Any, refused: Any) -> None:
    nobody = akia.person("nobody").client("accessanalyzer")
    one = akia.person("one", {"Action": "access-analyzer:ValidatePolicy"}).client("accessanalyzer")
    asked = {"policyDocument": _text(ALLOW), "policyType": "IDENTITY_POLICY"}
    assert refused(nobody.validate_policy, **asked)[:2] == ("AccessDeniedException", 403)
    assert one.validate_policy(**asked)["findings"] == []
    assert refused(one.check_access_not_granted, **asked, access=[{"actions": ["s3:GetObject"]}])[0] == "AccessDeniedException"
