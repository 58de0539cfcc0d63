"""Signatures out of their time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from akia.aws.errors import Family, IncompleteSignature, SignatureDoesNotMatch

if TYPE_CHECKING:
    from tests.sigv4.conftest import Client

pytestmark = pytest.mark.covers("I2.sigv4.clock", "I2.sigv4.presigned")

HOST = (b"host", b"akia.local:2542")


@pytest.mark.parametrize("skew", [900, 300])
@pytest.mark.parametrize("form", ["sign", "presign"])
def test_nt_04_clock_window(client: Client, skew: int, form: str) -> None:
    request = client.sign() if form == "sign" else client.presign()
    expected = client.expectation(skew=skew)
    for late in (-skew, -skew + 1, 0, skew - 1, skew, skew + 0.9):
        client.accept(request, expected, now=client.now + late)
    for late in (-skew - 1, skew + 1, -86400, 86400):
        error = client.refusal(request, expected, now=client.now + late)
        assert isinstance(error, SignatureDoesNotMatch)
        assert f"{skew // 60} min." in error.message


@pytest.mark.parametrize(
    "date",
    [
        b"20150830t123600Z",
        b"20150830T123600z",
        b"20150830T123660Z",
        b"20150830T126000Z",
        b"20150830T243600Z",
        b"20150229T123600Z",
        b"20150832T123600Z",
        b"20151330T123600Z",
        b"00000830T123600Z",
        b"2015830T1236000Z",
        b"+0150830T123600Z",
        b"2015_830T123600Z",
        b" 0150830T123600Z",
        b"20150830T123600Z\n",
        "\N{ARABIC-INDIC DIGIT TWO}0150830T12360Z".encode(),
    ],
)
def test_nt_04_dates_that_no_calendar_shows(client: Client, date: bytes) -> None:
    request = client.sign(date=(b"x-amz-date", date), timestamp=date, scope=date[:8] + b"/us-east-1/iam/aws4_request")
    assert isinstance(client.refusal(request), IncompleteSignature)
    assert isinstance(client.refusal(client.presign(timestamp=date, scope=date[:8] + b"/us-east-1/iam/aws4_request")), IncompleteSignature)


@pytest.mark.parametrize("date", [b"00010101T000000Z", b"99991231T235959Z"])
def test_nt_04_years_far_away(client: Client, date: bytes) -> None:
    request = client.sign(date=(b"x-amz-date", date), timestamp=date, scope=date[:8] + b"/us-east-1/iam/aws4_request")
    assert isinstance(client.refusal(request), SignatureDoesNotMatch)


def test_nt_04_scope_of_another_day(client: Client) -> None:
    assert isinstance(client.refusal(client.sign(scope=b"20150829/us-east-1/iam/aws4_request")), SignatureDoesNotMatch)


def test_nt_04_no_date(client: Client) -> None:
    assert isinstance(client.refusal(client.sign(date=None)), IncompleteSignature)


def test_nt_04_only_x_amz_date_counts(client: Client) -> None:
    old = (b"date", b"Sat, 01 Jan 2011 00:00:00 GMT")
    client.accept(client.sign(headers=[HOST, old]))
    fresh = (b"date", b"Sun, 30 Aug 2015 12:36:00 GMT")
    stale = (b"x-amz-date", b"20110101T000000Z")
    request = client.sign(headers=[HOST, fresh], date=stale, timestamp=stale[1], scope=b"20110101/us-east-1/iam/aws4_request")
    assert "expired" in client.refusal(request).message


@pytest.mark.parametrize("expires", [b"1", b"60", b"604800", None])
def test_nt_05_outside_s3_a_presigned_request_lives_fifteen_minutes(client: Client, expires: bytes | None) -> None:
    request = client.presign(expires=expires)
    client.accept(request, now=client.now + 899)
    assert "expired" in client.refusal(request, now=client.now + 901).message


def test_nt_05_a_date_ahead_is_not_yet_valid(client: Client) -> None:
    date, scope = b"20150831T123600Z", b"20150831/us-east-1/iam/aws4_request"
    request = client.presign(timestamp=date, scope=scope, expires=b"604800")
    assert "not yet current" in client.refusal(request).message
    s3 = client.expectation(Family.REST_XML, s3=True, unsigned_payload=True)
    request = client.presign(timestamp=date, scope=scope, expires=b"604800", payload=b"UNSIGNED-PAYLOAD")
    assert client.refusal(request, s3).message == "Request is not valid yet"


@pytest.mark.parametrize("s3", [False, True])
@pytest.mark.parametrize(
    ("expires", "word"),
    [
        (b"0", "positive"),
        (b"00", "positive"),
        (b"-1", "non-negative"),
        (b"604801", "less than a week"),
        (b"1000000000", "less than a week"),
        (b"9223372036854775808", "less than a week"),
        (b"060", "less than a week"),
        (b"1e9", "number"),
        (b"+60", "number"),
        (b" 60", "number"),
        (b"6_0", "number"),
        (b"60\n", "number"),
        (b"", "number"),
        ("\N{ARABIC-INDIC DIGIT SIX}".encode(), "number"),
    ],
)
def test_nt_05_lifetimes_that_are_refused(client: Client, expires: bytes, word: str, s3: bool) -> None:
    error = client.refusal(client.presign(expires=expires), client.expectation(s3=s3))
    assert isinstance(error, IncompleteSignature)
    assert word in error.message
