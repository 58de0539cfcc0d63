"""Service-linked roles: their making, what may be changed of them, and what becomes of them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from akia.aws import service_linked_roles
from akia.aws.managed_policies import policies_in
from akia.aws.service_linked_roles import linked_service
from akia.identity.quotas import Quotas
from akia.store.iam.aws_managed_policies import seed_managed_policies

if TYPE_CHECKING:
    from akia.testing.in_process import InProcess

Refusal = Callable[..., tuple[str, str]]
UserClient = Callable[..., Any]

ECS, ECS_ROLE = "ecs.amazonaws.com", "AWSServiceRoleForECS"
DENIED = "AccessDenied"


def _allow(action: str | list[str], resource: str = "*", **condition: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **({"Condition": condition} if condition else {})}


def _status(iam: Any, task: str) -> dict[str, Any]:
    answer: dict[str, Any] = iam.get_service_linked_role_deletion_status(DeletionTaskId=task)
    del answer["ResponseMetadata"]
    return answer


@pytest.mark.covers("I4.iam.service_linked_roles")
def test_a_service_linked_role_has_its_services_name_path_and_trust(iam: Any, account: str) -> None:
    made = iam.create_service_linked_role(AWSServiceName=ECS, Description="runs")["Role"]
    assert (made["RoleName"], made["Path"]) == (ECS_ROLE, f"/aws-service-role/{ECS}/")
    assert made["Arn"] == f"arn:aws:iam::{account}:role/aws-service-role/{ECS}/{ECS_ROLE}"
    assert made["RoleId"].startswith("AROA") and made["Description"] == "runs"
    (statement,) = made["AssumeRolePolicyDocument"]["Statement"]
    assert statement == {"Effect": "Allow", "Principal": {"Service": ECS}, "Action": "sts:AssumeRole"}
    assert iam.get_role(RoleName=ECS_ROLE)["Role"] == {**made, "MaxSessionDuration": 3_600, "RoleLastUsed": {}}


def test_it_holds_its_services_policy_if_akia_has_that(iam: Any, akia: InProcess, refusal: Refusal) -> None:
    document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "ec2:*", "Resource": "*"}]}
    moment = "2020-01-01T00:00:00Z"
    record = {"PolicyName": "AmazonECSServiceRolePolicy", "Path": "/aws-service-role/", "Document": document}
    store = akia.akia.store
    store.connection.begin_immediate()
    seed_managed_policies(store, policies_in([{**record, "CreateDate": moment, "UpdateDate": moment}]))
    store.connection.commit()
    iam.create_service_linked_role(AWSServiceName=ECS)
    (attached,) = iam.list_attached_role_policies(RoleName=ECS_ROLE)["AttachedPolicies"]
    assert attached["PolicyArn"] == "arn:aws:iam::aws:policy/aws-service-role/AmazonECSServiceRolePolicy"
    assert refusal(iam.detach_role_policy, RoleName=ECS_ROLE, PolicyArn=attached["PolicyArn"])[0] == "UnmodifiableEntity"
    task = iam.delete_service_linked_role(RoleName=ECS_ROLE)["DeletionTaskId"]
    assert _status(iam, task) == {"Status": "SUCCEEDED"}
    assert iam.get_policy(PolicyArn=attached["PolicyArn"])["Policy"]["AttachmentCount"] == 0


def test_there_is_one_role_of_a_service(iam: Any, refusal: Refusal) -> None:
    iam.create_service_linked_role(AWSServiceName=ECS)
    taken = ("InvalidInput", f"Service role name {ECS_ROLE} has been taken in this account, please try a different suffix.")
    assert refusal(iam.create_service_linked_role, AWSServiceName=ECS) == taken


@pytest.mark.covers("I4.iam.service_linked_roles")
def test_p5_3_4_a_suffix_makes_another_role_where_it_is_allowed(iam: Any, refusal: Refusal) -> None:
    for suffix in ("one", "two"):
        made = iam.create_service_linked_role(AWSServiceName="autoscaling.amazonaws.com", CustomSuffix=suffix)["Role"]
        assert made["RoleName"] == f"AWSServiceRoleForAutoScaling_{suffix}"
    refused = refusal(iam.create_service_linked_role, AWSServiceName=ECS, CustomSuffix="one")
    assert refused == ("InvalidInput", f"Custom suffix is not allowed for {ECS}")
    too_long = refusal(iam.create_service_linked_role, AWSServiceName="autoscaling.amazonaws.com", CustomSuffix="x" * 64)
    assert too_long[0] == "InvalidInput"


def test_a_service_without_such_a_role_gets_none(iam: Any, refusal: Refusal) -> None:
    for name in ("s3.amazonaws.com", "ecs", "ECS.amazonaws.com", "ecs.amazonaws.com.example.org", "amazonaws.com"):
        assert refusal(iam.create_service_linked_role, AWSServiceName=name)[0] == "InvalidInput", name
    assert iam.list_roles(PathPrefix="/aws-service-role/")["Roles"] == []


def test_a_full_account_still_gets_service_linked_roles(iam: Any, akia: InProcess) -> None:
    akia.akia.authority.quotas = replace(Quotas(), roles_per_account=0)
    assert iam.create_service_linked_role(AWSServiceName=ECS)["Role"]["RoleName"] == ECS_ROLE


def test_every_known_service_makes_a_role_that_could_be_named_so() -> None:
    for host in service_linked_roles._ROWS:
        service = linked_service(f"{host}.amazonaws.com")
        assert service is not None
        assert re.fullmatch(r"AWSServiceRoleFor[\w-]{2,47}", service.role_name(None)), host
        assert service.policy_arn is None or re.fullmatch(r"arn:aws:iam::aws:policy/aws-service-role/[\w-]+", service.policy_arn), host
    names = [name for name, _ in service_linked_roles._ROWS.values()]
    assert len(set(names)) == len(names) > 100
    assert service_linked_roles._ROWS.keys() >= service_linked_roles._SUFFIXED


@pytest.mark.covers("I4.iam.service_linked_roles")
def test_p1_2_6_only_the_description_of_it_changes(iam: Any, refusal: Refusal) -> None:
    made = iam.create_service_linked_role(AWSServiceName=ECS, Description="old")["Role"]
    iam.update_role(RoleName=ECS_ROLE, Description="new")
    assert iam.update_role_description(RoleName=ECS_ROLE, Description="newer")["Role"] == {**made, "Description": "newer"}
    for more in ({"MaxSessionDuration": 7_200}, {"MaxSessionDuration": 7_200, "Description": "no"}):
        assert refusal(iam.update_role, RoleName=ECS_ROLE, **more)[0] == "UnmodifiableEntity"
    assert refusal(iam.delete_role, RoleName=ECS_ROLE)[0] == "UnmodifiableEntity"
    assert iam.get_role(RoleName=ECS_ROLE)["Role"]["Description"] == "newer"


def test_nobody_but_its_service_takes_it(akia: InProcess, iam: Any, account: str, user_client: UserClient, refusal: Refusal) -> None:
    arn = iam.create_service_linked_role(AWSServiceName=ECS)["Role"]["Arn"]
    eve = user_client("eve", _allow("*"), service="sts")
    assert refusal(eve.assume_role, RoleArn=arn, RoleSessionName="eve")[0] == DENIED


@pytest.mark.covers("I4.iam.service_linked_roles")
def test_a_deleted_service_linked_role_is_gone_and_its_task_tells_so(iam: Any, refusal: Refusal) -> None:
    old = iam.create_service_linked_role(AWSServiceName=ECS)["Role"]["RoleId"]
    task = iam.delete_service_linked_role(RoleName=ECS_ROLE)["DeletionTaskId"]
    assert re.fullmatch(rf"task/aws-service-role/{ECS}/{ECS_ROLE}/[0-9a-f-]{{36}}", task)
    assert _status(iam, task) == {"Status": "SUCCEEDED"}
    assert refusal(iam.get_role, RoleName=ECS_ROLE)[0] == "NoSuchEntity"
    assert refusal(iam.delete_service_linked_role, RoleName=ECS_ROLE)[0] == "NoSuchEntity"
    assert iam.create_service_linked_role(AWSServiceName=ECS)["Role"]["RoleId"] != old
    assert _status(iam, task) == {"Status": "SUCCEEDED"}


def test_contested_an_ordinary_role_is_no_service_linked_role_to_delete(iam: Any, refusal: Refusal) -> None:
    """AWS's model has no error for it but NoSuchEntity."""
    trust = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": {"Service": ECS}, "Action": "sts:AssumeRole"}}
    iam.create_role(RoleName="AWSServiceRoleForMe", Path="/x/aws-service-role/", AssumeRolePolicyDocument=json.dumps(trust))
    assert refusal(iam.delete_service_linked_role, RoleName="AWSServiceRoleForMe")[0] == "NoSuchEntity"
    assert iam.get_role(RoleName="AWSServiceRoleForMe")


