"""What trails deliver, and when: log files, digests, nothing twice, nothing lost (AC7, AC8)."""

from __future__ import annotations

import gzip
import json
import re
import time
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import pytest
from tests.organization import World as Organization
from tests.trails import Delivery, Memory

from akia.cli.audit_verify import Directory
from akia.jobs.trail_logs import log_step
from akia.keyring import Unsealable
from akia.outbound.buckets import DirectoryBuckets
from akia.trail.moment import epoch
from akia.trail.signing import verifies
from akia.trail.verification import Problem, Wrong, verify

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import World

pytestmark = pytest.mark.covers("I5.trail.delivery", "I5.trail.digests")

HOUR = 3_600
MINUTES = 300


@pytest.fixture
def delivery(akia: World) -> Delivery:
    return Delivery(akia, time.time())


def trail(akia: World, name: str = "audit", *, region: str = "us-east-1", start: bool = True, **settings: Any) -> Any:
    client = akia.client("cloudtrail", region=region)
    given = {"S3BucketName": "logs", "EnableLogFileValidation": True, "IsMultiRegionTrail": True} | settings
    client.create_trail(Name=name, **given)
    akia.akia.authority.drain()  # what was before is read by nobody
    if start:
        client.start_logging(Name=name)
    return client


def test_ac7_1_a_log_file_has_its_place_its_name_and_its_records(akia: World, delivery: Delivery) -> None:
    trail(akia, S3KeyPrefix="audit/prod")
    akia.client("iam").create_user(UserName="alice")
    delivery.round(MINUTES)
    [key] = delivery.buckets.named("/CloudTrail/")
    day, minute = time.strftime("%Y/%m/%d", time.gmtime(delivery.now)), time.strftime("%Y%m%dT%H%MZ", time.gmtime(delivery.now))
    place = f"audit/prod/AWSLogs/{akia.account}/CloudTrail/us-east-1/{day}/{akia.account}_CloudTrail_us-east-1_{minute}_"
    assert re.fullmatch(re.escape(place) + "[A-Za-z0-9]{16}\\.json\\.gz", key)
    records = delivery.buckets.text(key)["Records"]
    assert [record["eventName"] for record in records] == ["StartLogging", "CreateUser"]
    row = delivery.store.events.get(records[1]["eventID"])
    assert row is not None and json.loads(row.record) == records[1], "the record is the one that the history has"


def test_events_are_delivered_once_though_rounds_are_many(akia: World, delivery: Delivery) -> None:
    trail(akia)
    for number in range(3):
        akia.client("iam").create_user(UserName=f"user-{number}")
        delivery.round(MINUTES)
        delivery.round(1)
    assert delivery.buckets.events() == ["StartLogging", "CreateUser", "CreateUser", "CreateUser"]
    assert len(delivery.buckets.named("/CloudTrail/")) == 3


def test_log_files_are_written_every_five_minutes_and_not_more_often(akia: World, delivery: Delivery) -> None:
    trail(akia)
    delivery.now -= delivery.now % MINUTES  # the beginning of a window
    delivery.round(10)
    akia.client("iam").create_user(UserName="alice")
    delivery.round(100)
    assert "CreateUser" not in delivery.buckets.events()
    delivery.round(200)
    assert "CreateUser" in delivery.buckets.events()


def test_nothing_is_delivered_before_logging_starts_or_after_it_stops(akia: World, delivery: Delivery) -> None:
    client = trail(akia, start=False)
    akia.client("iam").create_user(UserName="before")
    delivery.round(MINUTES)
    assert delivery.buckets.order == []
    time.sleep(1.1 - time.time() % 1)
    client.start_logging(Name="audit")
    akia.client("iam").create_user(UserName="during")
    client.stop_logging(Name="audit")
    time.sleep(1.1 - time.time() % 1)
    akia.client("iam").delete_user(UserName="during")
    delivery.round(MINUTES)
    assert delivery.buckets.events() == ["StartLogging", "CreateUser", "StopLogging"]


