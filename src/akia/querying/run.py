"""Starting the process that runs a query, listening to it, and ending it."""

from __future__ import annotations

import os
import select
import subprocess
import sys
import time
import zlib
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

import akia

if TYPE_CHECKING:
    from collections.abc import Callable
    from subprocess import Popen

    from akia.querying.question import Question

FINISHED, FAILED, CANCELLED, TIMED_OUT = "FINISHED", "FAILED", "CANCELLED", "TIMED_OUT"
POLL_SECONDS = 0.25
CHECK_SECONDS = 20
LONGEST_LINE = 64 * 1_024 * 1_024


@dataclass(frozen=True, slots=True)
class Piece:
    """Some rows of a result, from the row `first` on; `body` is compressed JSON, a list of lists of texts."""

    first: int
    rows: int
    body: bytes = field(repr=False)


def rows_of(body: bytes) -> list[list[str]]:
    """The rows of a piece."""
    rows: list[list[str]] = orjson.loads(zlib.decompress(body))
    return rows


@dataclass(slots=True)
class Answer:
    """How a query ended. `error` is for its author, `kind` says what it is about: `statement`, `limit` or `internal`."""

    status: str = FAILED
    error: str = ""
    kind: str = ""
    columns: tuple[str, ...] = ()
    pieces: list[Piece] = field(default_factory=list)
    rows: int = 0
    scanned: int = 0
    bytes: int = 0
    milliseconds: int = 0


def is_available() -> bool:
    """Whether DuckDB is installed."""
    return find_spec("duckdb") is not None


def run(question: Question, stopped: Callable[[], bool], seconds: float | None = None) -> Answer:
    """The answer to `question`. Takes as long as the query does: not for the thread that serves. `stopped` is asked several times a second
    whether to give up. Of `seconds` and the question's limit the shorter one holds."""
    began = time.monotonic()
    deadline = began + min(seconds or question.limits.seconds, question.limits.seconds)
    answer = Answer()
    process = _started(question)
    try:
        assert process.stdin is not None
        process.stdin.write(question.to_json() + b"\n")
        process.stdin.flush()  # and stays open: the process ends when it closes
        _listen(process, answer, stopped, deadline)
    except BrokenPipeError:
        answer.status, answer.kind, answer.error = FAILED, "internal", "The query could not be run."
    finally:
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                stream.close()
    answer.milliseconds = int((time.monotonic() - began) * 1_000)
    return answer


def _started(question: Question) -> Popen[bytes]:
    """Nothing of akia's environment comes along: no master key, no credentials."""
    environment = {"PYTHONPATH": str(Path(akia.__file__).parents[1]), "TZ": "UTC", "LC_ALL": "C.UTF-8", "HOME": question.directory or "/"}
    return subprocess.Popen(
        [sys.executable, "-s", "-P", "-m", "akia.querying.child"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=question.directory or "/",
        env=environment,
        start_new_session=True,
    )


def _listen(process: Popen[bytes], answer: Answer, stopped: Callable[[], bool], deadline: float) -> None:
    assert process.stdout is not None
    source, line = process.stdout.fileno(), bytearray()
    while True:
        if stopped():
            answer.status = CANCELLED
            return
        if time.monotonic() > deadline:
            answer.status, answer.error = TIMED_OUT, "The query took longer than it may."
            return
        if not select.select([source], [], [], POLL_SECONDS)[0]:
            continue
        read = os.read(source, 1_048_576)
        if not read:
            _ended(answer)
            return
        *ended, rest = read.split(b"\n")
        for end in ended:
            _heard(answer, orjson.loads(line + end))
            line.clear()
        line += rest
        if len(line) > LONGEST_LINE:
            _ended(answer)
            return


def _heard(answer: Answer, piece: dict[str, Any]) -> None:
    if "error" in piece:
        answer.status, answer.error, answer.kind = FAILED, piece["error"], piece["kind"]
    elif "rows" in piece:
        rows = piece["rows"]
        answer.pieces.append(Piece(answer.rows, len(rows), zlib.compress(orjson.dumps(rows))))
        answer.rows += len(rows)
    elif "scanned" in piece:
        answer.scanned, answer.bytes = answer.scanned + piece["scanned"], answer.bytes + piece["bytes"]
    elif "columns" in piece:
        answer.columns = tuple(piece["columns"])
    else:
        answer.status = FINISHED


def _ended(answer: Answer) -> None:
    """The process has ended. If it has not said how, it was ended: by its limits, or by a fault."""
    if answer.status != FINISHED and not answer.error:
        answer.error, answer.kind = "The query was ended: it used more than it may.", "limit"