@pytest.mark.covers("I4.iam.service_linked_roles")
def test_the_role_stays_while_its_service_has_something_here_and_the_task_tells_what(iam: Any, akia: InProcess, account: str) -> None:
    iam.create_service_linked_role(AWSServiceName="access-analyzer.amazonaws.com")
    arns = {}
    for region in ("us-east-1", "eu-central-1"):
        analyzer = akia.client("accessanalyzer", region=region)
        arns[region] = analyzer.create_analyzer(analyzerName="unused", type="ACCOUNT_UNUSED_ACCESS")["arn"]
    task = iam.delete_service_linked_role(RoleName="AWSServiceRoleForAccessAnalyzer")["DeletionTaskId"]
    usages = [{"Region": region, "Resources": [arns[region]]} for region in sorted(arns)]
    failed = _status(iam, task)
    assert (failed["Status"], failed["Reason"]["RoleUsageList"]) == ("FAILED", usages)
    assert failed["Reason"]["Reason"]
    for region in arns:
        akia.client("accessanalyzer", region=region).delete_analyzer(analyzerName="unused")
    again = iam.delete_service_linked_role(RoleName="AWSServiceRoleForAccessAnalyzer")["DeletionTaskId"]
    assert _status(iam, again) == {"Status": "SUCCEEDED"}
    assert _status(iam, task) == failed


