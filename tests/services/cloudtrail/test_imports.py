"""Imports: log files that trails have written come into event data stores, file by file, once."""

from __future__ import annotations

import asyncio
import gzip
import json
import time
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from tests.organization import World as Organization
from tests.trails import Delivery

from akia.jobs.run_imports import RunImports

if TYPE_CHECKING:
    from tests.conftest import World

    from akia.identity.trail_import import TrailImport
    from akia.store.founding import KeyPair

pytestmark = pytest.mark.covers("I5.lake.imports")

UNKNOWN = "00000000-0000-4000-8000-000000000000"
MOMENT = int(time.time()) - 86_400


class Imports:
    """A store, a role, and the job of one worker."""

    def __init__(self, akia: World, **settings: Any) -> None:
        self.akia = akia
        self.delivery = Delivery(akia, time.time())
        self.buckets = self.delivery.buckets
        self.client = akia.client("cloudtrail")
        given = {"TerminationProtectionEnabled": False, "StartIngestion": False} | settings
        self.arn: str = self.client.create_event_data_store(Name="old", **given)["EventDataStoreArn"]
        trust = {"Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"}, "Action": "sts:AssumeRole"}
        document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
        self.role: str = akia.client("iam").create_role(RoleName="importer", AssumeRolePolicyDocument=document)["Role"]["Arn"]
        self.job = RunImports(self.delivery.store, self.buckets, self.delivery.do, clock=lambda: self.delivery.now)

    def record(self, event_id: str, at: int = MOMENT, **more: Any) -> dict[str, Any]:
        moment = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at))
        return {"eventID": event_id, "recipientAccountId": self.akia.account, "eventTime": moment, "eventCategory": "Management"} | more

    def file(self, number: int, *records: dict[str, Any], account: str = "", body: bytes | None = None, day: str = "2026/01/02") -> str:
        """The key of a new log file as AWS would have written it."""
        account = account or self.akia.account
        name = f"{account}_CloudTrail_us-east-1_20260102T{number:04}Z_ABCDEFGHIJKLMNOP.json.gz"
        key = f"AWSLogs/{account}/CloudTrail/us-east-1/{day}/{name}"
        self.buckets.objects["old-logs", key] = body or gzip.compress(json.dumps({"Records": records}).encode()), {}
        return key

    def source(self, uri: str = "s3://old-logs/AWSLogs/", **more: Any) -> dict[str, Any]:
        place = {"S3LocationUri": uri, "S3BucketRegion": "us-east-1", "S3BucketAccessRoleArn": self.role} | more
        return {"S3": place}

    def start(self, uri: str = "s3://old-logs/AWSLogs/", **more: Any) -> str:
        return str(self.client.start_import(Destinations=[self.arn], ImportSource=self.source(uri), **more)["ImportId"])

    def round(self) -> None:
        asyncio.run(self.job.once())

    def stored(self) -> list[str]:
        """The ids of the events in the store, the oldest first."""
        return [event.event_id for _, event in self.delivery.store.lake_events.page(self.arn.rpartition("/")[2], limit=10_000)]

    def told(self, import_id: str) -> tuple[str, dict[str, int]]:
        found = self.client.get_import(ImportId=import_id)
        return found["ImportStatus"], found["ImportStatistics"]


@pytest.fixture
def imports(akia: World) -> Imports:
    return Imports(akia)


def statistics(folders: int, files: int, events: int, failed: int = 0) -> dict[str, int]:
    return {
        "PrefixesFound": folders, "PrefixesCompleted": folders, "FilesCompleted": files, "EventsCompleted": events, "FailedEntries": failed,
    }  # fmt: skip


def test_what_aws_has_written_comes_into_the_store(imports: Imports) -> None:
    imports.file(1, imports.record("one", MOMENT), imports.record("two", MOMENT + 1))
    imports.file(2, imports.record("three", MOMENT + 2), day="2026/01/03")
    started = imports.start()
    assert imports.told(started) == ("INITIALIZING", statistics(0, 0, 0))
    imports.round()
    assert imports.told(started) == ("COMPLETED", statistics(2, 2, 3))
    assert imports.stored() == ["one", "two", "three"]
    [(_, event)] = imports.delivery.store.lake_events.page(imports.arn.rpartition("/")[2], limit=1)
    assert json.loads(event.record) == imports.record("one")


