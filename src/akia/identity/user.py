"""IAM users."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from akia.aws.arn import Arn

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class User:
    """A user. `id` is its unique id (AIDA…), which a later user of the same name does not get (NT-36).

    Names are unique in their account without regard to case, and keep their case (P5.4-21). `created` is in epoch seconds.
    `boundary` is the ARN of the managed policy that is its permissions boundary.
    """

    account: str
    id: str
    name: str
    path: str
    created: int
    tags: Mapping[str, str] = field(default_factory=dict)
    boundary: str | None = None

    @property
    def arn(self) -> Arn:
        return Arn("iam", "", self.account, f"user{self.path}{self.name}")
