"""What a data key is for. One key never serves two purposes (NT-31)."""

from __future__ import annotations

from enum import StrEnum


class Purpose(StrEnum):
    """The words stand in the database beside each key and in each seal's additional data: never rename one."""

    SECRETS = "secrets"
    """Secret access keys at rest."""
    SESSION_TOKENS = "session-tokens"
    """The claims inside a session token."""
    SIGNING_KEYS = "signing-keys"
    """Private keys at rest that akia signs tokens for others with."""
    PAGE_MARKERS = "page-markers"
    """The markers by which a caller asks for the next page."""
    AUTHORIZATION_MESSAGES = "authorization-messages"
    """What is told of a denial to those who may decode it."""