def test_deleting_a_trail_hides_nothing_that_happened_before(akia: World, delivery: Delivery) -> None:
    """Whoever deletes the trail that has recorded him does not take the record with it."""
    client = trail(akia)
    reader = delivery.store.trails.all()[0].reader
    delivery.round(1)
    akia.client("iam").create_user(UserName="backdoor")
    client.delete_trail(Name="audit")
    assert client.describe_trails()["trailList"] == []
    delivery.round(MINUTES)
    delivery.round(MINUTES)
    assert [name for name in delivery.buckets.events() if name != "DescribeTrails"][-2:] == ["CreateUser", "DeleteTrail"]
    assert verify(delivery.buckets, delivery.public_keys).sound
    assert verify(delivery.buckets, delivery.public_keys).uncovered == []
    assert delivery.store.trails.all() == [] and delivery.store.trail_files.undelivered() == []
    assert delivery.store.event_stream.position(reader) is None


def test_a_trail_can_be_made_again_under_the_same_name(akia: World, delivery: Delivery) -> None:
    for _ in range(3):
        trail(akia).delete_trail(Name="audit")
    trail(akia)
    delivery.round(MINUTES)
    delivery.round(HOUR)
    assert verify(delivery.buckets, delivery.public_keys).sound
    assert len(delivery.buckets.named("Digest")) == len({*delivery.buckets.named("Digest")}) == 4


def test_ac8_digests_form_a_chain_also_when_nothing_happens(akia: World, delivery: Delivery) -> None:
    trail(akia)
    delivery.round(1)
    for _ in range(3):
        delivery.round(HOUR)
    keys = delivery.buckets.named("/CloudTrail-Digest/")
    assert len(keys) == 3
    digests = [delivery.buckets.text(key) for key in keys]
    assert [len(digest["logFiles"]) for digest in digests] == [1, 0, 0]
    assert digests[0]["previousDigestS3Object"] is None and digests[0]["previousDigestSignature"] is None
    for before, after, key in zip(digests, digests[1:], keys, strict=False):
        assert after["digestStartTime"] == before["digestEndTime"] and after["previousDigestS3Object"] == key
        assert after["previousDigestHashValue"] == sha256(gzip.decompress(delivery.buckets.read(key) or b"")).hexdigest()
        assert after["previousDigestSignature"] == delivery.buckets.metadata(key)["signature"]
    assert digests[1]["newestEventTime"] is None and digests[1]["oldestEventTime"] is None


def test_ac8_a_digest_has_its_key_its_members_and_its_signature(akia: World, delivery: Delivery) -> None:
    trail(akia, name="my-trail")
    delivery.round(1)
    delivery.round(HOUR)
    [key] = delivery.buckets.named("/CloudTrail-Digest/")
    digest = delivery.buckets.text(key)
    stamp = digest["digestEndTime"].replace("-", "").replace(":", "")
    day = digest["digestEndTime"][:10].replace("-", "/")
    name = f"{akia.account}_CloudTrail-Digest_us-east-1_my-trail_us-east-1_{stamp}.json.gz"
    assert key == f"AWSLogs/{akia.account}/CloudTrail-Digest/us-east-1/{day}/{name}"
    assert list(digest) == [
        "awsAccountId", "digestStartTime", "digestEndTime", "digestS3Bucket", "digestS3Object", "digestPublicKeyFingerprint",
        "digestSignatureAlgorithm", "newestEventTime", "oldestEventTime", "previousDigestS3Bucket", "previousDigestS3Object",
        "previousDigestHashValue", "previousDigestHashAlgorithm", "previousDigestSignature", "logFiles",
    ]  # fmt: skip
    [log] = digest["logFiles"]
    assert list(log) == ["s3Bucket", "s3Object", "hashValue", "hashAlgorithm", "newestEventTime", "oldestEventTime"]
    [public] = akia.client("cloudtrail").list_public_keys(StartTime=delivery.now, EndTime=delivery.now)["PublicKeyList"]
    content = gzip.decompress(delivery.buckets.read(key) or b"")
    signed = f"{digest['digestEndTime']}\nlogs/{key}\n{sha256(content).hexdigest()}\nnull".encode()
    metadata = delivery.buckets.metadata(key)
    assert public["Fingerprint"] == digest["digestPublicKeyFingerprint"] and re.fullmatch("[0-9a-f]{32}", public["Fingerprint"])
    assert verifies(public["Value"], signed, metadata["signature"]) and metadata["signature-algorithm"] == "SHA256withRSA"


