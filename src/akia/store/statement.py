"""Queries: written in SQLAlchemy Core, compiled once to SQL text with named parameters, executed by the driver itself.

Compiling a statement costs some 200 microseconds, SQLAlchemy's own execution some 40; the driver alone takes 5.
"""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING

from akia.store import compiled

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.sql import ClauseElement

REGISTRY: dict[str, Query] = {}
_PARAMETER = re.compile(r":[a-z_]+", re.ASCII)


class Query:
    """One statement. Its values are parameters without exception (NT-39): `build` may hold no literal value that must be bound."""

    def __init__(self, name: str, build: Callable[[], ClauseElement]) -> None:
        """`name` is unique, `noun.what`; `build` runs only if the compiled text is not at hand. Raises ValueError if the name is used."""
        if name in REGISTRY:
            raise ValueError(f"two queries are named {name}")
        REGISTRY[name] = self
        self.name = name
        self.build = build

    @cached_property
    def sqlite(self) -> str:
        """The text for SQLite. A second dialect is a second property."""
        return compiled.text(self.name) or compile_for_sqlite(self)

    @cached_property
    def sqlite_positional(self) -> str:
        """The same with `?` for each parameter, which many rows are bound to faster. For plain INSERTs, whose colons are all parameters."""
        return _PARAMETER.sub("?", self.sqlite)


def compile_for_sqlite(query: Query) -> str:
    """The text of `query` with `:named` parameters. Raises ValueError if it binds a literal: write a parameter or an SQL constant."""
    from sqlalchemy.dialects.sqlite import dialect

    compiled_statement = query.build().compile(dialect=dialect(paramstyle="named"))
    literals = sorted(name for name, value in compiled_statement.params.items() if value is not None)
    if literals:
        raise ValueError(f"{query.name} binds literal values: {', '.join(literals)}")
    return str(compiled_statement)
