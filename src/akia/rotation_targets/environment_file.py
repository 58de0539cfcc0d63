"""A file of environment variables, as systemd, Docker and shells read it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from akia.rotation_targets.replaced_file import LONGEST_SECONDS, lines_of, rewrite
from akia.rotation_targets.target import NotDelivered

if TYPE_CHECKING:
    from pathlib import Path

    from akia.rotation_targets.target import DeliveredKey

_LINE = re.compile(r"\s*(?P<export>export\s+)?(?P<name>[A-Za-z_][A-Za-z0-9_]*)=(?P<value>.*)", re.DOTALL)
_ONE_VALUE = re.compile(r"""(?:"[^"\\]*"|'[^']*'|[^\s"'#;\\]*)\s*(?:#.*)?""")
"""Nothing else stands on the line: what follows would be lost with it."""
TOKEN = "AWS_SESSION_TOKEN"  # noqa: S105 - the name of a variable


@dataclass(frozen=True, slots=True)
class EnvironmentFile:
    """The variables `id_variable` and `secret_variable` in the file `path`. All else stays; a session token of the key before goes. A file
    that has them on a line with something else is refused."""

    kind: ClassVar[str] = "environment"
    seconds: ClassVar[float] = LONGEST_SECONDS
    path: Path
    id_variable: str = "AWS_ACCESS_KEY_ID"
    secret_variable: str = "AWS_SECRET_ACCESS_KEY"  # noqa: S105 - the name of a variable

    def deliver(self, key: DeliveredKey) -> None:
        """Raises NotDelivered."""
        rewrite(self.path, lambda text: self._edited(text, key))

    def _edited(self, text: str, key: DeliveredKey) -> str:
        end = "\r\n" if "\r\n" in text else "\n"
        wanted = {self.id_variable: key.access_key_id, self.secret_variable: key.secret_access_key}
        missing, kept = dict(wanted), []
        for line in lines_of(text):
            found = _LINE.match(line)
            name = found["name"] if found else ""
            if found and name in (*wanted, TOKEN) and not _ONE_VALUE.fullmatch(found["value"].rstrip("\r\n")):
                raise NotDelivered(f"{self.path} has {name} on a line that is not understood")
            if name in missing:
                kept.append(f"{(found and found['export']) or ''}{name}={missing.pop(name)}{end}")
            elif name not in wanted and name != TOKEN:
                kept.append(line if line.endswith("\n") else line + end)
        return "".join([*kept, *(f"{name}={value}{end}" for name, value in missing.items())])