def test_a_digest_arrives_after_the_logs_that_it_names(akia: World, delivery: Delivery) -> None:
    trail(akia)
    delivery.buckets.down = "SlowDown"
    delivery.round(1)
    akia.client("iam").create_user(UserName="alice")
    delivery.round(HOUR)
    delivery.buckets.down = ""
    delivery.round(HOUR)
    kinds = ["Digest" in key for key in delivery.buckets.order]
    assert kinds == [False, False, True, True][: len(kinds)] and len(kinds) >= 3
    assert verify(delivery.buckets, delivery.public_keys).sound


def test_a_bucket_that_is_down_delays_and_loses_nothing(akia: World, delivery: Delivery) -> None:
    client = trail(akia)
    delivery.buckets.down = "ServiceUnavailable"
    delivery.round(1)
    akia.client("iam").create_user(UserName="alice")
    for _ in range(5):
        delivery.round(MINUTES)
    assert delivery.buckets.order == [] and client.get_trail_status(Name="audit")["LatestDeliveryError"] == "ServiceUnavailable"
    delivery.buckets.down = ""
    delivery.round(MINUTES)
    assert [name for name in delivery.buckets.events() if name != "GetTrailStatus"] == ["StartLogging", "CreateUser"]
    status = client.get_trail_status(Name="audit")
    assert "LatestDeliveryError" not in status and status["LatestDeliveryTime"].timestamp() == int(delivery.now)


def test_a_bucket_that_is_down_is_asked_ever_more_rarely(akia: World, delivery: Delivery) -> None:
    trail(akia)
    delivery.buckets.down = "ServiceUnavailable"
    for _ in range(100):
        delivery.round(1)
    assert 4 <= delivery.buckets.tries <= 8


def test_a_bucket_that_is_down_does_not_hold_up_another(akia: World, delivery: Delivery) -> None:
    class HalfDown(Memory):
        def put(self, bucket: str, *rest: Any) -> None:
            self.down = "AccessDenied" if bucket == "broken" else ""
            super().put(bucket, *rest)

    delivery = Delivery(akia, time.time(), buckets=HalfDown())
    trail(akia, "one", S3BucketName="broken")
    trail(akia, "two", S3BucketName="logs")
    delivery.round(MINUTES)
    assert {bucket for bucket, _ in delivery.buckets.objects} == {"logs"}


def test_a_worker_that_dies_between_delivering_and_noting_it_delivers_the_same_file_again(akia: World, delivery: Delivery) -> None:
    trail(akia)
    delivery.round(MINUTES)
    [file_key] = delivery.buckets.order
    body = delivery.buckets.read(file_key)
    delivery.store.connection.execute("UPDATE trail_files SET undelivered = 1, body = :body", body=body or b"")
    Delivery(akia, delivery.now + 120, buckets=delivery.buckets).round()
    assert delivery.buckets.order == [file_key, file_key] and delivery.buckets.read(file_key) == body


