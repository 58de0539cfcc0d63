"""NT-42, NT-43, NT-44, NT-64, NT-84, NT-85, NT-86: who is asked about, on what grounds, and what is believed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from tests.attacks.signer import Signer, form, json_call, with_header

if TYPE_CHECKING:
    from tests.attacks.refusals import Observer
    from tests.conftest import Person, World

NOW = 1_790_000_000.0


@pytest.fixture(scope="module")
def mallory(shared: World) -> Person:
    """May do everything to itself."""
    own = {"Action": "iam:*", "Resource": f"arn:aws:iam::{shared.account}:user/mallory"}
    return shared.person("mallory", own)


@pytest.mark.covers("A8")
@pytest.mark.parametrize("target", ["bob", "administrator", "root", "Mallory", "MALLORY", "mallory2", "nobody-there"])
@pytest.mark.parametrize("action", ["CreateAccessKey", "DeleteUser", "UpdateUser", "PutUserPolicy", "AttachUserPolicy"])
def test_nt_42_own_rights_reach_nobody_else(observer: Observer, bob: Person, mallory: Person, action: str, target: str) -> None:
    more = {
        "UpdateUser": {"NewUserName": "mallory"},
        "PutUserPolicy": {"PolicyName": "p", "PolicyDocument": "{}"},
        "AttachUserPolicy": {"PolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess"},
    }.get(action, {})
    refusal = observer.refused(Signer.of(mallory.key).header(form(action, UserName=target, **more)), "AccessDenied", 403)
    assert f"user/{target}" in refusal.message


@pytest.mark.parametrize(
    "target", ["../bob", "bob/", "/ops/bob", "arn:aws:iam::123456789012:user/bob", "mallory/../bob", "b*b", "bob\0", "b%6Fb", ""]
)
def test_nt_42_spellings_of_another_user_name_nobody(observer: Observer, mallory: Person, target: str) -> None:
    answer = observer.send(Signer.of(mallory.key).header(form("CreateAccessKey", UserName=target)))
    assert answer.status in (400, 403)


def test_nt_42_without_a_name_the_key_decides(observer: Observer, shared: World, mallory: Person) -> None:
    body = observer.accepted(Signer.of(mallory.key).header(form("ListAccessKeys"))).body
    assert mallory.key.access_key_id.encode() in body
    assert shared.admin.access_key_id.encode() not in body


UNDECLARED = {
    "AccountId": "999999999999",
    "Account": "999999999999",
    "UserId": "AIDAAAAAAAAAAAAAAAAAA",
    "user_id": "AIDAAAAAAAAAAAAAAAAAA",
    "Policy": '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}',
    "PolicyDocument": "{}",
    "PolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess",
    "Groups.member.1": "administrators",
    "Arn": "arn:aws:iam::123456789012:root",
    "aws:username": "administrator",
    "aws:PrincipalArn": "arn:aws:iam::123456789012:root",
}


def test_nt_43_undeclared_members_are_ignored(observer: Observer, shared: World, signer: Signer) -> None:
    body = observer.accepted(signer.header(form("CreateUser", UserName="plain", **UNDECLARED))).body
    assert f"<Arn>arn:aws:iam::{shared.account}:user/plain</Arn>".encode() in body
    assert b"AIDAAAAAAAAAAAAAAAAAA" not in body
    iam = shared.client("iam")
    assert iam.list_attached_user_policies(UserName="plain")["AttachedPolicies"] == []
    assert iam.list_user_policies(UserName="plain")["PolicyNames"] == []
    assert iam.list_groups_for_user(UserName="plain")["Groups"] == []


def test_nt_43_undeclared_members_are_no_context(observer: Observer, nobody: Person) -> None:
    observer.refused(Signer.of(nobody.key).header(form("ListUsers", **UNDECLARED)), "AccessDenied", 403)
    target = "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.LookupEvents"
    call = json_call(target, json.dumps(UNDECLARED).encode())
    observer.refused(Signer.of(nobody.key).header(call, "cloudtrail"), "AccessDeniedException", 400)


CLAIMS = {
    "userid": "aws:userid",
    "username": "aws:username",
    "groups": "aws:groups",
    "principaltag/x": "aws:PrincipalTag/x",
    "aws:principaltag/x": "aws:PrincipalTag/x",
    "aws:principalarn": "aws:PrincipalArn",
    "principalarn": "aws:PrincipalArn",
    "versionid": "s3:VersionId",
    "aws:sourceip": "aws:SourceIp",
    "aws:currenttime": "aws:CurrentTime",
    "aws:multifactorauthpresent": "aws:MultiFactorAuthPresent",
    "aws:sourceaccount": "aws:SourceAccount",
    "sourcevpce": "aws:SourceVpce",
    "x-amz-source-vpce": "aws:SourceVpce",
    "aws:requesttag/x": "aws:RequestTag/x",
    "aws:viaawsservice": "aws:ViaAWSService",
}


@pytest.fixture(scope="module")
def claimant(shared: World) -> Person:
    """May list users if any one condition key of `CLAIMS` is `wanted`."""
    keys = sorted(set(CLAIMS.values()))
    return shared.person("claimant", *({"Action": "iam:ListUsers", "Condition": {"StringEquals": {key: "wanted"}}} for key in keys))


@pytest.mark.parametrize("header", CLAIMS)
def test_nt_44_headers_are_no_condition_keys(observer: Observer, claimant: Person, header: str) -> None:
    claim = with_header(form("ListUsers"), header.encode(), b"wanted")
    observer.refused(Signer.of(claimant.key).header(claim), "AccessDenied", 403)
    in_query = form("ListUsers")._replace(query=header.encode() + b"=wanted")
    observer.refused(Signer.of(claimant.key).header(in_query), "AccessDenied", 403)


def test_nt_44_the_intended_header_works(observer: Observer, shared: World) -> None:
    agent = shared.person("agent", {"Action": "iam:ListUsers", "Condition": {"StringLike": {"aws:UserAgent": "good/*"}}})
    observer.accepted(Signer.of(agent.key).header(with_header(form("ListUsers"), b"user-agent", b"good/1")))
    observer.refused(Signer.of(agent.key).header(with_header(form("ListUsers"), b"user-agent", b"bad/1 good/1")), "AccessDenied", 403)
    observer.refused(Signer.of(agent.key).header(form("ListUsers")), "AccessDenied", 403)


def role_session(shared: World, bob: Person, name: str, **more: Any) -> Signer:
    """A session of the new role `name`, which trusts the account."""
    trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": shared.account}}]}
    role = shared.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))["Role"]
    made = bob.client("sts").assume_role(RoleArn=role["Arn"], RoleSessionName="visit", **more)["Credentials"]
    return Signer(made["AccessKeyId"], made["SecretAccessKey"], made["SessionToken"])


@pytest.mark.covers("A8")
def test_nt_64_who_has_nothing_may_nothing(observer: Observer, shared: World, bob: Person, nobody: Person, policy: Any) -> None:
    iam = shared.client("iam")
    iam.create_group(GroupName="empty")
    member, former, orphan = shared.person("member"), shared.person("former"), shared.person("orphan")
    iam.add_user_to_group(GroupName="empty", UserName="member")
    iam.attach_user_policy(UserName="former", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
    assert former.client("iam").list_users()["Users"]
    iam.detach_user_policy(UserName="former", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
    arn = iam.create_policy(PolicyName="gone", PolicyDocument=policy({"Action": "*"}))["Policy"]["Arn"]
    iam.attach_user_policy(UserName="orphan", PolicyArn=arn)
    assert orphan.client("iam").list_users()["Users"]
    iam.detach_user_policy(UserName="orphan", PolicyArn=arn)
    iam.delete_policy(PolicyArn=arn)
    session = role_session(shared, bob, "empty")
    for signer in (*(Signer.of(person.key) for person in (nobody, member, former, orphan)), session):
        observer.watch()
        refusal = observer.refused(signer.header(form("ListUsers")), "AccessDenied", 403, settle=False)
        assert refusal.message.endswith("because no identity-based policy allows the iam:ListUsers action")
        [event] = observer.settle()
        assert json.loads(event.decision)[0]["outcome"] == "implicitDeny"


@pytest.mark.covers("I2.services.caller_identity")
def test_nt_84_get_caller_identity_answers_under_every_deny(observer: Observer, shared: World, bob: Person, policy: Any) -> None:
    deny = {"Effect": "Deny", "Action": "*"}
    iam = shared.client("iam")
    arn = iam.create_policy(PolicyName="deny-all", PolicyDocument=policy(deny))["Policy"]["Arn"]
    denied = shared.person("denied", deny)
    iam.put_user_permissions_boundary(UserName="denied", PermissionsBoundary=arn)
    session = role_session(shared, bob, "denied", Policy=policy(deny))
    who = form("GetCallerIdentity", "sts")
    assert denied.arn.encode() in observer.accepted(Signer.of(denied.key).header(who, "sts")).body
    assert f"arn:aws:sts::{shared.account}:assumed-role/denied/visit".encode() in observer.accepted(session.header(who, "sts")).body
    observer.refused(Signer(denied.key.access_key_id, "wrong").header(who, "sts"), "SignatureDoesNotMatch", 403)
    iam.update_access_key(UserName="denied", AccessKeyId=denied.key.access_key_id, Status="Inactive")
    observer.refused(Signer.of(denied.key).header(who, "sts"), "InvalidClientTokenId", 403)


def test_nt_85_variables_follow_the_verified_caller(observer: Observer, shared: World) -> None:
    own = {"Action": "iam:GetUser", "Resource": f"arn:aws:iam::{shared.account}:user/${{aws:username}}"}
    for name in ("ann", "ben"):
        shared.person(name, own)
    people = {name: shared.client("iam").create_access_key(UserName=name)["AccessKey"] for name in ("ann", "ben")}
    for name, key in people.items():
        for other in people:
            request = Signer(key["AccessKeyId"], key["SecretAccessKey"]).header(form("GetUser", UserName=other))
            assert observer.send(request).status == (200 if other == name else 403)


def test_nt_85_the_clock_moves(observer: Observer, shared: World) -> None:
    until = {"Action": "iam:ListUsers", "Condition": {"DateLessThan": {"aws:CurrentTime": "2026-09-21T14:13:20Z"}}}
    signer = Signer.of(shared.person("hasty", until).key)
    observer.accepted(signer.header(form("ListUsers"), at=NOW - 1), received=NOW - 1)
    observer.refused(signer.header(form("ListUsers"), at=NOW), "AccessDenied", 403, received=NOW)


ABSENT = [
    "aws:username",
    "aws:PrincipalTag/team",
    "aws:SourceVpc",
    "aws:SourceArn",
    "aws:FederatedProvider",
    "aws:RequestTag/team",
    "aws:referer",
]


@pytest.mark.parametrize("key", ABSENT)
def test_nt_85_what_cannot_be_filled_is_absent(observer: Observer, shared: World, bob: Person, policy: Any, key: str) -> None:
    """Of a role session without tags: a condition that demands absence holds, one that demands any value does not."""
    name = "role-" + key.replace(":", "-").replace("/", "-")
    session = role_session(shared, bob, name)
    for absent, status in (("true", 200), ("false", 403)):
        document = policy({"Action": "iam:ListUsers", "Condition": {"Null": {key: absent}}})
        shared.client("iam").put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=document)
        assert observer.send(session.header(form("ListUsers"))).status == status


def test_nt_86_one_call_has_one_arn_however_it_is_sent(observer: Observer, shared: World) -> None:
    shared.client("iam").create_user(UserName="path", Path="/deep/er/")
    signer = Signer.of(shared.person("reader", {"Action": "iam:GetUser", "Effect": "Deny"}).key)
    in_query = form("GetUser")._replace(query=b"UserName=path")
    requests = [
        signer.header(form("GetUser", UserName="path")),
        signer.query({"Action": "GetUser", "UserName": "path"}),
        signer.header(in_query),
        signer.header(form("GetUser")._replace(body=b"UserName=p%61th&Version=2010-05-08&Action=GetUser")),
    ]
    observer.watch()
    for request in requests:
        observer.refused(request, "AccessDenied", 403, settle=False)
    resources = {tuple(json.loads(event.decision)[0]["resources"]) for event in observer.settle()}
    assert resources == {(f"arn:aws:iam::{shared.account}:user/deep/er/path",)}
