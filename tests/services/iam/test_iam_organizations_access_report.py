"""Access reports of organizations: what service control policies leave open, and who last used it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tests.organization import Account
from tests.organization import World as Organization

from akia.aws import catalogue

pytestmark = pytest.mark.covers("I4.organizations.access_report")


@pytest.fixture
def organization(akia: Any) -> Organization:
    """One whose service control policies are in force."""
    made = Organization(akia)
    made.enable()
    return made


@pytest.fixture
def iam(akia: Any) -> Any:
    return akia.client("iam")


def report(iam: Any, path: str, policy: str | None = None, **more: Any) -> Any:
    asked = {"EntityPath": path} | ({"OrganizationsPolicyId": policy} if policy else {})
    job = iam.generate_organizations_access_report(**asked)["JobId"]
    return iam.get_organizations_access_report(JobId=job, **{"MaxItems": 1000} | more)


def services(answer: Any) -> dict[str, Any]:
    assert answer["JobStatus"] == "COMPLETED", answer
    return {each["ServiceNamespace"]: each for each in answer["AccessDetails"]}


def only(organization: Organization, target: str, *actions: str) -> str:
    """Puts a policy that allows just `actions` in the place of FullAWSAccess."""
    policy = organization.policy(f"only-{target}", Effect="Allow", Action=list(actions))
    organization.client.attach_policy(PolicyId=policy, TargetId=target)
    organization.client.detach_policy(PolicyId="p-FullAWSAccess", TargetId=target)
    return policy


def in_unit(organization: Organization, unit: str, name: str) -> Account:
    account = organization.account(name)
    organization.client.move_account(AccountId=account.id, SourceParentId=organization.root, DestinationParentId=unit)
    return account


class TestWhatIsOpen:
    def test_an_account_may_what_every_level_above_it_allows(self, organization: Organization, iam: Any) -> None:
        unit = organization.unit("u")
        account = in_unit(organization, unit, "dev")
        only(organization, organization.root, "iam:*", "s3:*", "ec2:*", "sqs:SendMessage")
        only(organization, unit, "iam:*", "s3:*", "sqs:ReceiveMessage")
        deny = organization.policy("deny", Action="s3:*")
        organization.client.attach_policy(PolicyId=deny, TargetId=account.id)
        base = f"{organization.id}/{organization.root}"
        assert set(services(report(iam, base))) == {"iam", "s3", "ec2", "sqs"}
        assert set(services(report(iam, f"{base}/{unit}"))) == {"iam", "s3"}
        answer = report(iam, f"{base}/{unit}/{account.id}")
        assert set(services(answer)) == {"iam"}
        assert (answer["NumberOfServicesAccessible"], answer["NumberOfServicesNotAccessed"]) == (1, 1)

    def test_a_deny_with_conditions_or_of_some_resources_leaves_the_service_open(self, organization: Organization, iam: Any) -> None:
        only(organization, organization.root, "iam:*", "s3:*", "ec2:*")
        for name, statement in (
            ("some", {"Action": "s3:*", "Resource": "arn:aws:s3:::secret/*"}),
            ("where", {"Action": "ec2:*", "Condition": {"StringNotEquals": {"aws:RequestedRegion": "eu-west-1"}}}),
        ):
            organization.client.attach_policy(PolicyId=organization.policy(name, **statement), TargetId=organization.root)
        assert set(services(report(iam, f"{organization.id}/{organization.root}"))) == {"iam", "s3", "ec2"}

    def test_the_management_account_may_everything(self, akia: Any, organization: Organization, iam: Any) -> None:
        policy = only(organization, organization.root, "iam:*")
        path = f"{organization.id}/{organization.root}/{akia.account}"
        iam.list_users()  # the use that is told: the call for the report may itself be a second too late
        for answer in (report(iam, path), report(iam, path, policy)):
            assert set(services(answer)) == catalogue.prefixes()
            iam_used = services(answer)["iam"]
            assert (iam_used["EntityPath"], iam_used["TotalAuthenticatedEntities"]) == (path, 1)

    def test_of_a_policy_what_it_alone_allows(self, organization: Organization, iam: Any) -> None:
        only(organization, organization.root, "iam:*")
        wide = organization.policy("wide", Effect="Allow", Action=["s3:*", "ec2:*"])
        assert set(services(report(iam, f"{organization.id}/{organization.root}", wide))) == {"s3", "ec2"}


class TestWhatWasUsed:
    def test_the_latest_use_of_any_account_below_is_told(self, organization: Organization, iam: Any) -> None:
        unit = organization.unit("u")
        inside, outside = in_unit(organization, unit, "inside"), organization.account("outside")
        only(organization, organization.root, "iam:*", "cloudtrail:*", "sts:*")
        for account in (inside, outside):
            account.client("iam").list_users()
        outside.client("cloudtrail").lookup_events()
        base = f"{organization.id}/{organization.root}"
        whole = services(report(iam, base))
        assert whole["iam"]["TotalAuthenticatedEntities"] == 2
        assert whole["cloudtrail"]["EntityPath"] == f"{base}/{outside.id}"
        assert whole["cloudtrail"]["Region"] == "us-east-1"
        assert "LastAuthenticatedTime" in whole["cloudtrail"]
        assert whole["sts"] == {"ServiceName": whole["sts"]["ServiceName"], "ServiceNamespace": "sts", "TotalAuthenticatedEntities": 0}
        below = services(report(iam, f"{base}/{unit}"))
        assert (below["iam"]["TotalAuthenticatedEntities"], below["iam"]["EntityPath"]) == (1, f"{base}/{unit}/{inside.id}")
        assert below["cloudtrail"]["TotalAuthenticatedEntities"] == 0
        alone = services(report(iam, f"{base}/{outside.id}"))
        assert alone["cloudtrail"]["TotalAuthenticatedEntities"] == 1

    def test_the_management_account_is_not_among_those_below_the_root(self, organization: Organization, iam: Any) -> None:
        iam.list_users()
        assert services(report(iam, f"{organization.id}/{organization.root}"))["iam"]["TotalAuthenticatedEntities"] == 0

    def test_attempts_that_were_refused_count_too(self, akia: Any, organization: Organization, iam: Any, refused: Any) -> None:
        account = organization.account()
        only(organization, organization.root, "cloudtrail:LookupEvents", "iam:GetUser")
        assert refused(account.client("iam").list_users)[0] == "AccessDenied"
        assert services(report(iam, f"{organization.id}/{organization.root}"))["iam"]["TotalAuthenticatedEntities"] == 1

    def test_of_a_policy_only_accounts_that_it_applies_to(self, organization: Organization, iam: Any) -> None:
        unit = organization.unit("u")
        bound, free = in_unit(organization, unit, "bound"), organization.account("free")
        policy = organization.policy("wide", Effect="Allow", Action="iam:*")
        for account in (bound, free):
            account.client("iam").list_users()
        base = f"{organization.id}/{organization.root}"
        assert services(report(iam, base, policy))["iam"]["TotalAuthenticatedEntities"] == 0
        organization.client.attach_policy(PolicyId=policy, TargetId=unit)
        assert services(report(iam, base, policy))["iam"]["EntityPath"] == f"{base}/{unit}/{bound.id}"
        assert services(report(iam, f"{base}/{free.id}", policy))["iam"]["TotalAuthenticatedEntities"] == 0
        organization.client.attach_policy(PolicyId=policy, TargetId=organization.root)
        assert services(report(iam, base, policy))["iam"]["TotalAuthenticatedEntities"] == 2

    def test_what_comes_after_the_question_is_not_in_the_answer(self, akia: Any, organization: Organization, iam: Any) -> None:
        account = organization.account()
        job = iam.generate_organizations_access_report(EntityPath=f"{organization.id}/{organization.root}")["JobId"]
        store = akia.akia.store
        store.connection.begin_immediate()
        store.connection.execute("UPDATE analysis_jobs SET started = started - 60")
        store.connection.commit()
        account.client("iam").list_users()
        assert services(iam.get_organizations_access_report(JobId=job, MaxItems=1000))["iam"]["TotalAuthenticatedEntities"] == 0


class TestOrderAndPages:
    def order(self, iam: Any, path: str, key: str) -> list[str]:
        job = iam.generate_organizations_access_report(EntityPath=path)["JobId"]
        names: list[str] = []
        more: dict[str, str] = {}
        while True:
            answer = iam.get_organizations_access_report(JobId=job, MaxItems=2, SortKey=key, **more)
            names += [each["ServiceNamespace"] for each in answer["AccessDetails"]]
            if not answer["IsTruncated"]:
                return names
            more = {"Marker": answer["Marker"]}

    def test_by_name_and_by_time(self, akia: Any, organization: Organization, iam: Any) -> None:
        account = organization.account()
        only(organization, organization.root, "iam:*", "cloudtrail:*", "sts:*", "ec2:*")
        account.client("iam").list_users()
        akia.akia.authority.drain()
        store = akia.akia.store
        store.connection.begin_immediate()
        store.connection.execute("UPDATE events SET at_ms = at_ms - 60000")
        store.connection.commit()
        account.client("cloudtrail").lookup_events()
        path = f"{organization.id}/{organization.root}"
        assert self.order(iam, path, "SERVICE_NAMESPACE_ASCENDING") == ["cloudtrail", "ec2", "iam", "sts"]
        assert self.order(iam, path, "SERVICE_NAMESPACE_DESCENDING") == ["sts", "iam", "ec2", "cloudtrail"]
        assert self.order(iam, path, "LAST_AUTHENTICATED_TIME_DESCENDING")[:2] == ["cloudtrail", "iam"]
        assert self.order(iam, path, "LAST_AUTHENTICATED_TIME_ASCENDING")[2:] == ["iam", "cloudtrail"]

    def test_a_marker_is_of_one_order(self, organization: Organization, iam: Any, refused: Any) -> None:
        path = f"{organization.id}/{organization.root}"
        job = iam.generate_organizations_access_report(EntityPath=path)["JobId"]
        marker = iam.get_organizations_access_report(JobId=job, MaxItems=1)["Marker"]
        call = iam.get_organizations_access_report
        assert refused(call, JobId=job, Marker=marker, SortKey="LAST_AUTHENTICATED_TIME_ASCENDING")[0] == "ValidationError"


class TestRefusals:
    def test_only_the_management_account_asks(self, akia: Any, organization: Organization, iam: Any, refused: Any) -> None:
        path = f"{organization.id}/{organization.root}"
        member = organization.account().client("iam")
        assert refused(member.generate_organizations_access_report, EntityPath=path)[:2] == ("AccessDenied", 403)
        job = iam.generate_organizations_access_report(EntityPath=path)["JobId"]
        assert refused(member.get_organizations_access_report, JobId=job)[:2] == ("NoSuchEntity", 404)

    def test_without_an_organization_nobody_asks(self, iam: Any, refused: Any) -> None:
        assert refused(iam.generate_organizations_access_report, EntityPath="o-aaaaaaaaaa/r-aaaa")[0] == "AccessDenied"

    def test_jobs_that_are_not_there_and_jobs_of_other_kinds(self, akia: Any, organization: Organization, iam: Any, refused: Any) -> None:
        other = iam.generate_service_last_accessed_details(Arn=akia.person("p").arn)["JobId"]
        for job in ("0" * 36, other):
            assert refused(iam.get_organizations_access_report, JobId=job)[:2] == ("NoSuchEntity", 404)

    def test_a_report_of_what_is_not_there_fails_and_says_so(self, akia: Any, organization: Organization, iam: Any) -> None:
        unit = organization.unit("u")
        account = in_unit(organization, unit, "dev")
        base = f"{organization.id}/{organization.root}"
        for path in (
            f"{base}/{account.id}",  # not where the account stands
            f"{base}/ou-aaaa-aaaaaaaa",
            f"{base}/{unit}/999999999999",
            f"o-aaaaaaaaaa/{organization.root}",
            f"{organization.id}/r-aaaa",
            f"{base}//{unit}",
        ):
            answer = report(iam, path)
            assert answer["JobStatus"] == "FAILED", path
            assert answer["ErrorDetails"]["Code"] == "NoSuchEntity"
            assert "AccessDetails" not in answer
        assert report(iam, base, "p-aaaaaaaa")["ErrorDetails"]["Code"] == "NoSuchEntity"
        assert report(iam, f"{base}/{unit}/")["JobStatus"] == "COMPLETED"

    def test_without_service_control_policies_there_is_no_report(self, akia: Any, iam: Any) -> None:
        made = Organization(akia)
        answer = report(iam, f"{made.id}/{made.root}")
        assert (answer["JobStatus"], answer["ErrorDetails"]["Code"]) == ("FAILED", "PolicyTypeNotEnabled")

    def test_so_many_an_hour(self, akia: Any, organization: Organization, iam: Any, refused: Any, monkeypatch: Any) -> None:
        authority = akia.akia.authority
        monkeypatch.setattr(authority, "quotas", replace(authority.quotas, access_reports_per_hour=1))
        path = f"{organization.id}/{organization.root}"
        iam.generate_organizations_access_report(EntityPath=path)
        assert refused(iam.generate_organizations_access_report, EntityPath=path)[:2] == ("ReportGenerationLimitExceeded", 409)
        store = akia.akia.store
        store.connection.begin_immediate()
        store.connection.execute("UPDATE analysis_jobs SET started = started - 3601")
        store.connection.commit()
        iam.generate_organizations_access_report(EntityPath=path)


class TestPermissions:
    ORGANIZATIONS = ("ListRoots", "ListPoliciesForTarget", "ListParents", "ListChildren", "DescribePolicy", "ListTargetsForPolicy")

    def test_whoever_asks_must_be_allowed_to_read_the_organization_too(self, akia: Any, organization: Organization, refused: Any) -> None:
        unit = organization.unit("u")
        path = f"{organization.id}/{organization.root}/{unit}"
        asked = {"EntityPath": path, "OrganizationsPolicyId": "p-FullAWSAccess"}
        needed = ["iam:GenerateOrganizationsAccessReport", *(f"organizations:{name}" for name in self.ORGANIZATIONS)]
        for missing in needed:
            person = akia.person(missing.replace(":", "-"), {"Action": [action for action in needed if action != missing]})
            code, _, message = refused(person.client("iam").generate_organizations_access_report, **asked)
            assert code == "AccessDenied"
            assert missing in message
        akia.person("able", {"Action": needed}).client("iam").generate_organizations_access_report(**asked)

    def test_policies_may_speak_of_path_and_policy(self, akia: Any, organization: Organization, refused: Any) -> None:
        path = f"{organization.id}/{organization.root}"
        arn = f"arn:aws:iam::{akia.account}:access-report/{path}"
        condition = {"StringEquals": {"iam:OrganizationsPolicyId": "p-FullAWSAccess"}}
        generate = {"Action": "iam:GenerateOrganizationsAccessReport", "Resource": arn, "Condition": condition}
        client = akia.person("eve", generate, {"Action": "organizations:*"}).client("iam")
        call = client.generate_organizations_access_report
        assert call(EntityPath=path, OrganizationsPolicyId="p-FullAWSAccess")["JobId"]
        assert refused(call, EntityPath=path)[0] == "AccessDenied"
        assert refused(call, EntityPath=f"{path}/{akia.account}", OrganizationsPolicyId="p-FullAWSAccess")[0] == "AccessDenied"
        assert refused(client.get_organizations_access_report, JobId="0" * 36)[0] == "AccessDenied"


def test_contested_a_report_of_nothing_is_a_failed_job(organization: Organization, iam: Any) -> None:
    """The model gives GenerateOrganizationsAccessReport one error, for too many reports, and its answer a place for what went wrong."""
    assert report(iam, f"{organization.id}/r-aaaa")["JobStatus"] == "FAILED"
