"""Delegation requests: asking, owning, deciding; the states, who sees what, and when a request expires."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.delegation import PARTNER, TEMPLATE, TOPIC, Partner, age

from akia.identity.delegation_request import DAY

pytestmark = pytest.mark.covers("I4.delegation.requests")

DECISIONS = ["associate_delegation_request", "update_delegation_request", "accept_delegation_request", "reject_delegation_request"]
STEPS = {
    "UNASSIGNED": (),
    "ASSIGNED": ("associate_delegation_request",),
    "PENDING_APPROVAL": ("associate_delegation_request", "update_delegation_request"),
    "ACCEPTED": ("associate_delegation_request", "accept_delegation_request"),
    "REJECTED": ("associate_delegation_request", "reject_delegation_request"),
    "FINALIZED": ("associate_delegation_request", "accept_delegation_request", "send_delegation_token"),
}
ALLOWED = {
    "associate_delegation_request": {"UNASSIGNED": "ASSIGNED"},
    "update_delegation_request": {"ASSIGNED": "PENDING_APPROVAL", "PENDING_APPROVAL": "PENDING_APPROVAL"},
    "accept_delegation_request": {"ASSIGNED": "ACCEPTED", "PENDING_APPROVAL": "ACCEPTED"},
    "reject_delegation_request": {"ASSIGNED": "REJECTED", "PENDING_APPROVAL": "REJECTED", "ACCEPTED": "REJECTED"},
    "send_delegation_token": {"ACCEPTED": "FINALIZED"},
}


def brought(administrator: Any, partner: Partner, state: str, **options: Any) -> str:
    """A request in this state."""
    made = partner.request(**options)
    for step in STEPS[state]:
        getattr(administrator, step)(DelegationRequestId=made)
    return made


def state_of(administrator: Any, request_id: str) -> str:
    return str(administrator.get_delegation_request(DelegationRequestId=request_id)["DelegationRequest"]["State"])


def test_a_request_is_shown_with_all_that_was_asked(akia: Any, administrator: Any, partner: Partner) -> None:
    template = partner.template({"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::@{bucketName}/*"})
    parameters = [{"Name": "bucketName", "Values": ["backups"], "Type": "string"}]
    options = {"OwnerAccountId": akia.account, "RequestMessage": "again", "RedirectUrl": "https://partner.example/done"}
    made = partner.request(template, parameters, OnlySendByOwner=True, **options)
    seen = administrator.get_delegation_request(DelegationRequestId=made)["DelegationRequest"]
    policy = json.loads(seen.pop("PermissionPolicy"))
    assert policy["Statement"] == [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::backups/*"}]
    created, updated, expires = (seen.pop(name) for name in ("CreateDate", "UpdatedTime", "ExpirationTime"))
    assert created == updated
    assert (expires - created).total_seconds() == DAY
    assert seen == options | {
        "DelegationRequestId": made,
        "Description": "Sets things up.",
        "Permissions": {"PolicyTemplateArn": template, "Parameters": parameters},
        "RolePermissionRestrictionArns": [],
        "State": "UNASSIGNED",
        "RequestorId": PARTNER,
        "RequestorName": partner.name,
        "SessionDuration": 3_600,
        "OnlySendByOwner": True,
    }


@pytest.mark.parametrize("state", STEPS)
@pytest.mark.parametrize("operation", ALLOWED)
def test_each_state_lets_happen_what_the_life_cycle_allows_and_nothing_else(
    administrator: Any, partner: Partner, refused: Any, operation: str, state: str
) -> None:
    made = brought(administrator, partner, state)
    after = ALLOWED[operation].get(state)
    if after is not None:
        getattr(administrator, operation)(DelegationRequestId=made)
        assert state_of(administrator, made) == after
    else:
        code = "ConcurrentModification" if operation.startswith("accept") else "InvalidInput"
        assert refused(getattr(administrator, operation), DelegationRequestId=made)[0] == code
        assert state_of(administrator, made) == state


@pytest.mark.parametrize(("state", "days"), [("UNASSIGNED", 1), *((state, 7) for state in STEPS if state != "UNASSIGNED")])
def test_a_request_expires_after_its_time_in_each_state(
    akia: Any, administrator: Any, partner: Partner, refused: Any, state: str, days: int
) -> None:
    made = brought(administrator, partner, state)
    age(akia, made, days * DAY - 60)
    assert state_of(administrator, made) == state
    age(akia, made, 61)
    assert state_of(administrator, made) == "EXPIRED"
    for operation in ALLOWED:
        assert refused(getattr(administrator, operation), DelegationRequestId=made)[0] in ("InvalidInput", "ConcurrentModification")
    assert partner.told(made)["State"] == "EXPIRED"


def test_a_new_state_has_a_new_life_and_more_notes_do_not_lengthen_it(akia: Any, administrator: Any, partner: Partner) -> None:
    made = brought(administrator, partner, "ASSIGNED")
    age(akia, made, 6 * DAY)
    administrator.update_delegation_request(DelegationRequestId=made, Notes="please")
    before = administrator.get_delegation_request(DelegationRequestId=made)["DelegationRequest"]
    assert (before["ExpirationTime"] - before["UpdatedTime"]).total_seconds() == 7 * DAY
    age(akia, made, 6 * DAY)
    administrator.update_delegation_request(DelegationRequestId=made)
    after = administrator.get_delegation_request(DelegationRequestId=made)["DelegationRequest"]
    left = (after["ExpirationTime"] - after["UpdatedTime"]).total_seconds()
    assert DAY - 30 <= left <= DAY  # the state goes by the time of the first note
    assert after["Notes"] == "please"


def test_who_associates_becomes_the_owner_and_who_accepts_the_approver(akia: Any, administrator: Any, partner: Partner) -> None:
    owner = akia.person("olive", {"Action": "iam:AssociateDelegationRequest"})
    made = partner.request()
    owner.client("iam").associate_delegation_request(DelegationRequestId=made)
    administrator.accept_delegation_request(DelegationRequestId=made)
    seen = administrator.get_delegation_request(DelegationRequestId=made)["DelegationRequest"]
    assert (seen["OwnerId"], seen["OwnerAccountId"]) == (owner.arn, akia.account)
    assert seen["ApproverId"] == f"arn:aws:iam::{akia.account}:user/administrator"


def test_a_rejection_keeps_its_reason_and_the_partner_is_told(administrator: Any, partner: Partner) -> None:
    made = brought(administrator, partner, "ASSIGNED")
    administrator.reject_delegation_request(DelegationRequestId=made, Notes="too much")
    assert administrator.get_delegation_request(DelegationRequestId=made)["DelegationRequest"]["RejectionReason"] == "too much"
    told = partner.told(made)
    assert (told["State"], told["RejectionReason"]) == ("REJECTED", "too much")


class TestWhoSeesARequest:
    def test_without_an_owner_account_everybody(self, akia: Any, administrator: Any, partner: Partner) -> None:
        made = partner.request()
        assert state_of(administrator, made) == state_of(partner.client(), made) == "UNASSIGNED"

    def test_with_an_owner_account_that_account_alone(self, akia: Any, administrator: Any, partner: Partner, refused: Any) -> None:
        made = partner.request(OwnerAccountId=akia.account)
        assert state_of(administrator, made) == "UNASSIGNED"
        third = Partner(akia, "777788889999")
        for stranger in (partner.client(), third.client()):
            for operation in ("get_delegation_request", *ALLOWED):
                assert refused(getattr(stranger, operation), DelegationRequestId=made)[:2] == ("NoSuchEntity", 404)

    def test_once_it_is_owned_the_owners_account_alone(self, administrator: Any, partner: Partner, refused: Any) -> None:
        made = brought(administrator, partner, "ASSIGNED")
        assert refused(partner.client().get_delegation_request, DelegationRequestId=made)[0] == "NoSuchEntity"
        assert refused(partner.client().associate_delegation_request, DelegationRequestId=made)[0] == "NoSuchEntity"

    def test_what_is_not_there_cannot_be_found(self, administrator: Any, refused: Any) -> None:
        for operation in ("get_delegation_request", *ALLOWED):
            assert refused(getattr(administrator, operation), DelegationRequestId="dr-0000000000000000")[:2] == ("NoSuchEntity", 404)


class TestPermissions:
    def test_the_owner_may_see_and_pass_on_its_request_without_permission(
        self, akia: Any, administrator: Any, partner: Partner, refused: Any
    ) -> None:
        owner = akia.person("olive", {"Action": "iam:AssociateDelegationRequest"})
        made = partner.request()
        client = owner.client("iam")
        assert refused(client.get_delegation_request, DelegationRequestId=made)[0] == "AccessDenied"
        client.associate_delegation_request(DelegationRequestId=made)
        arn = f"arn:aws:iam::{akia.account}:delegation-request/{made}"
        client.update_delegation_request(DelegationRequestId=made)
        assert state_of(client, made) == "PENDING_APPROVAL"
        assert client.get_human_readable_summary(EntityArn=arn)["SummaryState"] == "AVAILABLE"
        for operation in ("accept_delegation_request", "reject_delegation_request", "send_delegation_token"):
            assert refused(getattr(client, operation), DelegationRequestId=made)[0] == "AccessDenied"
        other = akia.person("otto").client("iam")
        for operation in ("get_delegation_request", "update_delegation_request"):
            assert refused(getattr(other, operation), DelegationRequestId=made)[0] == "AccessDenied"

    def test_a_later_namesake_of_the_owner_is_not_the_owner(self, akia: Any, administrator: Any, partner: Partner, refused: Any) -> None:
        first = akia.person("olive", {"Action": "iam:AssociateDelegationRequest"})
        made = partner.request()
        first.client("iam").associate_delegation_request(DelegationRequestId=made)
        administrator.delete_user_policy(UserName="olive", PolicyName="test")
        administrator.delete_access_key(UserName="olive", AccessKeyId=first.key.access_key_id)
        administrator.delete_user(UserName="olive")
        assert refused(akia.person("olive").client("iam").get_delegation_request, DelegationRequestId=made)[0] == "AccessDenied"

    def test_a_deny_is_stronger_than_what_the_owner_may(self, akia: Any, partner: Partner, refused: Any) -> None:
        owner = akia.person("olive", {"Action": "iam:AssociateDelegationRequest"}, {"Effect": "Deny", "Action": "iam:GetDelegationRequest"})
        made = partner.request()
        owner.client("iam").associate_delegation_request(DelegationRequestId=made)
        assert refused(owner.client("iam").get_delegation_request, DelegationRequestId=made)[0] == "AccessDenied"

    def test_a_session_of_a_role_owns_for_itself_alone(self, akia: Any, administrator: Any, partner: Partner, refused: Any) -> None:
        trust = {"Effect": "Allow", "Principal": {"AWS": akia.account}, "Action": "sts:AssumeRole"}
        document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
        role = administrator.create_role(RoleName="r", AssumeRolePolicyDocument=document)["Role"]["Arn"]
        administrator.put_role_policy(
            RoleName="r",
            PolicyName="p",
            PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [{**TEMPLATE, "Action": "iam:AssociateDelegationRequest"}]}),
        )
        made = partner.request()
        clients = []
        for name in ("one", "two"):
            answer = akia.client("sts", akia.admin).assume_role(RoleArn=role, RoleSessionName=name)["Credentials"]
            pair = type(akia.root)(answer["AccessKeyId"], answer["SecretAccessKey"])
            clients.append(akia.client("iam", pair, token=answer["SessionToken"]))
        one, two = clients
        one.associate_delegation_request(DelegationRequestId=made)
        seen = one.get_delegation_request(DelegationRequestId=made)["DelegationRequest"]
        assert seen["OwnerId"] == f"arn:aws:sts::{akia.account}:assumed-role/r/one"
        assert refused(two.get_delegation_request, DelegationRequestId=made)[0] == "AccessDenied"

    def test_policies_may_speak_of_the_request_and_of_its_owner(
        self, akia: Any, administrator: Any, partner: Partner, refused: Any
    ) -> None:
        owned, not_owned = brought(administrator, partner, "ASSIGNED"), partner.request()
        arn = f"arn:aws:iam::{akia.account}:delegation-request/{owned}"
        by_arn = akia.person("arn", {"Action": "iam:GetDelegationRequest", "Resource": arn}).client("iam")
        condition = {"ArnEquals": {"iam:DelegationRequestOwner": f"arn:aws:iam::{akia.account}:user/administrator"}}
        by_owner = akia.person("owner", {"Action": ["iam:Get*", "iam:List*"], "Condition": condition}).client("iam")
        for client in (by_arn, by_owner):
            assert state_of(client, owned) == "ASSIGNED"
            assert refused(client.get_delegation_request, DelegationRequestId=not_owned)[0] == "AccessDenied"
        assert refused(by_owner.list_delegation_requests)[0] == "AccessDenied"
        by_owner.list_delegation_requests(OwnerId=f"arn:aws:iam::{akia.account}:user/administrator")

    def test_what_is_asked_for_may_be_a_condition_of_asking(self, akia: Any, administrator: Any, refused: Any) -> None:
        arn = "arn:aws:iam::aws:policy/IAMReadOnlyAccess"
        condition = {
            "StringEquals": {"iam:TemplateArn": arn, "iam:NotificationChannel": TOPIC},
            "NumericLessThanEquals": {"iam:DelegationDuration": "900"},
        }
        resource = f"arn:aws:iam::{akia.account}:delegation-request/*"
        client = akia.person("eve", {"Action": "iam:CreateDelegationRequest", "Resource": resource, "Condition": condition}).client("iam")
        asked: dict[str, Any] = {
            "Description": "d",
            "NotificationChannel": TOPIC,
            "RequestorWorkflowId": "workflow",
            "SessionDuration": 900,
        }
        bad: list[dict[str, Any]] = [
            {"SessionDuration": 901},
            {"NotificationChannel": TOPIC + "x"},
            {"Permissions": {"PolicyTemplateArn": arn[:-1] + "x"}},
        ]
        for change in bad:
            assert (
                refused(client.create_delegation_request, **{"Permissions": {"PolicyTemplateArn": arn}} | asked | change)[0]
                == "AccessDenied"
            )
        assert client.create_delegation_request(Permissions={"PolicyTemplateArn": arn}, **asked)["DelegationRequestId"]


class TestCreation:
    def test_a_workflow_id_is_used_once_by_each_requestor(self, akia: Any, partner: Partner, refused: Any) -> None:
        partner.request(RequestorWorkflowId="workflow-x")
        assert refused(partner.request, RequestorWorkflowId="workflow-x")[:2] == ("EntityAlreadyExists", 409)
        Partner(akia, "777788889999").request(RequestorWorkflowId="workflow-x")

    def test_templates_are_policies_of_the_requestor_or_of_aws(
        self, akia: Any, administrator: Any, partner: Partner, policy: Any, refused: Any
    ) -> None:
        theirs = administrator.create_policy(PolicyName="theirs", PolicyDocument=policy({"Action": "s3:GetObject"}))["Policy"]["Arn"]
        assert refused(partner.request, template=theirs)[:2] == ("InvalidInput", 400)
        assert refused(partner.request, template=f"arn:aws:iam::{PARTNER}:policy/nothing")[0] == "InvalidInput"
        made = partner.request("arn:aws:iam::aws:policy/IAMUserChangePassword")
        assert (
            "iam:ChangePassword" in administrator.get_delegation_request(DelegationRequestId=made)["DelegationRequest"]["PermissionPolicy"]
        )

    def test_the_policy_stays_what_it_was_when_its_template_changes(self, administrator: Any, partner: Partner, policy: Any) -> None:
        template = partner.template(TEMPLATE)
        made = partner.request(template)
        partner.client().create_policy_version(PolicyArn=template, PolicyDocument=policy({"Action": "*"}), SetAsDefault=True)
        seen = administrator.get_delegation_request(DelegationRequestId=made)["DelegationRequest"]
        assert json.loads(seen["PermissionPolicy"])["Statement"] == [TEMPLATE]

    @pytest.mark.parametrize("channel", ["sns", "arn:aws:sqs:us-east-1:444455556666:queue", "arn:aws:sns:us-east-1:444455556666:"])
    def test_the_channel_is_a_topic(self, partner: Partner, refused: Any, channel: str) -> None:
        permissions = {"PolicyTemplateArn": partner.template(TEMPLATE)}
        asked = {"Description": "d", "RequestorWorkflowId": "workflow", "SessionDuration": 900, "Permissions": permissions}
        assert refused(partner.client().create_delegation_request, NotificationChannel=channel, **asked)[0] == "InvalidInput"

    def test_parameters_must_fit_the_template(self, partner: Partner, refused: Any) -> None:
        template = partner.template({"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::@{bucketName}/*"})
        good = {"Name": "bucketName", "Values": ["b"], "Type": "string"}
        for parameters in ([], [good, good], [{**good, "Values": ["a", "b"]}], [good, {**good, "Name": "other"}], [{"Values": ["b"]}]):
            assert refused(partner.request, template=template, parameters=parameters)[0] == "InvalidInput", parameters
        partner.request(template, [good])

    def test_a_policy_may_have_2048_characters(self, administrator: Any, partner: Partner, refused: Any) -> None:
        template = partner.template({"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::@{bucketName}"})
        room = 2_048 - len(
            json.dumps({"Version": "2012-10-17", "Statement": [{**TEMPLATE, "Action": "s3:GetObject"}]}, separators=(",", ":"))
        )
        room -= len("arn:aws:s3:::") - 1
        parameter = {"Name": "bucketName", "Type": "string"}
        made = partner.request(template, [{**parameter, "Values": ["b" * room]}])
        seen = administrator.get_delegation_request(DelegationRequestId=made)["DelegationRequest"]
        assert len(seen["PermissionPolicy"]) == 2_048
        assert refused(partner.request, template=template, parameters=[{**parameter, "Values": ["b" * (room + 1)]}])[0] == "InvalidInput"

    def test_there_may_be_so_many_and_old_ones_are_forgotten(self, akia: Any, partner: Partner, refused: Any, monkeypatch: Any) -> None:
        from dataclasses import replace

        authority = akia.akia.authority
        monkeypatch.setattr(authority, "quotas", replace(authority.quotas, delegation_requests_per_account=2))
        one, _ = partner.request(), partner.request()
        assert refused(partner.request)[:2] == ("LimitExceeded", 409)
        age(akia, one, 8 * DAY)
        partner.request()
        age(akia, one, 90 * DAY)
        assert akia.akia.store.delegation_requests.get(one) is not None
        monkeypatch.setattr(authority, "quotas", replace(authority.quotas, delegation_requests_per_account=3))
        partner.request()
        assert akia.akia.store.delegation_requests.get(one) is None


class TestLists:
    def test_only_owned_requests_of_the_account_are_listed_page_by_page(
        self, akia: Any, administrator: Any, partner: Partner, refused: Any
    ) -> None:
        owned = sorted(brought(administrator, partner, "ASSIGNED") for _ in range(3))
        partner.request(OwnerAccountId=akia.account)
        first = administrator.list_delegation_requests(MaxItems=2)
        assert first["isTruncated"] is True
        second = administrator.list_delegation_requests(MaxItems=2, Marker=first["Marker"])
        assert second["isTruncated"] is False
        assert "Marker" not in second
        assert [each["DelegationRequestId"] for page in (first, second) for each in page["DelegationRequests"]] == owned
        assert partner.client().list_delegation_requests()["DelegationRequests"] == []
        assert refused(administrator.list_delegation_requests, Marker="nonsense")[0] == "ValidationError"

    def test_they_can_be_asked_for_by_owner(self, akia: Any, administrator: Any, partner: Partner) -> None:
        olive = akia.person("olive", {"Action": "iam:AssociateDelegationRequest"})
        mine, hers = brought(administrator, partner, "ASSIGNED"), partner.request()
        olive.client("iam").associate_delegation_request(DelegationRequestId=hers)
        for arn, expected in ((olive.arn, hers), (f"arn:aws:iam::{akia.account}:user/administrator", mine)):
            [found] = administrator.list_delegation_requests(OwnerId=arn)["DelegationRequests"]
            assert found["DelegationRequestId"] == expected
        assert administrator.list_delegation_requests(OwnerId=f"arn:aws:iam::{PARTNER}:root")["DelegationRequests"] == []


class TestAccepting:
    def test_root_accepts_at_most_four_hours(self, akia: Any, partner: Partner, refused: Any) -> None:
        root = akia.client("iam")
        short, long = partner.request(SessionDuration=14_400), partner.request(SessionDuration=14_401)
        for each in (short, long):
            root.associate_delegation_request(DelegationRequestId=each)
        root.accept_delegation_request(DelegationRequestId=short)
        assert refused(root.accept_delegation_request, DelegationRequestId=long)[:2] == ("AccessDenied", 403)
        akia.client("iam", akia.admin).accept_delegation_request(DelegationRequestId=long)

    def test_only_the_owner_sends_the_token_if_the_partner_wants_it_so(
        self, akia: Any, administrator: Any, partner: Partner, refused: Any
    ) -> None:
        owner = akia.person("olive", {"Action": ["iam:AssociateDelegationRequest", "iam:SendDelegationToken"]})
        made = partner.request(OnlySendByOwner=True)
        owner.client("iam").associate_delegation_request(DelegationRequestId=made)
        administrator.accept_delegation_request(DelegationRequestId=made)
        assert refused(administrator.send_delegation_token, DelegationRequestId=made)[:2] == ("AccessDenied", 403)
        owner.client("iam").send_delegation_token(DelegationRequestId=made)
        assert "TradeInToken" in partner.told(made)


def test_contested_accept_in_the_wrong_state_is_a_concurrent_modification(administrator: Any, partner: Partner, refused: Any) -> None:
    """The model gives AcceptDelegationRequest no InvalidInput; of what it has, this says best that the request has moved on."""
    made = brought(administrator, partner, "REJECTED")
    assert refused(administrator.accept_delegation_request, DelegationRequestId=made)[:2] == ("ConcurrentModification", 409)


def test_contested_a_parameter_that_the_template_does_not_have_is_refused(partner: Partner, refused: Any) -> None:
    """AWS does not say. Whoever gives it believes that it limits something, and is wrong."""
    assert refused(partner.request, parameters=[{"Name": "bucketName", "Values": ["b"], "Type": "string"}])[0] == "InvalidInput"


def test_events_name_the_request(akia: Any, administrator: Any, partner: Partner) -> None:
    made = brought(administrator, partner, "ACCEPTED")
    akia.akia.authority.drain()
    trail = akia.client("cloudtrail")
    found = trail.lookup_events(LookupAttributes=[{"AttributeKey": "ResourceName", "AttributeValue": made}])["Events"]
    assert {each["EventName"] for each in found} == {"AssociateDelegationRequest", "AcceptDelegationRequest"}
    theirs = partner.client("cloudtrail").lookup_events(LookupAttributes=[{"AttributeKey": "ResourceName", "AttributeValue": made}])[
        "Events"
    ]
    assert {each["EventName"] for each in theirs} == {"CreateDelegationRequest"}
