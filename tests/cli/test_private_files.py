"""NT-68: a file with a secret is its owner's alone from its first moment, not by a later chmod."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING, Any

import pytest

from akia.store.private_file import write_private

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def open_to_all() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


def test_nt_68_the_file_is_private_before_anything_is_in_it(tmp_path: Path, open_to_all: None, monkeypatch: pytest.MonkeyPatch) -> None:
    modes = []
    fdopen = os.fdopen

    def watched(descriptor: int, *arguments: Any, **options: Any) -> Any:
        modes.append((stat.S_IMODE(os.fstat(descriptor).st_mode), os.fstat(descriptor).st_size))
        return fdopen(descriptor, *arguments, **options)

    monkeypatch.setattr(os, "fdopen", watched)
    (tmp_path / "secret").write_text("old")
    (tmp_path / "secret").chmod(0o666)
    write_private(tmp_path / "secret", "new")
    assert modes == [(0o600, 0)]
    assert stat.S_IMODE((tmp_path / "secret").stat().st_mode) == 0o600
    assert (tmp_path / "secret").read_text() == "new"


def test_a_write_that_fails_leaves_what_was_there_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "secret").write_text("old")

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        write_private(tmp_path / "secret", "new")
    assert [path.name for path in tmp_path.iterdir()] == ["secret"]
    assert (tmp_path / "secret").read_text() == "old"
