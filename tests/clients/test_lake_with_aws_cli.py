"""The unmodified AWS CLI makes an event data store and asks it what an access key has done, of an akia with two workers."""

from __future__ import annotations

import csv
import gzip
import json
import time
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import pytest
from tests.clients.command_line import VERSIONS, CommandLine
from tests.served import PATIENCE_SECONDS, Served, serve

from akia.trail.signing import verifies

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.covers("I5.lake.cli", "I5.lake.queries", "I5.lake.delivery")

BUCKET = "query-results"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    akia = serve(tmp_path_factory.mktemp("lake"), "--workers", "2")
    yield akia
    assert akia.stop() == 0


class Trail(CommandLine):
    """`aws cloudtrail`."""

    def cloudtrail(self, *words: str) -> Any:
        return self("cloudtrail", *words, "--endpoint-url", self.served.endpoint, "--region", "us-east-1")

    def ended(self, query: str) -> Any:
        """What `describe-query` tells of a query that has ended, and delivered."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            told = self.cloudtrail("describe-query", "--query-id", query)
            if told["QueryStatus"] not in {"QUEUED", "RUNNING"} and told.get("DeliveryStatus") != "PENDING":
                return told
            time.sleep(0.5)
        raise AssertionError("the query does not end")


@pytest.mark.parametrize("version", VERSIONS)
def test_what_a_key_has_done_is_asked_for(served: Served, version: str) -> None:
    aws = Trail(version, served)
    made = aws.cloudtrail("create-event-data-store", "--name", f"store-{version}", "--no-termination-protection-enabled")
    arn, store_id = made["EventDataStoreArn"], made["EventDataStoreArn"][-36:]
    assert made["Status"] == "ENABLED"
    iam = served.client("iam")
    iam.create_user(UserName=f"alice-{version}")
    key = iam.create_access_key(UserName=f"alice-{version}")["AccessKey"]
    for number in range(3):
        iam.tag_user(UserName=f"alice-{version}", Tags=[{"Key": f"k{number}", "Value": "v"}])

    statement = (
        "SELECT eventName, element_at(requestParameters, 'userName') AS who, date_trunc('day', eventTime) AS day "
        f"FROM {store_id} WHERE userIdentity.accessKeyId = '{served.administrator.access_key_id}' AND readOnly = false "
        f"AND element_at(requestParameters, 'userName') = 'alice-{version}' ORDER BY eventTime, eventName"
    )
    query = aws.cloudtrail("start-query", "--query-statement", statement, "--delivery-s3-uri", f"s3://{BUCKET}/{version}")["QueryId"]
    told = aws.ended(query)
    assert (told["QueryStatus"], told["DeliveryStatus"]) == ("FINISHED", "SUCCESS"), told
    page = aws.cloudtrail("get-query-results", "--query-id", query, "--max-query-results", "2")
    rest = aws.cloudtrail("get-query-results", "--query-id", query, "--next-token", page["NextToken"])
    rows = [*page["QueryResultRows"], *rest["QueryResultRows"]]
    names = ["CreateUser", "CreateAccessKey", "TagUser", "TagUser", "TagUser"]
    assert sorted(row[0]["eventName"] for row in rows) == sorted(names)
    assert {row[1]["who"] for row in rows} == {f"alice-{version}"}
    assert key["AccessKeyId"] not in json.dumps(rows)
    (listed,) = aws.cloudtrail("list-queries", "--event-data-store", arn)["Queries"]
    assert (listed["QueryId"], listed["QueryStatus"]) == (query, "FINISHED")
    delivered_and_signed(aws, version, query)

    refused = aws.refusal(
        "cloudtrail", "start-query", "--query-statement", "SELECT * FROM users", "--endpoint-url", served.endpoint, "--region", "us-east-1"
    )
    assert "InvalidQueryStatementException" in refused
    aws.cloudtrail("delete-event-data-store", "--event-data-store", arn)
    assert aws.cloudtrail("get-event-data-store", "--event-data-store", arn)["Status"] == "PENDING_DELETION"
    assert aws.cloudtrail("restore-event-data-store", "--event-data-store", arn)["Status"] == "ENABLED"
    assert not list((served.data / "lake").iterdir())


def delivered_and_signed(aws: Trail, version: str, query: str) -> None:
    """The steps that AWS documents for whoever verifies without `aws cloudtrail verify-query-results`."""
    (folder,) = (aws.served.data / "trails" / BUCKET / version).glob(f"AWSLogs/*/CloudTrail-Lake/Query/*/*/*/{query}")
    signed = json.loads((folder / "result_sign.json").read_bytes())
    (file,) = signed["files"]
    body = (folder / file["fileName"]).read_bytes()
    assert sha256(body).hexdigest() == file["fileHashValue"]
    assert len(list(csv.reader(gzip.decompress(body).decode().splitlines()))) == 6
    keys = aws.served.client("cloudtrail").list_public_keys()["PublicKeyList"]
    (public,) = [key["Value"] for key in keys if key["Fingerprint"] == signed["publicKeyFingerprint"]]
    assert verifies(public, file["fileHashValue"].encode(), signed["hashSignature"])
