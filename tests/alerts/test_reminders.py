"""Owners are reminded of keys that expire or come of age: once at each threshold, through the channels."""

from __future__ import annotations

import asyncio
import json
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from tests.alerts.receivers import webhook
from tests.alerts.watch import Watch
from tests.organization import World as Organization
from tests.outbound.server import authority

from akia.alerts import Severity
from akia.alerts_out import AlertSettings, ChannelSettings
from akia.identity.key_lifetime import DAY, Validity
from akia.identity.key_reminder import THRESHOLDS, is_news, threshold
from akia.jobs.remind_owners import RemindOwners, passed, remind
from akia.jobs.send_alerts import SendAlerts

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.covers("I6.reminders", "G6", "X14")


class Reminders:
    """The job over one akia, at a time of one's choosing."""

    def __init__(self, akia: Any) -> None:
        self.akia = akia

    def once(self, ahead_days: float = 0) -> None:
        akia = self.akia.akia

        async def do(work: Any) -> Any:
            batch = akia.writer.open()
            done = work(batch)
            batch.commit()
            return done

        asyncio.run(RemindOwners(akia.store, do, lambda: time.time() + ahead_days * DAY).once())
        akia.authority.drain()

    def told(self) -> list[tuple[str, int]]:
        """The key and the threshold of every reminder in the trail, the oldest first."""
        asked = [{"AttributeKey": "EventName", "AttributeValue": "AccessKeyExpiryReminder"}]
        events = self.akia.client("cloudtrail").lookup_events(LookupAttributes=asked)["Events"]
        records = [json.loads(event["CloudTrailEvent"]) for event in events][::-1]
        assert all(record["eventType"] == "AwsServiceEvent" for record in records)
        return [(record["requestParameters"]["accessKeyId"], record["requestParameters"]["days"]) for record in records]


@pytest.fixture
def reminders(akia: Any) -> Reminders:
    return Reminders(akia)


def expires(akia: Any, person: Any, days: float) -> None:
    end = datetime.now(UTC).replace(microsecond=0) + timedelta(days=days)
    akia.client("akia").put_access_key_restrictions(AccessKeyId=person.key.access_key_id, Restrictions={"ExpiresAt": end})


def test_each_threshold_is_told_once(akia: Any, reminders: Reminders) -> None:
    bob = akia.person("bob")
    expires(akia, bob, 60)
    for day in (0, 29, 31, 31.5, 40, 47, 47.1, 54, 59.5, 59.6, 61, 90):
        reminders.once(day)
    assert reminders.told() == [(bob.key.access_key_id, days) for days in (30, 14, 7, 1, 0)]


def test_a_key_that_is_already_late_is_told_of_once_and_not_at_every_threshold_behind_it(akia: Any, reminders: Reminders) -> None:
    bob = akia.person("bob")
    expires(akia, bob, 3)
    reminders.once()
    reminders.once()
    assert reminders.told() == [(bob.key.access_key_id, 7)]


def test_an_end_that_is_moved_is_told_anew(akia: Any, reminders: Reminders) -> None:
    bob = akia.person("bob")
    expires(akia, bob, 5)
    reminders.once()
    expires(akia, bob, 40)
    reminders.once()
    reminders.once(11)
    assert reminders.told() == [(bob.key.access_key_id, 7), (bob.key.access_key_id, 30)]


def test_keys_without_an_end_and_inactive_ones_are_not_spoken_of(akia: Any, reminders: Reminders) -> None:
    akia.person("ann")
    bob = akia.person("bob")
    expires(akia, bob, 5)
    akia.client("iam").update_access_key(UserName="bob", AccessKeyId=bob.key.access_key_id, Status="Inactive")
    reminders.once()
    assert reminders.told() == []


