"""The catalogue of actions, resource types and condition keys."""

from __future__ import annotations

import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import botocore.session
import pytest

from akia.aws import action_names, catalogue, own_models
from akia.aws.catalogue import AccessLevel, ResourceUse
from akia.aws.condition_keys import GLOBAL, ConditionKey, ValueType

if TYPE_CHECKING:
    from botocore.model import ServiceModel

PLANNED = sorted(action_names.PREFIXES)
DATA = Path(catalogue.__file__).parent / "data/catalogue"


@cache
def model(service: str) -> ServiceModel:
    session = botocore.session.get_session()
    session.get_component("data_loader").search_paths.append(str(own_models.DIRECTORY))
    return session.get_service_model(service)


@pytest.mark.covers("I2.policy.catalogue")
def test_an_action_has_its_level_resource_types_keys_and_dependent_actions() -> None:
    create = catalogue.action("iam", "CreateUser")
    assert create is not None
    assert str(create) == "iam:CreateUser"
    assert create.access_level is AccessLevel.PERMISSIONS
    assert create.resource_types == (ResourceUse("user", required=True, condition_keys=()),)
    assert create.condition_keys == ("aws:RequestTag/${TagKey}", "aws:TagKeys", "iam:PermissionsBoundary")
    add = catalogue.action("iam", "AddRoleToInstanceProfile")
    assert add is not None
    assert add.dependent_actions == ("iam:PassRole",)


def test_optional_resource_types_are_not_required() -> None:
    simulate = catalogue.action("iam", "SimulatePrincipalPolicy")
    assert simulate is not None
    assert {use.type: use.required for use in simulate.resource_types} == {"group": False, "role": False, "user": False}


def test_p2_1_1_names_are_found_in_any_case_and_keep_their_own() -> None:
    assert catalogue.action("IAM", "createuser") == catalogue.action("iam", "CreateUser")
    assert catalogue.is_service_prefix("IAM")


@pytest.mark.parametrize("name", ["CreateUsers", "Create*", "", "CreateUser ", "CreateUser\n", "Creat\u0435User"])
def test_an_undocumented_action_is_not_found(name: str) -> None:
    assert catalogue.action("iam", name) is None


@pytest.mark.parametrize("prefix", ["", "nosuch", "i*", "iam:", "../managed_policies", "../catalogue/iam", "names", "\u212ams", "iam.json"])
def test_a_prefix_from_outside_is_looked_up_and_never_becomes_a_path(prefix: str) -> None:
    assert not catalogue.is_service_prefix(prefix)
    assert catalogue.action(prefix, "CreateUser") is None


def test_other_services_are_known_by_name_only() -> None:
    run = catalogue.action("ec2", "RunInstances")
    assert run is not None
    assert (run.name, run.access_level, run.in_full, run.resource_types) == ("RunInstances", AccessLevel.WRITE, False, ())
    facts = catalogue.service("lambda")
    assert facts is not None
    assert facts.title == "AWS Lambda"
    assert len(catalogue.prefixes()) > 400


@pytest.mark.parametrize(
    ("prefix", "resource_type", "pattern"),
    [
        ("iam", "user", "arn:${Partition}:iam::${Account}:user/${UserNameWithPath}"),
        ("iam", "User", None),
        ("s3", "object", "arn:${Partition}:s3:::${BucketName}/${ObjectName}"),
        ("ec2", "instance", None),
        ("nosuch", "user", None),
    ],
)
def test_a_resource_type_has_an_arn_pattern(prefix: str, resource_type: str, pattern: str | None) -> None:
    assert catalogue.resource_arn_pattern(prefix, resource_type) == pattern


@pytest.mark.parametrize(
    ("prefix", "key", "expected"),
    [
        (None, "AWS:sourceip", ConditionKey("aws:SourceIp", ValueType.IP_ADDRESS, multivalued=False)),
        (None, "aws:TagKeys", ConditionKey("aws:TagKeys", ValueType.STRING, multivalued=True)),
        (None, "aws:PrincipalTag/Team", ConditionKey("aws:PrincipalTag/${TagKey}", ValueType.STRING, multivalued=False)),
        (None, "iam:PassedToService", None),
        ("iam", "iam:PassedToService", ConditionKey("iam:PassedToService", ValueType.STRING, multivalued=False)),
        ("iam", "iam:resourcetag/a/b", ConditionKey("iam:ResourceTag/${TagKey}", ValueType.STRING, multivalued=False)),
        ("iam", "iam:ResourceTag/", None),
        ("sts", "sts:TransitiveTagKeys", ConditionKey("sts:TransitiveTagKeys", ValueType.STRING, multivalued=True)),
        ("s3", "s3:RequestObjectTag/x", ConditionKey("s3:RequestObjectTag/${TagKey}", ValueType.STRING, multivalued=False)),
        (
            "kms",
            "kms:EncryptionContext:app",
            ConditionKey("kms:EncryptionContext:${EncryptionContextKey}", ValueType.STRING, multivalued=False),
        ),
        (
            "secretsmanager",
            "secretsmanager:ResourceTag/a",
            ConditionKey("secretsmanager:ResourceTag/${TagKey}", ValueType.STRING, multivalued=False),
        ),
        ("ec2", "aws:CurrentTime", ConditionKey("aws:CurrentTime", ValueType.DATE, multivalued=False)),
        ("iam", "nosuch:Key", None),
    ],
)
def test_c3_1_1_a_condition_key_has_a_type_and_says_whether_it_holds_many(
    prefix: str | None, key: str, expected: ConditionKey | None
) -> None:
    assert catalogue.condition_key(prefix, key) == expected


