"""What a query must not do: read files, change anything, see other tables, run for ever. Two walls stand one behind the other: what
`akia.lake.translation` lets through, and what DuckDB can do at all when it executes it."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING

import duckdb
import pytest

from akia.lake.statement import StatementError
from akia.querying.child import close_outside, opened, tree_of
from akia.querying.question import Limits, Question, Table
from akia.querying.run import CANCELLED, FAILED, FINISHED, TIMED_OUT, Answer, rows_of, run

if TYPE_CHECKING:
    from collections.abc import Iterator

    from duckdb import DuckDBPyConnection

pytestmark = pytest.mark.covers("I5.lake.attacks")

MINE = "11111111-2222-3333-4444-555555555555"
OTHERS = "99999999-2222-3333-4444-555555555555"
SECRET = "the-secret-of-this-machine"


@pytest.fixture(scope="module")
def parser() -> Iterator[DuckDBPyConnection]:
    connection = opened(Question("", ()))
    yield connection
    connection.close()


@pytest.fixture
def closed(tmp_path: Path) -> Iterator[DuckDBPyConnection]:
    """DuckDB as it is when it executes what somebody has written, should the first wall ever fall."""
    connection = opened(Question("", (), directory=str(tmp_path)))
    close_outside(connection)
    yield connection
    connection.close()


@pytest.fixture
def database(tmp_path: Path) -> str:
    """akia's database, as far as a query's process knows it, with events of two stores."""
    path = tmp_path / "akia.db"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE event_data_store_events (store TEXT, event_id TEXT, at_ms INTEGER, record TEXT)")
    for store, name in ((MINE, "Mine"), (OTHERS, "Others")):
        for number in range(3):
            record = json.dumps({"eventID": str(number), "eventName": name, "eventTime": "2026-01-01T00:00:00Z", "readOnly": True})
            connection.execute("INSERT INTO event_data_store_events VALUES (?, ?, ?, ?)", (store, str(number), number, record))
    connection.commit()
    connection.close()
    return str(path)


def asked(database: str, tmp_path: Path, statement: str, seconds: float | None = None, **limits: int) -> Answer:
    directory = mkdtemp(dir=tmp_path)
    return run(Question(statement, (Table(MINE),), database, directory, Limits(**limits)), lambda: False, seconds)


def refused(parser: DuckDBPyConnection, statement: str) -> str:
    with pytest.raises(StatementError) as caught:
        tree_of(parser, Question(statement, (Table(MINE),)))
    return str(caught.value)


@pytest.mark.parametrize(
    "source",
    [
        "read_text('/etc/passwd')",
        "read_blob('/etc/passwd')",
        "read_csv('/etc/passwd')",
        "read_csv_auto('/etc/passwd')",
        "read_json('/etc/passwd')",
        "read_ndjson_objects('/etc/passwd')",
        "read_parquet('/etc/passwd')",
        "parquet_metadata('/etc/passwd')",
        "parquet_scan('/etc/passwd')",
        "sniff_csv('/etc/passwd')",
        "glob('/etc/*')",
        "'/etc/passwd.csv'",
        '"/etc/passwd.csv"',
        "'s3://bucket/x.parquet'",
        "'https://example.com/x.csv'",
        "sqlite_scan('akia.db', 'users')",
        "postgres_scan('', '', '')",
    ],
)
def test_a_query_reads_no_file(parser: DuckDBPyConnection, closed: DuckDBPyConnection, source: str) -> None:
    refused(parser, f"SELECT * FROM {source}")
    refused(parser, f"SELECT * FROM {MINE} WHERE eventID IN (SELECT 'x' FROM {source})")
    refused(parser, f"WITH a AS (SELECT * FROM {source}) SELECT * FROM a")
    with pytest.raises(duckdb.Error):
        closed.execute(f"SELECT * FROM {source}").fetchall()


def test_a_name_that_is_given_to_a_query_is_no_way_to_a_file(parser: DuckDBPyConnection) -> None:
    for name in ("/etc/passwd.csv", "x.csv", "duckdb_settings", "pg_tables", "sqlite_master", "information_schema", "lake_x"):
        assert "cannot be given" in refused(parser, f'SELECT * FROM (WITH "{name}" AS (SELECT 1) SELECT 1) JOIN "{name}" ON true')


@pytest.mark.parametrize(
    "statement",
    [
        "COPY (SELECT 1) TO '/tmp/stolen'",
        "COPY x FROM '/etc/passwd'",
        "EXPORT DATABASE '/tmp/stolen'",
        "ATTACH '/tmp/other.db'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "CREATE SECRET (TYPE s3)",
        "SET memory_limit = '100GB'",
        "SET enable_external_access = true",
        "RESET enable_external_access",
        "PRAGMA database_list",
        "CALL pragma_version()",
    ],
)
def test_a_query_copies_attaches_loads_and_sets_nothing(parser: DuckDBPyConnection, closed: DuckDBPyConnection, statement: str) -> None:
    refused(parser, statement)
    refused(parser, f"SELECT 1; {statement}")
    if not statement.startswith(("PRAGMA", "CALL")):  # which tell about DuckDB itself only
        with pytest.raises(duckdb.Error):
            closed.execute(statement).fetchall()


@pytest.mark.parametrize(
    "statement",
    [
        f"DROP TABLE {MINE}",
        f"DELETE FROM {MINE}",
        f"UPDATE {MINE} SET eventName = 'x'",
        f"INSERT INTO {MINE} SELECT * FROM {MINE}",
        "CREATE TABLE x AS SELECT 1",
        "CREATE MACRO lake_date(x) AS 1",
        f"WITH x AS (INSERT INTO {MINE} VALUES (1) RETURNING *) SELECT * FROM x",
        f"WITH x AS (DELETE FROM {MINE} RETURNING *) SELECT * FROM x",
        f"EXPLAIN SELECT * FROM {MINE}",
        f"EXPLAIN ANALYZE DELETE FROM {MINE}",
        "EXECUTE x",
        "PREPARE x AS SELECT 1",
        "BEGIN",
        "SELECT 1; SELECT 2",
        f"SELECT * FROM {MINE}; DROP TABLE {MINE}",
        f"DESCRIBE {MINE}",
        "SHOW TABLES",
        f"SUMMARIZE {MINE}",
        f"PIVOT {MINE} ON eventName USING count(*)",
        "",
        ";",
        "--",
    ],
)
def test_a_query_is_one_select(parser: DuckDBPyConnection, statement: str) -> None:
    assert refused(parser, statement)


@pytest.mark.parametrize(
    "expression",
    [
        "getenv('HOME')",
        "current_setting('temp_directory')",
        "getvariable('x')",
        "current_database()",
        "version()",
        "pg_sleep(10)",
        "write_log('x')",
        "lake_date('2020-01-01')",
        "list_value(1)",
        "json_serialize_sql('SELECT 1')",
        "system.main.abs(1)",
        "abs(x := 1)",
        "COLUMNS('event.*')",
        "#1",
        "$1",
        "?",
    ],
)
def test_a_query_calls_no_function_that_trino_has_not(parser: DuckDBPyConnection, expression: str) -> None:
    refused(parser, f"SELECT {expression} FROM {MINE}")
    refused(parser, f"SELECT 1 FROM {MINE} GROUP BY 1 HAVING max({expression}) > 1 ORDER BY {expression}")
    refused(parser, f"SELECT filter(array[1], x -> {expression} = x) FROM {MINE}")


@pytest.mark.parametrize(
    "table",
    [
        "users",
        OTHERS,
        "sqlite_master",
        "duckdb_settings()",
        "duckdb_secrets()",
        "information_schema.tables",
        "pg_catalog.pg_tables",
        f'main."{MINE}"',
        f'other.main."{MINE}"',
        "query('SELECT 1')",
        f"query_table('{MINE}')",
        "range(1000000000)",
        "generate_series(1, 1000000000)",
        f'"{MINE}" AT (VERSION => 1)',
        f"(DESCRIBE {MINE})",
    ],
)
def test_a_query_sees_the_stores_that_it_may_and_no_other_table(parser: DuckDBPyConnection, table: str) -> None:
    refused(parser, f"SELECT * FROM {table}")
    refused(parser, f"SELECT * FROM {MINE} a JOIN {table} ON true")
    refused(parser, f"SELECT eventID FROM {MINE} UNION SELECT eventID FROM {table}")
    refused(parser, f"SELECT (SELECT count(*) FROM {table}) FROM {MINE}")


def test_the_process_holds_the_events_of_the_named_stores_only(database: str, tmp_path: Path) -> None:
    answer = asked(database, tmp_path, f"SELECT DISTINCT eventName FROM {MINE}")
    assert (answer.status, answer.scanned, rows_of(answer.pieces[0].body)) == (FINISHED, 3, [["Mine"]])


def test_what_is_too_old_for_the_store_is_not_seen(database: str, tmp_path: Path) -> None:
    directory = tmp_path / "query"
    directory.mkdir()
    answer = run(Question(f"SELECT eventID FROM {MINE}", (Table(MINE, start_ms=2),), database, str(directory)), lambda: False)
    assert rows_of(answer.pieces[0].body) == [["2"]]


def test_a_query_that_takes_too_long_is_ended(database: str, tmp_path: Path) -> None:
    endless = "SELECT count(*) FROM " + ", ".join(f"{MINE} t{number}" for number in range(30))
    answer = asked(database, tmp_path, endless, seconds=3)
    assert (answer.status, answer.rows) == (TIMED_OUT, 0)


def test_a_query_is_given_up_when_somebody_says_so(database: str, tmp_path: Path) -> None:
    endless = "SELECT count(*) FROM " + ", ".join(f"{MINE} t{number}" for number in range(30))
    directory = tmp_path / "query"
    directory.mkdir()
    answer = run(Question(endless, (Table(MINE),), database, str(directory)), lambda: True)
    assert answer.status == CANCELLED


def test_a_query_that_wants_too_much_memory_fails_alone(database: str, tmp_path: Path) -> None:
    greedy = "SELECT array_agg(a.eventName || b.n) FROM " + MINE + " a, UNNEST(sequence(1, 50000000)) b (n)"
    answer = asked(database, tmp_path, greedy, seconds=60, memory_mb=64, disk_mb=64)
    assert (answer.status, answer.kind) == (FAILED, "limit")


def test_a_result_that_is_too_large_fails(database: str, tmp_path: Path) -> None:
    large = f"SELECT a.eventID FROM {MINE} a, {MINE} b"
    assert asked(database, tmp_path, large, rows=9).status == FINISHED
    answer = asked(database, tmp_path, large, rows=8)
    assert (answer.status, answer.kind) == (FAILED, "limit")
    assert asked(database, tmp_path, large, result_bytes=8).status == FAILED


def test_a_store_that_has_no_room_on_the_disk_is_a_limit(database: str, tmp_path: Path) -> None:
    answer = asked(database, tmp_path, f"SELECT eventID FROM {MINE}", disk_mb=0)
    assert (answer.status, answer.kind) == (FAILED, "limit")
    assert "room on disk" in answer.error


def test_a_row_that_is_too_long_fails_and_says_so(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("akia.querying.run.LONGEST_LINE", 100_000)
    assert asked(database, tmp_path, "SELECT rpad('x', 50000, 'y')").status == FINISHED
    answer = asked(database, tmp_path, "SELECT rpad('x', 500000, 'y')")
    assert (answer.status, answer.kind, answer.pieces) == (FAILED, "limit", [])
    assert answer.error


def test_a_statement_that_is_nested_too_deeply_is_refused(tmp_path: Path) -> None:
    deep = "SELECT " + "(" * 4_900 + "1" + ")" * 4_900
    answer = run(Question(deep, ()), lambda: False)
    assert answer.status == FAILED
    assert answer.kind in {"statement", "limit"}
    long = "SELECT " + " + ".join(["1"] * 2_000)
    assert run(Question(long, ()), lambda: False).kind in {"", "statement", "limit"}


def test_no_secret_of_akias_environment_comes_to_the_process(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AKIA_MASTER_KEY", SECRET)
    seen: list[bytes] = []

    def looked() -> bool:
        for process in Path("/proc").iterdir():
            with suppress(OSError):
                if process.name.isdigit() and b"akia.querying.child" in (process / "cmdline").read_bytes():
                    seen.append((process / "environ").read_bytes() + (process / "cmdline").read_bytes())
        return bool(seen)

    directory = tmp_path / "query"
    directory.mkdir()
    run(Question(f"SELECT 'in-the-statement' FROM {MINE}", (Table(MINE),), database, str(directory)), looked)
    assert seen
    assert not any(SECRET.encode() in each or b"in-the-statement" in each for each in seen)


def test_the_process_ends_with_its_parent(database: str, tmp_path: Path) -> None:
    endless = "SELECT count(*) FROM " + ", ".join(f"{MINE} t{number}" for number in range(30))
    directory = tmp_path / "query"
    directory.mkdir()
    question = Question(endless, (Table(MINE),), database, str(directory))
    environment = {"PYTHONPATH": os.pathsep.join(sys.path)}
    process = subprocess.Popen(
        [sys.executable, "-m", "akia.querying.child"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment
    )
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(question.to_json() + b"\n")
    process.stdin.flush()
    assert b"scanned" in process.stdout.readline()
    process.stdin.close()
    assert process.wait(timeout=60) == 3
    process.stdout.close()


def test_errors_name_no_path_of_this_machine(database: str, tmp_path: Path) -> None:
    for statement in (
        f"SELECT nothing FROM {MINE}",
        f"SELECT CAST(eventName AS bigint) FROM {MINE}",
        f"SELECT date_add('day', 'x', 1) FROM {MINE}",
    ):
        answer = asked(database, tmp_path, statement)
        assert answer.status == FAILED
        assert answer.kind == "statement"
        assert "/" not in answer.error
        assert "lake_" not in answer.error


def test_a_record_with_line_breaks_is_one_event(tmp_path: Path) -> None:
    path = tmp_path / "akia.db"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE event_data_store_events (store TEXT, event_id TEXT, at_ms INTEGER, record TEXT)")
    connection.execute("INSERT INTO event_data_store_events VALUES (?, 'a', 1, ?)", (MINE, '{\n"eventName":\r\n"Broken"}'))
    connection.execute("INSERT INTO event_data_store_events VALUES (?, 'b', 1, ?)", (MINE, "no JSON at all"))
    connection.commit()
    connection.close()
    answer = asked(str(path), tmp_path, f"SELECT eventName FROM {MINE} WHERE eventName IS NOT NULL")
    assert rows_of(answer.pieces[0].body) == [["Broken"]]


def test_the_process_itself_reaches_nothing_but_its_directory(tmp_path: Path) -> None:
    own, library, secret = tmp_path / "own", tmp_path / "library", tmp_path / "secret"
    for directory in (own, library, secret):
        directory.mkdir()
        (directory / "file").write_text(SECRET)
    program = f"""
import os, socket, sys
from pathlib import Path
from akia.querying.landlock import restrict
own, library, secret = map(Path, sys.argv[1:])
server = socket.create_server(("127.0.0.1", 0))
if not restrict(own, [library, Path("/not/there")]):
    sys.exit(77)
assert (own / "file").read_text() == (library / "file").read_text() == "{SECRET}"
(own / "new").write_text("x")
def refused(call):
    try:
        call()
    except PermissionError:
        return True
assert refused((secret / "file").read_text)
assert refused(lambda: os.listdir(secret))
assert refused(lambda: (library / "new").write_text("x"))
assert refused(lambda: Path("/etc/passwd").read_text())
try:
    socket.create_connection(server.getsockname())
    print("connected")
except PermissionError:
    print("not connected")
"""
    words = [sys.executable, "-c", program, str(own), str(library), str(secret)]
    done = subprocess.run(words, env={"PYTHONPATH": os.pathsep.join(sys.path)}, capture_output=True, text=True, check=False)
    if done.returncode == 77:
        pytest.skip("this kernel has no Landlock")
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() in {"connected", "not connected"}  # the network came with version 4
