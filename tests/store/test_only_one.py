"""A lock that only one process of an akia holds."""

from __future__ import annotations

import errno
import fcntl
from typing import TYPE_CHECKING, Any

import pytest

from akia.store.only_one import OnlyOne

if TYPE_CHECKING:
    from pathlib import Path


def test_one_holds_it_until_it_lets_go(tmp_path: Path) -> None:
    one, other = OnlyOne(tmp_path / "sinks" / "a.lock"), OnlyOne(tmp_path / "sinks" / "a.lock")
    assert (one.take(), one.take(), other.take()) == (True, True, False)
    one.release()
    assert other.take()
    other.release()


def test_a_file_system_without_locks_is_told_and_not_taken_for_somebody_who_holds_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else nobody would ever ship for a sink, and nobody would say so."""

    def refuse(*_: Any) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", refuse)
    with pytest.raises(OSError, match="No locks available"):
        OnlyOne(tmp_path / "a.lock").take()
