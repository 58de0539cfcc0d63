from __future__ import annotations

import gzip
import json
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from bench.crowd import Crowd
from bench.delivery import _arrived
from bench.history import settle_history
from bench.signing import JSON, Credential, Scope, signed_post
from tests.bench.test_bench_signing import parts, signed_by_botocore

from akia.keyring import MasterKey
from akia.store.database import Database, Durability
from akia.store.master_key import MasterKeyInMemory
from akia.store.opening import open_store
from akia.store.trail.events import Attribute
from akia.trail.log_file import Lane, log_file

if TYPE_CHECKING:
    from pathlib import Path

ACCOUNT = "111122223333"
NEWEST = 1_795_000_000_000


def indexes(database: Path) -> set[tuple[str, str | None]]:
    with closing(sqlite3.connect(database)) as connection:
        return set(connection.execute("SELECT name, sql FROM sqlite_master WHERE tbl_name = 'events'"))


@pytest.mark.covers("I5.bench.trail")
def test_a_history_has_as_many_events_as_asked_for_and_each_key_finds_its_own(tmp_path: Path) -> None:
    master = MasterKeyInMemory(MasterKey.generate())
    database, crowd = Database(tmp_path / "data" / "akia.db", Durability.OFF), Crowd(ACCOUNT, 10)
    database.path.parent.mkdir()
    open_store(database, master).close()
    before = indexes(database.path)
    settle_history(database.path, crowd, 95, NEWEST)
    assert indexes(database.path) == before
    store = open_store(database, master)
    try:
        assert store.events.count() == 95
        found = store.events.lookup(ACCOUNT, Attribute.ACCESS_KEY_ID, crowd[4].access_key_id)
        assert [event.at_ms for event in found] == sorted((event.at_ms for event in found), reverse=True)
        assert len(found) == 10
        record = json.loads(found[0].record)
        assert record["userIdentity"]["accessKeyId"] == found[0].access_key_id == crowd[4].access_key_id
        assert (record["eventID"], record["requestID"]) == (found[0].event_id, found[0].request_id)
        assert store.events.lookup(ACCOUNT, limit=1)[0].at_ms == NEWEST
    finally:
        store.close()


@pytest.mark.covers("I5.bench.trail")
def test_only_records_that_a_digest_names_have_arrived(tmp_path: Path) -> None:
    lane = Lane("bench-bucket", "", "", ACCOUNT, "us-east-1")
    named, forgotten = (log_file(lane, ['{"eventVersion":"1.11"}'] * count, NEWEST // 1000) for count in (3, 4))
    digest = json.dumps({"logFiles": [{"s3Object": named.key}]}).encode()
    for key, body in ((named.key, named.compressed), (forgotten.key, forgotten.compressed)):
        put(tmp_path / lane.bucket / key, body)
    assert _arrived(tmp_path) == 0
    put(tmp_path / lane.bucket / "AWSLogs/CloudTrail-Digest/one.json.gz", gzip.compress(digest))
    assert _arrived(tmp_path) == 3


def put(path: Path, body: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(body)


def test_requests_of_the_json_protocol_are_signed_with_their_target() -> None:
    credential, scope = Credential("AKIDEXAMPLE", "wJalrXUtnFEMI"), Scope("cloudtrail", "127.0.0.1:2542")
    _, headers, body = parts(signed_post(credential, scope, b"{}", at=1_440_938_160, invocation="x", target="T.LookupEvents"))
    assert (headers["content-type"], headers["x-amz-target"], body) == (JSON, "T.LookupEvents", b"{}")
    signed = "amz-sdk-invocation-id;content-type;host;x-amz-date;x-amz-target"
    assert f"SignedHeaders={signed}," in headers["authorization"]
    assert headers["authorization"].endswith(f"Signature={signed_by_botocore(credential, scope, headers, body, signed)}")
