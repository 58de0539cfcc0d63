"""The process that runs one query, and ends with it: `python -m akia.querying.child`. The question comes on standard input, the answer
goes to standard output, a line of JSON for each piece.

What the statement may see is copied first; from then on the process itself reaches nothing but its own directory (`landlock`). When the
copy is loaded, everything outside is closed to DuckDB too, for good (`close_outside`), and only then does it execute what somebody has
written: a statement made anew from the syntax tree that `akia.lake.translation` has let through.
"""

from __future__ import annotations

import errno
import json
import os
import resource
import sqlite3
import sys
from contextlib import closing
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

import orjson

from akia.lake.functions import MACROS, PREFIX
from akia.lake.schema import EVENT_JSON, needed
from akia.lake.statement import StatementError, prepared, quoted
from akia.lake.translation import translated, words
from akia.lake.values import shown
from akia.querying.landlock import restrict
from akia.querying.question import Question

if TYPE_CHECKING:
    from collections.abc import Iterator

    from duckdb import DuckDBPyConnection

    from akia.querying.question import Limits, Table

MEGABYTE = 1_024 * 1_024
PIECE_ROWS, PIECE_BYTES = 500, MEGABYTE
"""Of one line of an answer, at most, but for single rows that are larger."""
BATCH = 1_000
_LIBRARIES = tuple(
    Path(place) for place in (sys.prefix, sys.base_prefix, "/usr/lib", "/usr/share/zoneinfo", "/proc/self", "/sys/fs/cgroup")
)
"""What the interpreter and DuckDB may want to read at any time: code, zones of time, and how large the machine is."""
DEEPEST = 4_000
"""How deep the interpreter may go in a syntax tree."""
ADDRESS_SPACE_MB = 3_072
"""What the interpreter and DuckDB's own code and stacks take of the address space, beside the memory for data."""


class LimitError(Exception):
    """The query asks for more than it may."""


def main() -> None:
    """Answer the question on standard input. Exits with 0 if it was answered, be it with an error."""
    question = Question.from_json(sys.stdin.buffer.readline())
    Thread(target=_end_with_parent, daemon=True).start()
    _limit(question.limits)
    sys.setrecursionlimit(DEEPEST)
    try:
        _answer(question)
    except RecursionError:
        _tell(error="The statement is nested too deeply.", kind="statement")
    except (StatementError, LimitError) as error:
        _tell(error=str(error), kind="limit" if isinstance(error, LimitError) else "statement")
    except Exception as error:
        kind, text = _told(error, question.directory)
        _tell(error=text, kind=kind)


def _end_with_parent() -> None:
    """Standard input ends when the parent does, or lets go."""
    sys.stdin.buffer.read()
    os._exit(3)


def _limit(limits: Limits) -> None:
    """What the system itself bounds, should DuckDB not: memory, processor time, files, and the image of a crash."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (limits.seconds * limits.threads + 10,) * 2)
    resource.setrlimit(resource.RLIMIT_AS, ((limits.memory_mb + ADDRESS_SPACE_MB) * MEGABYTE,) * 2)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limits.disk_mb * MEGABYTE,) * 2)


def _tell(**piece: Any) -> None:
    sys.stdout.buffer.write(orjson.dumps(piece) + b"\n")
    sys.stdout.buffer.flush()


def _told(error: Exception, directory: str) -> tuple[str, str]:
    """Of an error of DuckDB what the author of the statement may read: never a path."""
    import duckdb

    if isinstance(error, duckdb.OutOfMemoryException | MemoryError):
        return "limit", "The query needs more memory than it may use."
    if isinstance(error, duckdb.IOException | duckdb.PermissionException) or _has_no_room(error):
        return "limit", "The query needs more room on disk than it may use."
    about_statement = (
        duckdb.BinderException, duckdb.CatalogException, duckdb.ParserException, duckdb.ConversionException, duckdb.DataError,
        duckdb.InvalidInputException, duckdb.NotImplementedException, duckdb.SyntaxException, duckdb.InvalidTypeException,
    )  # fmt: skip
    if isinstance(error, about_statement):
        text = str(error).partition("\n")[0].partition(": ")[2]
        return "statement", text.replace(PREFIX, "").replace(directory or "\0", "")[:900] or "The statement is not valid."
    return "internal", type(error).__name__


def _has_no_room(error: Exception) -> bool:
    return isinstance(error, OSError) and error.errno in (errno.EFBIG, errno.ENOSPC, errno.EDQUOT)


def _answer(question: Question) -> None:
    files = [_export(question, table, number) if question.database else None for number, table in enumerate(question.tables)]
    import duckdb  # noqa: F401 - its code is loaded while files can still be opened

    restrict(Path(question.directory) if question.directory else None, _LIBRARIES)
    with closing(opened(question)) as connection:
        tree = tree_of(connection, question)
        asked = words(tree)
        for table, file in zip(question.tables, files, strict=True):
            _make_table(connection, table, asked, file)
        close_outside(connection)
        text = text_of(connection, tree)
        if question.database:
            _run(connection, text, question.limits)
        else:
            connection.execute(f"EXPLAIN {text}")
            _tell(checked=True)


def opened(question: Question) -> DuckDBPyConnection:
    """DuckDB with the functions that it lacks, in the question's directory, still able to load what the statement may see."""
    import duckdb

    limits = question.limits
    settings: dict[str, Any] = {
        "memory_limit": f"{limits.memory_mb}MB",
        "threads": limits.threads,
        "max_temp_directory_size": f"{limits.disk_mb}MB",
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        "allow_community_extensions": False,
        "python_enable_replacements": False,
        "preserve_insertion_order": False,
    }
    if question.directory:
        settings["temp_directory"] = str(Path(question.directory) / "spilled")
    connection = duckdb.connect(str(Path(question.directory) / "events.duckdb") if question.directory else ":memory:", config=settings)
    for setting in ("TimeZone = 'UTC'", "integer_division = true", "errors_as_json = false"):
        connection.execute(f"SET {setting}")
    for name, bodies in MACROS.items():
        connection.execute(f"CREATE MACRO {PREFIX}{name}" + ", ".join(bodies))
    return connection


