"""Events that come into event data stores from elsewhere, with the unmodified AWS CLI: through a channel, and out of old log files."""

from __future__ import annotations

import gzip
import json
import time
from base64 import b64encode
from datetime import UTC, datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import pytest
from tests.clients.test_aws_cli import AWS, Cli
from tests.served import PATIENCE_SECONDS, serve

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.served import Served

pytestmark = [
    pytest.mark.covers("I5.lake.sources"),
    pytest.mark.skipif(not AWS.exists(), reason="the AWS CLI is not there: `make clients` or `make test` installs it"),
]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    akia = serve(tmp_path_factory.mktemp("sources"), "--workers", "2")
    yield akia
    assert akia.stop() == 0


@pytest.fixture(scope="module")
def aws(served: Served) -> Cli:
    return Cli(served)


def until(ask: Callable[[], Any], member: str, *wanted: str) -> Any:
    """What `ask` answers, once its `member` is one of `wanted`."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while (answer := ask())[member] not in wanted:
        assert time.monotonic() < deadline, answer
        time.sleep(0.2)
    return answer


def names_in(aws: Cli, store: str, column: str) -> list[str]:
    statement = f"SELECT {column} AS name FROM {store.rpartition('/')[2]} ORDER BY 1"
    query = aws("cloudtrail", "start-query", "--query-statement", statement)["QueryId"]
    told = until(lambda: aws("cloudtrail", "get-query-results", "--query-id", query), "QueryStatus", "FINISHED")
    return [value for row in told["QueryResultRows"] for cell in row for value in cell.values()]


def test_a_partners_events_come_through_a_channel(aws: Cli) -> None:
    account = aws("sts", "get-caller-identity")["Account"]
    outside = json.dumps([{"FieldSelectors": [{"Field": "eventCategory", "Equals": ["ActivityAuditLog"]}]}])
    store = aws("cloudtrail", "create-event-data-store", "--name", "partners", "--advanced-event-selectors", outside)["EventDataStoreArn"]
    to = f"Type=EVENT_DATA_STORE,Location={store}"
    channel = aws("cloudtrail", "create-channel", "--name", "doors", "--source", "Custom", "--destinations", to)["ChannelArn"]

    partner = aws("iam", "create-user", "--user-name", "partner")["User"]["Arn"]
    sender = aws.with_key(aws("iam", "create-access-key", "--user-name", "partner")["AccessKey"])
    data = json.dumps(
        {
            "version": "1", "userIdentity": {"type": "Badge", "principalId": "42"}, "eventSource": "doors.example", "eventName": "OpenDoor",
            "eventTime": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"), "UID": "first", "recipientAccountId": account,
        }
    )  # fmt: skip
    checksum = b64encode(sha256(data.encode()).digest()).decode()
    events = json.dumps([{"id": "1", "eventData": data, "eventDataChecksum": checksum}, {"id": "2", "eventData": "{}"}])
    send = ("cloudtrail-data", "put-audit-events", "--channel-arn", channel, "--audit-events", events, "--region", channel.split(":")[3])
    assert "AccessDenied" in sender.refusal(*send)
    statement = {"Effect": "Allow", "Principal": {"AWS": partner}, "Action": "cloudtrail-data:PutAuditEvents", "Resource": channel}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    aws("cloudtrail", "put-resource-policy", "--resource-arn", channel, "--resource-policy", document)
    told = sender(*send)
    assert [entry["id"] for entry in told["successful"]] == ["1"]
    assert [(entry["id"], entry["errorCode"]) for entry in told["failed"]] == [("2", "FieldNotFound")]
    assert names_in(aws, store, "eventData.eventName") == ["OpenDoor"]
    shown = aws("cloudtrail", "get-channel", "--channel", channel)["IngestionStatus"]
    assert shown["LatestIngestionSuccessEventID"] == told["successful"][0]["eventID"]


def test_old_log_files_are_imported(aws: Cli, served: Served) -> None:
    account = aws("sts", "get-caller-identity")["Account"]
    store = aws("cloudtrail", "create-event-data-store", "--name", "old", "--no-start-ingestion")["EventDataStoreArn"]
    moment = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    record = {
        "eventID": "old-1", "recipientAccountId": account, "eventTime": moment, "eventName": "CreateVpc", "eventCategory": "Management",
    }  # fmt: skip
    folder = served.data / "trails/old-logs/AWSLogs" / account / "CloudTrail/us-east-1/2026/01/02"
    folder.mkdir(parents=True)
    name = f"{account}_CloudTrail_us-east-1_20260102T0304Z_ABCDEFGHIJKLMNOP.json.gz"
    (folder / name).write_bytes(gzip.compress(json.dumps({"Records": [record]}).encode()))
    trust = {"Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    role = aws("iam", "create-role", "--role-name", "importer", "--assume-role-policy-document", document)["Role"]["Arn"]
    place = {"S3LocationUri": "s3://old-logs/AWSLogs/", "S3BucketRegion": "us-east-1", "S3BucketAccessRoleArn": role}
    started = aws("cloudtrail", "start-import", "--destinations", store, "--import-source", json.dumps({"S3": place}))["ImportId"]
    told = until(lambda: aws("cloudtrail", "get-import", "--import-id", started), "ImportStatus", "COMPLETED", "FAILED")
    assert told["ImportStatus"] == "COMPLETED", aws("cloudtrail", "list-import-failures", "--import-id", started)
    assert told["ImportStatistics"]["EventsCompleted"] == 1
    assert names_in(aws, store, "eventName") == ["CreateVpc"]


def test_insights_are_asked_for(aws: Cli) -> None:
    aws("cloudtrail", "create-trail", "--name", "audit", "--s3-bucket-name", "logs")
    selectors = json.dumps([{"InsightType": "ApiCallRateInsight"}])
    aws("cloudtrail", "put-insight-selectors", "--trail-name", "audit", "--insight-selectors", selectors)
    assert aws("cloudtrail", "lookup-events", "--event-category", "insight")["Events"] == []
    trail = aws("cloudtrail", "get-trail", "--name", "audit")["Trail"]["TrailARN"]
    assert aws("cloudtrail", "get-event-configuration", "--trail-name", trail)["MaxEventSize"] == "Standard"
