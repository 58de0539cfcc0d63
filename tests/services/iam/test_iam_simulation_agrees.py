"""The simulator and enforcement never differ: every case goes through both (NT-96)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.denials import DENIALS, Denial, document

from akia.services import every_service
from akia.services.iam.simulator import ALWAYS_ALLOWED

EFFECTS = {"allowed": "ALLOW", "explicitDeny": "EXPLICIT_DENY", "implicitDeny": "IMPLICIT_DENY"}


def enforced(akia: Any, request_id: str) -> dict[str, Any]:
    """What was decided on a request, and in which context."""
    details = akia.client("iam-toolbox").get_request_authorization_details(authorizationId=request_id.replace("-", ""))
    evaluation = details["evaluations"][-1]
    told_by_the_event = {"aws:SourceIp": "127.0.0.1"}  # the decision record of what was allowed leaves such keys out
    return {**evaluation, "context": told_by_the_event | details["requestContext"] | evaluation["context"]}


def simulated(iam: Any, principal: str, decided: dict[str, Any]) -> dict[str, Any]:
    entries = [
        {
            "ContextKeyName": key,
            "ContextKeyValues": [value] if isinstance(value, str) else value,
            "ContextKeyType": "string" if isinstance(value, str) else "stringList",
        }
        for key, value in decided["context"].items()
    ]
    (result,) = iam.simulate_principal_policy(
        PolicySourceArn=principal, ActionNames=[decided["action"]], ResourceArns=[decided["resource"]], ContextEntries=entries
    )["EvaluationResults"]
    return dict(result)


@pytest.mark.parametrize("name", [name for name in DENIALS if name != "session_is_silent"])
def test_nt_96_the_simulator_refuses_what_enforcement_refuses_and_allows_what_it_allows(akia: Any, name: str) -> None:
    """A session's own policies cannot be simulated: AWS has no parameter for them."""
    denial: Denial = DENIALS[name](akia)
    iam = akia.client("iam", denial.key, token=denial.token) if denial.token else akia.client("iam")
    with pytest.raises(ClientError) as caught:
        denial.call(akia)
    decided = enforced(akia, caught.value.response["ResponseMetadata"]["RequestId"])
    principal = decided["context"]["aws:PrincipalArn"]
    assert EFFECTS[simulated(iam, principal, decided)["EvalDecision"]] == decided["evaluatedEffect"] != "ALLOW"
    denial.allow()
    allowed = denial.call(akia)["ResponseMetadata"]["RequestId"]
    decided = enforced(akia, allowed)
    assert simulated(iam, principal, decided)["EvalDecision"] == "allowed"
    assert decided["evaluatedEffect"] == "ALLOW"


STATEMENTS = st.lists(
    st.fixed_dictionaries(
        {
            "Effect": st.sampled_from(["Allow", "Allow", "Deny"]),
            "Action": st.sampled_from(["*", "iam:*", "iam:Get*", "iam:GetUser", "iam:ListUsers"]),
            "Resource": st.sampled_from(["*", "arn:aws:iam::123456789012:user/*", "arn:aws:iam::123456789012:user/${aws:username}"]),
        },
        optional={
            "Condition": st.sampled_from(
                [
                    {"IpAddress": {"aws:SourceIp": "127.0.0.0/8"}},
                    {"StringNotEquals": {"aws:PrincipalTag/team": "red"}},
                    {"Bool": {"aws:SecureTransport": "true"}},
                    {"Null": {"aws:TokenIssueTime": "true"}},
                ]
            )
        },
    ),
    min_size=1,
    max_size=3,
)


@given(of_user=STATEMENTS, of_group=STATEMENTS, of_boundary=STATEMENTS, bounded=st.booleans())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_nt_96_any_policies_give_one_verdict_and_the_same_statements(
    akia: Any, of_user: Any, of_group: Any, of_boundary: Any, bounded: bool
) -> None:
    iam = akia.client("iam")
    if "zoe" not in {user["UserName"] for user in iam.list_users()["Users"]}:
        key = akia.person("zoe").key
        iam.create_group(GroupName="g")
        iam.add_user_to_group(GroupName="g", UserName="zoe")
        akia.zoe = key
    texts = {"user": document(*numbered("U", of_user)), "group": document(*numbered("G", of_group))}
    iam.put_user_policy(UserName="zoe", PolicyName="p", PolicyDocument=texts["user"])
    iam.put_group_policy(GroupName="g", PolicyName="p", PolicyDocument=texts["group"])
    bound(iam, document(*of_boundary) if bounded else None)
    zoe = akia.client("iam", akia.zoe)
    for operation in ("get_user", "list_users"):
        try:
            answer = getattr(zoe, operation)()
        except ClientError as error:
            answer = error.response
        decided = enforced(akia, answer["ResponseMetadata"]["RequestId"])
        result = simulated(iam, "arn:aws:iam::123456789012:user/zoe", decided)
        assert EFFECTS[result["EvalDecision"]] == decided["evaluatedEffect"]
        if decided["evaluatedEffect"] == "EXPLICIT_DENY":
            assert sids(result, texts) == sids_that_denied(decided)
        else:  # of what was allowed only the first statement is recorded: enforcement looks no further
            assert sids(result, texts) >= {one["sid"] for policy in decided["matchedPolicies"] for one in policy["matchedStatements"]}


def bound(iam: Any, text: str | None) -> None:
    """Put zoe under a boundary of this text, or under none."""
    arn = "arn:aws:iam::123456789012:policy/fence"
    if iam.get_user(UserName="zoe")["User"].get("PermissionsBoundary"):
        iam.delete_user_permissions_boundary(UserName="zoe")
        iam.delete_policy(PolicyArn=arn)
    if text is not None:
        iam.create_policy(PolicyName="fence", PolicyDocument=text)
        iam.put_user_permissions_boundary(UserName="zoe", PermissionsBoundary=arn)


def numbered(letter: str, statements: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"Sid": f"{letter}{place}", **statement} for place, statement in enumerate(statements)]


def sids(result: dict[str, Any], texts: dict[str, str]) -> set[str]:
    """The Sids of a simulation's statements, read where it says that they stand. `texts` are the documents by type of source."""
    found = (
        (texts[one["SourcePolicyType"]], one["StartPosition"]["Column"], one["EndPosition"]["Column"])
        for one in result["MatchedStatements"]
    )
    return {json.loads(text[start - 1 : end - 1])["Sid"] for text, start, end in found}


def sids_that_denied(decided: dict[str, Any]) -> set[str]:
    """The same of a denial; a boundary's statements have no place in a simulation."""
    policies = (policy for check in decided["checks"] if check["checkType"] == "PRINCIPAL" for policy in check["matchedPolicies"])
    return {one["sid"] for policy in policies for one in policy["matchedStatements"] if one["evaluatedEffect"] == "DENY"}


def test_nt_96_what_no_policy_can_stop_is_always_allowed() -> None:
    declared = {
        operation.action.text.lower() for operations in every_service().values() for operation in operations if operation.always_allowed
    }
    assert declared == ALWAYS_ALLOWED


def test_nt_96_the_callers_own_name_is_never_stopped(akia: Any) -> None:
    arn = akia.person("nun", {"Effect": "Deny", "Action": "*"}).arn
    (result,) = akia.client("iam").simulate_principal_policy(PolicySourceArn=arn, ActionNames=["sts:GetCallerIdentity"])[
        "EvaluationResults"
    ]
    assert result["EvalDecision"] == "allowed"
