"""IAM users."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from akia.identity.named import Named

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class User(Named):
    """A user (AIDA…). `boundary` is the ARN of the managed policy that is its permissions boundary."""

    resource = "user"

    tags: Mapping[str, str] = field(default_factory=dict)
    boundary: str | None = None
