"""What a query has answered, as files: rows as CSV, and a file that signs them, which `aws cloudtrail verify-query-results` reads."""

from __future__ import annotations

import csv
import gzip
import io
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

import orjson

from akia.trail.log_file import day_folder
from akia.trail.signing import ALGORITHM, fingerprint, public_of, sign
from akia.trail.user_identity import timestamp

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

SIGN_FILE = "result_sign.json"


class ResultFile(NamedTuple):
    """A file's name, and the bytes that are stored."""

    name: str
    body: bytes


def folder(prefix: str, account: str, query_id: str, at: int) -> str:
    """Where the files of a query lie that was finished `at` (epoch seconds), with a slash at its end."""
    parts = (prefix.strip("/"), "AWSLogs", account, "CloudTrail-Lake", "Query", day_folder(at), query_id)
    return "/".join(part for part in parts if part) + "/"


def csv_file(number: int, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> ResultFile:
    """The rows, behind a line with the names of the columns, compressed."""
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return ResultFile(f"result_{number}.csv.gz", gzip.compress(text.getvalue().encode(), mtime=0))


def sign_file(files: Sequence[ResultFile], region: str, at: int, private: bytes) -> ResultFile:
    """What says that these are the files, as they were `at` (epoch seconds). The signature is one of their hashes."""
    hashes = [sha256(file.body).hexdigest() for file in files]
    told = {
        "version": "1.0",
        "region": region,
        "files": [{"fileHashValue": value, "fileName": file.name} for value, file in zip(hashes, files, strict=True)],
        "hashAlgorithm": "SHA-256",
        "signatureAlgorithm": ALGORITHM,
        "queryCompleteTime": timestamp(at),
        "hashSignature": sign(private, " ".join(hashes).encode()),
        "publicKeyFingerprint": fingerprint(public_of(private)),
    }
    return ResultFile(SIGN_FILE, orjson.dumps(told))
