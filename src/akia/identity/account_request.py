"""Requests to create an account, and what became of them."""

from __future__ import annotations

from dataclasses import dataclass

SUCCEEDED, FAILED = "SUCCEEDED", "FAILED"


@dataclass(frozen=True, slots=True)
class AccountRequest:
    """One request. `account` is the new account, `reason` why there is none; the other is empty. `requested` is in epoch seconds."""

    id: str
    organization: str
    name: str
    requested: int
    state: str
    account: str = ""
    reason: str = ""
