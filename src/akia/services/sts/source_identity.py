"""The source identity: who stands behind a chain of sessions. Once set, it stays (P4.3-17)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from akia.aws.errors import AccessDenied

if TYPE_CHECKING:
    from akia.identity.session import SessionFacts


def source_identity(asked: str | None, parent: SessionFacts | None) -> str | None:
    """What a new session would have: its parent's, else the one asked for, else none."""
    inherited = parent.source_identity if parent is not None else None
    return inherited or asked


def require_kept(asked: str | None, parent: SessionFacts | None) -> None:
    """Raises AccessDenied if the request would change what the session that asks has."""
    if asked is not None and asked != source_identity(asked, parent):
        raise AccessDenied("The source identity of a session cannot be changed.")
