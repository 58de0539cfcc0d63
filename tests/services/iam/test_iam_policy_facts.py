"""What the operations on policies and roles declare for authorization, compared with AWS's own data."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from akia.aws import catalogue
from akia.operation import Context
from akia.services import every_service
from akia.services.iam import (
    attached_policies,
    boundaries,
    inline_policies,
    managed_policies,
    policy_entities,
    policy_versions,
    roles,
    trust_policies,
)
from akia.testing.in_process import InProcess

if TYPE_CHECKING:
    from akia.operation import Operation

MODULES = (
    attached_policies,
    boundaries,
    inline_policies,
    managed_policies,
    policy_entities,
    policy_versions,
    roles,
    trust_policies,
)
OF_TAGS = {name for kind in ("Role", "Policy") for name in (f"Tag{kind}", f"Untag{kind}", f"List{kind}Tags")}
NAMES_OF_MODULES = {module.__name__ for module in MODULES}
HERE = [operation for operation in every_service()["iam"] if operation.body.__module__ in NAMES_OF_MODULES or operation.name in OF_TAGS]
operations = pytest.mark.parametrize("operation", HERE, ids=lambda operation: operation.name)
TRUST = json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}})
DOCUMENT = json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}})
READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
TAGS = [{"Key": "Team", "Value": "a"}]
NAMES = {"UserName": "X", "GroupName": "X", "RoleName": "X", "PolicyName": "X"}


def request(name: str, arn: str) -> dict[str, Any]:
    """Parameters for any operation here: who and what are called X."""
    whom = {member: value for member, value in NAMES.items() if member.removesuffix("Name") in name}
    return {**whom, "PolicyArn": arn, "Path": "/x/", "Tags": TAGS, "TagKeys": ["Team"], "PermissionsBoundary": READ_ONLY, "VersionId": "v1"}


def context_of(akia: InProcess) -> Context:
    """A context as resolvers see it: an account and a store."""
    nobody: Any = SimpleNamespace(account=akia.account, principal=None)
    nothing: Any = None
    return Context(nobody, akia.akia.store, 0, nothing, nothing)


@pytest.fixture(scope="module")
def world() -> Any:
    """A context whose store holds a tagged and bounded X of each kind, below the path /x/."""
    akia = InProcess()
    iam = akia.client("iam")
    iam.create_user(UserName="X", Path="/x/", Tags=TAGS, PermissionsBoundary=READ_ONLY)
    iam.create_group(GroupName="X", Path="/x/")
    iam.create_role(RoleName="X", Path="/x/", Tags=TAGS, PermissionsBoundary=READ_ONLY, AssumeRolePolicyDocument=TRUST)
    iam.create_policy(PolicyName="X", Path="/x/", Tags=TAGS, PolicyDocument=DOCUMENT)
    yield context_of(akia)
    akia.close()


@operations
def test_access_level_and_action_are_those_of_the_catalogue(operation: Operation) -> None:
    facts = catalogue.action("iam", operation.action.name)
    assert facts is not None
    assert operation.action.access.value == facts.access_level.value
    assert catalogue.action_of("iam", operation.name) == operation.action.text


@operations
def test_p2_2_6_the_resource_is_of_the_catalogues_type_with_its_path(operation: Operation, world: Any) -> None:
    facts = catalogue.action("iam", operation.name)
    assert facts is not None
    asked = operation.resource(world, request(operation.name, f"arn:aws:iam::{world.account}:policy/x/X"))
    if facts.resource_types:
        [use] = facts.resource_types
        assert asked == f"arn:aws:iam::{world.account}:{use.type}/x/X"
    else:
        assert asked in {f"arn:aws:iam::{world.account}:{collection}/" for collection in ("policy", "role")}


@operations
def test_every_condition_key_of_the_catalogue_is_there(operation: Operation, world: Any) -> None:
    facts = catalogue.action("iam", operation.name)
    assert facts is not None
    given = request(operation.name, f"arn:aws:iam::{world.account}:policy/x/X")
    known = operation.conditions(world, given) if operation.conditions else {}
    wanted = {key.replace("${TagKey}", "team").lower() for key in facts.condition_keys}
    creates = operation.name in ("CreateRole", "CreatePolicy")
    if not creates and {"user", "role", "policy"} & {use.type for use in facts.resource_types}:
        wanted |= {"aws:resourcetag/team", "iam:resourcetag/team"}
    assert wanted <= set(known)
    assert all(key == key.lower() for key in known)


@operations
def test_nothing_raises_before_authorization_for_what_is_not_there(operation: Operation, akia: InProcess) -> None:
    empty = context_of(akia)
    for arn in (f"arn:aws:iam::{akia.account}:policy/None", "this is no ARN at all", "arn:aws:iam::999999999999:role/x"):
        given = request(operation.name, arn)
        assert operation.resource(empty, given)
        assert operation.conditions is None or operation.conditions(empty, given) is not None
        assert operation.also is None or list(operation.also(empty, given))
        assert operation.event_resources is None or list(operation.event_resources(given, None))


def test_none_of_these_forty_eight_operations_has_gone() -> None:
    assert len(HERE) == 48
