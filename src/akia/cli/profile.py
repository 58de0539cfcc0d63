"""A ready-made AWS profile in a file of its own. One line makes any AWS client use it; nothing of the user's own is touched.

Both of the AWS variables for files point at it. Else a profile of the same name in the user's own `~/.aws/credentials` would win over it.
"""

from __future__ import annotations

import configparser
import io
import shlex
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from akia.installation import InstallationError
from akia.store.founding import KeyPair
from akia.store.private_file import write_private

if TYPE_CHECKING:
    from collections.abc import Iterable

REGION = "us-east-1"


@dataclass(frozen=True, slots=True)
class Profile:
    """`name` is the profile's; `ca_bundle` the PEM file of a private authority, for TLS."""

    name: str
    key: KeyPair
    endpoint: str
    ca_bundle: Path | None = None

    @property
    def connection(self) -> dict[str, str]:
        """Where and how to call: what belongs into an AWS config file."""
        trust = {"ca_bundle": str(self.ca_bundle)} if self.ca_bundle is not None else {}
        return {"region": REGION, "endpoint_url": self.endpoint} | trust

    @property
    def credentials(self) -> dict[str, str]:
        """What belongs into an AWS credentials file."""
        return {"aws_access_key_id": self.key.access_key_id, "aws_secret_access_key": self.key.secret_access_key}


def write(path: Path, profiles: Iterable[Profile]) -> None:
    """An AWS config file of `profiles`, readable by its owner only. Nothing is written if it says so already. Raises InstallationError."""
    _write(path, "\n".join(section(f"profile {profile.name}", profile.connection | profile.credentials) for profile in profiles))


def _write(path: Path, text: str) -> None:
    try:
        if not path.exists() or path.read_text("utf-8") != text:
            write_private(path, text)
    except OSError as error:
        raise InstallationError(f"{path} cannot be written: {error.strerror}") from None


def read(path: Path) -> Profile | None:
    """The first profile in the file that `write` has made; None if there is no such file. Raises InstallationError for any other file."""
    try:
        parser = _parsed(path)
        name = parser.sections()[0]
        values = parser[name]
        key = KeyPair(values["aws_access_key_id"], values["aws_secret_access_key"])
        bundle = Path(values["ca_bundle"]) if "ca_bundle" in values else None
        return Profile(name.removeprefix("profile "), key, values["endpoint_url"], bundle)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise InstallationError(f"{path} cannot be read: {error.strerror}") from None
    except (ValueError, LookupError, configparser.Error):
        raise InstallationError(f"{path} is not a profile that akia has written: move it away") from None


def point(path: Path, endpoint: str, ca_bundle: Path | None) -> Profile | None:
    """The profile in the file, from now on for `endpoint`; None if there is no such file. Raises InstallationError.

    What else is in the file stays: AWS's CLI writes into it whatever is configured while the variables name it.
    """
    known = read(path)
    if known is None:
        return None
    now = replace(known, endpoint=endpoint, ca_bundle=ca_bundle)
    if now != known:
        parser = _parsed(path)
        title = parser.sections()[0]
        parser.remove_option(title, "ca_bundle")
        parser[title].update(now.connection)
        _write(path, _text(parser))
    return now


def one_line(path: Path, name: str) -> str:
    """The shell command after which AWS clients use the profile `name` in the file `path`."""
    file = shlex.quote(str(path))
    return f"export AWS_CONFIG_FILE={file} AWS_SHARED_CREDENTIALS_FILE={file} AWS_PROFILE={name}"


def section(name: str, values: dict[str, str]) -> str:
    """A section of an AWS file, as text."""
    parser = configparser.ConfigParser(interpolation=None)
    parser[name] = values
    return _text(parser)


def _parsed(path: Path) -> configparser.ConfigParser:
    """Raises OSError, ValueError, configparser.Error."""
    parser = configparser.ConfigParser(interpolation=None)
    parser.read_string(path.read_text("utf-8"))
    return parser


def _text(parser: configparser.ConfigParser) -> str:
    text = io.StringIO()
    parser.write(text)
    return text.getvalue().rstrip("\n") + "\n"
