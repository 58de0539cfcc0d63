"""IAM groups."""

from __future__ import annotations

from dataclasses import dataclass

from akia.aws.arn import Arn


@dataclass(frozen=True, slots=True)
class Group:
    """A group of users. Groups are never principals. `created` is in epoch seconds."""

    account: str
    id: str
    name: str
    path: str
    created: int

    @property
    def arn(self) -> Arn:
        return Arn("iam", "", self.account, f"group{self.path}{self.name}")