def test_what_a_trail_has_delivered_comes_into_the_store(akia: World, imports: Imports) -> None:
    client = akia.client("cloudtrail")
    client.create_trail(Name="audit", S3BucketName="own-logs", IsMultiRegionTrail=True, EnableLogFileValidation=True)
    akia.akia.authority.drain()
    client.start_logging(Name="audit")
    for name in ("alice", "bob"):
        akia.client("iam").create_user(UserName=name)
        imports.delivery.round(300)
    imports.delivery.round(4_000)
    assert imports.buckets.named("/CloudTrail-Digest/"), "which are no log files"
    started = imports.start("s3://own-logs")
    imports.round()
    status, told = imports.told(started)
    assert (status, told["EventsCompleted"]) == ("COMPLETED", len(imports.buckets.events()))
    assert len(imports.stored()) == told["EventsCompleted"]


def test_events_that_are_there_are_there_once(imports: Imports) -> None:
    imports.file(1, imports.record("one"), imports.record("two"))
    for expected in (2, 0):
        started = imports.start()
        imports.round()
        assert imports.told(started) == ("COMPLETED", statistics(1, 1, expected))
    assert sorted(imports.stored()) == ["one", "two"]


def test_a_prefix_and_a_period_choose(imports: Imports) -> None:
    for number in range(4):
        imports.file(number, imports.record(f"event-{number}", MOMENT + number), day=f"2026/01/0{number % 2 + 1}")
    prefix = f"s3://old-logs/AWSLogs/{imports.akia.account}/CloudTrail/us-east-1/2026/01/01/"
    imports.start(prefix)
    imports.round()
    assert imports.stored() == ["event-0", "event-2"]
    started = imports.start(StartEventTime=MOMENT + 2, EndEventTime=MOMENT + 3)
    imports.round()
    assert imports.told(started)[1]["EventsCompleted"] == 1
    assert imports.stored() == ["event-0", "event-2", "event-3"]


def test_what_is_no_management_event_or_too_old_is_left_out(imports: Imports) -> None:
    imports.client.update_event_data_store(EventDataStore=imports.arn, RetentionPeriod=7)
    old = MOMENT - 8 * 86_400
    without_category = {name: value for name, value in imports.record("before there were categories").items() if name != "eventCategory"}
    data = imports.record("data", eventCategory="Data")
    imports.file(1, imports.record("old", old), data, imports.record("good"), without_category)
    imports.start()
    imports.round()
    assert sorted(imports.stored()) == ["before there were categories", "good"]


def test_old_records_tell_the_callers_account_only(imports: Imports) -> None:
    record = imports.record("one", userIdentity={"accountId": imports.akia.account})
    del record["recipientAccountId"]
    imports.file(1, record)
    imports.start()
    imports.round()
    assert imports.stored() == ["one"]


RECORD = b'{"Records":[{"eventID":"one","recipientAccountId":"1","eventTime":"%s"}]}'
DEEP = b'{"eventID":"one","recipientAccountId":"1","eventTime":"2026-01-02T00:00:00Z","x":' + b"[" * 300 + b"]" * 300 + b"}"
WRONG = {
    "not compressed": (b"{}", "InvalidFormat"),
    "cut off": (gzip.compress(b'{"Records":[]}')[:-4], "InvalidFormat"),
    "not JSON": (gzip.compress(b"{"), "InvalidFormat"),
    "no records": (gzip.compress(b"{}"), "InvalidFormat"),
    "records that are none": (gzip.compress(b'{"Records":7}'), "InvalidFormat"),
    "a record that is none": (gzip.compress(b'{"Records":[7]}'), "InvalidFormat"),
    "a record nested deeper than can be written": (gzip.compress(b'{"Records":[' + DEEP + b"]}"), "InvalidFormat"),
    "a day that is not": (gzip.compress(RECORD % b"2026-02-30T00:00:00Z"), "InvalidFormat"),
    "a record without id": (gzip.compress(b'{"Records":[{"recipientAccountId":"1"}]}'), "InvalidFormat"),
}