def test_the_role_of_organizations_stays_while_there_is_one(iam: Any, akia: InProcess) -> None:
    made = akia.client("organizations").create_organization()["Organization"]
    iam.create_service_linked_role(AWSServiceName="organizations.amazonaws.com")
    task = iam.delete_service_linked_role(RoleName="AWSServiceRoleForOrganizations")["DeletionTaskId"]
    assert _status(iam, task)["Reason"]["RoleUsageList"] == [{"Region": "aws-global", "Resources": [made["Arn"]]}]
    akia.client("organizations").delete_organization()
    task = iam.delete_service_linked_role(RoleName="AWSServiceRoleForOrganizations")["DeletionTaskId"]
    assert _status(iam, task) == {"Status": "SUCCEEDED"}


def test_what_is_no_task_and_what_is_not_there(iam: Any, refusal: Refusal) -> None:
    iam.create_service_linked_role(AWSServiceName=ECS)
    task = iam.delete_service_linked_role(RoleName=ECS_ROLE)["DeletionTaskId"]
    for wrong in ("x", "task/aws-service-role/a/b", task + "/x", task.replace("task", "tusk"), "task/aws-service-role/a//b", "////"):
        assert refusal(iam.get_service_linked_role_deletion_status, DeletionTaskId=wrong)[0] == "InvalidInput", wrong
    others = task.replace(ECS_ROLE, "AWSServiceRoleForRDS")
    for absent in (task[:-1], others, "task/aws-service-role/a/b/c"):
        assert refusal(iam.get_service_linked_role_deletion_status, DeletionTaskId=absent)[0] == "NoSuchEntity", absent


def test_nt_42_tasks_of_another_account_are_out_of_reach(iam: Any, akia: InProcess, refusal: Refusal) -> None:
    iam.create_service_linked_role(AWSServiceName=ECS)
    task = iam.delete_service_linked_role(RoleName=ECS_ROLE)["DeletionTaskId"]
    akia.akia.store.connection.execute("UPDATE role_deletions SET account = '999999999999'")
    assert refusal(iam.get_service_linked_role_deletion_status, DeletionTaskId=task)[0] == "NoSuchEntity"


@pytest.mark.covers("I4.iam.service_linked_roles")
def test_p4_3_25_policies_can_limit_the_services(iam: Any, account: str, user_client: UserClient, refusal: Refusal) -> None:
    ann = user_client("ann", _allow("iam:CreateServiceLinkedRole", StringLike={"iam:AWSServiceName": "e*.amazonaws.com"}))
    ann.create_service_linked_role(AWSServiceName=ECS)
    code, message = refusal(ann.create_service_linked_role, AWSServiceName="rds.amazonaws.com")
    arn = f"arn:aws:iam::{account}:role/aws-service-role/rds.amazonaws.com/AWSServiceRoleForRDS"
    assert code == DENIED and f"iam:CreateServiceLinkedRole on resource: {arn} because" in message
    eve = user_client("eve", _allow("iam:*ServiceLinked*", f"arn:aws:iam::{account}:role/aws-service-role/{ECS}/*"))
    assert refusal(eve.create_service_linked_role, AWSServiceName="rds.amazonaws.com")[0] == DENIED
    iam.create_service_linked_role(AWSServiceName="rds.amazonaws.com")
    assert refusal(eve.delete_service_linked_role, RoleName="AWSServiceRoleForRDS")[0] == DENIED
    theirs = iam.delete_service_linked_role(RoleName="AWSServiceRoleForRDS")["DeletionTaskId"]
    assert refusal(eve.get_service_linked_role_deletion_status, DeletionTaskId=theirs)[0] == DENIED
    task = eve.delete_service_linked_role(RoleName=ECS_ROLE)["DeletionTaskId"]
    assert _status(eve, task) == {"Status": "SUCCEEDED"}
    forged = theirs.replace("rds.amazonaws.com/AWSServiceRoleForRDS", f"{ECS}/{ECS_ROLE}")
    assert refusal(eve.get_service_linked_role_deletion_status, DeletionTaskId=forged)[0] == "NoSuchEntity"


def test_the_event_names_the_new_role(iam: Any, akia: InProcess) -> None:
    iam.create_service_linked_role(AWSServiceName=ECS)
    iam.delete_service_linked_role(RoleName=ECS_ROLE)
    attribute = [{"AttributeKey": "ResourceName", "AttributeValue": ECS_ROLE}]
    found = akia.client("cloudtrail").lookup_events(LookupAttributes=attribute)["Events"]
    assert [event["EventName"] for event in found] == ["DeleteServiceLinkedRole", "CreateServiceLinkedRole"]
