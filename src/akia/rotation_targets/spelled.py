"""Targets as they are spelled on a command line: `profile:ci`, `profile:ci@/srv/credentials`, `environment:/srv/app.env`,
`kubernetes:app-aws@/srv/secret.yaml`, `command:/usr/local/bin/put-key --here`."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from akia.rotation_targets.command import Command
from akia.rotation_targets.environment_file import EnvironmentFile
from akia.rotation_targets.kubernetes_secret import KubernetesSecret
from akia.rotation_targets.profile_file import ProfileFile

if TYPE_CHECKING:
    from akia.rotation_targets.target import Target

KINDS = ("profile:NAME[@FILE]", "environment:FILE", "kubernetes:NAME@FILE", "command:COMMAND")


def spelled(text: str, credentials: Path) -> Target:
    """The target that `text` spells. `credentials` is the file of profiles that name none. Raises ValueError, with a text for people."""
    kind, _, rest = text.partition(":")
    name, _, file = rest.partition("@")
    match kind:
        case "profile" if name:
            return ProfileFile(_path(file) if file else credentials, name)
        case "environment" if rest:
            return EnvironmentFile(_path(rest))
        case "kubernetes" if name and file:
            namespace, _, secret = name.rpartition("/")
            return KubernetesSecret(_path(file), secret, namespace)
        case "command" if rest.strip():
            return Command(tuple(shlex.split(rest)))
    raise ValueError(f"{text!r} is no target: expected {', '.join(KINDS)}")


def _path(text: str) -> Path:
    return Path(text).expanduser().absolute()
