"""A policy that applies to somebody: its text, and where it comes from."""

from __future__ import annotations

from typing import NamedTuple


class PolicySource(NamedTuple):
    """One document in force (P1.3).

    `layer` is `identity` (stands on the user, role or group asked about), `group` (on a group of the user), `boundary` or `session`.
    `owner` is the unique id of the user, group or role that it stands on ("" for boundary and session).
    `arn`, `policy_id` and `version` are None for inline policies.
    """

    layer: str
    owner: str
    name: str
    arn: str | None
    policy_id: str | None
    version: str | None
    document: str
