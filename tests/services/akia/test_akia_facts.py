"""The service akia's facts: its model, its errors, its actions, and who may call it."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from typing import Any

import boto3
import botocore.session
import pytest
from click.testing import CliRunner

from akia.assembly import routes
from akia.aws import catalogue, managed_policies, own_models
from akia.aws.errors import AwsError
from akia.cli.program import program
from akia.operation import Operation, everything
from akia.policy import Kind, PolicySet
from akia.policy import compile as compiled
from akia.services import every_service
from akia.services.akia import _akia
from akia.wire import HttpRequest

HERE = list(every_service()["akia"])
ERRORS = [
    each for each in vars(_akia).values() if isinstance(each, type) and issubclass(each, AwsError) and each.__module__ == _akia.__name__
]
SHADOW = {"TargetArn": "arn:aws:iam::123456789012:user/bob", "Name": "s"}
REPLAY = {"ReplayId": "00000000-0000-0000-0000-000000000000"}
ALERT = {"AlertId": REPLAY["ReplayId"]}
ROTATION = {"RotationId": REPLAY["ReplayId"]}
KEY = {"AccessKeyId": "AKIAQQQQQQQQQQQQQQQ2"}
LIVES = {"Target": KEY["AccessKeyId"]}
CALLS: dict[str, dict[str, Any]] = {
    "CreateAccessKey": {"UserName": "nobody"},
    "DescribeAccessKey": KEY,
    "ListAccessKeys": {},
    "UpdateAccessKeyAttributes": {**KEY, "Attributes": {}},
    "TagAccessKey": {**KEY, "Tags": []},
    "UntagAccessKey": {**KEY, "TagKeys": ["a"]},
    "GetAccessKeyUsage": KEY,
    "PutKeyNamingRule": {"RequiredAttributes": ["Owner"]},
    "GetKeyNamingRule": {},
    "DeleteKeyNamingRule": {},
    "PutAccessKeyRestrictions": {**KEY, "Restrictions": {}},
    "GetAccessKeyRestrictions": KEY,
    "DeleteAccessKeyRestrictions": KEY,
    "PutKeyLifetime": {**LIVES, "Lifetime": {"Mode": "OFF"}},
    "GetKeyLifetime": LIVES,
    "DeleteKeyLifetime": LIVES,
    "ListKeyLifetimes": {},
    "RevokeSessions": KEY,
    "ReportCompromisedKey": {**KEY, "OpenReplacement": True},
    "GetCompromiseReport": {"ReportId": REPLAY["ReplayId"]},
    "ListCompromiseReports": {},
    "GetKeyTimeline": KEY,
    "ListAlerts": {},
    "GetAlert": ALERT,
    "AcknowledgeAlert": ALERT,
    "BeginSecurityKeyRegistration": {"Name": "key"},
    "CompleteSecurityKeyRegistration": {"RegistrationId": REPLAY["ReplayId"], "Credential": "{}"},
    "PutLimit": {"Scope": "KEY", "Rate": 1000.0},
    "DeleteLimit": {"Scope": "PRINCIPAL"},
    "ListLimits": {},
    "AttachShadowPolicy": {**SHADOW, "PolicyDocument": '{"Version":"2012-10-17","Statement":[]}'},
    "DetachShadowPolicy": SHADOW,
    "GetShadowReport": SHADOW,
    "ListShadowFindings": SHADOW,
    "ListShadowPolicies": {},
    "StartReplay": {"PolicyDocument": '{"Version":"2012-10-17","Statement":[]}', "StartTime": datetime(2026, 1, 1, tzinfo=UTC)},
    "GetReplay": REPLAY,
    "ListReplays": {},
    "ListReplayResults": REPLAY,
    "StopReplay": REPLAY,
    "DeleteReplay": REPLAY,
    "StartKeyRotation": {"AccessKeyId": "AKIANOBODYHASTHISKEY"},
    "ConfirmKeyDistribution": ROTATION,
    "GetKeyRotation": ROTATION,
    "ListKeyRotations": {},
    "AdvanceKeyRotation": ROTATION,
    "RollBackKeyRotation": ROTATION,
    "PutRotationPolicy": {"Mode": "REMIND", "EveryDays": 90},
    "GetRotationPolicy": {},
    "DeleteRotationPolicy": {},
    "ListRotationTargets": {},
    "GetDelegationToken": {"DelegationRequestId": "dr-0000000000000000"},
}
DONE = {
    "ListAccessKeys", "PutKeyNamingRule", "ListAlerts", "BeginSecurityKeyRegistration", "AttachShadowPolicy", "ListShadowPolicies",
    "StartReplay", "ListReplays", "ListKeyLifetimes", "ListCompromiseReports", "GetKeyTimeline", "PutLimit",
    "ListLimits", "ListKeyRotations", "PutRotationPolicy", "ListRotationTargets",
}  # fmt: skip
"""The others find nothing, which is told only to who may ask."""
ALSO = {
    "CreateAccessKey": ("iam:CreateAccessKey",),
    "PutAccessKeyRestrictions": ("iam:UpdateAccessKey",),
    "DeleteAccessKeyRestrictions": ("iam:UpdateAccessKey",),
    "PutKeyLifetime": ("iam:UpdateAccessKey",),
    "DeleteKeyLifetime": ("iam:UpdateAccessKey",),
    "ReportCompromisedKey": ("iam:UpdateAccessKey", "iam:AttachUserPolicy", "iam:CreateAccessKey"),
}
"""What IAM must allow too."""


@pytest.fixture
def model() -> Any:
    session = botocore.session.get_session()
    session.get_component("data_loader").search_paths.append(str(own_models.DIRECTORY))
    return session.get_service_model("akia")


def snake(name: str) -> str:
    return botocore.xform_name(name)


def test_every_operation_of_the_model_is_performed_and_no_other(model: Any) -> None:
    assert {operation.name for operation in HERE} == set(model.operation_names) == CALLS.keys()


@pytest.mark.parametrize("error", ERRORS)
def test_each_error_is_one_of_the_model(model: Any, error: type[AwsError]) -> None:
    assert model.shape_for(error.code).metadata["exception"] is True
    assert error.status == 400  # W7.4: the model says nothing else
    assert error.code in {shape.name for name in model.operation_names for shape in model.operation_model(name).error_shapes}


@pytest.mark.parametrize("operation", HERE, ids=lambda operation: operation.name)
def test_access_level_and_action_are_those_of_the_catalogue(operation: Operation) -> None:
    facts = catalogue.action("akia", operation.name)
    assert facts is not None
    assert catalogue.action_of("akia", operation.name) == str(operation.action) == f"akia:{operation.name}"
    assert operation.action.access.value == facts.access_level.value
    assert (operation.resource is everything) is not bool(facts.resource_types)


@pytest.mark.covers("I3.drafts.service")
@pytest.mark.parametrize("name", CALLS)
def test_nt_41_each_operation_needs_its_own_action_and_nothing_else(akia: Any, refused: Any, name: str) -> None:
    others = [f"akia:{other}" for other in CALLS if other != name]
    wanted = [f"akia:{name}", *ALSO.get(name, ())]
    none, rest, one = akia.person("none"), akia.person("rest", {"Action": others}), akia.person("one", {"Action": wanted})
    akia.person("bob")
    for person in (none, rest):
        code, status, message = refused(getattr(person.client("akia"), snake(name)), **CALLS[name])
        assert (code, status) == ("AccessDeniedException", 400)
        assert message.startswith(f"User: {person.arn} is not authorized to perform: akia:{name} on resource: ")
    call = getattr(one.client("akia"), snake(name))
    if name in DONE:
        call(**CALLS[name])
    else:
        assert refused(call, **CALLS[name])[0] == "ResourceNotFoundException"


@pytest.mark.parametrize("name", ["GetReplay", "GetAlert", "GetShadowReport", "DescribeAccessKey"])
def test_a_resource_can_be_named_in_a_policy(akia: Any, refused: Any, name: str) -> None:
    action = f"akia:{name}"
    kinds = {"GetAlert": f"alert/{REPLAY['ReplayId']}", "GetReplay": f"replay/{REPLAY['ReplayId']}"}
    kind = kinds.get(name, f"access-key/{KEY['AccessKeyId']}")
    resource = SHADOW["TargetArn"] if name == "GetShadowReport" else f"arn:aws:akia::{akia.account}:{kind}"
    may = akia.person("may", {"Action": action, "Resource": resource})
    may_not = akia.person("maynot", {"Action": action, "Resource": resource[:-1] + "x"})
    assert refused(getattr(may.client("akia"), snake(name)), **CALLS[name])[0] == "ResourceNotFoundException"
    assert refused(getattr(may_not.client("akia"), snake(name)), **CALLS[name])[0] == "AccessDeniedException"


@pytest.mark.parametrize(("policy", "allowed"), [("IAMFullAccess", False), ("ReadOnlyAccess", False), ("AdministratorAccess", True)])
def test_full_access_to_iam_is_none_to_akia(policy: str, allowed: bool) -> None:
    facts = managed_policies.named(f"arn:aws:iam::aws:policy/{policy}")
    assert facts is not None
    documents = PolicySet([compiled(facts.document_text, Kind.IDENTITY_MANAGED, policy=facts.arn)])
    assert [bool(documents.candidates(f"akia:{name.lower()}").allows) for name in CALLS] == [allowed] * len(CALLS)


def test_another_account_s_things_do_not_exist(akia: Any, refused: Any) -> None:
    own = akia.client("akia")
    akia.client("iam").create_user(UserName="bob")
    own.attach_shadow_policy(**CALLS["AttachShadowPolicy"])
    replay = own.start_replay(**CALLS["StartReplay"])
    store = akia.akia.store
    store.connection.execute("UPDATE replays SET account = '999999999999'")
    store.connection.execute("UPDATE shadow_policies SET account = '999999999999'")
    assert refused(own.get_replay, ReplayId=replay["ReplayId"])[0] == "ResourceNotFoundException"
    assert own.list_replays()["Replays"] == []
    assert own.list_shadow_policies()["ShadowPolicies"] == []


def test_the_calls_stand_in_the_trail_as_changes_or_as_reads(akia: Any) -> None:
    akia.client("iam").create_user(UserName="bob")
    own = akia.client("akia")
    own.attach_shadow_policy(**CALLS["AttachShadowPolicy"])
    own.list_replays()
    events = akia.client("cloudtrail").lookup_events(
        LookupAttributes=[{"AttributeKey": "EventSource", "AttributeValue": "akia.amazonaws.com"}]
    )["Events"]
    told = {event["EventName"]: json.loads(event["CloudTrailEvent"]) for event in events}
    assert told["ListReplays"]["readOnly"] is True
    assert told["AttachShadowPolicy"]["readOnly"] is False
    assert told["AttachShadowPolicy"]["requestParameters"]["targetArn"] == SHADOW["TargetArn"]
    assert told["AttachShadowPolicy"]["awsRegion"] == "us-east-1"


@pytest.mark.covers("I3.drafts.service")
def test_w11_6_the_model_is_published_and_can_be_installed(akia: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    class Settings:
        ephemeral = False

    pages: Any = routes(akia.akia, Settings(), None, None)  # type: ignore[arg-type]  # what a lasting akia does not look at
    file = "akia/2026-11-01/service-2.json"
    page = pages[f"/sdk/models/{file}".encode()]
    answer: Any = asyncio.run(page(HttpRequest(b"GET", b"/", b"", [], b"")))
    assert (answer.status, answer.body) == (200, (own_models.DIRECTORY / file).read_bytes())
    assert asyncio.run(page(HttpRequest(b"POST", b"/", b"", [], b""))).status == 405
    monkeypatch.setenv("HOME", str(tmp_path))
    assert CliRunner().invoke(program, ["install-model"]).exit_code == 0
    installed = tmp_path / ".aws/models"
    assert (installed / file).read_bytes() == answer.body
    monkeypatch.setenv("AWS_DATA_PATH", str(installed))
    session: Any = boto3.Session("AKIAX", "x", region_name="us-east-1")
    client = session.client("akia", endpoint_url="http://akia.invalid")
    assert client.can_paginate("list_shadow_findings")


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Any) -> None:
    (tmp_path / "file").touch()
    result = CliRunner().invoke(program, ["install-model", "--into", str(tmp_path / "file")])
    assert result.exit_code == 1
    assert "cannot be written" in result.output
