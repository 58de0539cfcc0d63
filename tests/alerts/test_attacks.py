"""Each rule against the attack that it is for, really performed, and against an ordinary day."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from tests.alerts.watch import ATTACKER, OFFICE, Watch, document, ordinary_day, pair, person, trust
from tests.attacks.signer import Signer, form
from tests.limiting import granted

from akia.alerts import NAMES, Thresholds
from akia.alerts_out import AlertSettings, ChannelSettings, Response
from akia.authority.facts import RequestFacts
from akia.aws.ids import new_guid
from akia.identity.access_key import KeyStatus
from akia.jobs.raise_alerts import MOST_APART
from akia.jobs.remind_owners import remind
from akia.pipeline.request import Request
from akia.store.founding import KeyPair
from akia.store.trail.event_row import EventRow

if TYPE_CHECKING:
    from akia.identity.alert import Alert

pytestmark = pytest.mark.covers("I5.alerts.rules", "C11", "D6")


@pytest.fixture
def watch(akia: Any) -> Watch:
    """An akia whose people have had a look around from the office."""
    akia.source_ip = OFFICE
    return Watch(akia)


def refuse(call: Any, times: int = 1, **arguments: Any) -> None:
    """Have `call` refused, several times."""
    for _ in range(times):
        with pytest.raises(ClientError):
            call(**arguments)


@pytest.mark.parametrize("settings", [None, AlertSettings()], ids=["nothing-is-learnt", "defaults"])
def test_on_ordinary_days_no_rule_speaks_but_of_a_new_habit(akia: Any, refused: Any, settings: AlertSettings | None) -> None:
    watch = Watch(akia, settings)
    akia.source_ip = OFFICE
    for service, call in (("iam", "list_users"), ("cloudtrail", "lookup_events"), ("sts", "get_caller_identity")):
        getattr(akia.client(service, akia.admin), call)()
    watch.alerts()
    before = len(watch.alerts())
    for day in "123":
        ordinary_day(akia, refused, day)
    told = watch.alerts()[before:]
    assert [alert.rule for alert in told if alert.rule != "new-service"] == []
    if settings is not None:
        assert watch.alerts() == []  # with the learning period not even that


def test_every_rule_has_its_attack_here() -> None:
    source = Path(__file__).read_text()
    assert [name for name in NAMES if f'"{name}"' not in source] == []


def test_a_stolen_key_comes_from_another_network_with_another_client_to_another_region_and_service(akia: Any, watch: Watch) -> None:
    key, client = person(akia, "alice", {"Action": "*"})
    client("iam").list_users()
    assert watch.rules() == ["access-widened"]  # a policy with the action * was given
    akia.source_ip = "203.0.113.77"  # the same network
    client("iam").list_users()
    assert len(watch.rules()) == 1
    akia.source_ip = ATTACKER
    thief = {"config": Config(user_agent="pacu/1.0"), "region": "eu-west-3"}
    client("accessanalyzer", **thief).list_analyzers()
    found = {alert.rule: alert for alert in watch.alerts()[1:]}
    assert set(found) == {"new-network", "new-user-agent", "new-region", "new-service", "impossible-overlap"}
    assert all(alert.subject == key.access_key_id for alert in found.values())
    assert found["new-network"].detail == "198.51.100.0/24"
    assert found["new-user-agent"].detail == "pacu"
    assert found["new-region"].detail == "eu-west-3"
    assert found["new-service"].detail == "access-analyzer"
    assert f"({key.access_key_id})" not in found["new-network"].summary and key.access_key_id in found["new-network"].summary
    client("accessanalyzer", **thief).list_analyzers()
    assert [alert.count for alert in watch.alerts()[1:]] == [1] * 5  # known by now


def test_sessions_of_a_role_share_their_habits(akia: Any, watch: Watch) -> None:
    _, client = person(akia, "bob", {"Action": "sts:AssumeRole"})
    iam = akia.client("iam", akia.admin)
    role = iam.create_role(RoleName="reader", AssumeRolePolicyDocument=trust({"AWS": akia.account}))["Role"]
    iam.put_role_policy(RoleName="reader", PolicyName="p", PolicyDocument=document({"Action": "iam:GetRole"}))

    def use() -> None:
        session = client("sts").assume_role(RoleArn=role["Arn"], RoleSessionName="ss")["Credentials"]
        akia.client("iam", pair(session), token=session["SessionToken"]).get_role(RoleName="reader")

    use()
    use()
    assert watch.alerts() == []
    akia.source_ip = ATTACKER
    use()
    assert ("new-network", role["Arn"]) in {(alert.rule, alert.subject) for alert in watch.alerts()}


def test_somebody_tries_what_a_key_may_do(akia: Any, watch: Watch) -> None:
    key, client = person(akia, "mallory")
    iam = client("iam")
    refuse(iam.list_users, 9)
    assert watch.alerts() == []
    for call in ("list_roles", "list_policies", "list_groups", "get_account_summary"):
        refuse(getattr(iam, call))
    [alert] = watch.alerts()
    assert (alert.rule, alert.severity, alert.subject, alert.count) == ("denial-burst", "HIGH", key.access_key_id, 4)
    assert len(alert.events) == 4
    assert looked_up(akia, "EventId", alert.events[0])["eventName"] == "ListRoles"


@pytest.mark.parametrize("end", ["Inactive", "deleted"])
def test_a_key_that_is_no_more_is_still_in_somebodys_hands(akia: Any, watch: Watch, end: str) -> None:
    key, client = person(akia, "alice")
    client("sts").get_caller_identity()
    iam = akia.client("iam", akia.admin)
    if end == "Inactive":
        iam.update_access_key(UserName="alice", AccessKeyId=key.access_key_id, Status="Inactive")
    else:
        iam.delete_access_key(UserName="alice", AccessKeyId=key.access_key_id)
    assert watch.alerts() == []
    akia.source_ip = ATTACKER
    refuse(client("sts").get_caller_identity)
    [alert] = watch.alerts()
    assert (alert.rule, alert.subject, alert.account) == ("dead-key-used", key.access_key_id, akia.account)
    assert ("inactive" if end == "Inactive" else "deleted") in alert.summary and ATTACKER in alert.summary


def told(watch: Watch) -> list[Alert]:
    """What is told of limits; what else is new about who calls so often is no matter here."""
    return [alert for alert in watch.alerts() if alert.rule == "limit-nearly-used"]


@pytest.mark.covers("G3")
def test_a_budget_is_nearly_used_up_and_then_used_up(akia: Any, watch: Watch) -> None:
    key, client = person(akia, "alice")
    own = akia.client("akia", akia.admin)
    own.put_limit(Scope="KEY", Subject=key.access_key_id, DailyBudget=10)
    sts = client("sts", config=Config(retries={"total_max_attempts": 1}))
    assert granted(sts.get_caller_identity, 7) == 7
    assert told(watch) == []
    assert granted(sts.get_caller_identity, 1) == 1
    [alert] = told(watch)
    assert (alert.rule, alert.severity, alert.subject) == ("limit-nearly-used", "LOW", key.access_key_id)
    assert "is used up by 80 %" in alert.summary
    assert granted(sts.get_caller_identity, 4) == 2
    assert [alert.count for alert in told(watch)] == [3]


def test_two_lookups_of_the_two_that_aws_allows_are_no_alert(akia: Any, watch: Watch) -> None:
    own = akia.client("akia", akia.admin)
    own.put_limit(Scope="ACCOUNT_OPERATION", Action="sts:GetCallerIdentity", Rate=2)
    _, client = person(akia, "alice")
    assert granted(client("sts").get_caller_identity, 2) == 2
    assert told(watch) == []


def test_a_deleted_key_that_was_never_used_is_known_too(akia: Any, watch: Watch) -> None:
    key, client = person(akia, "alice")
    akia.client("iam", akia.admin).delete_access_key(UserName="alice", AccessKeyId=key.access_key_id)
    refuse(client("sts").get_caller_identity)
    assert watch.rules() == ["dead-key-used"]


def test_a_key_that_never_was_is_noise(akia: Any, watch: Watch) -> None:
    refuse(akia.client("sts", KeyPair("AKIARZPUZDIKAAAAAAAA", "x" * 40)).get_caller_identity, 8)
    assert watch.alerts() == []


def test_somebody_guesses_the_secret_of_a_key(akia: Any, watch: Watch) -> None:
    key, _ = person(akia, "alice")
    forged = akia.client("sts", KeyPair(key.access_key_id, "x" * 40))
    refuse(forged.get_caller_identity, 4)
    assert watch.alerts() == []
    refuse(akia.client("cloudtrail", KeyPair(key.access_key_id, "y" * 40)).lookup_events)
    [alert] = watch.alerts()
    assert (alert.rule, alert.subject) == ("signature-failures", key.access_key_id)


def test_the_root_user_is_used(akia: Any, watch: Watch) -> None:
    akia.client("iam").list_users()
    akia.client("iam").list_users()
    [alert] = watch.alerts()
    assert (alert.rule, alert.count, alert.subject) == ("root-used", 2, f"arn:aws:iam::{akia.account}:root")


@pytest.mark.parametrize("apart", ["key", "session"])
def test_one_credential_is_used_in_two_places_at_once(akia: Any, apart: str) -> None:
    watch = Watch(akia, AlertSettings())  # no learning period keeps this one quiet
    akia.source_ip = OFFICE
    key, client = person(akia, "alice", {"Action": "sts:GetSessionToken"})
    subject, use = key.access_key_id, client("sts")
    if apart == "session":
        made = use.get_session_token()["Credentials"]
        subject, use = made["AccessKeyId"], akia.client("sts", pair(made), token=made["SessionToken"])
    use.get_caller_identity()
    akia.source_ip = "203.0.200.1"  # another network of the same provider
    use.get_caller_identity()
    assert watch.alerts() == []
    akia.source_ip = ATTACKER
    use.get_caller_identity()
    [alert] = watch.alerts()
    assert (alert.rule, alert.subject) == ("impossible-overlap", subject)
    assert "203.0.200.1" in alert.summary and ATTACKER in alert.summary


@pytest.mark.parametrize("verified", [True, False])
def test_a_honeytoken_by_setting_is_touched(akia: Any, verified: bool) -> None:
    key, _ = person(akia, "bait")
    watch = Watch(akia, AlertSettings(honeytokens=(key.access_key_id,)))
    secret = key.secret_access_key if verified else "x" * 40
    use = akia.client("sts", KeyPair(key.access_key_id, secret)).get_caller_identity
    use() if verified else refuse(use)
    [alert] = watch.alerts()
    assert (alert.rule, alert.severity, alert.subject) == ("honeytoken-used", "CRITICAL", key.access_key_id)
    assert ("without a valid signature" in alert.summary) is not verified


def test_a_honeytoken_by_tag_is_touched_and_its_making_is_not_its_use(akia: Any, watch: Watch) -> None:
    _, client = person(akia, "bait", tags={"akia:honeytoken": ""})
    assert watch.alerts() == []
    client("sts").get_caller_identity()
    [alert] = watch.alerts()
    assert (alert.rule, alert.subject) == ("honeytoken-used", f"arn:aws:iam::{akia.account}:user/bait")


def test_a_user_becomes_a_honeytoken_and_ceases_to_be_one(akia: Any, watch: Watch) -> None:
    iam = akia.client("iam", akia.admin)
    _, client = person(akia, "bait")
    client("sts").get_caller_identity()
    assert watch.alerts() == []
    iam.tag_user(UserName="bait", Tags=[{"Key": "akia:honeytoken", "Value": "x"}])
    client("sts").get_caller_identity()
    assert watch.rules() == ["honeytoken-used"]
    iam.untag_user(UserName="bait", TagKeys=["akia:honeytoken"])
    client("sts").get_caller_identity()
    assert [alert.count for alert in watch.alerts()] == [1]


def test_a_role_can_be_a_honeytoken(akia: Any, watch: Watch) -> None:
    _, client = person(akia, "bob", {"Action": "sts:AssumeRole"})
    role = akia.client("iam", akia.admin).create_role(
        RoleName="vault", AssumeRolePolicyDocument=trust({"AWS": akia.account}), Tags=[{"Key": "akia:honeytoken", "Value": "x"}]
    )["Role"]
    session = client("sts").assume_role(RoleArn=role["Arn"], RoleSessionName="ss")["Credentials"]
    akia.client("sts", pair(session), token=session["SessionToken"]).get_caller_identity()
    assert [(alert.rule, alert.subject) for alert in watch.alerts()] == [("honeytoken-used", role["Arn"])]


def test_a_session_of_a_honeytoken_is_one_too(akia: Any) -> None:
    """The thief has made it before, or an hour ago, when the first alert was."""
    watch = Watch(akia)
    _, client = person(akia, "bait", {"Action": "*"}, tags={"akia:honeytoken": ""})
    session = client("sts").get_session_token()["Credentials"]
    watch.alerts()
    akia.akia.store.connection.execute("DELETE FROM alerts")
    akia.client("sts", pair(session), token=session["SessionToken"]).get_caller_identity()
    assert [(alert.rule, alert.subject) for alert in watch.alerts()] == [("honeytoken-used", f"arn:aws:iam::{akia.account}:user/bait")]


def test_a_federated_session_by_the_name_of_a_honeytoken_is_none(akia: Any) -> None:
    watch = Watch(akia)
    _, client = person(akia, "broker", {"Action": "*"})
    person(akia, "bait", tags={"akia:honeytoken": ""})
    session = client("sts").get_federation_token(Name="bait")["Credentials"]
    akia.client("sts", pair(session), token=session["SessionToken"]).get_caller_identity()
    assert "honeytoken-used" not in watch.rules()


WIDE, NARROW = document({"Action": "iam:List*"}), document({"Action": "iam:ListUsers"})
EVERYTHING = document({"Action": "*"})
DENYING = document({"Effect": "Deny", "Action": "s3:*"})


def _inline(iam: Any, first: str, then: str) -> None:
    for text in (first, then):
        iam.put_user_policy(UserName="alice", PolicyName="p", PolicyDocument=text)


def _managed(iam: Any, first: str, then: str) -> None:
    arn = iam.create_policy(PolicyName="m", PolicyDocument=first)["Policy"]["Arn"]
    iam.create_policy_version(PolicyArn=arn, PolicyDocument=then, SetAsDefault=True)


def _switched(iam: Any, first: str, then: str) -> None:
    arn = iam.create_policy(PolicyName="m", PolicyDocument=first)["Policy"]["Arn"]
    iam.create_policy_version(PolicyArn=arn, PolicyDocument=then)
    iam.set_default_policy_version(PolicyArn=arn, VersionId="v2")


@pytest.mark.parametrize("change", [_inline, _managed, _switched])
def test_a_policy_is_widened_and_a_tightened_one_is_no_matter(akia: Any, watch: Watch, change: Any) -> None:
    iam = akia.client("iam", akia.admin)
    iam.create_user(UserName="alice")
    change(iam, NARROW, WIDE)
    [alert] = watch.alerts()
    assert alert.rule == "access-widened" and "has widened a policy" in alert.summary


@pytest.mark.parametrize("change", [_inline, _managed, _switched])
def test_a_policy_is_tightened(akia: Any, watch: Watch, change: Any) -> None:
    iam = akia.client("iam", akia.admin)
    iam.create_user(UserName="alice")
    change(iam, WIDE, NARROW)
    assert watch.alerts() == []


def test_power_over_permissions_is_given(akia: Any, watch: Watch) -> None:
    iam = akia.client("iam", akia.admin)
    iam.create_user(UserName="alice")
    iam.attach_user_policy(UserName="alice", PolicyArn="arn:aws:iam::aws:policy/AmazonS3FullAccess")
    assert watch.alerts() == []
    iam.attach_user_policy(UserName="alice", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
    iam.create_group(GroupName="g")
    iam.put_group_policy(GroupName="g", PolicyName="p", PolicyDocument=document({"Action": "iam:Put*"}))
    assert [alert.rule for alert in watch.alerts()] == ["access-widened"] * 2
    assert all("power over permissions" in alert.summary for alert in watch.alerts())


def test_a_role_lets_in_the_world_or_somebody_else(akia: Any, watch: Watch) -> None:
    iam = akia.client("iam", akia.admin)
    iam.create_role(RoleName="open", AssumeRolePolicyDocument=trust({"AWS": "*"}))
    iam.create_role(RoleName="ours", AssumeRolePolicyDocument=trust({"AWS": akia.account}))
    [alert] = watch.alerts()
    assert "let in the world" in alert.summary and "role open" in alert.summary
    iam.update_assume_role_policy(RoleName="ours", PolicyDocument=trust({"AWS": ["999999999999", akia.account]}))
    assert "has widened a policy" in watch.alerts()[1].summary


def test_what_limited_somebody_is_taken_away(akia: Any, watch: Watch) -> None:
    iam = akia.client("iam", akia.admin)
    iam.create_user(UserName="alice", PermissionsBoundary="arn:aws:iam::aws:policy/ReadOnlyAccess")
    iam.put_user_policy(UserName="alice", PolicyName="no", PolicyDocument=DENYING)
    iam.put_user_policy(UserName="alice", PolicyName="yes", PolicyDocument=NARROW)
    quarantine = "arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV3"
    iam.attach_user_policy(UserName="alice", PolicyArn=quarantine)
    iam.delete_user_policy(UserName="alice", PolicyName="yes")
    assert watch.alerts() == []
    iam.delete_user_permissions_boundary(UserName="alice")
    iam.delete_user_policy(UserName="alice", PolicyName="no")
    iam.detach_user_policy(UserName="alice", PolicyArn=quarantine)
    assert {alert.detail for alert in watch.alerts()} == {"DeleteUserPermissionsBoundary", "DeleteUserPolicy", "DetachUserPolicy"}


def test_a_change_that_was_refused_widens_nothing(akia: Any, watch: Watch) -> None:
    _, client = person(akia, "mallory")
    refuse(client("iam").put_user_policy, UserName="mallory", PolicyName="p", PolicyDocument=EVERYTHING)
    assert watch.alerts() == []


def test_an_expired_session_is_used_again_and_again(akia: Any, watch: Watch) -> None:
    """Its holder signs thirteen hours later, and that is when akia gets it."""
    _, client = person(akia, "alice", {"Action": "sts:GetSessionToken"})
    session = client("sts").get_session_token()["Credentials"]
    akia.client("sts", pair(session), token=session["SessionToken"]).get_caller_identity()
    holder, later = Signer.of(pair(session), session["SessionToken"]), time.time() + 13 * 3600
    for number in range(20):
        facts = RequestFacts(new_guid(), later + number, OFFICE, secure=False, user_agent="", host="akia.local:2542")
        call = holder.header(form("GetCallerIdentity", "sts"), "sts", at=later + number)
        answer = akia.akia.direct().answer(Request(call, facts))
        assert (answer.status, b"<Code>ExpiredToken</Code>" in answer.body) == (403, True)
        if number == 18:
            assert watch.alerts() == []
    [alert] = watch.alerts()
    assert (alert.rule, alert.subject) == ("expired-session", session["AccessKeyId"])


def test_sign_ins_fail(akia: Any, watch: Watch) -> None:
    """There is no sign-in yet, the one rule whose attack cannot be performed: events as CloudTrail has them."""
    for number in range(6):
        record = {
            "eventName": "ConsoleLogin",
            "userIdentity": {"type": "IAMUser", "userName": "alice", "accountId": akia.account},
            "sourceIPAddress": ATTACKER,
            "errorMessage": "Failed authentication",
            "responseElements": {"ConsoleLogin": "Failure" if number else "Success"},
        }
        at = 1_000_000 + number
        add_event(
            akia,
            EventRow(
                f"e{number}", f"r{number}", akia.account, at, "ConsoleLogin", "signin.amazonaws.com", "alice", "", False, False, "",
                "us-east-1", json.dumps(record), "[]",
            ),
        )  # fmt: skip
        if number == 4:
            assert watch.alerts() == []
    [alert] = watch.alerts()
    assert (alert.rule, alert.subject) == ("sign-in-failures", f"{akia.account}/alice")


def looked_up(akia: Any, attribute: str, value: str) -> Any:
    """The record of the newest event that LookupEvents finds."""
    found = akia.client("cloudtrail", akia.admin).lookup_events(LookupAttributes=[{"AttributeKey": attribute, "AttributeValue": value}])
    return json.loads(found["Events"][0]["CloudTrailEvent"])


def add_event(akia: Any, event: EventRow) -> None:
    akia.akia.store.events.add([event])


@pytest.mark.covers("E8", "I6.compromise.alert")
def test_a_key_is_reported_compromised(akia: Any, watch: Watch) -> None:
    key, _ = person(akia, "alice")
    report = akia.client("akia", akia.admin).report_compromised_key(AccessKeyId=key.access_key_id)["Report"]
    [alert] = [alert for alert in watch.alerts() if alert.rule == "credentials-exposed"]
    assert (alert.subject, alert.severity) == (key.access_key_id, "CRITICAL")
    assert report["ReportId"] in alert.summary and "user/administrator" in alert.summary
    record = looked_up(akia, "EventName", "AWS_RISK_CREDENTIALS_EXPOSED")
    assert (record["eventType"], record["eventSource"]) == ("AwsServiceEvent", "health.amazonaws.com")
    assert record["requestParameters"]["accessKeyId"] == key.access_key_id


@pytest.mark.covers("I6.reminders")
def test_a_key_is_about_to_expire(akia: Any, watch: Watch) -> None:
    key, _ = person(akia, "alice")
    end = datetime.now(UTC).replace(microsecond=0) + timedelta(days=5)
    akia.client("akia", akia.admin).put_access_key_restrictions(AccessKeyId=key.access_key_id, Restrictions={"ExpiresAt": end})
    assert remind(akia.account, key.access_key_id, akia.akia.store, int(time.time()))
    [alert] = [alert for alert in watch.alerts() if alert.rule == "key-expires"]
    assert alert.summary == f"The key {key.access_key_id} of alice expires within 7 days, at {end:%Y-%m-%dT%H:%M:%SZ}. Rotate it."


@pytest.mark.covers("I5.alerts.responses", "I6.compromise.alert")
def test_akia_contains_a_key_by_itself_once_if_it_is_told_to(akia: Any) -> None:
    key, client = person(akia, "bait", {"Action": "*"}, tags={"akia:honeytoken": ""})
    watch = Watch(akia, AlertSettings(responses={"honeytoken-used": Response.CONTAIN}, off=("access-widened",)))
    session = client("sts").get_session_token()["Credentials"]
    watch.alerts()
    found = {alert.rule: alert for alert in watch.alerts()}  # with the one about what was done at the first
    assert set(found) == {"honeytoken-used", "credentials-exposed"}
    [report] = akia.client("akia").list_compromise_reports()["Reports"]
    assert (report["AccessKeyId"], report["ReportedBy"]) == (key.access_key_id, "akia alerts")
    assert found["honeytoken-used"].response == f"contained the key {key.access_key_id}: report {report['ReportId']}"
    assert found["honeytoken-used"].id != found["credentials-exposed"].id
    refuse(client("sts").get_caller_identity)
    refuse(akia.client("sts", pair(session), token=session["SessionToken"]).get_caller_identity)
    watch.alerts()
    assert len(akia.client("akia").list_compromise_reports()["Reports"]) == 1


RESPONSES = [Response.DEACTIVATE_KEY, Response.QUARANTINE]


@pytest.mark.parametrize("action", RESPONSES)
@pytest.mark.covers("I5.alerts.responses")
def test_akia_answers_by_itself_if_it_is_told_to_and_the_answer_is_on_record(akia: Any, action: Response) -> None:
    _, client = person(akia, "bait", {"Action": "iam:CreateUser"}, tags={"akia:honeytoken": ""})
    watch = Watch(akia, AlertSettings(responses={"honeytoken-used": action}))
    client("sts").get_caller_identity()
    [alert] = watch.alerts()
    iam = akia.client("iam", akia.admin)
    if action is Response.DEACTIVATE_KEY:
        refuse(client("sts").get_caller_identity)
        assert iam.list_access_keys(UserName="bait")["AccessKeyMetadata"][0]["Status"] == "Inactive"
        wanted = "UpdateAccessKey"
    else:
        with pytest.raises(ClientError, match="explicit deny"):
            client("iam").create_user(UserName="mallory")
        wanted = "AttachUserPolicy"
    assert alert.response
    record = looked_up(akia, "EventName", wanted)
    assert record["eventType"] == "AwsServiceEvent" and record["userIdentity"] == {"type": "AWSService", "invokedBy": "akia alerts"}
    assert record["requestParameters"]["userName"] == "bait"


@pytest.mark.covers("I5.alerts.responses")
def test_nt_93_who_only_knows_an_id_cannot_have_the_key_switched_off(akia: Any) -> None:
    key, client = person(akia, "alice", tags={"akia:honeytoken": ""})
    watch = Watch(akia, AlertSettings(responses=dict.fromkeys(NAMES, Response.DEACTIVATE_KEY)))
    refuse(akia.client("sts", KeyPair(key.access_key_id, "x" * 40)).get_caller_identity, 10)
    assert {alert.rule for alert in watch.alerts()} == {"honeytoken-used", "signature-failures"}
    assert {alert.response for alert in watch.alerts()} == {""}
    client("sts").get_caller_identity()  # now it is proven, and folded into the same alert
    assert {alert.response for alert in watch.alerts()} == {"", f"deactivated the key {key.access_key_id}"}


@pytest.mark.covers("I5.alerts.responses")
def test_every_key_of_a_honeytoken_is_answered_once_also_within_one_alert(akia: Any) -> None:
    first, client = person(akia, "bait", tags={"akia:honeytoken": ""})
    iam = akia.client("iam", akia.admin)
    second = pair(iam.create_access_key(UserName="bait")["AccessKey"])
    watch = Watch(akia, AlertSettings(responses={"honeytoken-used": Response.DEACTIVATE_KEY}))
    client("sts").get_caller_identity()
    watch.alerts()
    akia.client("sts", second).get_caller_identity()
    [alert] = watch.alerts()
    assert alert.response == f"deactivated the key {first.access_key_id}; deactivated the key {second.access_key_id}"
    assert {key["Status"] for key in iam.list_access_keys(UserName="bait")["AccessKeyMetadata"]} == {"Inactive"}
    iam.update_access_key(UserName="bait", AccessKeyId=first.access_key_id, Status="Active")  # somebody has looked into it
    client("sts").get_caller_identity()
    assert [each.response for each in watch.alerts()] == [alert.response]
    client("sts").get_caller_identity()


@pytest.mark.covers("I5.alerts.responses")
@pytest.mark.parametrize("action", list(Response))
def test_nothing_is_ever_done_by_itself_to_the_root_user(akia: Any, action: Response) -> None:
    watch = Watch(akia, AlertSettings(responses=dict.fromkeys(NAMES, action)))
    akia.client("iam").list_users()
    assert [(alert.rule, alert.response) for alert in watch.alerts()] == [("root-used", "")]
    akia.client("iam").list_users()


@pytest.mark.covers("I5.alerts.responses")
def test_an_answer_that_fails_costs_neither_the_alert_nor_the_events_after_it(
    akia: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """It used to be tried again for ever, and no rule saw anything any more."""

    def fail(store: Any, key: Any, *_: Any, **__: Any) -> None:
        store.access_keys.set_status(key.id, KeyStatus.INACTIVE)
        raise KeyError("s3cret")

    monkeypatch.setattr("akia.jobs.respond.contain", fail)
    _, client = person(akia, "bait", tags={"akia:honeytoken": ""})
    watch = Watch(akia, AlertSettings(responses={"honeytoken-used": Response.CONTAIN}))
    client("sts").get_caller_identity()
    akia.client("iam").list_users()
    assert sorted((alert.rule, alert.response) for alert in watch.alerts()) == [("honeytoken-used", ""), ("root-used", "")]
    client("sts").get_caller_identity()  # half of an answer is none
    assert "nothing is done about the alert" in caplog.text and "s3cret" not in caplog.text


@pytest.mark.covers("I5.alerts.responses")
def test_by_default_nothing_is_done(akia: Any) -> None:
    _, client = person(akia, "bait", tags={"akia:honeytoken": ""})
    client("sts").get_caller_identity()
    assert [alert.response for alert in Watch(akia, AlertSettings()).alerts()] == [""]
    client("sts").get_caller_identity()


def test_a_rule_that_is_off_is_silent(akia: Any) -> None:
    akia.client("iam").list_users()
    assert Watch(akia, AlertSettings(off=("root-used",))).alerts() == []


def test_whoever_invents_clients_by_the_dozen_calls_people_twenty_times_and_no_more(akia: Any) -> None:
    channel = ChannelSettings("ops", "webhook", url="https://x")
    watch = Watch(akia, AlertSettings(thresholds=Thresholds(learning_seconds=0), channels=(channel,)))
    _, client = person(akia, "alice")
    for number in range(30):
        client("sts", config=Config(user_agent=f"invented{number}/1")).get_caller_identity()
    alerts = [alert for alert in watch.alerts() if alert.rule == "new-user-agent"]
    assert sorted(alert.count for alert in alerts) == [*[1] * (MOST_APART - 1), 30 - MOST_APART]
    assert akia.akia.store.alert_messages.count() == MOST_APART
    assert len({event for alert in alerts for event in alert.events}) == 29, (
        "every event is named all the same, but the first that is learnt"
    )


def test_findings_alike_are_one_alert_for_a_while_and_then_another(akia: Any) -> None:
    watch = Watch(akia, AlertSettings(thresholds=Thresholds(fold_seconds=60)))
    akia.client("iam").list_users()
    first = watch.alerts()[0]
    akia.akia.store.connection.execute("UPDATE alerts SET first_ms = first_ms - 61000")
    akia.client("iam").list_users()
    akia.client("iam").list_users()
    assert [(alert.id == first.id, alert.count) for alert in watch.alerts()] == [(True, 1), (False, 2)]
