"""A manifest of a Kubernetes Secret. Only lines that are understood are changed: what is written otherwise is refused, not guessed."""

from __future__ import annotations

import re
from base64 import b64encode
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from akia.rotation_targets.replaced_file import LONGEST_SECONDS, lines_of, rewrite
from akia.rotation_targets.target import NotDelivered

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from akia.rotation_targets.target import DeliveredKey

_TOP = re.compile(r"(?P<name>[A-Za-z]+):[ \t]*(?P<value>[^#\r\n]*?)[ \t]*(#.*)?\r?\n?$")
_BELOW = re.compile(r"(?P<indent> +)(?P<quote>[\"']?)(?P<name>[A-Za-z0-9._-]+)(?P=quote):[ \t]*(?P<value>[^#\r\n]*?)[ \t]*(#.*)?\r?\n?$")
_NOTHING = re.compile(r"(---|\.\.\.)?[ \t]*(#.*)?\r?\n?$")
"""An empty line, a comment, or the beginning or the end of a document."""
_TOKEN = "AWS_SESSION_TOKEN"  # noqa: S105 - the name of an entry


@dataclass(frozen=True, slots=True)
class KubernetesSecret:
    """The Secret `name` in the manifest `path`; its entries `id_entry` and `secret_entry` under `data`. A missing one is added."""

    kind: ClassVar[str] = "kubernetes"
    seconds: ClassVar[float] = LONGEST_SECONDS
    path: Path
    name: str
    namespace: str = ""
    id_entry: str = "AWS_ACCESS_KEY_ID"
    secret_entry: str = "AWS_SECRET_ACCESS_KEY"  # noqa: S105 - the name of an entry

    def deliver(self, key: DeliveredKey) -> None:
        """Raises NotDelivered."""
        rewrite(self.path, lambda text: self._edited(text, key))

    def _edited(self, text: str, key: DeliveredKey) -> str:
        entries = {self.id_entry: _encoded(key.access_key_id), self.secret_entry: _encoded(key.secret_access_key)}
        documents = _documents(text)
        if not all(map(_is_plain, documents)):
            raise NotDelivered(f"{self.path} is not written in blocks, or is a list of manifests")
        mine = [number for number, lines in enumerate(documents) if self._is_mine(lines)]
        if len(mine) > 1:
            raise NotDelivered(f"{self.path} has more than one Secret {self.name}")
        if mine:
            documents[mine[0]] = self._with_entries(documents[mine[0]], entries)
            return "".join(line for lines in documents for line in lines)
        before = text if not text or text.endswith("\n") else text + "\n"
        return before + ("---\n" if before.strip() else "") + self._manifest(entries)

    def _is_mine(self, lines: list[str]) -> bool:
        top = _tops(lines)
        metadata = _block(lines, "metadata")
        known = {"name": self.name, **({"namespace": self.namespace} if self.namespace else {})}
        told = {found["name"]: found["value"].strip("\"'") for _, found in metadata}
        return top.get("kind", "").strip("\"'") == "Secret" and all(told.get(name) == value for name, value in known.items())

    def _with_entries(self, lines: list[str], entries: dict[str, str]) -> list[str]:
        top = _tops(lines)
        strings = {found["name"] for _, found in _block(lines, "stringData")}
        if top.get("data") or top.get("stringData") or strings & {*entries, _TOKEN} or not _are_lines(lines, {*entries, _TOKEN}):
            raise NotDelivered(f"the Secret {self.name} in {self.path} is not written line by line, or has the key under stringData")
        end = "\r\n" if any(line.endswith("\r\n") for line in lines) else "\n"
        lines = [line if line.endswith("\n") else line + end for line in lines]
        if "data" not in top:
            lines.append(f"data:{end}")
        block, missing, gone = _block(lines, "data"), dict(entries), set()
        indent = block[0][1]["indent"] if block else "  "
        for number, found in block:
            if found["name"] in missing:
                lines[number] = f"{indent}{found['name']}: {missing.pop(found['name'])}{end}"
            elif found["name"] in entries or found["name"] == _TOKEN:
                gone.add(number)
        begin = next(number for number, line in enumerate(lines) if line.startswith("data:"))
        added = [f"{indent}{name}: {value}{end}" for name, value in missing.items()]
        return [*lines[: begin + 1], *added, *(line for number, line in enumerate(lines) if number > begin and number not in gone)]

    def _manifest(self, entries: dict[str, str]) -> str:
        namespace = f"  namespace: {self.namespace}\n" if self.namespace else ""
        data = "".join(f"  {name}: {value}\n" for name, value in entries.items())
        return f"apiVersion: v1\nkind: Secret\nmetadata:\n  name: {self.name}\n{namespace}type: Opaque\ndata:\n{data}"


def _encoded(text: str) -> str:
    return b64encode(text.encode("ascii")).decode("ascii")


def _documents(text: str) -> list[list[str]]:
    """The lines of each document; a separator begins one."""
    documents: list[list[str]] = [[]]
    for line in lines_of(text):
        if line.startswith("---"):
            documents.append([])
        documents[-1].append(line)
    return documents


def _is_plain(lines: list[str]) -> bool:
    """Whether a document is written in blocks, so that it can be told whether it is the Secret. A list could hold it."""
    top = {name: value.strip("\"'") for name, value in _tops(lines).items()}
    flows = any(not (_TOP.match(line) or _NOTHING.match(line) or line.startswith((" ", "- "))) for line in lines)
    return not flows and top.get("kind") != "List" and not (top.get("kind") == "Secret" and top.get("metadata"))


def _are_lines(lines: list[str], names: set[str]) -> bool:
    """Whether each of the entries `names` under `data` stands on one line, and all around them is understood."""
    block = dict(_block(lines, "data"))
    indent, last = "", ""
    for number, line in _inside(lines, "data"):
        if number in block:
            indent, last = block[number]["indent"], block[number]["name"]
        elif not _NOTHING.match(line) and (not last or last in names or not line.startswith(f"{indent} ")):
            return False
    return True


def _tops(lines: list[str]) -> dict[str, str]:
    """The names on the outermost level, with what stands behind them on their line."""
    return {found["name"]: found["value"] for line in lines if (found := _TOP.match(line))}


def _block(lines: list[str], name: str) -> list[tuple[int, re.Match[str]]]:
    """The entries of the block `name`, those of its first level, with the numbers of their lines."""
    found: list[tuple[int, re.Match[str]]] = []
    for number, line in _inside(lines, name):
        entry = _BELOW.match(line)
        if entry and (not found or entry["indent"] == found[0][1]["indent"]):
            found.append((number, entry))
    return found


def _inside(lines: list[str], name: str) -> Iterator[tuple[int, str]]:
    """The lines of the block `name`, with their numbers."""
    inside = False
    for number, line in enumerate(lines):
        top = _TOP.match(line)
        if top:
            inside = top["name"] == name
        elif inside:
            yield number, line
