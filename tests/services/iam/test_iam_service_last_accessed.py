"""What was last used, and which policies allow it."""

from __future__ import annotations

from typing import Any

import pytest
from tests.signin import Clock


@pytest.fixture
def iam(akia: Any) -> Any:
    return akia.client("iam")


def _details(iam: Any, arn: str, **more: Any) -> dict[str, Any]:
    job = iam.generate_service_last_accessed_details(Arn=arn, **more)["JobId"]
    answer = iam.get_service_last_accessed_details(JobId=job, MaxItems=1000)
    assert answer["JobStatus"] == "COMPLETED"
    assert answer["IsTruncated"] is False
    return {service["ServiceNamespace"]: service for service in answer["ServicesLastAccessed"]}


def test_services_that_are_allowed_are_told_with_their_last_use(akia: Any, iam: Any, refused: Any) -> None:
    worker = akia.person("worker", {"Action": ["iam:ListUsers", "s3:Get*"]})
    worker.client("iam").list_users()
    refused(worker.client("iam").list_groups)
    services = _details(iam, worker.arn)
    assert set(services) == {"iam", "s3", "s3-object-lambda", "s3-outposts"} & set(services) | {"iam", "s3"}
    used = services["iam"]
    assert used["ServiceName"] == "AWS Identity and Access Management (IAM)"
    assert (used["LastAuthenticatedEntity"], used["LastAuthenticatedRegion"]) == (worker.arn, "us-east-1")
    assert used["TotalAuthenticatedEntities"] == 1
    assert services["s3"]["TotalAuthenticatedEntities"] == 0
    assert "LastAuthenticated" not in services["s3"]


def test_actions_are_told_when_they_are_asked_for(akia: Any, iam: Any) -> None:
    worker = akia.person("worker", {"Action": ["iam:ListUsers", "iam:ListRoles"]})
    worker.client("iam").list_users()
    actions = {
        each["ActionName"]: each for each in _details(iam, worker.arn, Granularity="ACTION_LEVEL")["iam"]["TrackedActionsLastAccessed"]
    }
    assert set(actions) == {"ListUsers", "ListRoles"}
    assert actions["ListUsers"]["LastAccessedEntity"] == worker.arn
    assert "LastAccessedTime" not in actions["ListRoles"]


def test_a_group_and_a_policy_are_used_by_whom_they_apply_to(akia: Any, iam: Any, policy: Any) -> None:
    iam.create_group(GroupName="readers")
    arn = iam.create_policy(PolicyName="read", PolicyDocument=policy({"Action": "iam:ListUsers"}))["Policy"]["Arn"]
    iam.attach_group_policy(GroupName="readers", PolicyArn=arn)
    one, two = akia.person("one"), akia.person("two")
    for person in (one, two):
        iam.add_user_to_group(GroupName="readers", UserName=person.name)
    one.client("iam").list_users()
    for subject in (f"arn:aws:iam::{akia.account}:group/readers", arn):
        assert _details(iam, subject)["iam"]["LastAuthenticatedEntity"] == one.arn
        job = iam.generate_service_last_accessed_details(Arn=subject)["JobId"]
        entities = iam.get_service_last_accessed_details_with_entities(JobId=job, ServiceNamespace="iam")["EntityDetailsList"]
        assert {each["EntityInfo"]["Name"]: "LastAuthenticated" in each for each in entities} == {"one": True, "two": False}


