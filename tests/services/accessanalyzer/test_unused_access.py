"""Analyzers, their tags, and what they find."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

DAY = 86_400


@pytest.fixture
def analyzer(akia: Any) -> Any:
    return akia.client("accessanalyzer")


def _create(analyzer: Any, **more: Any) -> str:
    arn: str = analyzer.create_analyzer(analyzerName="unused", type="ACCOUNT_UNUSED_ACCESS", **more)["arn"]
    return arn


def _age(akia: Any, days: int = 100) -> None:
    """All users, roles and keys were made `days` ago."""
    store = akia.akia.store
    for table in ("users", "roles", "access_keys"):
        store.connection.execute(f"UPDATE {table} SET created = created - {days * DAY}")


def _role(akia: Any, policy: Any, name: str = "app", path: str = "/") -> str:
    iam = akia.client("iam")
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": akia.account}}
    document = json.dumps({"Version": "2012-10-17", "Statement": trust})
    arn: str = iam.create_role(RoleName=name, Path=path, AssumeRolePolicyDocument=document)["Role"]["Arn"]
    iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=policy({"Action": "iam:List*"}))
    return arn


def _found(analyzer: Any, arn: str, **more: Any) -> dict[tuple[str, str], Any]:
    findings = analyzer.list_findings_v2(analyzerArn=arn, **more)["findings"]
    return {(finding["findingType"], finding["resource"].rpartition("/")[2]): finding for finding in findings}


def test_an_analyzer_is_made_read_listed_changed_and_deleted(akia: Any, analyzer: Any, refused: Any) -> None:
    arn = _create(analyzer, configuration={"unusedAccess": {"unusedAccessAge": 30}}, tags={"team": "a"})
    assert arn == f"arn:aws:access-analyzer:us-east-1:{akia.account}:analyzer/unused"
    told = analyzer.get_analyzer(analyzerName="unused")["analyzer"]
    assert (told["arn"], told["status"], told["tags"]) == (arn, "ACTIVE", {"team": "a"})
    assert told["configuration"]["unusedAccess"]["unusedAccessAge"] == 30
    changed = analyzer.update_analyzer(analyzerName="unused", configuration={"unusedAccess": {"unusedAccessAge": 7}})
    assert changed["configuration"] == {"unusedAccess": {"unusedAccessAge": 7}}
    assert [each["arn"] for each in analyzer.list_analyzers()["analyzers"]] == [arn]
    assert analyzer.list_analyzers(type="ACCOUNT")["analyzers"] == []
    assert akia.client("accessanalyzer", region="eu-west-1").list_analyzers()["analyzers"] == []
    analyzer.delete_analyzer(analyzerName="unused")
    for call in (analyzer.get_analyzer, analyzer.update_analyzer, analyzer.delete_analyzer):
        assert refused(call, analyzerName="unused")[:2] == ("ResourceNotFoundException", 404)


def test_an_analyzer_that_cannot_be_is_refused(analyzer: Any, refused: Any) -> None:
    make = analyzer.create_analyzer
    assert refused(make, analyzerName="a", type="ACCOUNT")[:2] == ("ValidationException", 400)
    rules = [{"ruleName": "r", "filter": {"resource": {"eq": ["a"]}}}]
    for more in ({"configuration": {"unusedAccess": {"unusedAccessAge": 366}}}, {"archiveRules": rules}, {"tags": {"aws:a": "b"}}):
        assert refused(make, analyzerName="a", type="ACCOUNT_UNUSED_ACCESS", **more)[0] == "ValidationException"
    _create(analyzer)
    assert refused(make, analyzerName="unused", type="ACCOUNT_UNUSED_ACCESS")[:2] == ("ConflictException", 409)
    assert refused(make, analyzerName="b", type="ACCOUNT_UNUSED_ACCESS")[:2] == ("ServiceQuotaExceededException", 402)


def test_tags_decide_who_may_use_an_analyzer(akia: Any, analyzer: Any, refused: Any) -> None:
    arn = _create(analyzer)
    analyzer.tag_resource(resourceArn=arn, tags={"team": "a", "old": "x"})
    analyzer.untag_resource(resourceArn=arn, tagKeys=["old", "absent"])
    assert analyzer.list_tags_for_resource(resourceArn=arn)["tags"] == {"team": "a"}
    allowed = {"Action": "access-analyzer:*", "Condition": {"StringEquals": {"aws:ResourceTag/team": "a"}}}
    member = akia.person("member", allowed).client("accessanalyzer")
    assert member.get_analyzer(analyzerName="unused")["analyzer"]["arn"] == arn
    analyzer.tag_resource(resourceArn=arn, tags={"team": "b"})
    assert refused(member.get_analyzer, analyzerName="unused")[0] == "AccessDeniedException"
    assert refused(analyzer.tag_resource, resourceArn=f"{arn}x", tags={"a": "b"})[0] == "ResourceNotFoundException"


def test_what_was_not_used_for_long_is_found_and_what_is_young_is_not(akia: Any, analyzer: Any, policy: Any) -> None:
    arn = _create(analyzer)
    _role(akia, policy)
    akia.person("idle", {"Action": ["s3:GetObject"]})
    assert _found(analyzer, arn) == {}
    _age(akia)
    found = _found(analyzer, arn)
    assert {("UnusedIAMRole", "app"), ("UnusedIAMUserAccessKey", "idle"), ("UnusedPermission", "idle")} <= set(found)
    role = analyzer.get_finding_v2(analyzerArn=arn, id=found["UnusedIAMRole", "app"]["id"])
    assert (role["resourceType"], role["findingDetails"]) == ("AWS::IAM::Role", [{"unusedIamRoleDetails": {}}])
    permission = analyzer.get_finding_v2(analyzerArn=arn, id=found["UnusedPermission", "idle"]["id"])
    assert permission["findingDetails"] == [{"unusedPermissionDetails": {"serviceNamespace": "s3"}}]


def test_what_is_used_is_not_found_but_its_unused_actions_are(akia: Any, analyzer: Any) -> None:
    arn = _create(analyzer)
    worker = akia.person("worker", {"Action": ["iam:ListUsers", "iam:ListRoles"]})
    _age(akia)
    worker.client("iam").list_users()
    found = _found(analyzer, arn)
    assert ("UnusedIAMUserAccessKey", "worker") not in found
    details = analyzer.get_finding_v2(analyzerArn=arn, id=found["UnusedPermission", "worker"]["id"])["findingDetails"]
    (unused,) = [each["unusedPermissionDetails"] for each in details]
    assert [each["action"] for each in unused["actions"]] == ["ListRoles"]
    assert "lastAccessed" in unused
    worker.client("iam").list_roles()
    assert ("UnusedPermission", "worker") not in _found(analyzer, arn)


def test_service_linked_roles_and_excluded_entities_are_left_out(akia: Any, analyzer: Any, policy: Any) -> None:
    _role(akia, policy)
    akia.client("iam").tag_role(RoleName="app", Tags=[{"Key": "keep", "Value": "yes"}, {"Key": "a", "Value": "b"}])
    store = akia.akia.store
    role = store.roles.named(akia.account, "app")
    store.roles.add(replace(role, id="AROALINKEDLINKEDLINKE", name="linked", path="/aws-service-role/ecs.amazonaws.com/"))
    _age(akia)
    exclusions = [{"resourceTags": [{"keep": "yes"}]}]
    arn = _create(analyzer, configuration={"unusedAccess": {"unusedAccessAge": 90, "analysisRule": {"exclusions": exclusions}}})
    assert not [name for kind, name in _found(analyzer, arn) if kind == "UnusedIAMRole"]
    analyzer.update_analyzer(analyzerName="unused", configuration={"unusedAccess": {"unusedAccessAge": 90}})
    assert [name for kind, name in _found(analyzer, arn) if kind == "UnusedIAMRole"] == ["app"]


def test_findings_are_filtered_sorted_and_paged(akia: Any, analyzer: Any, policy: Any, refused: Any) -> None:
    arn = _create(analyzer)
    for name in ("a", "b", "c"):
        _role(akia, policy, name)
    _age(akia)
    wanted = {"findingType": {"eq": ["UnusedIAMRole"]}, "resource": {"neq": [f"arn:aws:iam::{akia.account}:role/b"], "contains": ["role/"]}}
    by_name = {"attributeName": "resource", "orderBy": "DESC"}
    assert [name for _, name in _found(analyzer, arn, filter=wanted, sort=by_name)] == ["c", "a"]
    first = analyzer.list_findings_v2(analyzerArn=arn, filter=wanted, sort=by_name, maxResults=1)
    second = analyzer.list_findings_v2(analyzerArn=arn, filter=wanted, sort=by_name, maxResults=1, nextToken=first["nextToken"])
    assert [page["findings"][0]["resource"][-1] for page in (first, second)] == ["c", "a"]
    assert "nextToken" not in second
    assert refused(analyzer.list_findings_v2, analyzerArn=arn, filter={"colour": {"exists": True}})[0] == "ValidationException"
    assert refused(analyzer.get_finding_v2, analyzerArn=arn, id="nothing")[0] == "ResourceNotFoundException"
