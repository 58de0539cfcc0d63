"""The compiled form of every query and of the schema, kept as data so that an ordinary start need not import SQLAlchemy.

`python -m akia.store.compiled` writes `compiled.json`. The file is used only while the sources that it was made from are unchanged;
otherwise statements are compiled when they are first used, and a test fails until the file is made anew.
"""

from __future__ import annotations

import importlib
import json
import pkgutil
import zlib
from functools import cache
from pathlib import Path
from typing import Any

_HERE = Path(__file__).parent
_FILE = _HERE / "compiled.json"
_TABLES = (
    "alerts/tables.py",
    "drafts/tables.py",
    "federation/tables.py",
    "iam/account_tables.py",
    "iam/credential_tables.py",
    "iam/delegation_tables.py",
    "iam/key_tables.py",
    "iam/saml_tables.py",
    "iam/tables.py",
    "limit_tables.py",
    "organizations/tables.py",
    "rotations/tables.py",
    "signin/tables.py",
    "tables.py",
    "trail/channel_tables.py",
    "trail/columns.py",
    "trail/delivery_tables.py",
    "trail/insight_tables.py",
    "trail/lake_tables.py",
    "trail/tables.py",
    "core.py",
    "statement.py",
)


def text(name: str) -> str | None:
    """The SQL text of the query `name`, or None if it must be compiled."""
    sql: str | None = _contents().get("queries", {}).get(name)
    return sql


def schema() -> list[str]:
    """The statements that make every table and index of a fresh database."""
    statements: list[str] | None = _contents().get("schema")
    return statements if statements is not None else compile_schema()


def compile_schema() -> list[str]:
    """The same, from the tables' definitions."""
    from sqlalchemy.dialects.sqlite import dialect
    from sqlalchemy.schema import CreateIndex, CreateTable

    from akia.store.metadata import METADATA

    made = []
    for table in METADATA.sorted_tables:
        made.append(str(CreateTable(table).compile(dialect=dialect())).strip())
        made += [str(CreateIndex(index).compile(dialect=dialect())) for index in sorted(table.indexes, key=lambda index: str(index.name))]
    return made


@cache
def _contents() -> dict[str, Any]:
    try:
        contents: dict[str, Any] = json.loads(_FILE.read_bytes())
    except (OSError, ValueError):
        return {}
    return contents if contents.get("sources") == checksums(contents.get("sources", {})) else {}


def checksums(sources: Any) -> dict[str, int]:
    """A checksum of each of `sources`, paths below this package. A missing file has the checksum of an empty one."""
    return {source: zlib.crc32((_HERE / source).read_bytes()) if (_HERE / source).is_file() else 0 for source in sources}


def _sources() -> list[str]:
    """Every module that has a part in some statement: all of those use `core`, but for `core` itself and the tables."""
    modules = [path.relative_to(_HERE).as_posix() for path in _HERE.rglob("*.py") if "akia.store.core import" in path.read_text("utf-8")]
    return sorted({*_TABLES, *modules} - {Path(__file__).name})


def make() -> dict[str, Any]:
    """What belongs into `compiled.json`: every query of the package, compiled now."""
    for module in pkgutil.walk_packages([str(_HERE)], "akia.store."):
        if ".migrations" not in module.name and module.name != __name__:
            importlib.import_module(module.name)
    from akia.store.statement import REGISTRY, compile_for_sqlite

    return {
        "sources": checksums(_sources()),
        "schema": compile_schema(),
        "queries": {name: compile_for_sqlite(query) for name, query in sorted(REGISTRY.items())},
    }


if __name__ == "__main__":
    from akia.store.compiled import make as make_once  # the module under its own name, not as __main__

    _FILE.write_text(json.dumps(make_once(), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
