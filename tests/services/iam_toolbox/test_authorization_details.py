"""The IAM toolbox: the details of a denial, from its decision record (AC13.3 to AC13.5)."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError
from tests.denials import ALL, DENIALS, Denial, allow, deny, document, member


def denied_id(akia: Any, denial: Denial) -> str:
    with pytest.raises(ClientError) as caught:
        denial.call(akia)
    return str(caught.value.response["ResponseMetadata"]["RequestId"]).replace("-", "")


def details_of(akia: Any, name: str) -> tuple[str, dict[str, Any]]:
    id_ = denied_id(akia, DENIALS[name](akia))
    return id_, akia.client("iam-toolbox").get_request_authorization_details(authorizationId=id_)


CHECKS = {
    "identity_is_silent": [("PRINCIPAL", "IMPLICIT_DENY")],
    "identity_denies": [("PRINCIPAL", "EXPLICIT_DENY")],
    "group_denies": [("PRINCIPAL", "EXPLICIT_DENY")],
    "boundary_is_silent": [("PRINCIPAL", "ALLOW"), ("PERMISSIONS_BOUNDARY", "IMPLICIT_DENY")],
    "session_is_silent": [("PRINCIPAL", "ALLOW"), ("SESSION", "IMPLICIT_DENY")],
    "trust_is_silent": [("RESOURCE", "IMPLICIT_DENY"), ("PRINCIPAL", "ALLOW")],
    "trust_denies": [("RESOURCE", "EXPLICIT_DENY"), ("PRINCIPAL", "ALLOW")],
    "scp_denies": [("SERVICE_CONTROL_POLICY", "ALLOW"), ("SERVICE_CONTROL_POLICY", "EXPLICIT_DENY"), ("PRINCIPAL", "ALLOW")],
    "rcp_denies": [
        ("RESOURCE_CONTROL_POLICY", "ALLOW"),
        ("RESOURCE_CONTROL_POLICY", "EXPLICIT_DENY"),
        ("RESOURCE", "ALLOW"),
        ("PRINCIPAL", "ALLOW"),
    ],
}


@pytest.mark.parametrize("name", DENIALS)
def test_ac13_3_every_layer_is_a_check(akia: Any, name: str) -> None:
    _, details = details_of(akia, name)
    evaluation = details["evaluations"][-1]
    assert [(check["checkType"], check["evaluatedEffect"]) for check in evaluation["checks"]] == CHECKS[name]
    assert evaluation["evaluatedEffect"] == ("EXPLICIT_DENY" if name.endswith("denies") else "IMPLICIT_DENY")


def test_ac13_3_control_policies_are_told_by_what_they_are_attached_to(akia: Any) -> None:
    _, details = details_of(akia, "scp_denies")
    targets = [check.get("targetArn", "") for check in details["evaluations"][0]["checks"]]
    assert [target.partition("::")[2].partition("/")[0].partition(":")[2] for target in targets] == ["root", "account", ""]


def test_ac13_3_policies_say_what_they_are_and_where_they_stand(akia: Any) -> None:
    _, details = details_of(akia, "group_denies")
    told = {(policy["type"], policy["inline"], policy["attachedTo"][0]["arn"].rpartition(":")[2]) for policy in details["policies"]}
    assert told == {("IDENTITY_BASED_POLICY", True, "user/gus"), ("IDENTITY_BASED_POLICY", True, "group/interns")}
    _, details = details_of(akia, "trust_denies")
    assert ("RESOURCE_BASED_POLICY", "role/guarded") in {
        (policy["type"], policy["attachedTo"][0]["arn"].rpartition(":")[2]) for policy in details["policies"]
    }


def test_ac13_4_a_policy_is_answered_as_it_was_at_the_time(akia: Any) -> None:
    id_, details = details_of(akia, "identity_denies")
    iam, toolbox = akia.client("iam"), akia.client("iam-toolbox")
    iam.put_user_policy(UserName="dora", PolicyName="own", PolicyDocument=document(ALL))
    (policy,) = details["policies"]
    kept = toolbox.get_request_authorization_policy(authorizationId=id_, policyUri=policy["uri"])["policyDocument"]
    assert kept == {"Version": "2012-10-17", "Statement": [ALL, deny("NoListing", "iam:ListUsers")]}


def test_ac13_4_a_managed_policy_is_answered_in_the_version_of_then(akia: Any) -> None:
    denial = DENIALS["boundary_is_silent"](akia)
    id_ = denied_id(akia, denial)
    denial.allow()
    arn = "arn:aws:iam::123456789012:policy/fence"
    kept = akia.client("iam-toolbox").get_request_authorization_policy(authorizationId=id_, policyUri=arn)["policyDocument"]
    assert kept["Statement"] == [allow("s3:*")]


def test_ac13_4_a_trust_policy_shows_arns(akia: Any) -> None:
    key = akia.person("una", {"Action": "*"}).key
    trust = {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:user/uli"}, "Action": "sts:AssumeRole"}
    akia.person("uli")
    arn = akia.client("iam").create_role(RoleName="ulis", AssumeRolePolicyDocument=document(trust))["Role"]["Arn"]
    id_ = denied_id(akia, Denial(key, "sts", "AssumeRole", {"RoleArn": arn, "RoleSessionName": "session"}, (), lambda: None))
    kept = akia.client("iam-toolbox").get_request_authorization_policy(authorizationId=id_, policyUri=arn)["policyDocument"]
    assert kept["Statement"] == [trust]


def test_a_secondary_authorization_is_an_evaluation_of_its_own(akia: Any) -> None:
    key = akia.person("ulf", {"Action": "sts:AssumeRole"}).key
    trust = {"Effect": "Allow", "Principal": {"AWS": "123456789012"}, "Action": ["sts:AssumeRole", "sts:SetSourceIdentity"]}
    arn = akia.client("iam").create_role(RoleName="named", AssumeRolePolicyDocument=document(trust))["Role"]["Arn"]
    wanted = {"RoleArn": arn, "RoleSessionName": "session", "SourceIdentity": "ulf"}
    id_ = denied_id(akia, Denial(key, "sts", "AssumeRole", wanted, (), lambda: None))
    evaluations = akia.client("iam-toolbox").get_request_authorization_details(authorizationId=id_)["evaluations"]
    assert [(one["action"], one["evaluatedEffect"]) for one in evaluations] == [
        ("sts:AssumeRole", "ALLOW"),
        ("sts:SetSourceIdentity", "IMPLICIT_DENY"),
    ]


def test_the_request_context_is_told_in_aws_s_letters(akia: Any) -> None:
    _, details = details_of(akia, "identity_is_silent")
    context = details["requestContext"]
    assert context["aws:SourceIp"] == "127.0.0.1"
    assert context["aws:username"] == "ida"
    assert context["aws:PrincipalArn"].endswith(":user/ida")


def test_nt_51_a_document_that_cannot_be_read_is_named(akia: Any) -> None:
    person = akia.person("odd", {"Action": "iam:*"})
    user = akia.akia.store.users.named(akia.account, "odd")
    akia.akia.store.connection.begin_immediate()
    akia.akia.store.inline_policies.put(user.id, "test", "{", 0)
    akia.akia.store.connection.commit()
    akia.akia.authority.applied(["*"], akia.akia.store.changes.latest())
    id_ = denied_id(akia, Denial(person.key, "iam", "ListUsers", {}, (), lambda: None))
    details = akia.client("iam-toolbox").get_request_authorization_details(authorizationId=id_)
    (matched,) = details["evaluations"][0]["matchedPolicies"]
    assert matched["matchedStatements"] == [{"sid": "#0", "evaluatedEffect": "DENY"}]


UNKNOWN = "0" * 32


@pytest.mark.parametrize("id_", [UNKNOWN, "x", "0" * 31, "0" * 256])
def test_ac13_4_an_unknown_id_is_not_found(akia: Any, refused: Any, id_: str) -> None:
    toolbox = akia.client("iam-toolbox")
    assert refused(toolbox.get_request_authorization_details, authorizationId=id_)[:2] == ("ResourceNotFoundException", 404)
    assert refused(toolbox.get_request_authorization_policy, authorizationId=id_, policyUri="x")[:2] == ("ResourceNotFoundException", 404)


def test_ac13_4_a_policy_that_was_not_in_force_is_not_found(akia: Any, refused: Any) -> None:
    id_, _ = details_of(akia, "identity_is_silent")
    toolbox = akia.client("iam-toolbox")
    for uri in ("nobody/none", "arn:aws:iam::aws:policy/AdministratorAccess"):
        code, status, _ = refused(toolbox.get_request_authorization_policy, authorizationId=id_, policyUri=uri)
        assert (code, status) == ("ResourceNotFoundException", 404)


def test_ac13_4_bad_input_is_refused(akia: Any, refused: Any) -> None:
    toolbox = akia.client("iam-toolbox")
    assert refused(toolbox.get_request_authorization_details, authorizationId="A-B")[:2] == ("ValidationException", 400)
    assert refused(toolbox.get_request_authorization_details, authorizationId=UNKNOWN, nextToken="t")[:2] == ("ValidationException", 400)


def test_what_no_policy_decided_has_no_details(akia: Any, refused: Any) -> None:
    answer = akia.client("sts").get_caller_identity()
    id_ = answer["ResponseMetadata"]["RequestId"].replace("-", "")
    assert refused(akia.client("iam-toolbox").get_request_authorization_details, authorizationId=id_)[0] == "ResourceNotFoundException"


def test_nt_99_a_member_account_s_denial_is_hidden_from_strangers(akia: Any, refused: Any) -> None:
    """Of one organization all may ask who have the permission (AC13.4); once the account has left it, nobody but itself."""
    denial = DENIALS["scp_denies"](akia)
    id_ = denied_id(akia, denial)
    other = member(akia, "nosy", "SERVICE_CONTROL_POLICY")
    theirs = akia.client("iam-toolbox", other.key, token=other.token)
    assert theirs.get_request_authorization_details(authorizationId=id_)["evaluations"]
    account = akia.client("sts", denial.key, token=denial.token).get_caller_identity()["Account"]
    akia.client("organizations").remove_account_from_organization(AccountId=account)
    assert refused(theirs.get_request_authorization_details, authorizationId=id_)[0] == "ResourceNotFoundException"
    assert refused(akia.client("iam-toolbox").get_request_authorization_details, authorizationId=id_)[0] == "ResourceNotFoundException"


def test_the_permissions_are_those_that_aws_documents(akia: Any, refused: Any) -> None:
    id_, details = details_of(akia, "identity_is_silent")
    person = akia.person("jo", {"Action": "iam:GetRequestAuthorizationDetails"})
    toolbox = person.client("iam-toolbox")
    assert toolbox.get_request_authorization_details(authorizationId=id_)["evaluations"] == details["evaluations"]
    code, status, message = refused(toolbox.get_request_authorization_policy, authorizationId=id_, policyUri="x")
    assert (code, status) == ("AccessDeniedException", 403)
    assert "iam:GetRequestAuthorizationPolicy" in message
