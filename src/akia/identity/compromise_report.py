"""What was done when an access key was reported compromised (E8): evidence that outlives the key."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CompromiseReport:
    """Times are in epoch seconds. `user` is the name of whose key it was, "" for the root user; `status` what the key was before;
    `last_used` 0 if it had never been. `quarantine` is the ARN of the policy that was attached, `replacement` the id of the new key, and
    `refused` why there is none although one was asked for; each "" for nothing."""

    id: str
    account: str
    key_id: str
    user: str
    reported: int
    reporter: str
    note: str
    status: str
    last_used: int
    quarantine: str
    replacement: str
    refused: str
