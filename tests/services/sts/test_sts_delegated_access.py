"""GetDelegatedAccessToken (SI17.6): what a trade-in token is worth, to whom, how often and how long, and what ends it."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from typing import Any

import pytest
from tests.delegation import PARTNER, TEMPLATE, Partner, age, signed
from tests.organization import World as Organization

from akia.identity.delegation_request import DAY
from akia.store.founding import KeyPair

pytestmark = pytest.mark.covers("I4.delegation.access")

EXPIRED = ("ExpiredTradeInTokenException", 400)
EVERYTHING = {"Effect": "Allow", "Action": "*", "Resource": "*"}


def token_of(administrator: Any, partner: Partner, **options: Any) -> tuple[str, str]:
    """A request that has been accepted and sent, and its token."""
    made = partner.request(**options)
    for step in (administrator.associate_delegation_request, administrator.accept_delegation_request, administrator.send_delegation_token):
        step(DelegationRequestId=made)
    return made, partner.told(made)["TradeInToken"]


def require_expired(refused: Any, partner: Partner, token: str) -> None:
    assert refused(partner.client("sts").get_delegated_access_token, TradeInToken=token)[:2] == EXPIRED


def role_client(akia: Any, administrator: Any, trust: dict[str, Any] | None = None, **options: Any) -> Any:
    """IAM as a session of a role that may do everything."""
    statement = {"Effect": "Allow", "Principal": {"AWS": akia.account}, "Action": ["sts:AssumeRole", "sts:TagSession"]}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust or statement]})
    role = administrator.create_role(RoleName="approver", AssumeRolePolicyDocument=document)["Role"]["Arn"]
    administrator.attach_role_policy(RoleName="approver", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
    made = akia.client("sts", akia.admin).assume_role(RoleArn=role, RoleSessionName="session", **options)["Credentials"]
    return akia.client("iam", KeyPair(made["AccessKeyId"], made["SecretAccessKey"]), token=made["SessionToken"])


class TestWhatItMay:
    def test_the_partner_acts_as_the_approver_within_the_policy(
        self, akia: Any, administrator: Any, partner: Partner, refused: Any
    ) -> None:
        answer = partner.access(administrator, partner.request())
        assert answer["AssumedPrincipal"] == f"arn:aws:iam::{akia.account}:user/administrator"
        assert 0 < answer["PackedPolicySize"] < 100
        delegated = signed(akia, answer, "iam")
        assert signed(akia, answer, "sts").get_caller_identity()["Arn"] == f"arn:aws:iam::{akia.account}:user/administrator"
        assert [user["UserName"] for user in delegated.list_users()["Users"]] == ["administrator"]
        code, _, message = refused(delegated.list_roles)
        assert code == "AccessDenied"
        assert "session policy" in message

    def test_it_is_never_more_than_the_approver_may(self, akia: Any, partner: Partner, refused: Any) -> None:
        steps = ["iam:AssociateDelegationRequest", "iam:AcceptDelegationRequest", "iam:SendDelegationToken", "iam:ListUsers"]
        person = akia.person("small", {"Action": steps})
        answer = partner.access(person.client("iam"), partner.request(partner.template(EVERYTHING)))
        delegated = signed(akia, answer, "iam")
        assert delegated.list_users()
        assert refused(delegated.list_roles)[0] == "AccessDenied"
        akia.client("iam").delete_user_policy(UserName="small", PolicyName="test")
        assert refused(delegated.list_users)[0] == "AccessDenied"

    def test_of_root_too_only_the_policy(self, akia: Any, partner: Partner, refused: Any) -> None:
        answer = partner.access(akia.client("iam"), partner.request())
        assert answer["AssumedPrincipal"] == f"arn:aws:iam::{akia.account}:root"
        delegated = signed(akia, answer, "iam")
        assert delegated.list_users()
        assert refused(delegated.list_roles)[0] == "AccessDenied"

    def test_of_a_role_the_session_that_accepted(self, akia: Any, administrator: Any, partner: Partner, refused: Any) -> None:
        client = role_client(akia, administrator, Tags=[{"Key": "team", "Value": "blue"}])
        condition = {"StringEquals": {"aws:PrincipalTag/team": "blue"}}
        answer = partner.access(client, partner.request(partner.template({**TEMPLATE, "Condition": condition})))
        assert answer["AssumedPrincipal"] == f"arn:aws:sts::{akia.account}:assumed-role/approver/session"
        delegated = signed(akia, answer, "iam")
        assert delegated.list_users()
        assert refused(delegated.list_roles)[0] == "AccessDenied"

    def test_what_a_resource_grants_its_approver_by_name_does_not_widen_it(
        self, akia: Any, administrator: Any, partner: Partner, refused: Any
    ) -> None:
        trust = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{akia.account}:user/administrator"}, "Action": "sts:AssumeRole"}
        document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
        role = administrator.create_role(RoleName="trusting", AssumeRolePolicyDocument=document)["Role"]["Arn"]
        own = akia.client("sts", akia.admin)
        assert own.assume_role(RoleArn=role, RoleSessionName="session")
        delegated = signed(akia, partner.access(administrator, partner.request()), "sts")
        assert refused(delegated.assume_role, RoleArn=role, RoleSessionName="session")[0] == "AccessDenied"
        may = partner.template({"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": role})
        answer = partner.access(administrator, partner.request(may, SessionDuration=900))
        taken = signed(akia, answer, "sts").assume_role(RoleArn=role, RoleSessionName="session")
        assert taken["Credentials"]["Expiration"] <= answer["Credentials"]["Expiration"]

    def test_even_a_resource_that_is_open_to_all_is_closed_to_it(
        self, akia: Any, administrator: Any, partner: Partner, refused: Any
    ) -> None:
        trust = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
        document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
        role = administrator.create_role(RoleName="open", AssumeRolePolicyDocument=document)["Role"]["Arn"]
        client = role_client(akia, administrator)
        for approver in (administrator, client):
            delegated = signed(akia, partner.access(approver, partner.request()), "sts")
            assert refused(delegated.assume_role, RoleArn=role, RoleSessionName="session")[0] == "AccessDenied"

    def test_the_approvers_second_factor_is_not_passed_on(self, akia: Any, administrator: Any, partner: Partner, refused: Any) -> None:
        condition = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
        answer = partner.access(administrator, partner.request(partner.template({**TEMPLATE, "Condition": condition})))
        assert refused(signed(akia, answer, "iam").list_users)[0] == "AccessDenied"

    def test_sessions_that_are_limited_themselves_cannot_accept(
        self, akia: Any, administrator: Any, partner: Partner, refused: Any
    ) -> None:
        limited = role_client(akia, administrator, Policy=json.dumps({"Version": "2012-10-17", "Statement": [EVERYTHING]}))
        delegated = signed(akia, partner.access(administrator, partner.request(partner.template(EVERYTHING))), "iam")
        for client in (limited, delegated):
            made = partner.request()
            client.associate_delegation_request(DelegationRequestId=made)
            assert refused(client.accept_delegation_request, DelegationRequestId=made)[:2] == ("AccessDenied", 403)

    def test_it_makes_no_sessions_of_its_own(self, akia: Any, administrator: Any, partner: Partner, refused: Any) -> None:
        answer = partner.access(administrator, partner.request(partner.template(EVERYTHING)))
        assert refused(signed(akia, answer, "sts").get_session_token)[0] == "AccessDenied"


class TestTheToken:
    def test_it_can_be_traded_in_once(self, administrator: Any, partner: Partner, refused: Any) -> None:
        made, token = token_of(administrator, partner)
        assert partner.trade(token)
        require_expired(refused, partner, token)
        told = partner.told(made)
        assert told["State"] == "FINALIZED"
        assert "TradeInToken" not in told

    def test_it_is_good_for_the_requestor_alone(self, akia: Any, administrator: Any, partner: Partner, refused: Any) -> None:
        _, token = token_of(administrator, partner)
        thief = Partner(akia, "777788889999")
        require_expired(refused, thief, token)
        assert refused(akia.client("sts", akia.admin).get_delegated_access_token, TradeInToken=token)[:2] == EXPIRED
        assert partner.trade(token)

    def test_whoever_trades_it_in_needs_permission(self, akia: Any, administrator: Any, partner: Partner, refused: Any) -> None:
        _, token = token_of(administrator, partner)
        client = partner.client()
        client.create_user(UserName="worker")
        made = client.create_access_key(UserName="worker")["AccessKey"]
        worker = akia.client("sts", KeyPair(made["AccessKeyId"], made["SecretAccessKey"]))
        assert refused(worker.get_delegated_access_token, TradeInToken=token)[0] == "AccessDenied"
        document = json.dumps({"Version": "2012-10-17", "Statement": [{**EVERYTHING, "Action": "sts:GetDelegatedAccessToken"}]})
        client.put_user_policy(UserName="worker", PolicyName="p", PolicyDocument=document)
        assert worker.get_delegated_access_token(TradeInToken=token)

    @pytest.mark.parametrize("token", ["akia-trade-in-x", "x", "é"])
    def test_what_never_was_one_is_told_like_one_that_is_too_old(
        self, administrator: Any, partner: Partner, refused: Any, token: str
    ) -> None:
        partner.request()
        require_expired(refused, partner, token)

    def test_its_time_begins_when_it_is_sent(self, akia: Any, administrator: Any, partner: Partner, refused: Any) -> None:
        made, token = token_of(administrator, partner, SessionDuration=3_600)
        age(akia, made, 3_000)
        answer = partner.trade(token)
        ends = answer["Credentials"]["Expiration"].timestamp()
        assert ends == akia.akia.store.delegation_requests.get(made).sent + 3_600

        made, token = token_of(administrator, partner, SessionDuration=3_600)
        age(akia, made, 3_601)
        require_expired(refused, partner, token)
        assert "TradeInToken" not in partner.told(made)

    def test_a_rejected_request_has_none(self, administrator: Any, partner: Partner, refused: Any) -> None:
        made = partner.request()
        administrator.associate_delegation_request(DelegationRequestId=made)
        administrator.accept_delegation_request(DelegationRequestId=made)
        assert "TradeInToken" not in partner.told(made)
        administrator.reject_delegation_request(DelegationRequestId=made)
        assert refused(administrator.send_delegation_token, DelegationRequestId=made)[0] == "InvalidInput"

    def test_nothing_in_the_database_is_the_token(self, akia: Any, administrator: Any, partner: Partner) -> None:
        _, token = token_of(administrator, partner)
        partner.trade(token)
        akia.akia.authority.drain()
        store = akia.akia.store
        store.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        kept = b"".join(path.read_bytes() for path in akia.directory.rglob("*") if path.is_file())
        assert token.encode() not in kept
        assert b"akia-trade-in-" not in kept

    def test_a_sealed_token_of_another_request_does_not_open(self, akia: Any, administrator: Any, partner: Partner) -> None:
        from dataclasses import replace

        from akia.keyring import Unsealable

        store = akia.akia.store
        (one, _), (two, _) = token_of(administrator, partner), token_of(administrator, partner)
        swapped = replace(store.delegation_requests.get(one), sealed=store.delegation_requests.get(two).sealed)
        with pytest.raises(Unsealable):
            store.delegation_requests.token_of(swapped)
        assert "akia-trade-in" not in repr(store.delegation_requests.get(one))


class TestItsEnd:
    def delegated(self, akia: Any, approver: Any, partner: Partner) -> tuple[Any, str]:
        """A client with delegated credentials, and a second token that is not traded in yet."""
        client = signed(akia, partner.access(approver, partner.request()), "iam")
        assert client.list_users()
        return client, token_of(approver, partner)[1]

    def test_it_dies_with_its_approver_and_a_namesake_is_somebody_else(
        self, akia: Any, administrator: Any, partner: Partner, refused: Any
    ) -> None:
        person = akia.person("mortal", {"Action": "iam:*"})
        delegated, token = self.delegated(akia, person.client("iam"), partner)
        administrator.delete_user_policy(UserName="mortal", PolicyName="test")
        administrator.delete_access_key(UserName="mortal", AccessKeyId=person.key.access_key_id)
        administrator.delete_user(UserName="mortal")
        akia.person("mortal", {"Action": "iam:*"})
        assert refused(delegated.list_users)[:2] == ("InvalidClientTokenId", 403)
        require_expired(refused, partner, token)

    def test_it_dies_with_its_approvers_role(self, akia: Any, administrator: Any, partner: Partner, refused: Any) -> None:
        delegated, token = self.delegated(akia, role_client(akia, administrator), partner)
        administrator.detach_role_policy(RoleName="approver", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
        administrator.delete_role(RoleName="approver")
        assert refused(delegated.list_users)[:2] == ("InvalidClientTokenId", 403)
        require_expired(refused, partner, token)

    def test_nt_29_it_never_outlives_the_session_that_accepted(self, akia: Any, administrator: Any, partner: Partner) -> None:
        client = role_client(akia, administrator, DurationSeconds=900)
        answer = partner.access(client, partner.request(SessionDuration=43_200))
        left = answer["Credentials"]["Expiration"].timestamp() - time.time()
        assert 0 < left <= 900

    def test_nt_29_it_never_outlives_the_key_that_accepted(self, akia: Any, administrator: Any, partner: Partner) -> None:
        end = datetime.fromtimestamp(int(time.time()) + 600, UTC)
        akia.client("akia").put_access_key_restrictions(AccessKeyId=akia.admin.access_key_id, Restrictions={"ExpiresAt": end})
        assert partner.access(administrator, partner.request(SessionDuration=3_600))["Credentials"]["Expiration"] == end

    def test_a_token_of_a_session_that_was_revoked_is_worth_nothing(
        self, akia: Any, administrator: Any, partner: Partner, refused: Any
    ) -> None:
        client = role_client(akia, administrator)
        made, token = token_of(client, partner)
        store = akia.akia.store
        approver = json.loads(store.delegation_requests.get(made).approver)
        store.connection.begin_immediate()
        store.sessions.revoke(approver["session"], approver["expires"])
        store.connection.commit()
        require_expired(refused, partner, token)

    def test_a_finalized_request_expires_with_its_token(self, akia: Any, administrator: Any, partner: Partner, refused: Any) -> None:
        made, token = token_of(administrator, partner)
        age(akia, made, 7 * DAY + 1)
        require_expired(refused, partner, token)


class TestAccounting:
    def test_every_call_names_the_account_that_acts_as_somebody_else(self, akia: Any, administrator: Any, partner: Partner) -> None:
        for approver in (administrator, akia.client("iam"), role_client(akia, administrator)):
            answer = partner.access(approver, partner.request())
            signed(akia, answer, "iam").list_users()
            akia.akia.authority.drain()
            key = {"AttributeKey": "AccessKeyId", "AttributeValue": answer["Credentials"]["AccessKeyId"]}
            [event] = akia.client("cloudtrail").lookup_events(LookupAttributes=[key])["Events"]
            identity = json.loads(event["CloudTrailEvent"])["userIdentity"]
            assert identity["invokedByDelegate"] == {"accountId": PARTNER}
            assert identity["accountId"] == akia.account

    def test_roles_taken_by_delegation_are_still_used_by_delegation(
        self, akia: Any, administrator: Any, partner: Partner, refused: Any
    ) -> None:
        role_client(akia, administrator)
        role = f"arn:aws:iam::{akia.account}:role/approver"
        answer = partner.access(
            administrator, partner.request(partner.template({"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": role}))
        )
        taken = signed(akia, answer, "sts").assume_role(RoleArn=role, RoleSessionName="session")
        client = signed(akia, taken, "iam")
        client.list_roles()
        akia.akia.authority.drain()
        key = {"AttributeKey": "AccessKeyId", "AttributeValue": taken["Credentials"]["AccessKeyId"]}
        [event] = akia.client("cloudtrail").lookup_events(LookupAttributes=[key])["Events"]
        assert json.loads(event["CloudTrailEvent"])["userIdentity"]["invokedByDelegate"] == {"accountId": PARTNER}
        made = partner.request()
        client.associate_delegation_request(DelegationRequestId=made)
        assert refused(client.accept_delegation_request, DelegationRequestId=made)[:2] == ("AccessDenied", 403)

    def test_root_sessions_taken_by_delegation_are_used_by_delegation(self, akia: Any, administrator: Any, partner: Partner) -> None:
        organization = Organization(akia)
        organization.client.enable_aws_service_access(ServicePrincipal="iam.amazonaws.com")
        administrator.enable_organizations_root_sessions()
        member = organization.account()
        template = partner.template({"Effect": "Allow", "Action": "sts:AssumeRoot", "Resource": "*"})
        delegated = signed(akia, partner.access(administrator, partner.request(template)), "sts")
        audit = {"arn": "arn:aws:iam::aws:policy/root-task/IAMAuditRootUserCredentials"}
        signed(akia, delegated.assume_root(TargetPrincipal=member.id, TaskPolicyArn=audit), "iam").list_access_keys()
        akia.akia.authority.drain()
        called = {"AttributeKey": "EventName", "AttributeValue": "ListAccessKeys"}
        [event] = member.client("cloudtrail").lookup_events(LookupAttributes=[called])["Events"]
        assert json.loads(event["CloudTrailEvent"])["userIdentity"]["invokedByDelegate"] == {"accountId": PARTNER}

    def test_nobody_elses_calls_do(self, akia: Any, administrator: Any) -> None:
        administrator.list_users()
        akia.akia.authority.drain()
        event = akia.client("cloudtrail").lookup_events()["Events"][0]
        assert "invokedByDelegate" not in json.loads(event["CloudTrailEvent"])["userIdentity"]

    def test_the_events_of_the_exchange_hold_no_secret(self, akia: Any, administrator: Any, partner: Partner) -> None:
        _, token = token_of(administrator, partner)
        answer = partner.trade(token)["Credentials"]
        akia.akia.authority.drain()
        records = [row[0] for row in akia.akia.store.connection.execute("SELECT record || decision FROM events")]
        assert any('"GetDelegatedAccessToken"' in record and answer["AccessKeyId"] in record for record in records)
        for secret in (token, answer["SecretAccessKey"], answer["SessionToken"]):
            assert not any(secret in record for record in records)


def test_contested_a_token_can_be_traded_in_once_only(administrator: Any, partner: Partner, refused: Any) -> None:
    """AWS does not say whether a partner may come back with the same token while the access lasts. Here a token that has leaked late is
    worthless, and a partner that finds its token used up knows that somebody else was there."""
    _, token = token_of(administrator, partner)
    partner.trade(token)
    require_expired(refused, partner, token)