def test_who_was_the_last_to_use_a_service_comes_first(akia: Any, iam: Any, policy: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock.of(monkeypatch)
    arn = iam.create_policy(PolicyName="read", PolicyDocument=policy({"Action": "iam:ListUsers"}))["Policy"]["Arn"]
    people = {name: akia.person(name) for name in ("a", "b", "c")}
    for name in people:
        iam.attach_user_policy(UserName=name, PolicyArn=arn)
    for name in ("b", "c"):
        clock.move(60)
        people[name].client("iam").list_users()
    job = iam.generate_service_last_accessed_details(Arn=arn)["JobId"]
    entities = iam.get_service_last_accessed_details_with_entities(JobId=job, ServiceNamespace="iam")["EntityDetailsList"]
    assert [each["EntityInfo"]["Name"] for each in entities] == ["c", "b", "a"]


def test_pages_of_services(akia: Any, iam: Any) -> None:
    worker = akia.person("worker", {"Action": "*"})
    job = iam.generate_service_last_accessed_details(Arn=worker.arn)["JobId"]
    first = iam.get_service_last_accessed_details(JobId=job, MaxItems=2)
    second = iam.get_service_last_accessed_details(JobId=job, MaxItems=2, Marker=first["Marker"])
    names = [service["ServiceNamespace"] for page in (first, second) for service in page["ServicesLastAccessed"]]
    assert len(set(names)) == 4
    assert names == sorted(names)


def test_jobs_and_subjects_that_are_not_there_are_refused(akia: Any, iam: Any, refused: Any) -> None:
    assert refused(iam.get_service_last_accessed_details, JobId="0" * 36)[:2] == ("NoSuchEntity", 404)
    for name, code in (("user/nobody", "NoSuchEntity"), ("policy/nothing", "NoSuchEntity"), ("mfa/phone", "InvalidInput")):
        assert refused(iam.generate_service_last_accessed_details, Arn=f"arn:aws:iam::{akia.account}:{name}")[0] == code
    worker = akia.person("worker")
    job = iam.generate_service_last_accessed_details(Arn=worker.arn)["JobId"]
    assert refused(iam.get_service_last_accessed_details_with_entities, JobId=job, ServiceNamespace="nothing")[0] == "InvalidInput"


def test_policies_granting_service_access(akia: Any, iam: Any, policy: Any) -> None:
    worker = akia.person("worker", {"Action": "s3:GetObject"})
    iam.create_group(GroupName="readers")
    iam.put_group_policy(GroupName="readers", PolicyName="all", PolicyDocument=policy({"Effect": "Allow", "Action": "*"}))
    iam.add_user_to_group(GroupName="readers", UserName="worker")
    arn = iam.create_policy(PolicyName="deny", PolicyDocument=policy({"Effect": "Deny", "Action": "iam:*"}))["Policy"]["Arn"]
    iam.attach_user_policy(UserName="worker", PolicyArn=arn)
    answer = iam.list_policies_granting_service_access(Arn=worker.arn, ServiceNamespaces=["s3", "iam", "nothing"])
    told = {each["ServiceNamespace"]: each["Policies"] for each in answer["PoliciesGrantingServiceAccess"]}
    own = {"PolicyName": "test", "PolicyType": "INLINE", "EntityType": "USER", "EntityName": "worker"}
    group = {"PolicyName": "all", "PolicyType": "INLINE", "EntityType": "GROUP", "EntityName": "readers"}
    assert sorted(told["s3"], key=str) == sorted([own, group], key=str)
    assert (told["iam"], told["nothing"]) == ([group], [])


def test_of_a_managed_policy_that_grants_access_it_is_not_told_who_has_it(akia: Any, iam: Any, policy: Any) -> None:
    """AWS leaves the entity of managed policies empty; one that a user has twice is one policy."""
    worker = akia.person("worker")
    iam.create_group(GroupName="readers")
    iam.add_user_to_group(GroupName="readers", UserName="worker")
    arn = iam.create_policy(PolicyName="read", PolicyDocument=policy({"Effect": "Allow", "Action": "s3:*"}))["Policy"]["Arn"]
    iam.attach_user_policy(UserName="worker", PolicyArn=arn)
    iam.attach_group_policy(GroupName="readers", PolicyArn=arn)
    (told,) = iam.list_policies_granting_service_access(Arn=worker.arn, ServiceNamespaces=["s3"])["PoliciesGrantingServiceAccess"]
    assert told["Policies"] == [{"PolicyName": "read", "PolicyType": "MANAGED", "PolicyArn": arn}]
