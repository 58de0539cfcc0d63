"""What each program with an SDK goes through. A further step is a name here and in the table at the head of each program."""

from __future__ import annotations

STEPS = (
    "users",
    "groups",
    "roles",
    "access-keys",
    "account",
    "managed-policies",
    "policy-versions",
    "inline-policies",
    "permissions-boundaries",
    "simulation",
    "last-accessed",
    "paginators",
    "waiters",
    "errors",
    "denials",
    "signatures",
    "caller",
    "session-token",
    "assumed-role",
    "session-policies",
)
