"""NT-04, NT-05, NT-11, NT-87, NT-92: signatures of another time, region, service or account."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from tests.attacks.signer import HOST, Signer, form, json_call, timestamp, with_header

if TYPE_CHECKING:
    from tests.attacks.refusals import Observer
    from tests.conftest import Person, World

NOW = 1_790_000_000.0
"""2026-09-21T14:13:20Z, far from midnight."""
MINUTE = 60
LOOK_UP = "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.LookupEvents"


@pytest.mark.parametrize("age", [0, 14 * MINUTE + 59, -14 * MINUTE - 59])
def test_nt_04_clock_window_within_fifteen_minutes_passes(observer: Observer, signer: Signer, age: int) -> None:
    observer.accepted(signer.header(form("ListUsers"), at=NOW - age), received=NOW)
    observer.accepted(signer.query({"Action": "ListUsers"}, at=NOW - age), received=NOW)


@pytest.mark.parametrize("age", [15 * MINUTE + 1, -15 * MINUTE - 1, 86_400, -86_400, 5 * 365 * 86_400])
def test_nt_04_clock_window_beyond_fifteen_minutes_is_refused(observer: Observer, signer: Signer, age: int) -> None:
    words = "Signature expired: " if age > 0 else "Signature not yet current: "
    for request in (signer.header(form("ListUsers"), at=NOW - age), signer.query({"Action": "ListUsers"}, at=NOW - age)):
        refusal = observer.refused(request, "SignatureDoesNotMatch", 403, received=NOW)
        assert refusal.message.startswith(words)
        assert timestamp(NOW).decode() in refusal.message


BAD_DATES = [
    b"20260921t141320z",
    b"20260921T141320z",
    b"20260921T141360Z",
    b"20260921T141320",
    b"2026921T141320Z",
    b"20260921T1413200Z",
    b"20260921T141320+0000",
    b" 1790000000",
    b"00010101T000000Z",
    b"99991231T235959Z",
    b"20260931T141320Z",
    "\uff12\uff10\uff12\uff160921T141320Z".encode(),
    b"",
]


@pytest.mark.parametrize("date", BAD_DATES)
def test_nt_04_dates_that_are_no_date_or_far_away(observer: Observer, signer: Signer, date: bytes) -> None:
    scope = b"20260921/us-east-1/iam/aws4_request"
    request = signer.header(form("ListUsers"), timestamp=date or b"x", date=(b"x-amz-date", date), scope=scope)
    answer = observer.send(request, received=NOW)
    assert answer.status in (400, 403)
    assert b"IncompleteSignature" in answer.body or b"SignatureDoesNotMatch" in answer.body


def test_nt_04_no_date_at_all(observer: Observer, signer: Signer) -> None:
    observer.refused(signer.header(form("ListUsers"), at=NOW, date=None), "IncompleteSignature", 400, received=NOW)


def test_nt_04_scope_of_another_day(observer: Observer, signer: Signer) -> None:
    scope = b"20260920/us-east-1/iam/aws4_request"
    refusal = observer.refused(signer.header(form("ListUsers"), at=NOW, scope=scope), "SignatureDoesNotMatch", 403, received=NOW)
    assert "Date in Credential scope does not match YYYYMMDD" in refusal.message


def test_nt_04_if_both_dates_are_there_only_x_amz_date_counts(observer: Observer, signer: Signer) -> None:
    observer.accepted(with_header(signer.header(form("ListUsers"), at=NOW), b"date", b"Tue, 15 Nov 1994 08:12:31 GMT"), received=NOW)
    stale = signer.header(with_header(form("ListUsers"), b"date", b"Mon, 21 Sep 2026 14:13:20 GMT"), at=NOW - 86_400)
    observer.refused(stale, "SignatureDoesNotMatch", 403, received=NOW)


def test_nt_05_seven_days_of_expiry_stretch_nothing(observer: Observer, signer: Signer) -> None:
    ahead = signer.query({"Action": "ListUsers"}, at=NOW + 86_400, expires=b"604800")
    assert "not yet current" in observer.refused(ahead, "SignatureDoesNotMatch", 403, received=NOW).message
    late = signer.query({"Action": "ListUsers"}, at=NOW - 901, expires=b"604800")
    assert "Signature expired" in observer.refused(late, "SignatureDoesNotMatch", 403, received=NOW).message
    observer.accepted(signer.query({"Action": "ListUsers"}, at=NOW - 899, expires=b"1"), received=NOW)
    observer.accepted(signer.query({"Action": "ListUsers"}, at=NOW - 899, expires=None), received=NOW)


@pytest.mark.parametrize("expires", ["0", "-1", "604801", "1000000000", "+60", " 60", "6_0", "9" * 19, "1e3", "", "\uff16\uff10"])
def test_nt_05_lifetimes_that_are_no_lifetime(observer: Observer, signer: Signer, expires: str) -> None:
    observer.refused(signer.query({"Action": "ListUsers"}, at=NOW, expires=expires.encode()), "IncompleteSignature", 400, received=NOW)


def test_nt_05_a_url_of_a_session_ends_with_the_session(observer: Observer, shared: World, bob: Person) -> None:
    made = bob.client("sts").get_session_token(DurationSeconds=900)["Credentials"]
    signer = Signer(made["AccessKeyId"], made["SecretAccessKey"], made["SessionToken"])
    ends = made["Expiration"].timestamp()
    observer.secrets |= {signer.secret, made["SessionToken"]}
    url = signer.query({"Action": "GetCallerIdentity"}, "sts", at=ends - 60, expires=b"3600")
    observer.accepted(url, received=ends - 1)
    observer.refused(url, "ExpiredToken", 403, received=ends)


def test_nt_11_a_right_signature_for_another_service(observer: Observer, signer: Signer) -> None:
    for request in (signer.header(json_call(LOOK_UP), "iam"), signer.header(json_call(LOOK_UP), "sts")):
        refusal = observer.refused(request, "InvalidSignatureException", 400)
        assert "Credential should be scoped to correct service: 'cloudtrail'." in refusal.message


def test_nt_11_a_scope_changed_after_signing(observer: Observer, signer: Signer) -> None:
    good = signer.header(form("ListUsers"), at=NOW)
    today = timestamp(NOW)[:8]
    for old, new in (
        (b"us-east-1", b"eu-west-1"),
        (b"aws4_request", b"aws4_reques"),
        (b"aws4_request", b"AWS4_REQUEST"),
        (b"/us-east-1/", b"/*/"),
        (b"/us-east-1/", b"//"),
        (today, b"20260920"),
    ):
        value = dict(good.headers)[b"authorization"].replace(old, new, 1)
        changed = good._replace(headers=[(name, value if name == b"authorization" else text) for name, text in good.headers])
        observer.refused(changed, "SignatureDoesNotMatch", 403, received=NOW)


@pytest.mark.parametrize(
    "scope", [b"%b/*/iam/aws4_request", b"%b//iam/aws4_request", b"%b/us-east-1/iam/aws5_request", b"%b/us east/iam/aws4_request"]
)
def test_nt_11_a_scope_that_cannot_be_though_signed(observer: Observer, signer: Signer, scope: bytes) -> None:
    observer.refused(signer.header(form("ListUsers"), at=NOW, scope=scope % timestamp(NOW)[:8]), "SignatureDoesNotMatch", 403, received=NOW)


def test_nt_11_yesterdays_signing_key(observer: Observer, signer: Signer) -> None:
    yesterday = b"%b/us-east-1/iam/aws4_request" % timestamp(NOW - 86_400)[:8]
    today = b"%b/us-east-1/iam/aws4_request" % timestamp(NOW)[:8]
    request = signer.header(form("ListUsers"), at=NOW, scope=yesterday)
    value = dict(request.headers)[b"authorization"].replace(yesterday, today)
    changed = request._replace(headers=[(name, value if name == b"authorization" else text) for name, text in request.headers])
    observer.refused(changed, "SignatureDoesNotMatch", 403, received=NOW)


def test_nt_87_the_operation_decides_not_the_scope(observer: Observer, signer: Signer) -> None:
    """`Action` of one service under the scope of another is no operation; `X-Amz-Target` of one under the scope of another is refused."""
    observer.refused(signer.header(form("GetCallerIdentity", "sts"), "iam"), "InvalidAction", 400)
    observer.refused(signer.header(form("ListUsers"), "sts"), "InvalidAction", 400)
    observer.refused(
        signer.header(json_call("AmazonSSM.GetParameter", b'{"Name":"x"}'), "secretsmanager"), "InvalidSignatureException", 400
    )
    observer.refused(
        signer.header(json_call("secretsmanager.GetSecretValue", b'{"SecretId":"x"}'), "ssm"), "InvalidSignatureException", 400
    )


def test_nt_87_another_services_host_changes_nothing(observer: Observer, nobody: Person) -> None:
    elsewhere = form("ListUsers")._replace(
        headers=[(b"host", b"sts.amazonaws.com"), *(pair for pair in form("ListUsers").headers if pair != HOST)]
    )
    refusal = observer.refused(Signer.of(nobody.key).header(elsewhere), "AccessDenied", 403)
    assert "iam:ListUsers" in refusal.message


def test_nt_87_two_actions_are_refused(observer: Observer, signer: Signer) -> None:
    both = form("ListUsers")._replace(query=b"Action=DeleteUser&Version=2010-05-08")
    observer.refused(signer.header(both), "InvalidAction", 400)


def test_nt_92_nothing_but_a_verified_key_selects_the_account(observer: Observer, signer: Signer, shared: World) -> None:
    foreign = "999999999999"
    for name in (b"x-amz-account-id", b"x-akia-account", b"account", b"x-amz-source-account"):
        body = observer.accepted(signer.header(with_header(form("GetCallerIdentity", "sts"), name, foreign.encode()), "sts")).body
        assert f"<Account>{shared.account}</Account>".encode() in body
    body = observer.accepted(signer.header(form("GetCallerIdentity", "sts", AccountId=foreign, Account=foreign), "sts")).body
    assert f"<Account>{shared.account}</Account>".encode() in body


def test_nt_92_a_bogus_signature_selects_nothing_but_where_its_refusal_is_filed(observer: Observer, signer: Signer, shared: World) -> None:
    request = with_header(
        Signer(signer.key_id, "bogus").header(form("ListUsers"), region="ap-south-1"), b"user-agent", b"eu-north-1 999999999999"
    )
    answer = observer.send(request, received=time.time())
    assert answer.status == 403
    [event] = observer.events(dict(answer.headers)[b"x-amzn-requestid"].decode())
    assert (event.account, event.verified, event.username, event.region) == (shared.account, False, "", "us-east-1")
