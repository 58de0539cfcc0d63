"""`akia why`: the layer, the statement and the condition values are told, and what it proposes does allow the request."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError
from click.testing import CliRunner
from tests.denials import DENIALS, Denial, deny

from akia.cli import endpoint
from akia.cli import why as command

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture
def why(akia: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Run the command against the akia in process; its output."""
    monkeypatch.setattr(endpoint, "clients", lambda data, profile: akia.client)

    def run(*words: str, code: int = 0) -> str:
        result = CliRunner().invoke(command.why, words)
        assert result.exit_code == code, result.output
        return result.output

    return run


def refused_id(akia: Any, denial: Denial) -> str:
    with pytest.raises(ClientError) as caught:
        denial.call(akia)
    assert caught.value.response["Error"]["Code"] == "AccessDenied"
    return str(caught.value.response["ResponseMetadata"]["RequestId"])


@pytest.mark.parametrize("name", DENIALS)
def test_a_refused_request_is_explained_and_the_proposed_change_allows_it(akia: Any, why: Callable[..., str], name: str) -> None:
    denial = DENIALS[name](akia)
    told = why(refused_id(akia, denial))
    for expected in denial.names:
        assert expected in told
    assert "The smallest change that would allow it" in told
    denial.call(akia, denial.allow())  # and nothing else had to change


@pytest.mark.covers("I5.records.why")
@pytest.mark.parametrize("name", ["identity_denies", "trust_is_silent", "boundary_is_silent"])
def test_a_denial_is_explained_by_its_event_as_well(akia: Any, why: Callable[..., str], name: str) -> None:
    request_id = refused_id(akia, DENIALS[name](akia))
    told = why(request_id)
    events = akia.client("cloudtrail").lookup_events()["Events"]
    (record,) = [record for event in events if (record := json.loads(event["CloudTrailEvent"]))["requestID"] == request_id]
    assert record["eventID"] != request_id
    assert why(record["eventID"]) == told
    assert why(record["additionalEventData"]["authorizationId"]) == told


def test_a_success_and_a_refusal_of_no_policy_carry_no_decision_id(akia: Any) -> None:
    akia.client("iam").list_users()
    with pytest.raises(ClientError):
        akia.client("iam").get_user(UserName="nobody")
    events = akia.client("cloudtrail").lookup_events()["Events"]
    assert len(events) == 2
    assert all("additionalEventData" not in json.loads(event["CloudTrailEvent"]) for event in events)


def test_what_has_changed_since_is_told_as_it_was(akia: Any, why: Callable[..., str]) -> None:
    denial = DENIALS["identity_denies"](akia)
    request_id = refused_id(akia, denial)
    akia.client("iam").delete_user_policy(UserName="dora", PolicyName="own")
    assert '"Sid": "NoListing"' in why(request_id)


def test_an_absent_condition_key_is_told(akia: Any, why: Callable[..., str]) -> None:
    mfa = {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}
    key = akia.person("mia", {"Action": "*"}, {"Effect": "Deny", "Action": "iam:ListUsers", "Condition": mfa}).key
    denial = Denial(key, "iam", "ListUsers", {}, (), lambda: None)
    told = why(refused_id(akia, denial))
    assert "aws:MultiFactorAuthPresent was absent" in told
    assert "statement #2 of the inline policy test" in told


def test_an_allowed_request_is_told_with_the_statements_that_allowed_it(akia: Any, why: Callable[..., str]) -> None:
    eve = akia.person("eve", {"Sid": "Look", "Action": "iam:List*"})
    request_id = eve.client("iam").list_users()["ResponseMetadata"]["RequestId"]
    told = why(request_id)
    assert told.startswith("Allowed: iam:ListUsers")
    assert "statement Look" in told
    assert "smallest change" not in told


def test_nt_51_a_document_that_cannot_be_read_is_to_be_written_anew(akia: Any, why: Callable[..., str]) -> None:
    person, store = akia.person("odd", {"Action": "*"}), akia.akia.store
    store.connection.begin_immediate()
    store.inline_policies.put(store.users.named(akia.account, "odd").id, "test", "{", 0)
    store.connection.commit()
    akia.akia.authority.applied(["*"], store.changes.latest())
    told = why(refused_id(akia, Denial(person.key, "iam", "ListUsers", {}, (), lambda: None)))
    assert f"Write the inline policy test of {person.arn} anew" in told
    assert "the document cannot be read, and so denies everything" in told