def test_of_two_workers_one_delivers(akia: World, delivery: Delivery) -> None:
    trail(akia)
    other = Delivery(akia, delivery.now, buckets=Memory())
    delivery.akia.authority.buckets = delivery.buckets
    for _ in range(3):
        akia.client("iam").list_users()
        delivery.round(MINUTES)
        other.round(MINUTES)
    assert len(delivery.buckets.order) == 3 and other.buckets.order == []


def test_another_worker_takes_over_from_one_that_has_died(akia: World, delivery: Delivery) -> None:
    trail(akia)
    delivery.round(1)
    akia.client("iam").create_user(UserName="alice")
    other = Delivery(akia, delivery.now + 61, buckets=delivery.buckets)
    other.round(MINUTES)
    assert other.buckets.events() == ["StartLogging", "CreateUser"]


def test_two_workers_that_both_believe_that_they_deliver_write_nothing_twice(akia: World, delivery: Delivery) -> None:
    trail(akia)
    other = Delivery(akia, delivery.now, buckets=delivery.buckets)
    for job in (delivery.job, other.job):
        job._leased_until = 2**40
    akia.client("iam").create_user(UserName="alice")
    for worker in (delivery, other, delivery, other):
        worker.round(MINUTES)
        worker.round(HOUR)
    assert delivery.buckets.events() == ["StartLogging", "CreateUser"]
    assert verify(delivery.buckets, delivery.public_keys).sound


