from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from akia.wire import timestamps

pytestmark = pytest.mark.covers("I2.wire.request_ids")

NOON = datetime(2024, 8, 1, 12, 0, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2024-08-01T12:00:05Z", NOON),
        ("2024-08-01T12:00:05.000Z", NOON),
        ("2024-08-01T12:00:05.25Z", NOON + timedelta(milliseconds=250)),
        ("2024-08-01T12:00:05.123456789Z", NOON + timedelta(microseconds=123456)),
        ("2024-08-01T14:00:05+02:00", NOON),
        ("2024-08-01T10:00:05-0200", NOON),
    ],
)
def test_w5_3_iso_8601_is_read(text: str, moment: datetime) -> None:
    assert timestamps.from_iso_8601(text) == moment


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2024-08-01",
        "2024-08-01T12:00:05",
        "2024-08-01t12:00:05z",
        "2024-8-1T12:00:05Z",
        "2024-02-30T12:00:05Z",
        "2024-08-01T25:00:00Z",
        "٢٠٢٤-08-01T12:00:05Z",
        "2024-08-01T12:00:05Z\n",
        "0000-01-01T00:00:00Z",
        "0001-01-01T00:00:00+01:00",
        "2024-W01-1",
        "20240801T120005Z",
        "1704067200",
        "2024-08-01T12:00:60Z",
    ],
)
def test_python_trap_lax_timestamps_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"\S"):
        timestamps.from_iso_8601(text)


@pytest.mark.parametrize("text", ["1_0", "+1", " 1", "1e3", "", "٣", "1.", "9999999999999", "999999999999", "nan"])
def test_python_trap_lax_numbers_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"\S"):
        timestamps.from_epoch_text(text)


@pytest.mark.parametrize(
    "text", ["Thu, 01 Aug 2024 12:00:05", "Thu, 1 Aug 2024 12:00:05 GMT", "Thu, 01 Aug 2024 12:00:05 UTC", "Thu, 01 aug 2024 12:00:05 GMT"]
)
def test_rfc_822_has_one_form(text: str) -> None:
    with pytest.raises(ValueError, match="RFC 822"):
        timestamps.from_rfc_822(text)


def test_w6_3_every_notation_is_written_in_utc() -> None:
    elsewhere = NOON.astimezone(timezone(timedelta(hours=5, minutes=30)))
    assert timestamps.to_iso_8601(elsewhere) == "2024-08-01T12:00:05Z"
    assert timestamps.to_rfc_822(elsewhere) == "Thu, 01 Aug 2024 12:00:05 GMT"
    assert timestamps.to_epoch(elsewhere) == 1722513605
    assert isinstance(timestamps.to_epoch(elsewhere), int)


@pytest.mark.parametrize(("hour", "clock"), [(0, "12:00:05 AM"), (1, "1:00:05 AM"), (12, "12:00:05 PM"), (23, "11:00:05 PM")])
def test_ac1_4_events_have_american_dates(hour: int, clock: str) -> None:
    assert timestamps.to_trail(NOON.replace(hour=hour)) == f"Aug 1, 2024 {clock}"
    assert timestamps.to_trail(NOON.replace(hour=hour), ",") == f"Aug 1, 2024, {clock}"


@given(st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC)))  # noqa: DTZ001 - hypothesis wants bounds without zones
def test_what_is_written_is_read_again_to_the_millisecond(moment: datetime) -> None:
    to_the_millisecond = moment.replace(microsecond=moment.microsecond // 1000 * 1000)
    assert timestamps.from_iso_8601(timestamps.to_iso_8601(moment)) == to_the_millisecond
    assert timestamps.from_rfc_822(timestamps.to_rfc_822(moment)) == moment.replace(microsecond=0)
    assert abs(timestamps.from_epoch(timestamps.to_epoch(moment)) - to_the_millisecond) < timedelta(milliseconds=1)
