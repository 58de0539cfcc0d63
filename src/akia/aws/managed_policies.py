"""AWS's managed policies: what stands at `arn:aws:iam::aws:policy/…` in every account.

The packaged ones are generated data (`data/managed_policies.json`, see the README beside it); `load` reads more of them, in the same
form, from a file or a directory. No policy here can be changed by anyone (P1.2-6).
"""

from __future__ import annotations

import json
import re
from base64 import b32encode
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from akia.aws.ids import Prefix

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_NAME = re.compile(r"[\w+=,.@-]{1,128}", re.ASCII)
_PATH = re.compile(r"/([!-~]{1,510}/)?", re.ASCII)
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(Z|[+-][0-9]{2}:[0-9]{2})", re.ASCII)
_POLICY_ID = re.compile(r"ANPA[A-Z0-9]{17}", re.ASCII)
_DESCRIPTION = re.compile(r"[^\x00-\x1f]{0,1000}")
_VERSION = re.compile(r"v[1-9][0-9]{0,8}", re.ASCII)
_PACKAGED = Path(__file__).with_name("data") / "managed_policies.json"
_EDITION = _PACKAGED.with_suffix(".edition")
_LONGEST_DOCUMENT = 524_288  # the quota of 6,144 binds customers' policies only (P5.4-14); AWS's longest has some 180,000


@dataclass(frozen=True, slots=True)
class ManagedPolicyFacts:
    """One AWS managed policy at its default version. `document_text` is compact JSON; the dates are UTC."""

    name: str
    path: str
    arn: str
    policy_id: str
    version_id: str
    document_text: str
    description: str
    created: datetime
    updated: datetime


@cache
def all() -> tuple[ManagedPolicyFacts, ...]:  # noqa: A001  read as managed_policies.all()
    """The packaged policies in the order of their names. Read once, at the first call."""
    return load(_PACKAGED)


@cache
def edition() -> str:
    """What tells the packaged policies from those of another akia: a digest of the file, which `tools/managed_policies.py` writes down."""
    return _EDITION.read_text("ascii").strip()


@cache
def _by_arn() -> Mapping[str, ManagedPolicyFacts]:
    return {policy.arn: policy for policy in all()}


def named(arn: str) -> ManagedPolicyFacts | None:
    """The packaged policy with this ARN, or None."""
    return _by_arn().get(arn)


def load(source: Path) -> tuple[ManagedPolicyFacts, ...]:
    """The policies of one JSON file (a record or a list of records) or of all `*.json` files below a directory, in order of name.

    A record is a JSON object in AWS's words: `PolicyName`, `Document` (an object), `CreateDate` and `UpdateDate` (ISO 8601 with a zone);
    where it differs from the usual, `Path` (`/`), `DefaultVersionId` (`v1`), `Description` (empty), `PolicyId` (derived from the ARN).
    Raises ValueError, naming what is wrong, for anything else and for a name used twice; OSError if `source` cannot be read.
    """
    paths = sorted(source.rglob("*.json")) if source.is_dir() else [source]
    records = [record for path in paths for record in _records_in(json.loads(path.read_text("utf-8")))]
    return tuple(policies_in(records))


def policies_in(records: Iterable[Mapping[str, Any]]) -> list[ManagedPolicyFacts]:
    """The policies that `records` (see `load`) describe, in the order of their names. Raises ValueError."""
    policies = sorted((_policy(record) for record in records), key=lambda policy: policy.name)
    for policy, following in pairwise(policies):
        if policy.name.lower() == following.name.lower():
            raise ValueError(f"managed policy {policy.name} stands twice")
    return policies


def _records_in(document: object) -> Iterator[Mapping[str, Any]]:
    for record in document if isinstance(document, list) else [document]:
        if not isinstance(record, dict):
            raise ValueError("a managed policy is a JSON object")
        yield record


def _policy(record: Mapping[str, Any]) -> ManagedPolicyFacts:
    name = _text(record, "PolicyName", _NAME)
    path = _text(record, "Path", _PATH, "/")
    arn = f"arn:aws:iam::aws:policy{path}{name}"
    return ManagedPolicyFacts(
        name,
        path,
        arn,
        policy_id=_text(record, "PolicyId", _POLICY_ID, stable_id(arn)),
        version_id=_text(record, "DefaultVersionId", _VERSION, "v1"),
        document_text=_document_text(name, record.get("Document")),
        description=_text(record, "Description", _DESCRIPTION, ""),
        created=_moment(record, "CreateDate"),
        updated=_moment(record, "UpdateDate"),
    )


def stable_id(arn: str) -> str:
    """An `ANPA…` id of 21 characters that depends on the ARN alone: the same in every installation and after every upgrade.

    It never equals the id of a customer's policy: those have the bit of the current generation set (W10.4), this one has not.
    """
    bits = int.from_bytes(sha256(arn.encode()).digest()[:11], "big") & ~(1 << 87)
    return Prefix.MANAGED_POLICY + b32encode(bits.to_bytes(11, "big")).decode("ascii")[:17]


def _text(record: Mapping[str, Any], key: str, form: re.Pattern[str], default: str | None = None) -> str:
    value = record.get(key, default)
    if not isinstance(value, str) or form.fullmatch(value) is None:
        raise ValueError(f"a managed policy's {key} is {value!r}")
    return value


def _moment(record: Mapping[str, Any], key: str) -> datetime:
    return datetime.fromisoformat(_text(record, key, _MOMENT)).astimezone(UTC)


def _document_text(name: str, document: object) -> str:
    if not isinstance(document, dict) or not document.get("Statement"):
        raise ValueError(f"managed policy {name} has no statement")
    text = json.dumps(document, separators=(",", ":"), ensure_ascii=True)
    if len(text) > _LONGEST_DOCUMENT:
        raise ValueError(f"managed policy {name} is longer than {_LONGEST_DOCUMENT} characters")
    return text