@pytest.mark.parametrize("wrong", WRONG, ids=str)
def test_a_file_that_cannot_be_read_keeps_no_other_out_and_is_tried_again(imports: Imports, wrong: str) -> None:
    body, kind = WRONG[wrong]
    key = imports.file(1, body=body)
    imports.file(2, imports.record("good"))
    started = imports.start()
    imports.round()
    assert imports.told(started) == ("FAILED", statistics(1, 1, 1, failed=1))
    [failure] = imports.client.list_import_failures(ImportId=started)["Failures"]
    assert (failure["Location"], failure["Status"], failure["ErrorType"]) == (f"s3://old-logs/{key}", "FAILED", kind)
    imports.client.start_import(ImportId=started)
    assert imports.client.list_import_failures(ImportId=started)["Failures"][0]["Status"] == "RETRY"
    imports.round()
    assert imports.told(started)[0] == "FAILED"
    imports.file(1, imports.record("mended"))
    imports.client.start_import(ImportId=started)
    imports.round()
    assert imports.told(started) == ("COMPLETED", statistics(1, 2, 2))
    assert imports.client.list_import_failures(ImportId=started)["Failures"][0]["Status"] == "SUCCEEDED"
    assert sorted(imports.stored()) == ["good", "mended"]


def test_a_compressed_trap_is_not_opened(imports: Imports, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("akia.trail.log_file.LARGEST_TEXT", 10_000)
    imports.file(1, body=gzip.compress(b" " * 20_000))
    started = imports.start()
    imports.round()
    assert imports.client.list_import_failures(ImportId=started)["Failures"][0]["ErrorType"] == "EntityTooLarge"


def test_nt_99_what_is_another_accounts_does_not_come_in(imports: Imports, other_root: KeyPair) -> None:
    """Buckets belong to whoever runs akia: an account sees through an import what is its own, and nothing else."""
    theirs = imports.record("theirs", recipientAccountId="444455556666")
    imports.file(1, imports.record("mine"), theirs)
    imports.file(2, theirs, account="444455556666")
    imports.file(3, imports.record("also mine"))
    started = imports.start()
    imports.round()
    assert imports.stored() == ["also mine"]
    failures = imports.client.list_import_failures(ImportId=started)["Failures"]
    assert [failure["ErrorType"] for failure in failures] == ["AccessDenied", "AccessDenied"]


def test_an_organizations_store_takes_its_members(akia: World) -> None:
    organization = Organization(akia)
    organization.client.enable_aws_service_access(ServicePrincipal="cloudtrail.amazonaws.com")
    member = organization.account().id
    imports = Imports(akia, OrganizationEnabled=True)
    imports.file(1, imports.record("member", recipientAccountId=member), account=member)
    imports.start()
    imports.round()
    assert imports.stored() == ["member"]


def test_an_import_is_stopped_and_goes_on_where_it_was(imports: Imports) -> None:
    for number in range(3):
        imports.file(number, imports.record(f"event-{number}", MOMENT + number))
    started = imports.start()
    get, read = imports.buckets.get, list[str]()

    def stopping(bucket: str, key: str) -> bytes:
        read.append(key)
        if len(read) == 2:
            imports.client.stop_import(ImportId=started)
        return get(bucket, key)

    imports.buckets.get = stopping  # type: ignore[method-assign]  # somebody stops it while a file is being read
    imports.round()
    assert imports.told(started)[0] == "STOPPED"
    assert imports.stored() == ["event-0"]
    imports.round()
    assert imports.stored() == ["event-0"]
    imports.client.start_import(ImportId=started)
    imports.round()
    assert imports.told(started) == ("COMPLETED", statistics(1, 3, 3))
    assert read.count(read[0]) == 1, "what was done is not done again"


def test_a_bucket_that_is_down_delays(imports: Imports) -> None:
    imports.file(1, imports.record("one"))
    started = imports.start()
    imports.buckets.down = "ConnectTimeoutError"
    imports.round()
    assert imports.told(started)[0] == "INITIALIZING"
    imports.buckets.down = ""
    imports.round()
    assert imports.told(started)[0] == "COMPLETED"


def test_a_bucket_that_goes_down_between_files_makes_no_file_a_failure(imports: Imports, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(3):
        imports.file(number, imports.record(f"event-{number}", MOMENT + number))
    started = imports.start()
    get = imports.buckets.get

    def going_down(bucket: str, key: str) -> bytes:
        body = get(bucket, key)
        imports.buckets.down = "ReadTimeoutError"
        return body

    with monkeypatch.context() as patch:
        patch.setattr(imports.buckets, "get", going_down)
        imports.round()
    assert imports.told(started) == ("IN_PROGRESS", {**statistics(1, 1, 1), "PrefixesCompleted": 0})
    imports.buckets.down = ""
    imports.round()
    assert imports.told(started) == ("COMPLETED", statistics(1, 3, 3))


def test_an_import_that_goes_wrong_unforeseen_ends_no_other(akia: World, imports: Imports, monkeypatch: pytest.MonkeyPatch) -> None:
    imports.file(1, imports.record("one"))
    first = imports.start()
    away = akia.client("cloudtrail", region="eu-west-1")
    store = away.create_event_data_store(Name="old", StartIngestion=False)["EventDataStoreArn"]
    second = away.start_import(Destinations=[store], ImportSource=imports.source())["ImportId"]
    wanted = imports.job._wanted

    def failing(found: TrailImport, *rest: Any) -> Any:
        if found.id == first:
            raise LookupError("unforeseen")
        return wanted(found, *rest)

    monkeypatch.setattr(imports.job, "_wanted", failing)
    imports.round()
    assert imports.told(first)[0] == "FAILED"
    assert away.get_import(ImportId=second)["ImportStatus"] == "COMPLETED"


def test_two_workers_take_each_file_once(imports: Imports) -> None:
    for number in range(4):
        imports.file(number, imports.record(f"event-{number}", MOMENT + number))
    started = imports.start()
    other = RunImports(imports.delivery.store, imports.buckets, imports.delivery.do, clock=lambda: imports.delivery.now)

    async def both() -> None:
        await asyncio.gather(imports.job.once(), other.once())

    asyncio.run(both())
    imports.round()
    assert imports.told(started) == ("COMPLETED", statistics(1, 4, 4))


def test_a_store_that_is_deleted_meanwhile_gets_nothing(imports: Imports, refused: Any) -> None:
    imports.file(1, imports.record("one"))
    started = imports.start()
    told = refused(imports.client.delete_event_data_store, EventDataStore=imports.arn)
    assert told[:2] == ("EventDataStoreHasOngoingImportException", 400)
    store = imports.delivery.store
    [found] = store.event_data_stores.all()
    store.connection.begin_immediate()
    store.event_data_stores.replace(found.deleted_at(MOMENT))
    store.connection.commit()
    imports.round()
    assert imports.told(started)[0] == "FAILED"
    assert imports.stored() == []
    assert refused(imports.client.start_import, ImportId=started)[0] == "InactiveEventDataStoreException"


def test_one_import_goes_on_at_a_time(imports: Imports, refused: Any) -> None:
    first = imports.start()
    new = {"Destinations": [imports.arn], "ImportSource": imports.source()}
    assert refused(imports.client.start_import, **new)[:2] == ("AccountHasOngoingImportException", 400)
    assert refused(imports.client.start_import, ImportId=first)[0] == "AccountHasOngoingImportException"
    imports.client.stop_import(ImportId=first)
    second = imports.start()
    assert refused(imports.client.start_import, ImportId=first)[0] == "AccountHasOngoingImportException"
    imports.client.stop_import(ImportId=second)
    assert refused(imports.client.stop_import, ImportId=second)[:2] == ("InvalidParameterException", 400)


def test_a_store_is_neither_changed_nor_deleted_while_an_import_goes_on(imports: Imports, refused: Any) -> None:
    started = imports.start()
    for change in (imports.client.delete_event_data_store, partial(imports.client.update_event_data_store, RetentionPeriod=10)):
        assert refused(change, EventDataStore=imports.arn)[:2] == ("EventDataStoreHasOngoingImportException", 400)
    imports.client.stop_import(ImportId=started)
    imports.client.update_event_data_store(EventDataStore=imports.arn, RetentionPeriod=10)


def test_what_cannot_be_imported(imports: Imports, outside_store: Any, refused: Any) -> None:
    def code(**given: Any) -> str:
        told: tuple[str, int, str] = refused(imports.client.start_import, **given)
        assert told[1] == 400
        return told[0]

    into = {"Destinations": [imports.arn]}
    good = into | {"ImportSource": imports.source()}
    for uri in (
        "",
        "old-logs",
        "https://old-logs/x",
        "s3://Old_Logs/",
        "s3://old-logs/a/../b",
        "s3://absent-logs/",
        "s3://old-logs/%2e%2e/x",
    ):
        assert code(**into, ImportSource=imports.source(uri)) == "InvalidImportSourceException", uri
    for role in ("importer", imports.role + "2", imports.role.replace(imports.akia.account, "444455556666")):
        assert code(**into, ImportSource=imports.source(S3BucketAccessRoleArn=role)) == "InvalidImportSourceException", role
    assert code(**into) == "InvalidParameterException"
    assert code() == "InvalidParameterException"
    assert code(**good, StartEventTime=200, EndEventTime=100) == "InvalidParameterException"
    assert code(ImportId=UNKNOWN, **into) == "InvalidParameterException"
    assert code(ImportId=UNKNOWN) == "ImportNotFoundException"
    assert code(**good | {"Destinations": [outside_store()]}) == "InvalidEventDataStoreCategoryException"
    assert code(**good | {"Destinations": ["x/y"]}) == "EventDataStoreARNInvalidException"
    assert (
        code(**good | {"Destinations": [imports.arn[:-1] + ("0" if imports.arn[-1] != "0" else "1")]}) == "EventDataStoreNotFoundException"
    )


def test_imports_are_listed_the_latest_first(imports: Imports, outside_store: Any, refused: Any) -> None:
    started = []
    for _ in range(3):
        started.append(imports.start())
        imports.client.stop_import(ImportId=started[-1])
    goes_on = imports.start()
    every = imports.client.list_imports()["Imports"]
    assert {each["ImportId"] for each in every} == {*started, goes_on}
    assert [each["ImportId"] for each in imports.client.list_imports(ImportStatus="INITIALIZING")["Imports"]] == [goes_on]
    assert len(imports.client.list_imports(Destination=imports.arn)["Imports"]) == 4
    assert imports.client.list_imports(Destination=outside_store())["Imports"] == []
    first = imports.client.list_imports(MaxResults=3)
    rest = imports.client.list_imports(MaxResults=3, NextToken=first["NextToken"])
    assert first["Imports"] + rest["Imports"] == every
    assert refused(imports.client.list_imports, NextToken="wrong")[0] == "InvalidNextTokenException"
    assert refused(imports.client.list_import_failures, ImportId=goes_on, NextToken="wrong")[0] == "InvalidNextTokenException"


def test_failures_come_in_pages(imports: Imports) -> None:
    for number in range(3):
        imports.file(number, body=b"wrong")
    started = imports.start()
    imports.round()
    first = imports.client.list_import_failures(ImportId=started, MaxResults=2)
    rest = imports.client.list_import_failures(ImportId=started, MaxResults=2, NextToken=first["NextToken"])
    assert len(first["Failures"] + rest["Failures"]) == 3
    assert "NextToken" not in rest


def test_nt_99_imports_of_another_account_do_not_show(akia: World, imports: Imports, other_root: KeyPair, refused: Any) -> None:
    started = imports.start()
    stranger = akia.client("cloudtrail", other_root)
    assert stranger.list_imports()["Imports"] == []
    for operation in (stranger.get_import, stranger.stop_import, stranger.start_import):
        assert refused(operation, ImportId=started)[:2] == ("ImportNotFoundException", 400)
    assert refused(stranger.list_import_failures, ImportId=started)[:2] == ("InvalidParameterException", 400)
    told = refused(stranger.start_import, Destinations=[imports.arn], ImportSource=imports.source())
    assert told[0] == "EventDataStoreNotFoundException"


def test_the_role_must_be_handed_over(akia: World, imports: Imports, refused: Any) -> None:
    new = {"Destinations": [imports.arn], "ImportSource": imports.source()}
    person = akia.person("importing", {"Action": "cloudtrail:*"}).client("cloudtrail")
    told = refused(person.start_import, **new)
    assert told[0] == "AccessDeniedException"
    assert f"iam:PassRole on resource: {imports.role}" in told[2]
    to_trails = {"StringEquals": {"iam:PassedToService": "cloudtrail.amazonaws.com"}}
    both = akia.person("both", {"Action": "cloudtrail:*"}, {"Action": "iam:PassRole", "Resource": imports.role, "Condition": to_trails})
    assert both.client("cloudtrail").start_import(**new)["ImportStatus"] == "INITIALIZING"
    nobody = akia.person("nobody").client("cloudtrail")
    for operation in (nobody.get_import, nobody.stop_import, nobody.list_import_failures, nobody.start_import):
        assert refused(operation, ImportId=UNKNOWN)[0] == "AccessDeniedException"
    assert refused(nobody.list_imports)[0] == "AccessDeniedException"