def test_a_step_that_another_worker_has_taken_does_not_end_the_reading(
    akia: World, delivery: Delivery, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A deleted trail is forgotten once it has read everything: whoever was overtaken has not."""
    monkeypatch.setattr("akia.jobs.trail_logs.STEP_EVENTS", 2)
    client = trail(akia)
    for number in range(5):
        akia.client("iam").create_user(UserName=f"user-{number}")
    client.delete_trail(Name="audit")
    akia.akia.authority.drain()
    [deleted] = delivery.store.trails.all()
    overtaking = log_step(delivery.store, deleted)
    assert overtaking is not None
    write_logs = delivery.job._write_logs

    async def overtaken(*given: Any) -> None:
        def entering(work: Any) -> Any:
            delivery.job._do = delivery.do

            async def both() -> Any:
                await delivery.do(lambda batch: overtaking.enter(batch, overtaking.files(int(delivery.now)), int(delivery.now) - 1))
                return await delivery.do(work)

            return both()

        delivery.job._do = entering
        await write_logs(*given)

    with monkeypatch.context() as patch:
        patch.setattr(delivery.job, "_leased_until", 2**40)
        patch.setattr(delivery.job, "_write_logs", overtaken)
        delivery.round(MINUTES)
    delivery.round(MINUTES)
    assert delivery.buckets.events() == ["StartLogging", *["CreateUser"] * 5, "DeleteTrail"]


def test_a_digest_says_nothing_of_files_without_validation(akia: World, delivery: Delivery) -> None:
    trail(akia, EnableLogFileValidation=False)
    delivery.round(MINUTES)
    delivery.round(HOUR)
    assert delivery.buckets.named("Digest") == [] and len(delivery.buckets.order) == 1
    assert delivery.store.connection.execute("SELECT count(*) FROM trail_files") == [(0,)], "no row stays behind"


@pytest.mark.parametrize("second", [0, 1, 30, 59])
def test_validation_that_is_turned_off_ends_the_chain_and_on_again_begins_a_new_one(akia: World, delivery: Delivery, second: int) -> None:
    """Rounds come shortly after the full minute: a file from just before the new chain must not count as put in."""
    client = trail(akia)
    delivery.now += second - delivery.now % 60
    delivery.round(MINUTES)
    client.update_trail(Name="audit", EnableLogFileValidation=False)
    delivery.round(MINUTES)
    assert len(delivery.buckets.named("Digest")) == 1
    akia.client("iam").create_user(UserName="unseen")
    delivery.round(HOUR)
    client.update_trail(Name="audit", EnableLogFileValidation=True)
    delivery.round(MINUTES)
    delivery.round(HOUR)
    digests = [delivery.buckets.text(key) for key in delivery.buckets.named("Digest")]
    assert len(digests) == 2 and digests[1]["previousDigestSignature"] is None, "AC8.5: a gap"
    report = verify(delivery.buckets, delivery.public_keys)
    assert report.problems == [] and report.uncovered != []


def test_one_digest_speaks_for_all_the_hours_that_akia_was_not_running_in(akia: World, delivery: Delivery) -> None:
    trail(akia)
    delivery.round(1)
    delivery.round(30 * HOUR)
    [key] = delivery.buckets.named("Digest")
    digest = delivery.buckets.text(key)
    assert epoch(digest["digestEndTime"]) - epoch(digest["digestStartTime"]) == 30 * HOUR


def test_stopping_and_starting_again_begins_a_new_chain_after_a_last_digest(akia: World, delivery: Delivery) -> None:
    client = trail(akia)
    delivery.round(1)
    client.stop_logging(Name="audit")
    delivery.round(MINUTES)
    delivery.round(MINUTES)
    assert len(delivery.buckets.named("Digest")) == 1, "the last one, at once"
    delivery.round(5 * HOUR)
    assert len(delivery.buckets.named("Digest")) == 1, "and then none"
    client.start_logging(Name="audit")
    delivery.round(MINUTES)
    delivery.round(HOUR)
    digests = [delivery.buckets.text(key) for key in delivery.buckets.named("Digest")]
    assert len(digests) == 2 and digests[1]["previousDigestSignature"] is None, "AC8.5"
    assert verify(delivery.buckets, delivery.public_keys).sound


def test_a_new_key_is_made_when_the_old_one_ends_and_both_stay_published(akia: World, delivery: Delivery) -> None:
    trail(akia)
    delivery.round(1)
    delivery.round(HOUR)
    delivery.round(91 * 24 * HOUR)
    fingerprints = [delivery.buckets.text(key)["digestPublicKeyFingerprint"] for key in delivery.buckets.named("Digest")]
    assert len(set(fingerprints)) == 2 and set(fingerprints) == set(delivery.public_keys)
    client = akia.client("cloudtrail")
    everything = client.list_public_keys(StartTime=delivery.now - 95 * 24 * HOUR, EndTime=delivery.now)["PublicKeyList"]
    assert [key["Fingerprint"] for key in everything] == fingerprints
    assert verify(delivery.buckets, delivery.public_keys).sound


def test_nt_67_the_private_key_is_sealed(akia: World, delivery: Delivery) -> None:
    trail(akia)
    delivery.round(1)
    delivery.round(HOUR)
    [key] = delivery.store.trail_keys.all()
    private = delivery.store.trail_keys.private(key)
    database = b"".join(path.read_bytes() for path in akia.directory.glob("akia.db*"))
    assert private[30:60] not in database and key.public[30:60] in database
    delivery.store.connection.execute("UPDATE trail_keys SET ends = ends + 1")
    with pytest.raises(Unsealable):
        delivery.store.trail_keys.private(delivery.store.trail_keys.all()[0])


def test_a_key_that_cannot_be_read_delays_digests_and_stops_nothing_else(akia: World, delivery: Delivery) -> None:
    trail(akia)
    delivery.round(1)
    delivery.round(HOUR)
    delivery.store.connection.execute("UPDATE trail_keys SET sealed = x'00'")
    akia.client("iam").create_user(UserName="alice")
    delivery.round(HOUR)
    assert "CreateUser" in delivery.buckets.events() and len(delivery.buckets.named("Digest")) == 1


# Regions, accounts, selectors


def test_a_trail_of_one_region_gets_its_own_and_global_events_at_home_in_us_east_1_only(akia: World, delivery: Delivery) -> None:
    trail(akia, "here", IsMultiRegionTrail=False, S3BucketName="here")
    trail(akia, "there", IsMultiRegionTrail=False, S3BucketName="there", region="eu-west-1")
    trail(akia, "local", IsMultiRegionTrail=False, S3BucketName="local", IncludeGlobalServiceEvents=False)
    akia.client("iam").list_users()
    akia.client("cloudtrail", region="eu-west-1").lookup_events()
    delivery.round(MINUTES)

    def events(bucket: str) -> set[str]:
        one = Memory({each: found for each, found in delivery.buckets.objects.items() if each[0] == bucket})
        return {record["eventName"] for _, key in one.objects for record in one.text(key)["Records"]}

    assert "ListUsers" in events("here") and "LookupEvents" not in events("here")
    assert events("there") == {"StartLogging", "LookupEvents"}
    assert "ListUsers" not in events("local") and "CreateTrail" not in {*events("there")}


def test_a_trail_of_all_regions_has_files_and_digests_for_each_where_something_happened(akia: World, delivery: Delivery) -> None:
    trail(akia)
    akia.client("cloudtrail", region="eu-west-1").lookup_events()
    delivery.round(MINUTES)
    delivery.round(HOUR)
    assert delivery.buckets.events("/CloudTrail/eu-west-1/") == ["LookupEvents"]
    assert len(delivery.buckets.named("/CloudTrail-Digest/eu-west-1/")) == 1
    assert len(delivery.buckets.named("/CloudTrail-Digest/us-east-1/")) == 1


def test_nobody_makes_a_trail_deliver_for_regions_that_he_has_made_up(akia: World, delivery: Delivery) -> None:
    trail(akia)
    for number in range(3):
        akia.client("cloudtrail", region=f"made-up-{number}").lookup_events()
    delivery.round(MINUTES)
    assert {lane.region for trail in delivery.store.trails.all() for lane in delivery.store.trail_lanes.of(trail.id)} == {"us-east-1"}
    assert delivery.buckets.events().count("LookupEvents") == 3


def test_a_trail_gets_nothing_of_another_account(akia: World, delivery: Delivery) -> None:
    organization = Organization(akia)
    account = organization.account()
    trail(akia)
    account.client("iam").create_user(UserName="theirs")
    delivery.round(MINUTES)
    assert "CreateUser" not in delivery.buckets.events()


def test_a_trail_of_an_organization_gets_the_events_of_all_its_accounts(akia: World, delivery: Delivery) -> None:
    organization = Organization(akia)
    account = organization.account()
    organization.client.enable_aws_service_access(ServicePrincipal="cloudtrail.amazonaws.com")
    trail(akia, IsOrganizationTrail=True)
    account.client("iam").create_user(UserName="theirs")
    delivery.round(MINUTES)
    delivery.round(HOUR)
    folder = f"AWSLogs/{organization.id}/{account.id}/CloudTrail/us-east-1/"
    assert delivery.buckets.events(folder) == ["CreateUser"]
    assert all(key.startswith(f"AWSLogs/{organization.id}/") for key in delivery.buckets.order)
    assert len(delivery.buckets.named(f"AWSLogs/{organization.id}/{account.id}/CloudTrail-Digest/")) == 1
    assert verify(delivery.buckets, delivery.public_keys).sound


def test_selectors_decide_what_is_delivered(akia: World, delivery: Delivery) -> None:
    client = trail(akia, "writes", S3BucketName="writes")
    client.put_event_selectors(TrailName="writes", EventSelectors=[{"ReadWriteType": "WriteOnly"}])
    fields = [{"Field": "eventCategory", "Equals": ["Management"]}, {"Field": "eventName", "StartsWith": ["List"]}]
    trail(akia, "lists").put_event_selectors(TrailName="lists", AdvancedEventSelectors=[{"FieldSelectors": fields}])
    akia.client("iam").create_user(UserName="alice")
    akia.client("iam").list_users()
    delivery.round(MINUTES)
    names = {
        bucket: {record["eventName"] for record in json.loads(gzip.decompress(body))["Records"]}
        for (bucket, _), (body, _) in delivery.buckets.objects.items()
    }
    assert names["logs"] == {"ListUsers"} and "ListUsers" not in names["writes"] and "CreateUser" in names["writes"]


def test_many_events_are_more_than_one_file_and_all_are_there(akia: World, delivery: Delivery, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("akia.jobs.trail_logs.STEP_EVENTS", 3)
    trail(akia)
    for number in range(8):
        akia.client("iam").create_user(UserName=f"user-{number}")
    delivery.round(MINUTES)
    assert delivery.buckets.events() == ["StartLogging", *["CreateUser"] * 8]
    assert len(delivery.buckets.order) >= 3


# Tampering


def test_what_was_changed_removed_or_put_in_is_named(akia: World, delivery: Delivery) -> None:
    trail(akia)
    for number in range(4):
        akia.client("iam").create_user(UserName=f"user-{number}")
        delivery.round(MINUTES)
        delivery.round(HOUR)
    logs, digests = delivery.buckets.named("/CloudTrail/"), delivery.buckets.named("Digest")
    assert verify(delivery.buckets, delivery.public_keys).sound and len(digests) == 4

    def after(change: Any) -> list[Problem]:
        tampered = Memory(dict(delivery.buckets.objects))
        change(tampered.objects)
        return verify(tampered, delivery.public_keys).problems

    def changed(key: str, text: bytes) -> Any:
        metadata = delivery.buckets.metadata(key)
        return lambda objects: objects.update({("logs", key): (gzip.compress(text), dict(metadata))})

    def removed(key: str) -> Any:
        return lambda objects: objects.pop(("logs", key))

    text = gzip.decompress(delivery.buckets.read(logs[1]) or b"")
    assert after(changed(logs[1], text.replace(b"user-1", b"user-x"))) == [Problem(logs[1], Wrong.CHANGED)]
    assert after(removed(logs[1])) == [Problem(logs[1], Wrong.REMOVED)]
    assert after(removed(digests[1])) == [Problem(digests[1], Wrong.REMOVED)]
    digest = gzip.decompress(delivery.buckets.read(digests[1]) or b"")
    assert after(changed(digests[1], digest.replace(b'"hashValue":"', b'"hashValue":"0'))) != []
    forged = digest.replace(b'"newestEventTime"', b'"newestEventTIme"', 1)
    assert {problem.key for problem in after(changed(digests[1], forged))} == {digests[1]}
    assert {problem.key for problem in after(changed(digests[3], gzip.decompress(delivery.buckets.read(digests[3]) or b"") + b" "))} == {
        digests[3]
    }
    inserted = re.sub("[A-Za-z0-9]{16}(?=\\.json)", "A" * 16, logs[1])
    nowhen = re.sub("[0-9]{8}T[0-9]{4}Z", "99999999T9999Z", logs[1])
    assert after(lambda objects: objects.update({("logs", nowhen): (b"", {})})) == [Problem(nowhen, Wrong.INSERTED)]
    assert after(lambda objects: objects.update({("logs", inserted): objects["logs", logs[1]]})) == [Problem(inserted, Wrong.INSERTED)]
    assert after(lambda objects: objects.update({("logs", logs[1]): (objects["logs", logs[1]][0] + b"x", {})})) == [
        Problem(logs[1], Wrong.CHANGED)
    ]
    moved = digests[1].replace("audit_us", "other_us")
    assert Problem(moved, Wrong.MOVED) in after(lambda objects: objects.update({("logs", moved): objects["logs", digests[1]]}))


def test_a_digest_signed_by_somebody_else_proves_nothing(akia: World, delivery: Delivery) -> None:
    trail(akia)
    delivery.round(1)
    delivery.round(HOUR)
    [digest] = delivery.buckets.named("Digest")
    assert verify(delivery.buckets, {}).problems == [Problem(digest, Wrong.KEY_UNKNOWN)]


def test_the_signature_that_has_got_lost_is_taken_from_the_next_digest(akia: World, delivery: Delivery) -> None:
    trail(akia)
    delivery.round(1)
    for _ in range(2):
        delivery.round(HOUR)
    first, second = delivery.buckets.named("Digest")
    bare = Memory({each: (body, {}) for each, (body, _) in delivery.buckets.objects.items()})
    bare.objects["logs", second] = delivery.buckets.objects["logs", second]
    assert verify(bare, delivery.public_keys).sound
    bare.objects["logs", second] = (bare.objects["logs", second][0], {})
    assert {problem.key for problem in verify(bare, delivery.public_keys).problems} == {first, second}


JUNK = {"nothing": b"", "text": b"junk", **{text: gzip.compress(text.encode()) for text in ("[]", "{", '{"digestS3Object":[]}')}}


@pytest.mark.parametrize("junk", JUNK.values(), ids=JUNK)  # a compressed file holds the second it was made in
def test_junk_in_the_place_of_a_digest_is_named_and_breaks_nothing(akia: World, delivery: Delivery, junk: bytes) -> None:
    trail(akia)
    delivery.round(1)
    delivery.round(HOUR)
    [digest] = delivery.buckets.named("Digest")
    delivery.buckets.objects["logs", digest] = (junk, {})
    assert Problem(digest, Wrong.UNREADABLE) in verify(delivery.buckets, delivery.public_keys).problems


def test_an_empty_place_is_not_sound() -> None:
    assert not verify(Memory(), {}).sound


def test_a_directory_of_buckets_is_verified_as_it_lies_there(akia: World, tmp_path: Path) -> None:
    delivery = Delivery(akia, time.time())
    delivery.job._buckets = akia.akia.authority.buckets = DirectoryBuckets(tmp_path)
    trail(akia, S3KeyPrefix="deep/prefix")
    delivery.round(1)
    for _ in range(3):
        delivery.round(HOUR)
    report = verify(Directory(tmp_path / "logs"), delivery.public_keys)
    assert report.sound and (report.digests, report.logs, report.uncovered) == (3, 1, [])
    [log] = (path for path in tmp_path.rglob("*.json.gz") if "/CloudTrail/" in path.as_posix())
    body = bytearray(log.read_bytes())
    body[len(body) // 2] ^= 1
    log.write_bytes(body)
    assert [problem.wrong for problem in verify(Directory(tmp_path / "logs"), delivery.public_keys).problems] == [Wrong.CHANGED]


@pytest.mark.covers("I5.retention")
def test_a_trail_keeps_events_from_the_moment_it_is_created_until_it_has_read_them(akia: World, delivery: Delivery) -> None:
    """Before the first round of its deliveries, and before it logs, too: an hour later everything would have been old enough to go."""
    akia.akia.authority.drain()
    before = delivery.store.event_stream.newest()
    client = trail(akia, start=False)
    akia.client("iam").create_user(UserName="alice")
    akia.akia.authority.drain()
    retention, soon = delivery.store.event_retention, int(delivery.now + HOUR) * 1000

    def left() -> list[str]:
        retention.trim(akia.account, soon, 1_000)
        return [row.event.name for row in delivery.store.event_stream.after(before, 100)]

    assert left() == ["CreateTrail", "CreateUser"]
    client.start_logging(Name="audit")
    akia.client("iam").create_user(UserName="bob")
    akia.akia.authority.drain()
    assert left()[-2:] == ["StartLogging", "CreateUser"]
    delivery.round(MINUTES)
    [key] = delivery.buckets.named("/CloudTrail/")
    assert [record["eventName"] for record in delivery.buckets.text(key)["Records"]] == ["StartLogging", "CreateUser"]
    assert left() == ["CreateUser"], "the newest one stays, whoever has read it"
