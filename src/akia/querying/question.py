"""What the process that runs a query is told, and what it may use."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field

import orjson


@dataclass(frozen=True, slots=True)
class Table:
    """An event data store as a query may see it: its events from `start_ms` (epoch milliseconds) on. `activity` if they come from outside
    (ActivityAuditLog)."""

    store: str
    activity: bool = False
    start_ms: int = 0


@dataclass(frozen=True, slots=True)
class Limits:
    """What one query may use. `seconds` are those of a clock on the wall, `rows` and `result_bytes` bound what it answers."""

    seconds: int = 3_600
    memory_mb: int = 512
    disk_mb: int = 8_192
    threads: int = 2
    rows: int = 100_000
    result_bytes: int = 64 * 1_024 * 1_024


@dataclass(frozen=True, slots=True)
class Question:
    """`statement` is Trino's SQL. With no `database` the statement is only checked: parsed, translated and bound to empty tables.

    `database` is the path of akia's database, `directory` an empty directory that is the process's own.
    """

    statement: str
    tables: tuple[Table, ...]
    database: str = ""
    directory: str = ""
    limits: Limits = field(default_factory=Limits)

    def to_json(self) -> bytes:
        return orjson.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: bytes | str) -> Question:
        values = orjson.loads(text)
        return cls(**values | {"tables": tuple(Table(**table) for table in values["tables"]), "limits": Limits(**values["limits"])})
