"""A long history of events, written straight into the store of an akia that is stopped; and looking events up in it, over the wire."""

from __future__ import annotations

import json
import sqlite3
import time
from typing import TYPE_CHECKING

from akia.trail.event import Happening, written
from akia.trail.user_identity import iam_user
from bench.bulk import settle_crowd
from bench.figures import percentile
from bench.growth import sample
from bench.load import replay
from bench.targets import LOOKED_UP
from bench.traffic import Traffic

if TYPE_CHECKING:
    from pathlib import Path

    from bench.cases import Plan
    from bench.crowd import Crowd
    from bench.figures import Results
    from bench.signing import Credential

CALLERS = 1_000
"""Keys that the events are of, in turn."""
LOOK_UPS = 300
DAYS = 80
"""How far back the history goes: all of it within the ninety days that LookupEvents tells of."""
LOOKUP_EVENTS = "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.LookupEvents"

_ID, _REQUEST, _KEY, _USER = "EVENT-ID", "REQUEST-ID", "KEY-ID", "USER-NAME"
_NUMBERS = "WITH RECURSIVE numbers (n) AS (SELECT :first UNION ALL SELECT n + 1 FROM numbers WHERE n + 1 < :last)"
_INSERT = f"""{_NUMBERS}
INSERT INTO events
SELECT id, request, :account, :newest - (:size - 1 - n) * :step, 'GetCallerIdentity', 'sts.amazonaws.com', user, key, 1, 1, '', 'us-east-1',
    replace(replace(replace(replace(:record, '{_ID}', id), '{_REQUEST}', request), '{_KEY}', key), '{_USER}', user), '[]', '[]'
FROM (
    SELECT n, printf('%08x-0000-4000-8000-%012x', n, n) AS id, printf('%08x-0000-4000-9000-%012x', n, n) AS request, callers.*
    FROM numbers JOIN callers ON callers.number = n % :callers
)"""
CHUNK = 100_000


def settle_history(database: Path, crowd: Crowd, size: int, newest_ms: int, days: float = DAYS) -> None:
    """Add `size` events of `crowd`'s keys, evenly over the `days` before `newest_ms`. Nobody else may have the database open.

    Indexes are made afterwards, which is quicker. Ids ascend, which nothing but the building notices.
    """
    values = {"account": crowd.account, "newest": newest_ms, "size": size, "step": max(int(days * 86_400_000 / size), 1)}
    values |= {"callers": len(crowd), "record": _record(crowd.account, newest_ms)}
    connection = sqlite3.connect(database, isolation_level=None)
    try:
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("PRAGMA journal_mode = OFF")
        connection.execute("PRAGMA cache_size = -262144")
        indexes = connection.execute("SELECT name, sql FROM sqlite_master WHERE tbl_name = 'events' AND type = 'index' AND sql NOT NULL")
        made = indexes.fetchall()
        for name, _ in made:
            connection.execute(f'DROP INDEX "{name}"')
        connection.execute("CREATE TEMP TABLE callers (number INTEGER PRIMARY KEY, key TEXT, user TEXT)")
        rows = ((number, caller.access_key_id, caller.user) for number, caller in enumerate(crowd))
        connection.executemany("INSERT INTO callers VALUES (?, ?, ?)", rows)
        for first in range(0, size, CHUNK):
            connection.execute(_INSERT, {**values, "first": first, "last": min(first + CHUNK, size)})
        for _, sql in made:
            connection.execute(sql)
        connection.execute("PRAGMA journal_mode = WAL")
    finally:
        connection.close()


def _record(account: str, at_ms: int) -> str:
    """The record of a call, with words in the places of what differs."""
    identity = iam_user(
        id="AIDAQEAAAAAAAAAAAAAAA", arn=f"arn:aws:iam::{account}:user/{_USER}", account=account, access_key_id=_KEY, name=_USER
    )
    agent = "Boto3/1.43.0 md/Botocore#1.43.0 ua/2.1 os/linux#6.1 md/arch#x86_64 lang/python#3.11.2 md/pyimpl#CPython"
    return written(
        Happening(
            event_id=_ID,
            request_id=_REQUEST,
            ended=at_ms / 1000,
            service="sts",
            operation="GetCallerIdentity",
            identity=identity,
            account=account,
            source_ip="127.0.0.1",
            user_agent=agent,
            region="us-east-1",
            read_only=True,
            additional={"RequestDetails": {"endpointType": "global", "awsServingRegion": "us-east-1"}},
        )
    )


def measure_lookup(plan: Plan, directory: Path, results: Results) -> None:
    """Adds how long LookupEvents by access key takes among `plan.events`, with one connection: the median, and what one
    in a hundred exceeds.

    Raises StartError, LoadError.
    """
    from bench.akia_server import Authority  # beside its like

    authority = Authority(directory / "history")
    with authority.running():
        pass  # the first start makes the account
    crowd = settle_crowd(authority, CALLERS)
    settle_history(authority.database, crowd, plan.events, int(time.time() * 1000) - 60_000)
    keys = sample(crowd, LOOK_UPS)
    with authority.running() as server:
        caller = authority.administrator()
        traffic = Traffic(server.scope("cloudtrail"), [caller], lambda _: b"", target=LOOKUP_EVENTS)
        requests = [traffic.asking(caller, _by_key(key)) for key in keys]
        replay(server.address, requests[:3], 1)
        run = replay(server.address, requests[3:], 1, proof=b'"AccessKeyId"')
    for percent in (50, 99):
        results.values[LOOKED_UP.format(plan.events, percent)] = percentile(run.latencies, percent)


def _by_key(key: Credential) -> bytes:
    return json.dumps({"LookupAttributes": [{"AttributeKey": "AccessKeyId", "AttributeValue": key.access_key_id}]}).encode()
