"""The AWS managed policies that every account has."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from akia import policy as engine
from akia.aws import ids, managed_policies

PROMISED = [
    "AdministratorAccess",
    "PowerUserAccess",
    "ReadOnlyAccess",
    "IAMFullAccess",
    "IAMReadOnlyAccess",
    "IAMUserChangePassword",
    "SecurityAudit",
    "AmazonS3FullAccess",
    "AmazonS3ReadOnlyAccess",
    "AmazonSSMFullAccess",
    "AmazonSSMReadOnlyAccess",
    "SecretsManagerReadWrite",
    "AWSCloudTrail_FullAccess",
    "AWSCloudTrail_ReadOnlyAccess",
]
RECORD = {
    "PolicyName": "Extra",
    "CreateDate": "2026-01-02T03:04:05Z",
    "UpdateDate": "2026-01-02T04:04:05+01:00",
    "Document": {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "iam:GetUser", "Resource": "*"}]},
}


def statements(name: str) -> list[dict[str, Any]]:
    policy = managed_policies.named(f"arn:aws:iam::aws:policy/{name}")
    assert policy is not None
    found: list[dict[str, Any]] = json.loads(policy.document_text)["Statement"]
    return found


@pytest.mark.covers("I2.services.managed_policies")
@pytest.mark.parametrize("name", PROMISED)
def test_every_promised_aws_managed_policy_is_there(name: str) -> None:
    policy = managed_policies.named(f"arn:aws:iam::aws:policy/{name}")
    assert policy is not None
    assert (policy.name, policy.path) == (name, "/")


def test_administrator_access_is_one_statement_that_allows_everything() -> None:
    assert statements("AdministratorAccess") == [{"Effect": "Allow", "Action": "*", "Resource": "*"}]


def test_power_users_administer_neither_users_nor_the_organization() -> None:
    [everything, *_] = statements("PowerUserAccess")
    assert {"iam:*", "organizations:*"} <= set(everything["NotAction"])


def test_the_large_policies_keep_their_real_lists() -> None:
    read_only = {action for statement in statements("ReadOnlyAccess") for action in statement["Action"]}
    audit = {action for statement in statements("SecurityAudit") for action in statement["Action"]}
    assert len(read_only) > 1500
    assert len(audit) > 800
    assert not {action for action in read_only if action.startswith("secretsmanager:GetSecretValue")}


def test_facts_have_aws_forms_and_are_in_order_of_name() -> None:
    policies = managed_policies.all()
    assert [policy.name for policy in policies] == sorted(policy.name for policy in policies)
    for policy in policies:
        assert policy.arn == f"arn:aws:iam::aws:policy{policy.path}{policy.name}"
        assert policy.version_id[0] == "v" and int(policy.version_id[1:]) >= 1
        assert policy.created <= policy.updated < datetime.now(UTC)
        assert list(json.loads(policy.document_text)) == ["Version", "Statement"]
        assert len(policy.document_text) <= 200_000


@pytest.mark.covers("I4.managed_policies")
def test_the_policies_of_every_day_are_there_by_arn() -> None:
    arns = {policy.arn.removeprefix("arn:aws:iam::aws:policy/") for policy in managed_policies.all()}
    assert len(arns) >= 400
    assert {
        "AdministratorAccess",
        "AmazonEC2FullAccess",
        "AmazonRDSFullAccess",
        "AWSLambda_FullAccess",
        "CloudWatchLogsFullAccess",
        "AmazonEKSClusterPolicy",
        "AmazonEC2ContainerRegistryReadOnly",
        "service-role/AWSLambdaBasicExecutionRole",
        "service-role/AmazonECSTaskExecutionRolePolicy",
        "aws-service-role/AWSOrganizationsServiceTrustPolicy",
        "job-function/Billing",
        "root-task/IAMAuditRootUserCredentials",
        "root-task/S3UnlockBucketPolicy",
    } <= arns


def test_the_edition_is_that_of_the_file() -> None:
    packaged = Path(managed_policies.__file__).with_name("data") / "managed_policies.json"
    assert managed_policies.edition() == sha256(packaged.read_bytes()).hexdigest()[:16]


def test_ids_are_stable_distinct_and_never_those_of_an_account() -> None:
    policies = managed_policies.all()
    assert len({policy.policy_id for policy in policies}) == len(policies)
    assert all(len(policy.policy_id) == 21 and ids.account_of(policy.policy_id) is None for policy in policies)
    administrator = managed_policies.named("arn:aws:iam::aws:policy/AdministratorAccess")
    assert administrator is not None
    assert administrator.policy_id == "ANPAHUEARDEVTUHKHZ23E"  # written down: a change would break every attachment


def test_more_policies_are_read_from_a_file_or_a_directory(tmp_path: Path) -> None:
    (tmp_path / "one.json").write_text(json.dumps(RECORD))
    (tmp_path / "two.json").write_text(
        json.dumps([{**RECORD, "PolicyName": "Another", "Path": "/job-function/", "DefaultVersionId": "v7"}])
    )
    another, extra = managed_policies.load(tmp_path)
    assert (another.arn, another.version_id) == ("arn:aws:iam::aws:policy/job-function/Another", "v7")
    assert extra.version_id == "v1"
    assert extra.created == extra.updated == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert managed_policies.load(tmp_path / "one.json") == (extra,)


@pytest.mark.parametrize(
    "wrong",
    [
        {"PolicyName": "a/b"},
        {"PolicyName": "Extra\n"},
        {"PolicyName": None},
        {"Path": "job-function/"},
        {"DefaultVersionId": "v01"},
        {"DefaultVersionId": "v\u0661"},  # \u0661 is a digit to `\d`
        {"PolicyId": "ANPA"},
        {"Description": 7},
        {"CreateDate": "2026-01-02T03:04:05"},  # without a zone
        {"UpdateDate": "2026-13-02T03:04:05Z"},
        {"Document": "{}"},
        {"Document": {"Version": "2012-10-17", "Statement": []}},
        {"Document": {"Statement": [{"Sid": "x" * 524_288}]}},
    ],
)
def test_a_record_with_a_wrong_element_is_refused(wrong: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "policy.json"
    path.write_text(json.dumps({**RECORD, **wrong}))
    with pytest.raises(ValueError, match=r"managed policy|month"):
        managed_policies.load(path)


def test_a_name_used_twice_is_refused_whatever_its_case(tmp_path: Path) -> None:
    path = tmp_path / "policies.json"
    path.write_text(json.dumps([RECORD, {**RECORD, "PolicyName": "EXTRA"}]))
    with pytest.raises(ValueError, match="stands twice"):
        managed_policies.load(path)


def test_what_is_no_record_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "policies.json"
    path.write_text('["Extra"]')
    with pytest.raises(ValueError, match="JSON object"):
        managed_policies.load(path)


def test_every_policy_of_aws_can_be_read_and_would_pass_our_own_checks() -> None:
    """What cannot be read denies everything (NT-51): no packaged policy may do that by accident."""
    for facts in managed_policies.all():
        assert engine.compile(facts.document_text, engine.Kind.IDENTITY_MANAGED, policy=facts.arn).unreadable is None, facts.arn
        assert engine.parse(facts.document_text, engine.Kind.IDENTITY_MANAGED, limit=200_000), facts.arn
