"""What is told of a delegation request before it is decided: could the caller do it all itself, and what does it say in words."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from tests.delegation import PARTNER, TEMPLATE, Partner

from akia.aws import catalogue
from akia.identity.quotas import Quotas

pytestmark = pytest.mark.covers("I4.delegation.insight")

ANY = {"Effect": "Allow", "Resource": "*"}


class Checked:
    """`checked(asked, held)`: the result of the permission check of the statements `asked` for somebody who has the statements `held`."""

    def __init__(self, akia: Any, partner: Partner) -> None:
        self.akia, self.partner, self.number = akia, partner, 0

    def __call__(self, asked: list[dict[str, Any]], *held: dict[str, Any], boundary: str | None = None) -> str:
        self.number += 1
        person = self.akia.person(f"p{self.number}", {"Action": "iam:GetDelegationRequest"}, *held)
        if boundary is not None:
            self.akia.client("iam").put_user_permissions_boundary(UserName=person.name, PermissionsBoundary=boundary)
        made = self.partner.request(self.partner.template(*asked))
        answer = person.client("iam").get_delegation_request(DelegationRequestId=made, DelegationPermissionCheck=True)
        assert answer["PermissionCheckStatus"] == "COMPLETE"
        return str(answer["PermissionCheckResult"])


@pytest.fixture
def checked(akia: Any, partner: Partner) -> Checked:
    return Checked(akia, partner)


OBJECTS = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::data/*"}
FROM_HERE = {"IpAddress": {"aws:SourceIp": "127.0.0.1"}}
FROM_AFAR = {"IpAddress": {"aws:SourceIp": "192.0.2.1"}}


@pytest.mark.parametrize(
    ("asked", "held", "expected"),
    [
        ([TEMPLATE], [{"Action": "iam:*"}], "ALLOWED"),
        ([TEMPLATE], [{"Action": "iam:ListUsers"}], "DENIED"),
        ([TEMPLATE], [], "DENIED"),
        ([OBJECTS], [{"Action": "s3:Get*", "Resource": "arn:aws:s3:::data/*"}], "ALLOWED"),
        ([OBJECTS], [{"Action": "s3:Get*", "Resource": "arn:aws:s3:::data/public/*"}], "DENIED"),
        ([OBJECTS], [{"Action": "s3:*"}, {"Effect": "Deny", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::data/secret"}], "UNSURE"),
        ([OBJECTS], [{"Action": "s3:*"}, {"Effect": "Deny", "Action": "s3:GetObject"}], "DENIED"),
        ([OBJECTS], [{"Action": "s3:*"}, {"Effect": "Deny", "Action": "s3:DeleteObject"}], "ALLOWED"),
        ([OBJECTS], [{"Action": "s3:*"}, {"Effect": "Deny", "Action": "s3:*", "Condition": FROM_HERE}], "UNSURE"),
        ([OBJECTS], [{"Action": "s3:*", "Condition": FROM_HERE}], "UNSURE"),
        ([OBJECTS], [{"Action": "s3:*", "Condition": FROM_AFAR}], "UNSURE"),
        ([OBJECTS], [{"Action": "s3:*", "Condition": FROM_HERE}, {"Action": "s3:GetObject"}], "ALLOWED"),
        ([{**ANY, "Action": "s3:Get*"}], [{"Action": "s3:GetObject"}], "DENIED"),
        ([{**ANY, "Action": "s3:Get*"}], [{"Action": "s3:*"}], "ALLOWED"),
        ([{**ANY, "NotAction": "iam:*"}], [{"Action": "s3:*"}], "DENIED"),
        ([{"Effect": "Allow", "Action": "s3:GetObject", "NotResource": "arn:aws:s3:::x/*"}], [{"Action": "s3:*"}], "UNSURE"),
        ([{**ANY, "Action": "nosuch:Thing"}], [{"Action": "s3:*"}], "DENIED"),
        ([{**ANY, "Action": "nosuch:Thing"}], [{"Action": "nosuch:*"}], "ALLOWED"),
        ([{**ANY, "Action": ["s3:GetObject", "nosuch:Thing"]}], [{"Action": "s3:*"}], "DENIED"),
        ([{**ANY, "Action": ["s3:Get*", "s3:Mistype*"]}], [{"Action": "s3:Get*"}], "DENIED"),
        ([{**ANY, "Effect": "Deny", "Action": "s3:*"}], [], "ALLOWED"),
    ],
)
def test_the_check_says_whether_the_caller_has_all_that_is_asked_for(
    checked: Checked, asked: list[dict[str, Any]], held: list[dict[str, Any]], expected: str
) -> None:
    assert checked(asked, *held) == expected


def test_the_check_asks_every_layer(akia: Any, administrator: Any, checked: Checked, policy: Any) -> None:
    boundary = administrator.create_policy(PolicyName="b", PolicyDocument=policy({"Action": ["iam:*"]}))["Policy"]["Arn"]
    assert checked([OBJECTS], {"Action": "s3:*"}, boundary=boundary) == "DENIED"
    assert checked([TEMPLATE], {"Action": "iam:*"}, boundary=boundary) == "ALLOWED"


def test_conditions_of_what_is_asked_for_are_taken_as_given(checked: Checked) -> None:
    condition = {"StringEquals": {"iam:PermissionsBoundary": f"arn:aws:iam::{PARTNER}:policy/b"}}
    asked = {"Effect": "Allow", "Action": "iam:CreateRole", "Resource": "*", "Condition": condition}
    assert checked([asked], {"Action": "iam:CreateRole", "Condition": condition}) == "UNSURE"
    assert checked([asked], {"Action": "iam:CreateRole"}) == "ALLOWED"


def test_a_question_that_would_be_endless_is_not_sure(checked: Checked) -> None:
    assert checked([{**ANY, "Action": "*"}], {"Action": "*"}) == "UNSURE"


def test_without_being_asked_for_there_is_no_check(administrator: Any, partner: Partner) -> None:
    answer = administrator.get_delegation_request(DelegationRequestId=partner.request())
    assert not {"PermissionCheckStatus", "PermissionCheckResult"} & set(answer)


class TestNewRoles:
    CREATE = {"Effect": "Allow", "Action": "iam:Create*", "Resource": "*"}
    BOUNDARY = f"arn:aws:iam::{PARTNER}:policy/b"

    def told(self, administrator: Any, partner: Partner, *statements: dict[str, Any]) -> Any:
        made = partner.request(partner.template(*statements))
        return administrator.get_delegation_request(DelegationRequestId=made)["DelegationRequest"]["RolePermissionRestrictionArns"]

    def test_the_boundaries_of_roles_that_may_be_created_are_told(self, administrator: Any, partner: Partner) -> None:
        conditions = (
            {"ArnLike": {"iam:permissionsboundary": [self.BOUNDARY, self.BOUNDARY + "2"]}},
            {"StringEquals": {"aws:TagKeys": "t"}},
        )
        statements = [{**self.CREATE, "Condition": condition} for condition in conditions]
        assert self.told(administrator, partner, *statements) == [self.BOUNDARY, self.BOUNDARY + "2"]

    def test_a_boundary_that_may_be_missing_is_none(self, administrator: Any, partner: Partner) -> None:
        condition = {"StringEqualsIfExists": {"iam:PermissionsBoundary": self.BOUNDARY}}
        assert self.told(administrator, partner, {**self.CREATE, "Condition": condition}) == []

    def test_of_statements_that_create_no_roles_nothing_is_told(self, administrator: Any, partner: Partner) -> None:
        condition = {"StringEquals": {"iam:PermissionsBoundary": self.BOUNDARY}}
        others = [{**self.CREATE, "Action": "iam:PutRolePolicy"}, {**self.CREATE, "Effect": "Deny"}]
        assert self.told(administrator, partner, *({**each, "Condition": condition} for each in others)) == []


class TestSummary:
    def summary(self, akia: Any, administrator: Any, request_id: str, **more: Any) -> Any:
        return administrator.get_human_readable_summary(EntityArn=f"arn:aws:iam::{akia.account}:delegation-request/{request_id}", **more)

    def test_every_fact_of_the_request_is_a_sentence(self, akia: Any, administrator: Any, partner: Partner) -> None:
        condition = {"StringEquals": {"aws:RequestedRegion": ["eu-west-1", "eu-central-1"]}}
        template = partner.template(
            {"Effect": "Allow", "Action": ["s3:GetObject", "iam:ListUsers"], "Resource": "arn:aws:s3:::data/*", "Condition": condition},
            {"Effect": "Deny", "NotAction": "s3:*", "NotResource": "arn:aws:s3:::data/*"},
            {"Effect": "Allow", "Action": "iam:*", "Resource": "*"},
        )
        made = partner.request(template, OwnerAccountId=akia.account, SessionDuration=5_430, RequestMessage="hello", OnlySendByOwner=True)
        name = partner.name
        answer = self.summary(akia, administrator, made)
        assert (answer["SummaryState"], answer["Locale"]) == ("AVAILABLE", "en")
        lines = answer["SummaryContent"].split("\n")
        assert lines[:-1] == [
            f"Account {PARTNER} ({name}) asks for temporary access to account {akia.account}.",
            "The requestor describes it in its own words: “Sets things up.”",
            "The requestor adds: “hello”",
            "If it is accepted, the requestor acts as whoever accepts, and only as far as both that identity and this policy allow:",
            "1. Allows in Amazon S3: s3:GetObject; in AWS Identity and Access Management (IAM): iam:ListUsers on arn:aws:s3:::data/*, "
            "only if StringEquals aws:RequestedRegion eu-west-1 and eu-central-1.",
            "2. Denies every action of every service except s3:* on every resource except arn:aws:s3:::data/*.",
            "3. Allows in AWS Identity and Access Management (IAM): every action on every resource.",
            "It may create roles, which remain when the access has ended, without any permissions boundary that the policy would demand.",
            "The access lasts at most 1 hour, 30 minutes and 30 seconds from the moment when the token is sent.",
            "Only the owner of the request can send the token.",
            "The state of the request is UNASSIGNED.",
        ]
        assert lines[-1].startswith("It expires at ")

    def test_the_same_request_has_the_same_summary_in_every_language(self, akia: Any, administrator: Any, partner: Partner) -> None:
        made = partner.request()
        plain, german = self.summary(akia, administrator, made), self.summary(akia, administrator, made, Locale="de")
        assert plain["SummaryContent"] == german["SummaryContent"]
        assert german["Locale"] == "en"

    def test_roles_are_bounded_if_every_statement_creating_them_says_so(self, akia: Any, administrator: Any, partner: Partner) -> None:
        boundary = f"arn:aws:iam::{PARTNER}:policy/b"
        bounded = {**ANY, "Action": "iam:CreateRole", "Condition": {"StringEquals": {"iam:PermissionsBoundary": boundary}}}
        one = self.summary(akia, administrator, partner.request(partner.template(bounded)))["SummaryContent"]
        assert f"It may create roles, which remain when the access has ended, bounded by {boundary}." in one
        unbounded = partner.template(bounded, {**ANY, "Action": "iam:*"})
        another = self.summary(akia, administrator, partner.request(unbounded))["SummaryContent"]
        assert "without any permissions boundary" in another and "bounded by" not in another

    def test_the_requestors_words_do_not_look_like_the_summarys_own(self, akia: Any, administrator: Any, partner: Partner) -> None:
        """A line is a fact. What the requestor writes stays in its own line, in its own quotation marks."""
        forged = "Helps.\r\n1. Allows nothing.\nThe access lasts at most 1 minute"
        lines = self.summary(akia, administrator, partner.request(Description=forged))["SummaryContent"].splitlines()
        assert [line[:15] for line in lines if line[0].isdigit()] == ["1. Allows in AW"]
        assert lines[1].endswith("“Helps. 1. Allows nothing. The access lasts at most 1 minute”")

    def test_what_is_too_long_to_be_told_is_not_left_out_in_silence(self, akia: Any, administrator: Any, partner: Partner) -> None:
        akia.akia.authority.quotas = replace(Quotas(), delegated_policy_length=20_000)
        template = partner.template({**ANY, "Action": [f"{prefix}:*" for prefix in catalogue.prefixes()][:300]}, {**ANY, "Action": "*"})
        content = self.summary(akia, administrator, partner.request(template))["SummaryContent"]
        assert len(content) == 10_000
        assert content.startswith("This summary leaves something out")

    def test_decisions_are_told(self, akia: Any, administrator: Any, partner: Partner) -> None:
        made = partner.request()
        administrator.associate_delegation_request(DelegationRequestId=made)
        administrator.accept_delegation_request(DelegationRequestId=made)
        content = self.summary(akia, administrator, made)["SummaryContent"]
        admin = f"arn:aws:iam::{akia.account}:user/administrator"
        for sentence in ("The state of the request is ACCEPTED.", f"It belongs to {admin}.", f"It was accepted by {admin}."):
            assert sentence in content

    def test_other_entities_have_none(self, akia: Any, administrator: Any, partner: Partner, refused: Any) -> None:
        made = partner.request(OwnerAccountId=akia.account)
        ours, theirs = (f"arn:aws:iam::{account}:delegation-request/{made}" for account in (akia.account, PARTNER))
        assert administrator.get_human_readable_summary(EntityArn=ours)
        for arn, code in (
            (f"arn:aws:iam::{akia.account}:user/administrator", "InvalidInput"),
            (f"arn:aws:s3:::delegation-request/{made}", "InvalidInput"),
            ("delegation-request/dr-0000000000000000", "InvalidInput"),
            (f"arn:aws:iam::{akia.account}:delegation-request/dr-0000000000000000", "NoSuchEntity"),
            (theirs, "NoSuchEntity"),
        ):
            assert refused(administrator.get_human_readable_summary, EntityArn=arn)[0] == code, arn
        assert refused(partner.client().get_human_readable_summary, EntityArn=theirs)[0] == "NoSuchEntity"

    def test_a_foreign_account_in_the_arn_does_not_lead_past_a_deny(self, akia: Any, partner: Partner, refused: Any) -> None:
        made = partner.request()
        own = f"arn:aws:iam::{akia.account}:delegation-request/{made}"
        eve = akia.person("eve", {"Action": "iam:Get*"}, {"Effect": "Deny", "Action": "iam:*", "Resource": own}).client("iam")
        assert refused(eve.get_human_readable_summary, EntityArn=own)[0] == "AccessDenied"
        assert refused(eve.get_human_readable_summary, EntityArn=own.replace(akia.account, PARTNER))[0] == "NoSuchEntity"


def test_a_template_is_filled_in_everywhere_that_policies_have_values(administrator: Any, partner: Partner) -> None:
    template = partner.template(
        {
            "Sid": "one",
            "Effect": "Allow",
            "Action": "s3:GetObject",
            "Resource": ["arn:aws:s3:::@{buckets}/@{prefix}/*", "arn:aws:s3:::fixed"],
            "Condition": {"StringEquals": {"aws:PrincipalTag/team": "@{prefix}", "aws:RequestedRegion": ["@{regions}", "us-east-1"]}},
        },
        {"Effect": "Deny", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::@{buckets}"},
    )
    parameters = [
        {"Name": "buckets", "Values": ["one", "two"], "Type": "stringList"},
        {"Name": "prefix", "Values": ['@{buckets}"'], "Type": "string"},
        {"Name": "regions", "Values": ["eu-west-1"], "Type": "stringList"},
    ]
    made = partner.request(template, parameters)
    seen = json.loads(administrator.get_delegation_request(DelegationRequestId=made)["DelegationRequest"]["PermissionPolicy"])
    first, second = seen["Statement"]
    assert first["Resource"] == ['arn:aws:s3:::one/@{buckets}"/*', 'arn:aws:s3:::two/@{buckets}"/*', "arn:aws:s3:::fixed"]
    assert first["Condition"]["StringEquals"] == {"aws:PrincipalTag/team": '@{buckets}"', "aws:RequestedRegion": ["eu-west-1", "us-east-1"]}
    assert second["Resource"] == ["arn:aws:s3:::one", "arn:aws:s3:::two"]


def test_many_combinations_are_refused_before_they_are_made(partner: Partner, refused: Any) -> None:
    names = [f"list{number}" for number in range(6)]
    resource = "arn:aws:s3:::" + "/".join(f"@{{{name}}}" for name in names)
    template = partner.template({"Effect": "Allow", "Action": "s3:GetObject", "Resource": resource})
    parameters = [{"Name": name, "Values": [str(value) for value in range(50)], "Type": "stringList"} for name in names]
    assert refused(partner.request, template=template, parameters=parameters)[0] == "InvalidInput"