def test_keys_that_come_of_age_are_spoken_of_and_go_on(akia: Any, reminders: Reminders) -> None:
    bob = akia.person("bob", {"Action": "iam:GetUser"})
    akia.client("akia").put_key_lifetime(Target=bob.arn, Lifetime={"Mode": "WARN", "Days": 90})
    akia.client("akia").update_access_key_attributes(AccessKeyId=bob.key.access_key_id, Attributes={"Owner": "data team"})
    reminders.once(80)
    [alert] = [alert for alert in Watch(akia).alerts() if alert.rule == "key-expires"]
    assert alert.summary.startswith(f"The key {bob.key.access_key_id} of bob (owner: data team) comes of age within 14 days, at ")
    reminders.once(91)
    [_, late] = [alert for alert in Watch(akia).alerts() if alert.rule == "key-expires"]
    assert "is older than it should be, since " in late.summary
    bob.client("iam").get_user()


def test_keys_of_every_account_are_looked_at_and_more_than_a_step_of_them(akia: Any, reminders: Reminders) -> None:
    member = Organization(akia).account()
    end = datetime.now(UTC).replace(microsecond=0) + timedelta(days=10)
    for number in range(51):
        akia.client("iam").create_user(UserName=f"u{number}")
        key = akia.client("iam").create_access_key(UserName=f"u{number}")["AccessKey"]["AccessKeyId"]
    akia.client("akia").put_access_key_restrictions(AccessKeyId=key, Restrictions={"ExpiresAt": end})
    client = member.client("iam")
    client.create_user(UserName="bob")
    theirs = client.create_access_key(UserName="bob")["AccessKey"]["AccessKeyId"]
    member.client("akia").put_access_key_restrictions(AccessKeyId=theirs, Restrictions={"ExpiresAt": end})
    reminders.once()
    assert reminders.told() == [(key, 14)]
    events = member.client("cloudtrail").lookup_events()["Events"]
    assert [event["EventName"] for event in events].count("AccessKeyExpiryReminder") == 1


def test_two_workers_that_look_at_once_tell_it_once(akia: Any, reminders: Reminders) -> None:
    """Both have found it due before either of them has written."""
    bob = akia.person("bob")
    expires(akia, bob, 5)
    store, now = akia.akia.store, int(time.time())
    listed = store.key_listing.one(akia.account, bob.key.access_key_id)
    assert passed(listed, store, now) is not None
    assert [remind(akia.account, bob.key.access_key_id, store, now) for _ in range(2)] == [True, False]


def test_a_reminder_leaves_through_a_channel(akia: Any, reminders: Reminders, tmp_path: Path) -> None:
    bob = akia.person("bob")
    expires(akia, bob, 5)
    made = authority(tmp_path / "tls", "127.0.0.1")
    with webhook(made, [200]) as taken:
        channel = ChannelSettings("ops", "webhook", url=taken.url, thumbprints=(made.thumbprint,), least=Severity.LOW)
        settings = AlertSettings(channels=(channel,), off=("new-service", "root-used"))
        reminders.once()
        Watch(akia, settings).alerts()

        async def do(work: Any) -> Any:
            batch = akia.akia.writer.open()
            done = work(batch)
            batch.commit()
            return done

        asyncio.run(SendAlerts(akia.akia.store, do, settings, ("127.0.0.0/8",)).once())
    [(_, _, body)] = taken.requests
    assert body["rule"] == "key-expires" and bob.key.access_key_id in body["summary"]


def test_thresholds_are_counted_from_the_end() -> None:
    at = {days: threshold(Validity(expires=100 * DAY), (100 - days) * DAY) for days in (31, 30, 15, 14, 8, 7, 2, 1, 0, -5)}
    assert at == {31: None, 30: 30, 15: 30, 14: 14, 8: 14, 7: 7, 2: 7, 1: 1, 0: 0, -5: 0}
    assert threshold(Validity(), 0) is None and THRESHOLDS == (30, 14, 7, 1, 0)
    assert is_news(7, 5, None) and is_news(7, 5, (5, 14)) and is_news(7, 5, (6, 7)) and not is_news(7, 5, (5, 7))
