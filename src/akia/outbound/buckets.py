"""Where trails deliver: buckets in a directory, or in a store that speaks S3. The operator chooses which, in the settings; a trail only
names a bucket."""

from __future__ import annotations

import os
from base64 import b64encode
from contextlib import suppress
from hashlib import md5
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit

import orjson

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

DIRECTORY, S3 = "dir:", "s3:"
METADATA_SUFFIX = ".metadata.json"
"""What a directory keeps beside a file: the metadata that S3 would keep."""
LARGEST = 64 * 1_048_576
"""Bytes of an object that is read."""
SECONDS = 10
"""How long S3 may take to connect, and to answer."""
_NOT_THERE = frozenset({"NoSuchBucket", "404", "NotFound", "PermanentRedirect", "301"})
_REFUSED = frozenset({"AccessDenied", "403", "Forbidden", "SignatureDoesNotMatch", "InvalidAccessKeyId", "401"})


class BucketError(Exception):
    """A bucket did not take an object. `code` is S3's, or a word of ours; it holds no secret."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class NoSuchBucket(BucketError):
    """There is no such bucket."""


class BucketRefuses(BucketError):
    """akia's credentials may not use it."""


class BucketDown(BucketError):
    """It does not answer, or not properly: later it may."""


class Buckets(Protocol):
    """All buckets of one place. Every method may take a while, and raises BucketError."""

    def require(self, bucket: str) -> None:
        """Returns if there is such a bucket."""
        ...

    def put(self, bucket: str, key: str, body: bytes, metadata: Mapping[str, str]) -> None:
        """Store an object; its name says what it is (AC7.1: gzip of JSON). Storing it again changes nothing."""
        ...

    def keys(self, bucket: str, prefix: str, after: str, limit: int) -> list[str]:
        """At most `limit` keys that begin with `prefix`, in order, those behind the key `after`."""
        ...

    def get(self, bucket: str, key: str) -> bytes:
        """An object of at most LARGEST bytes, as it is stored."""
        ...


class NoBuckets:
    """No place at all: nothing is there, and nothing is taken."""

    def require(self, bucket: str) -> None:
        raise NoSuchBucket("NoSuchBucket")

    def put(self, bucket: str, key: str, body: bytes, metadata: Mapping[str, str]) -> None:
        raise NoSuchBucket("NoSuchBucket")

    def keys(self, bucket: str, prefix: str, after: str, limit: int) -> list[str]:
        raise NoSuchBucket("NoSuchBucket")

    def get(self, bucket: str, key: str) -> bytes:
        raise NoSuchBucket("NoSuchBucket")


