"""What users, groups, roles, managed policies, instance profiles and server certificates have in common."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from akia.aws.arn import Arn


@dataclass(frozen=True, slots=True)
class Named:
    """Something of an account that has a name and a path. `id` is unique: a later one of the same name does not get it (NT-36).

    Among those of a kind in an account names are unique without regard to case, and keep their case (P5.4-21). `created` is in epoch
    seconds.
    """

    resource: ClassVar[str]
    """What ARNs call the kind."""

    account: str
    id: str
    name: str
    path: str
    created: int

    @property
    def arn(self) -> Arn:
        return Arn("iam", "", self.account, f"{self.resource}{self.path}{self.name}")
