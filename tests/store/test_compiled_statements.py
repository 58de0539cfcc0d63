"""`compiled.json` holds what the sources say, and is not used when it does not."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from akia.store import compiled
from akia.store.core import base, sa
from akia.store.statement import REGISTRY, Query, compile_for_sqlite

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(autouse=True)
def _read_anew() -> Iterator[None]:
    compiled._contents.cache_clear()
    yield
    compiled._contents.cache_clear()


def test_the_file_is_current() -> None:
    """If this fails: python -m akia.store.compiled"""
    assert json.loads(compiled._FILE.read_bytes()) == compiled.make()


def test_the_file_is_used() -> None:
    assert compiled.text("users.named") == compile_for_sqlite(REGISTRY["users.named"])
    assert compiled.schema() == compiled.compile_schema()


@pytest.mark.parametrize("content", ["stale", "not json", "absent"])
def test_a_stale_or_missing_file_is_not_used(content: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "compiled.json"
    if content == "stale":
        made = compiled.make()
        made["sources"]["tables.py"] += 1
        made["queries"]["users.named"] = "SELECT 'forged'"
        file.write_text(json.dumps(made))
    elif content == "not json":
        file.write_text("{")
    monkeypatch.setattr(compiled, "_FILE", file)
    assert compiled.text("users.named") is None
    assert compiled.schema() == compiled.compile_schema()


def test_nt_39_a_statement_that_binds_a_literal_is_refused() -> None:
    try:
        query = Query("test.literal", lambda: sa.select(base.accounts).where(base.accounts.c.id == "111122223333"))
        with pytest.raises(ValueError, match="binds literal values: id_1"):
            compile_for_sqlite(query)
    finally:
        REGISTRY.pop("test.literal")