def tree_of(connection: DuckDBPyConnection, question: Question) -> dict[str, Any]:
    """The syntax tree of what is to be executed. Parsing executes nothing: the statement is the value of a parameter here. Raises
    StatementError."""
    found = connection.execute("SELECT json_serialize_sql(?)", [prepared(question.statement)]).fetchone()
    tree = json.loads(found[0]) if found else {"error": True}
    if tree.get("error"):
        what = tree.get("error_message", "The statement is not valid.")
        raise StatementError("Only SELECT statements are allowed." if tree.get("error_type") == "not implemented" else what)
    return translated(tree, [table.store for table in question.tables])


def text_of(connection: DuckDBPyConnection, tree: dict[str, Any]) -> str:
    """DuckDB's SQL of a syntax tree."""
    found = connection.execute("SELECT json_deserialize_sql(?)", [json.dumps(tree)]).fetchone()
    assert found is not None
    return str(found[0])


def _export(question: Question, table: Table, number: int) -> Path:
    """The table's events in a file, one a line; tells how many there are."""
    path = Path(question.directory) / f"events-{number}.ndjson"
    events = size = 0
    with path.open("wb") as file:
        for record in _records(question.database, table):
            events, size = events + 1, size + len(record)
            file.write(record)
    _tell(scanned=events, bytes=size)
    return path


def _records(database: str, table: Table) -> Iterator[bytes]:
    with closing(sqlite3.connect(f"{Path(database).absolute().as_uri()}?mode=ro", uri=True)) as connection:
        connection.execute("PRAGMA query_only = ON")
        chosen = connection.execute(
            "SELECT record FROM event_data_store_events WHERE store = ? AND at_ms >= ?", (table.store, table.start_ms)
        )
        while rows := chosen.fetchmany(BATCH):
            for (record,) in rows:
                yield record.replace("\n", " ").replace("\r", " ").encode() + b"\n"


def _make_table(connection: DuckDBPyConnection, table: Table, asked: set[str] | None, file: Path | None) -> None:
    """The table that a statement sees by the store's id, with the columns that it asks for."""
    structure = quoted(orjson.dumps(needed(table.activity, asked)).decode())
    source = (
        f"read_ndjson_objects({quoted(str(file))}, ignore_errors = true)" if file else "(SELECT CAST(NULL AS JSON) AS json WHERE false)"
    )
    is_whole = not table.activity and (asked is None or EVENT_JSON.lower() in asked)
    columns = f'event.*, CAST(json AS VARCHAR) AS "{EVENT_JSON}"' if is_whole else "event.*"
    kept = "json, " if is_whole else ""
    event = f"(SELECT {kept}json_transform(json, {structure}) AS event FROM {source})"  # noqa: S608 - all of it is ours, as below
    connection.execute(f'CREATE TABLE "{table.store}" AS SELECT {columns} FROM {event}')  # noqa: S608 - the id too is ours
    if file:
        file.unlink()


def close_outside(connection: DuckDBPyConnection) -> None:
    """From here on DuckDB opens no file and loads nothing, and nobody can tell it otherwise."""
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")


def _run(connection: DuckDBPyConnection, text: str, limits: Limits) -> None:
    result = connection.execute(text)
    _tell(columns=[column[0] for column in result.description or ()])
    piece: list[list[str]] = []
    count = size = piece_size = 0
    while rows := result.fetchmany(PIECE_ROWS):
        for row in rows:
            values = [shown(value) for value in row]
            piece.append(values)
            count, piece_size = count + 1, piece_size + sum(map(len, values))
            if len(piece) >= PIECE_ROWS or piece_size >= PIECE_BYTES:
                size += piece_size
                _require_room(count, size, limits)
                _tell(rows=piece)
                piece, piece_size = [], 0
    _require_room(count, size + piece_size, limits)
    if piece:
        _tell(rows=piece)
    _tell(finished=count)


def _require_room(rows: int, size: int, limits: Limits) -> None:
    if rows > limits.rows or size > limits.result_bytes:
        raise LimitError(f"The result is larger than {limits.rows} rows or {limits.result_bytes} bytes: ask for less, or use LIMIT.")


if __name__ == "__main__":
    main()