def test_a_statement_of_a_deleted_version_is_told_to_be_gone(akia: Any, why: Callable[..., str]) -> None:
    """Only where AWS's own policies would have to be kept whole beside every event: their old versions go with an upgrade."""
    person = akia.person("ana", {"Effect": "Deny", "Action": "iam:ListUsers"})
    akia.client("iam").attach_user_policy(UserName="ana", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
    request_id = refused_id(akia, Denial(person.key, "iam", "ListUsers", {}, (), lambda: None))
    assert '"Action": "*"' in why(request_id)
    store = akia.akia.store
    store.connection.begin_immediate()
    store.managed_policies.delete_version(store.managed_policies.with_arn("arn:aws:iam::aws:policy/AdministratorAccess").id, "v1")
    store.connection.commit()
    assert "its text is gone" in why(request_id)


def test_an_unknown_request_is_refused_readably(akia: Any, why: Callable[..., str]) -> None:
    assert "ResourceNotFoundException" in why("00000000-0000-0000-0000-000000000000", code=1)


@pytest.mark.parametrize("words", [(), ("id", "--principal", "arn"), ("--principal", "arn"), ("id", "--action", "iam:GetUser")])
def test_half_a_question_is_refused(akia: Any, why: Callable[..., str], words: tuple[str, ...]) -> None:
    assert "name a REQUEST_ID" in why(*words, code=2)


@pytest.mark.parametrize("name", ["identity_is_silent", "identity_denies", "group_denies", "boundary_is_silent", "trust_is_silent"])
def test_the_same_is_told_before_it_happens(akia: Any, why: Callable[..., str], name: str) -> None:
    denial = DENIALS[name](akia)
    arn = akia.client("sts", denial.key).get_caller_identity()["Arn"]
    resource = denial.parameters.get("RoleArn") or (f"arn:aws:iam::{akia.account}:user/new" if denial.operation == "CreateUser" else "*")
    question = ("--principal", arn, "--action", f"{denial.service}:{denial.operation}", "--resource", resource)
    told = why(*question)
    assert told.startswith("Denied")
    assert denial.names[0] in told
    denial.allow()
    assert why(*question).startswith("Allowed")


def test_an_organization_in_the_way_is_told_before_it_happens(akia: Any, why: Callable[..., str], monkeypatch: pytest.MonkeyPatch) -> None:
    """The simulator hides a control policy's statements from members, as AWS's does."""
    denial = DENIALS["scp_denies"](akia)
    account = akia.client("sts", denial.key, token=denial.token).get_caller_identity()["Account"]
    monkeypatch.setattr(endpoint, "clients", lambda data, profile: lambda service: akia.client(service, denial.key, token=denial.token))
    question = ("--principal", f"arn:aws:iam::{account}:role/OrganizationAccountAccessRole", "--action", "iam:CreateUser")
    told = why(*question)
    assert "service control policies: DENY" in told
    assert "Take the Deny out of a service control policy" in told
    assert '"Effect": "Allow"' not in told
    denial.allow()
    assert why(*question).startswith("Allowed")


def test_context_is_given_as_pairs(akia: Any, why: Callable[..., str]) -> None:
    arn = akia.person("ann", {"Action": "iam:*", "Condition": {"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}}).arn
    question = ("--principal", arn, "--action", "iam:ListUsers")
    assert "aws:SourceIp was absent" in why(*question)
    assert why(*question, "--context", "aws:SourceIp=192.0.2.7").startswith("Allowed")
    assert "is not KEY=VALUE" in why(*question, "--context", "nonsense", code=2)


def test_json_holds_the_same(akia: Any, why: Callable[..., str]) -> None:
    denial = DENIALS["identity_denies"](akia)
    told = json.loads(why(refused_id(akia, denial), "--json"))
    assert told["outcome"] == "EXPLICIT_DENY"
    (change,) = told["changes"]
    assert json.loads(change["statement"]) == deny("NoListing", "iam:ListUsers")
