"""Where trails deliver: directories, and stores that speak S3."""

from __future__ import annotations

import http.server
import stat
import threading
from base64 import b64encode
from hashlib import md5
from typing import TYPE_CHECKING, Any

import pytest

from akia.outbound.buckets import (
    METADATA_SUFFIX,
    BucketDown,
    BucketError,
    BucketRefuses,
    DirectoryBuckets,
    NoBuckets,
    NoSuchBucket,
    S3Buckets,
    buckets_at,
)
from akia.settings import Settings, SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.covers("I5.trail.delivery")

KEY = "AWSLogs/123456789012/CloudTrail/us-east-1/2026/01/01/x.json.gz"
SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"


# Directories


def test_a_directory_keeps_files_where_s3_would_and_metadata_beside_them(tmp_path: Path) -> None:
    buckets = DirectoryBuckets(tmp_path / "trails")
    buckets.require("logs")
    buckets.put("logs", KEY, b"body", {"signature": "00"})
    buckets.put("logs", KEY, b"body", {"signature": "00"})
    path = tmp_path / "trails/logs" / KEY
    assert path.read_bytes() == b"body" and path.with_name(path.name + METADATA_SUFFIX).read_bytes() == b'{"signature":"00"}'
    assert sorted(found.name for found in path.parent.iterdir()) == ["x.json.gz", "x.json.gz" + METADATA_SUFFIX], "nothing half-written"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600 and stat.S_IMODE(path.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize("key", ["../x", "a/../../x", ".."])
def test_no_key_leads_out_of_its_bucket(tmp_path: Path, key: str) -> None:
    with pytest.raises(BucketError):
        DirectoryBuckets(tmp_path).put("logs", key, b"", {})
    assert list(tmp_path.iterdir()) == []


def test_a_directory_that_cannot_be_written_is_a_bucket_that_is_down(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    buckets = DirectoryBuckets(tmp_path / "file")
    with pytest.raises(BucketError, match=r"NotADirectoryError|FileExistsError"):
        buckets.require("logs")
    with pytest.raises(BucketError, match=r"NotADirectoryError|FileExistsError"):
        buckets.put("logs", KEY, b"", {})


def test_a_directory_lists_keys_in_s3s_order_and_nothing_that_is_no_object(tmp_path: Path) -> None:
    buckets = DirectoryBuckets(tmp_path)
    keys = ["a.b", "a/1.json", "a/2.json", "a/b/3.json", "a0", "b/4.json", "ü/5.json"]
    for key in keys:
        buckets.put("logs", key, key.encode(), {"signature": "00"})
    (tmp_path / "logs/a/.2.json.new").write_text("half-written")
    (tmp_path / "logs/link").symlink_to("/etc")
    (tmp_path / "logs/link.json").symlink_to("/etc/passwd")
    assert buckets.keys("logs", "", "", 100) == keys
    assert buckets.keys("logs", "a/", "", 100) == ["a/1.json", "a/2.json", "a/b/3.json"]
    assert buckets.keys("logs", "a", "a/2.json", 2) == ["a/b/3.json", "a0"]
    assert [buckets.keys("logs", "", after, 1) for after in keys] == [[key] for key in keys[1:]] + [[]]
    assert buckets.get("logs", "a/b/3.json") == b"a/b/3.json"


def test_what_a_directory_cannot_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    buckets = DirectoryBuckets(tmp_path)
    with pytest.raises(NoSuchBucket):
        buckets.keys("logs", "", "", 1)
    buckets.put("logs", "a", b"12345", {})
    for key, code in (("b", "NoSuchKey"), ("../logs/a", "InvalidKey"), (".", "IsADirectoryError")):
        with pytest.raises(BucketError, match=f"^{code}$"):
            buckets.get("logs", key)
    monkeypatch.setattr("akia.outbound.buckets.LARGEST", 4)
    with pytest.raises(BucketError, match=r"^EntityTooLarge$"):
        buckets.get("logs", "a")


def test_no_place_takes_nothing() -> None:
    with pytest.raises(NoSuchBucket):
        NoBuckets().require("logs")
    with pytest.raises(NoSuchBucket):
        NoBuckets().put("logs", KEY, b"", {})
    with pytest.raises(NoSuchBucket):
        NoBuckets().keys("logs", "", "", 1)
    with pytest.raises(NoSuchBucket):
        NoBuckets().get("logs", KEY)


# S3


class Answers(http.server.BaseHTTPRequestHandler):
    """A store that answers every request with one status and code, and remembers what it was asked."""

    status, code, content = 200, "", b""
    asked: list[tuple[str, str, dict[str, str], bytes]] = []

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.asked.append((self.command, self.path, {name.lower(): value for name, value in self.headers.items()}, body))
        content = f"<Error><Code>{self.code}</Code></Error>".encode() if self.code else self.content
        self.send_response(self.status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    do_PUT = do_HEAD = do_GET = _answer  # noqa: N815 - the library's names

    def log_message(self, *_: Any) -> None: ...


@pytest.fixture
def store() -> Iterator[tuple[str, type[Answers]]]:
    class Mine(Answers):
        asked = []

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Mine)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", Mine
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def credentials(tmp_path: Path) -> Path:
    path = tmp_path / "credentials"
    path.write_text(f"[default]\naws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = {SECRET}\nregion = eu-central-1\n")
    return path


def test_s3_gets_an_object_as_cloudtrail_stores_it(store: Any, credentials: Path) -> None:
    url, answers = store
    S3Buckets(url, credentials).put("logs", KEY, b"body", {"signature": "00", "signature-algorithm": "SHA256withRSA"})
    [(method, path, headers, body)] = answers.asked
    assert (method, path, body) == ("PUT", f"/logs/{KEY}", b"body")
    assert headers["content-type"] == "application/json" and headers["content-encoding"] == "gzip"
    assert headers["x-amz-meta-signature"] == "00" and headers["x-amz-meta-signature-algorithm"] == "SHA256withRSA"
    assert headers["content-md5"] == b64encode(md5(b"body").digest()).decode()
    assert "AKIDEXAMPLE/" in headers["authorization"] and "/eu-central-1/s3/" in headers["authorization"]


@pytest.mark.parametrize(
    ("status", "code", "error"),
    [
        (404, "NoSuchBucket", NoSuchBucket),
        (403, "AccessDenied", BucketRefuses),
        (503, "SlowDown", BucketDown),
        (429, "TooManyRequests", BucketDown),
    ],
)
def test_what_s3_answers_is_told_and_tried_once(store: Any, credentials: Path, status: int, code: str, error: type[BucketError]) -> None:
    url, answers = store
    answers.status, answers.code = status, code
    with pytest.raises(error) as caught:
        S3Buckets(url, credentials).put("logs", KEY, b"body", {})
    assert caught.value.code == code and len(answers.asked) == 1
    with pytest.raises(error):
        S3Buckets(url, credentials).require("logs")


def test_s3_is_asked_for_the_keys_behind_another_and_for_an_object(store: Any, credentials: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url, answers = store
    buckets = S3Buckets(url, credentials)
    answers.content = b"<ListBucketResult><Contents><Key>a/1</Key></Contents><Contents><Key>a/2</Key></Contents></ListBucketResult>"
    assert buckets.keys("logs", "a/", "a/0", 2) == ["a/1", "a/2"]
    answers.content = b"<ListBucketResult></ListBucketResult>"
    assert buckets.keys("logs", "a/", "", 2) == []
    first, second = (path for _, path, _, _ in answers.asked)
    assert "start-after=a%2F0" in first and "prefix=a%2F" in first and "max-keys=2" in first
    assert "start-after" not in second
    answers.content = b"body"
    assert buckets.get("logs", KEY) == b"body"
    monkeypatch.setattr("akia.outbound.buckets.LARGEST", 3)
    with pytest.raises(BucketError, match=r"^EntityTooLarge$"):
        buckets.get("logs", KEY)
    answers.status, answers.code = 404, "NoSuchKey"
    with pytest.raises(BucketError, match=r"^NoSuchKey$"):
        buckets.get("logs", KEY)


def test_a_store_that_is_down_is_a_bucket_that_is_down(credentials: Path) -> None:
    with pytest.raises(BucketDown, match="EndpointConnectionError"):
        S3Buckets("http://127.0.0.1:1", credentials).put("logs", KEY, b"body", {})


def test_a_new_key_in_the_credentials_file_is_used_at_once(store: Any, credentials: Path) -> None:
    url, answers = store
    buckets = S3Buckets(url, credentials)
    buckets.require("logs")
    credentials.write_text(credentials.read_text().replace("AKIDEXAMPLE", "AKIDNEW"))
    buckets.require("logs")
    assert ["AKIDNEW" in headers["authorization"] for _, _, headers, _ in answers.asked] == [False, True]


@pytest.mark.parametrize("text", [None, "", "[default]\n", f"nonsense {SECRET}", f"[default]\naws_secret_access_key = {SECRET}\n"])
def test_nt_67_credentials_that_cannot_be_read_are_not_quoted(store: Any, credentials: Path, text: str | None) -> None:
    url, answers = store
    if text is None:
        credentials.unlink()
    else:
        credentials.write_text(text)
    with pytest.raises(BucketError, match=r"^CredentialsUnreadable$") as caught:
        S3Buckets(url, credentials).require("logs")
    assert SECRET not in repr(caught.value) and caught.value.__suppress_context__
    assert answers.asked == []


# Settings


@pytest.mark.parametrize(
    "place",
    [
        "",
        "logs",
        "dir:",
        "dir:relative",
        "s3:",
        "s3:ftp://x",
        "s3:https://",
        "s3:https://u:p@x",
        "s3:https://x?y",
        "s3:https://x:0",
        "gs:x",
    ],
)
def test_places_that_there_are_not(place: str, credentials: Path) -> None:
    with pytest.raises(ValueError, match="expected"):
        buckets_at(place, credentials)


def test_settings_are_checked_before_the_start(tmp_path: Path, credentials: Path) -> None:
    assert isinstance(Settings(tmp_path).checked().trail_buckets, DirectoryBuckets)
    given = Settings(tmp_path, trail_storage="s3:https://s3.example.com", trail_storage_credentials=credentials)
    assert isinstance(given.checked().trail_buckets, S3Buckets)
    assert Settings.from_json(given.to_json()) == given
    for wrong in (
        {"trail_storage": "s3:https://s3.example.com"},
        {"trail_storage": "nowhere"},
        {"trail_delivery_seconds": 0},
        {"trail_digest_seconds": 86_401},
    ):
        with pytest.raises(SettingsError, match="--trail-"):
            Settings(tmp_path, **wrong).checked()
