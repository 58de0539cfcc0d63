"""IAM groups."""

from __future__ import annotations

from dataclasses import dataclass

from akia.identity.named import Named


@dataclass(frozen=True, slots=True)
class Group(Named):
    """A group of users. Groups are never principals."""

    resource = "group"
