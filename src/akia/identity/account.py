"""Accounts: the tenants of one akia."""

from __future__ import annotations

from dataclasses import dataclass

from akia.aws.arn import Arn


@dataclass(frozen=True, slots=True)
class Account:
    """`id` is twelve digits; `alias` is the sign-in name that an account may have instead. Times are in epoch seconds.

    `email` is the root user's address, None if nobody gave one. Since `closed`, nobody of the account can sign any more.
    """

    id: str
    name: str
    created: int
    alias: str | None = None
    email: str | None = None
    closed: int | None = None

    @property
    def root_arn(self) -> Arn:
        return root_arn(self.id)


def root_arn(account: str) -> Arn:
    """The ARN of an account's root user."""
    return Arn("iam", "", account, "root")
