"""The profile in the user's own AWS files, for those who ask for it with `--write-profile`. What is there already is never changed."""

from __future__ import annotations

import configparser
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from akia.cli.profile import Profile, section
from akia.installation import InstallationError
from akia.store.private_file import write_private

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class UserFiles:
    """The two files of the AWS clients."""

    config: Path
    credentials: Path

    @classmethod
    def found(cls, environment: Mapping[str, str] = os.environ) -> UserFiles:
        """Where AWS's variables say, else in `~/.aws`. A symbolic link is followed: what it points to is what changes."""
        home = Path.home() / ".aws"
        config = Path(environment.get("AWS_CONFIG_FILE") or home / "config")
        credentials = Path(environment.get("AWS_SHARED_CREDENTIALS_FILE") or home / "credentials")
        return cls(config.expanduser().resolve(), credentials.expanduser().resolve())

    def require_free(self, name: str) -> None:
        """Raises InstallationError if either file has a profile of this name."""
        for path, title in ((self.config, _config_title(name)), (self.credentials, name)):
            if title in _sections(path):
                raise InstallationError(
                    f"{path} has a profile {name} already, and is not changed: choose another name with --write-profile=NAME"
                )

    def add(self, profile: Profile) -> None:
        """Append `profile` to both files, each in one step and of mode 0600 afterwards. Raises InstallationError."""
        self.require_free(profile.name)
        _append(self.config, section(_config_title(profile.name), profile.connection))
        _append(self.credentials, section(profile.name, profile.credentials))


def _config_title(name: str) -> str:
    return name if name == "default" else f"profile {name}"


def _sections(path: Path) -> list[str]:
    parser = configparser.RawConfigParser(strict=False)
    try:
        parser.read_string(_text(path))
    except configparser.Error:
        raise InstallationError(f"{path} is not a valid AWS file, and is not changed") from None
    return parser.sections()


def _append(path: Path, addition: str) -> None:
    text = _text(path)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_private(path, f"{text.rstrip()}\n\n{addition}" if text.strip() else addition)
    except OSError as error:
        raise InstallationError(f"{path} cannot be written: {error.strerror}") from None


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except FileNotFoundError:
        return ""
    except (OSError, ValueError) as error:
        raise InstallationError(f"{path} cannot be read: {error}") from None