def test_every_key_of_the_reference_is_a_global_key() -> None:
    names = """
        CurrentTime EpochTime SecureTransport RequestedRegion UserAgent SourceIp SourceVpc SourceVpce VpcSourceIp VpceAccount VpceOrgID
        VpceOrgPaths userid username PrincipalType PrincipalAccount PrincipalArn PrincipalOrgID PrincipalOrgPaths PrincipalTag/k
        PrincipalIsAWSService PrincipalServiceName PrincipalServiceNamesList MultiFactorAuthPresent MultiFactorAuthAge TokenIssueTime
        FederatedProvider SourceIdentity ViaAWSService CalledVia CalledViaFirst CalledViaLast ResourceAccount ResourceOrgID
        ResourceOrgPaths ResourceTag/k RequestTag/k TagKeys SourceArn SourceAccount SourceOrgID SourceOrgPaths referer AssumedRoot
    """
    assert [name for name in names.split() if GLOBAL.find(f"aws:{name}") is None] == []


@pytest.mark.covers("I2.policy.catalogue", "I2.wire.models")
@pytest.mark.parametrize("service", PLANNED)
def test_p2_1_5_every_operation_has_an_action_or_a_reason_to_have_none(service: str) -> None:
    unmapped = action_names.UNMAPPED.get(service, {})
    operations = model(service).operation_names
    without = {operation for operation in operations if catalogue.action_of(service, operation) is None}
    assert without == unmapped.keys()
    assert unmapped.keys() <= set(operations)
    assert set(unmapped.values()) <= {action_names.UNSIGNED, action_names.NEWER}


@pytest.mark.parametrize("service", PLANNED)
def test_an_operation_that_botocore_does_not_sign_is_never_called_merely_new(service: str) -> None:
    newer = [name for name, reason in action_names.UNMAPPED.get(service, {}).items() if reason == action_names.NEWER]
    assert [name for name in newer if model(service).operation_model(name).auth_type == "none"] == []


@pytest.mark.parametrize(
    ("service", "operation", "action"),
    [
        ("iam", "CreateUser", "iam:CreateUser"),
        ("sso-admin", "CreateInstance", "sso:CreateInstance"),
        ("sso-oidc", "CreateTokenWithIAM", "sso-oauth:CreateTokenWithIAM"),
        ("accessanalyzer", "ListFindingsV2", "access-analyzer:ListFindings"),
        ("sso", "GetRoleCredentials", None),
        ("iam", "NoSuchOperation", None),
        ("ec2", "RunInstances", None),
    ],
)
def test_p2_1_5_the_action_is_not_always_named_like_the_operation(service: str, operation: str, action: str | None) -> None:
    assert catalogue.action_of(service, operation) == action


def test_every_name_that_the_data_refer_to_exists() -> None:
    for prefix in sorted(path.stem for path in DATA.glob("*.json")):
        facts = catalogue.service(prefix)
        assert facts is not None
        for action in facts.actions.values():
            assert {use.type for use in action.resource_types} <= facts.resource_types.keys()
            keys = set(action.condition_keys).union(*(use.condition_keys for use in action.resource_types))
            assert [key for key in keys if catalogue.condition_key(prefix, key) is None] == []
            dependent = [name.split(":") for name in action.dependent_actions]
            assert [name for name in dependent if catalogue.action(*name) is None] == []


def test_every_service_can_be_read() -> None:
    services = [catalogue.service(prefix) for prefix in catalogue.prefixes()]
    assert all(facts is not None and facts.title for facts in services)
    assert sum(len(facts.actions) for facts in services if facts) > 20_000


def test_the_data_stay_small() -> None:
    assert sum(path.stat().st_size for path in DATA.iterdir()) < 400_000


def test_nothing_is_read_before_it_is_asked_for() -> None:
    program = """
import sys
read = []
sys.addaudithook(lambda event, arguments: read.append(str(arguments[0])) if event == "open" else None)
from akia.aws import catalogue
assert not [name for name in read if ".json" in name]
catalogue.action("iam", "CreateUser")
assert [name[-8:] for name in read if ".json" in name] == ["iam.json"]
"""
    subprocess.run([sys.executable, "-c", program], check=True)
