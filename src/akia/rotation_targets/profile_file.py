"""A profile in a file of the AWS clients. Comments, other profiles and other settings of the profile stay as they are."""

from __future__ import annotations

import configparser
import re
import shlex
from dataclasses import dataclass
from hmac import compare_digest
from typing import TYPE_CHECKING, ClassVar

from akia.rotation_targets.replaced_file import LONGEST_SECONDS, lines_of, rewrite
from akia.rotation_targets.target import NotDelivered

if TYPE_CHECKING:
    from pathlib import Path

    from akia.rotation_targets.target import DeliveredKey

ID, SECRET = "aws_access_key_id", "aws_secret_access_key"
_TOKENS = ("aws_session_token", "aws_security_token")
"""They belong to the key before, and would make the new one useless."""
_SECTION = re.compile(r"\[(?P<title>[^\]]+)\]")
_SETTING = re.compile(r"(?P<name>[^\s=:#;\[][^=:]*?)\s*[=:]")


@dataclass(frozen=True, slots=True)
class ProfileFile:
    """The profile `profile` in the file `path`, which may be a credentials file or a config file. What is missing is made."""

    kind: ClassVar[str] = "profile"
    seconds: ClassVar[float] = LONGEST_SECONDS
    path: Path
    profile: str

    def deliver(self, key: DeliveredKey) -> None:
        """Raises NotDelivered."""
        rewrite(self.path, lambda text: self._checked(self._edited(text, key), key))

    def _edited(self, text: str, key: DeliveredKey) -> str:
        end = "\r\n" if "\r\n" in text else "\n"
        lines = [f"{ID} = {key.access_key_id}{end}", f"{SECRET} = {key.secret_access_key}{end}"]
        edited, is_there = _with_settings(lines_of(text), self.profile, lines, end)
        if is_there:
            return "".join(edited)
        title = f"profile {shlex.quote(self.profile)}" if self.path.name == "config" and self.profile != "default" else self.profile
        before = text if not text or text.endswith("\n") else text + end
        return "".join([before, end if before.strip() else "", f"[{title}]{end}", *lines])

    def _checked(self, text: str, key: DeliveredKey) -> str:
        """`text`, if the clients will read the key from it."""
        parser = configparser.RawConfigParser(strict=False)
        try:
            parser.read_string(text)
            found = [parser[title] for title in parser.sections() if _is(title, self.profile)]
            right = all(
                section[ID] == key.access_key_id and compare_digest(section[SECRET].encode(), key.secret_access_key.encode())
                for section in found
            )
        except (configparser.Error, KeyError):
            found, right = [], False
        if not (found and right):
            raise NotDelivered(f"{self.path} is no file of the AWS clients")
        return text


def _is(title: str, profile: str) -> bool:
    """Whether a section is the profile's: `[name]`, or `[profile name]` as config files have it."""
    if title.strip() == profile:
        return True
    try:
        return shlex.split(title) == ["profile", profile]
    except ValueError:
        return False


def _with_settings(lines: list[str], profile: str, settings: list[str], end: str) -> tuple[list[str], bool]:
    """`lines` with `settings` at the beginning of the profile's sections, in place of those that there were; and whether there was one."""
    kept: list[str] = []
    inside = is_there = dropping = False
    for line in lines:
        section = _SECTION.match(line)
        setting = _SETTING.match(line)
        if section:
            inside, dropping = _is(section["title"], profile), False
            kept.append(line if line.endswith("\n") else line + end)
            if inside:
                is_there = True
                kept += settings
            continue
        if setting:
            dropping = inside and setting["name"].strip().lower() in (ID, SECRET, *_TOKENS)
        elif not line[0].isspace() or not line.strip():
            dropping = False  # a comment or an empty line; what is indented goes with the setting before
        if not dropping:
            kept.append(line)
    return kept, is_there
