"""The kinds of policy documents, and the types of policy that a denial can name."""

from __future__ import annotations

from enum import StrEnum


class Kind(StrEnum):
    """What a document is, which decides the elements it may hold (P5.1-1) and how its short ARNs are read (P2.2-4)."""

    IDENTITY_MANAGED = "managed"
    IDENTITY_INLINE = "inline"
    BOUNDARY = "boundary"
    SESSION = "session"
    CEILING = "ceiling"
    TRUST = "trust"
    RESOURCE = "resource"
    ENDPOINT = "endpoint"
    SCP = "scp"
    RCP = "rcp"

    @property
    def names_principals(self) -> bool:
        """Whether its statements say whom they concern."""
        return self in _NAMING_PRINCIPALS

    @property
    def demands_resources(self) -> bool:
        """Whether its statements must say what they concern. A trust policy concerns its role; a resource policy may leave it out."""
        return self not in {Kind.TRUST, Kind.RESOURCE}


_NAMING_PRINCIPALS = frozenset({Kind.TRUST, Kind.RESOURCE, Kind.ENDPOINT, Kind.RCP})


class PolicyType(StrEnum):
    """A layer of the evaluation, by the words that AWS's denials use (P6.1); `CEILING`, which AWS lacks (O4), by ours."""

    SCP = "service control policy"
    RCP = "resource control policy"
    ENDPOINT = "VPC endpoint policy"
    IDENTITY = "identity-based policy"
    BOUNDARY = "permissions boundary"
    SESSION = "session policy"
    CEILING = "access key policy"
    RESOURCE = "resource-based policy"
    TRUST = "role trust policy"
