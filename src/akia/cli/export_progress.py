"""How far an export has come, in a file beside its target until it is done."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from akia.store.private_file import write_private

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from akia.cli.event_history import Found


@dataclass
class Progress:
    """Events are written newest first: all from `until` down to `end` are, but for those of the second `end` that are not in `seen`."""

    path: Path
    asked: Mapping[str, Any]
    since: datetime
    until: datetime
    end: datetime
    seen: list[str] = field(default_factory=list)
    count: int = 0
    written: int = 0
    """The length of a file of lines, in bytes."""

    @classmethod
    def of(cls, target: Path, asked: Mapping[str, Any], since: datetime, until: datetime) -> Progress:
        """Where the export to `target` stands: at its beginning, or where the same one was interrupted. ClickException for another one."""
        path = target.with_name(target.name + ".export")
        if not path.exists():
            return cls(path, asked, since, until, until)
        try:
            kept = json.loads(path.read_text("utf-8"))
            began, ended, end = (datetime.fromisoformat(kept[name]) for name in ("since", "until", "end"))
            progress = cls(path, kept["asked"], began, ended, end, kept["seen"], kept["count"], kept["written"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise click.ClickException(f"{path} cannot be read: remove it to begin anew") from error
        if progress.asked != asked:
            raise click.ClickException(f"an export with other options was interrupted here: repeat those, or remove {path} to begin anew")
        return progress

    def advance(self, step: Sequence[Found], written: int) -> None:
        """`step` is safely written. Raises OSError."""
        end = step[-1].at
        self.seen = [*(self.seen if end == self.end else ()), *(found.id for found in step if found.at == end)]
        self.end, self.count, self.written = end, self.count + len(step), written
        kept = {name: value for name, value in asdict(self).items() if name != "path"}
        write_private(self.path, json.dumps(kept, default=datetime.isoformat))

    def done(self) -> None:
        """The export is complete."""
        self.path.unlink(missing_ok=True)