class DirectoryBuckets:
    """Each bucket is a directory below `root`, made when it is first needed; keys are paths in it."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def require(self, bucket: str) -> None:
        try:
            (self._root / bucket).mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise BucketError(type(error).__name__) from error

    def put(self, bucket: str, key: str, body: bytes, metadata: Mapping[str, str]) -> None:
        path = self._root / bucket / key
        if ".." in path.parts:
            raise BucketError("InvalidKey")
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            if metadata:
                _write(path.with_name(path.name + METADATA_SUFFIX), orjson.dumps(metadata))
            _write(path, body)
        except OSError as error:
            raise BucketError(type(error).__name__) from error

    def keys(self, bucket: str, prefix: str, after: str, limit: int) -> list[str]:
        if not (self._root / bucket).is_dir():
            raise NoSuchBucket("NoSuchBucket")
        try:
            return list(islice(_keys(self._root / bucket, "", prefix, after), limit))
        except OSError as error:
            raise BucketError(type(error).__name__) from error

    def get(self, bucket: str, key: str) -> bytes:
        path = self._root / bucket / key
        if ".." in path.parts:
            raise BucketError("InvalidKey")
        try:
            with path.open("rb") as file:
                return _whole(file.read(LARGEST + 1))
        except FileNotFoundError:
            raise BucketError("NoSuchKey") from None
        except OSError as error:
            raise BucketError(type(error).__name__) from error


def _keys(folder: Path, above: str, prefix: str, after: str) -> Iterator[str]:
    """The keys below `folder`, whose own keys begin with `above`, in order. No link is followed, and no folder opened in vain."""
    with os.scandir(folder) as entries:
        found = sorted((f"{above}{entry.name}" + "/" * entry.is_dir(follow_symlinks=False), entry.is_symlink()) for entry in entries)
    for key, is_link in found:
        if is_link:
            continue
        if key.endswith("/"):
            within = key.startswith(prefix) or prefix.startswith(key)
            if within and (key > after or after.startswith(key)):
                yield from _keys(folder / key[len(above) : -1], key, prefix, after)
        elif key.startswith(prefix) and key > after and not _is_ours(key[len(above) :]):
            yield key


def _is_ours(name: str) -> bool:
    """Whether a file is none of the objects, but stands beside one."""
    return name.endswith(METADATA_SUFFIX) or (name.startswith(".") and name.endswith(".new"))


def _whole(body: bytes) -> bytes:
    if len(body) > LARGEST:
        raise BucketError("EntityTooLarge")
    return body


def _write(path: Path, content: bytes) -> None:
    """Whole or not at all, and on the disk when this returns."""
    new = path.with_name(f".{path.name}.new")
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


class S3Buckets:
    """Buckets of the S3 endpoint `url`. `credentials` is a file in the form of AWS's, whose section `default` holds an access key, and
    perhaps a `region` to sign for. It is read anew whenever it has changed, so that a key can be replaced while akia runs."""

    def __init__(self, url: str, credentials: Path) -> None:
        self._url = url
        self._credentials = credentials
        self._client: Any = None
        self._made_from = ""

    def require(self, bucket: str) -> None:
        self._do("head_bucket", Bucket=bucket)

    def put(self, bucket: str, key: str, body: bytes, metadata: Mapping[str, str]) -> None:
        digest = b64encode(md5(body, usedforsecurity=False).digest()).decode()  # the one checksum that every store checks
        self._do(
            "put_object",
            Bucket=bucket,
            Key=key,
            Body=body,
            Metadata=dict(metadata),
            ContentMD5=digest,
            **_content(key),
        )

    def keys(self, bucket: str, prefix: str, after: str, limit: int) -> list[str]:
        behind = {"StartAfter": after} if after else {}
        told = self._do("list_objects_v2", Bucket=bucket, Prefix=prefix, MaxKeys=limit, **behind)
        return [each["Key"] for each in told.get("Contents", ())]

    def get(self, bucket: str, key: str) -> bytes:
        return _whole(self._do("get_object", lambda told: told["Body"].read(LARGEST + 1), Bucket=bucket, Key=key))

    def _do(self, name: str, read: Callable[[Any], Any] = lambda told: told, /, **parameters: Any) -> Any:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            return read(getattr(self._current_client(), name)(**parameters))
        except ClientError as error:
            raise _told(error.response) from None
        except BotoCoreError as error:
            raise BucketDown(type(error).__name__) from None

    def _current_client(self) -> Any:
        try:
            text = self._credentials.read_text()
        except (OSError, ValueError):
            raise BucketDown("CredentialsUnreadable") from None
        if self._client is None or text != self._made_from:
            self._client, self._made_from = _client(self._url, text), text
        return self._client


def _told(response: Mapping[str, Any]) -> BucketError:
    """What is wrong, by an answer of S3."""
    code = str(response.get("Error", {}).get("Code", "Unknown"))
    if code in _NOT_THERE:
        return NoSuchBucket(code)
    if code in _REFUSED:
        return BucketRefuses(code)
    status = response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return BucketDown(code) if status >= 500 or status == 429 else BucketError(code)


def _content(key: str) -> dict[str, str]:
    """What the object says of itself. Results of queries are files that are compressed; logs and digests are JSON, sent compressed."""
    if key.endswith(".csv.gz"):
        return {"ContentType": "application/gzip"}
    return {"ContentType": "application/json"} | ({"ContentEncoding": "gzip"} if key.endswith(".gz") else {})


def _client(url: str, credentials: str) -> Any:
    """An S3 client of `url`, which takes no credentials from anywhere else."""
    from configparser import ConfigParser, Error

    import boto3
    from botocore.config import Config

    profile = ConfigParser(interpolation=None)
    try:
        profile.read_string(credentials)
        section = profile["default"]
        key_id, secret = section["aws_access_key_id"], section["aws_secret_access_key"]
    except (Error, KeyError):
        raise BucketDown("CredentialsUnreadable") from None  # its text may quote them
    config = Config(
        connect_timeout=SECONDS,
        read_timeout=SECONDS,
        retries={"total_max_attempts": 1},  # the job tries again
        s3={"addressing_style": "path"},
        request_checksum_calculation="when_required",  # many stores do not understand the newer ones
        response_checksum_validation="when_required",
    )
    session: Any = boto3.Session(key_id, secret, section.get("aws_session_token"), section.get("region", "us-east-1"))
    return session.client("s3", endpoint_url=url, config=config)


def buckets_at(place: str, credentials: Path | None) -> Buckets:
    """The buckets of `place`: `dir:PATH` or `s3:URL`. Raises ValueError, with what is wrong."""
    if place.startswith(DIRECTORY):
        return DirectoryBuckets(_directory(place.removeprefix(DIRECTORY)))
    if place.startswith(S3):
        if credentials is None:
            raise ValueError("a store that speaks S3 needs a file with credentials")
        return S3Buckets(_endpoint(place.removeprefix(S3)), credentials)
    raise ValueError("expected dir:PATH or s3:URL")


def _directory(text: str) -> Path:
    path = Path(text)
    if not path.is_absolute():
        raise ValueError("expected an absolute path after dir:")
    return path


def _endpoint(text: str) -> str:
    with suppress(ValueError):
        url = urlsplit(text)
        if url.scheme in {"http", "https"} and url.hostname and url.port != 0 and not url.query and not url.fragment and not url.username:
            return text
    raise ValueError("expected a URL such as https://s3.example.com after s3:")
