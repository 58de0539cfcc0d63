"""Which account is meant, who asks, and whether it is an akia that answers."""

from __future__ import annotations

import functools
import os
import shlex
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import click

from akia.cli import endpoint, options, profile
from akia.cli.endpoint import Akia, is_aws
from akia.installation import InstallationError, existing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from akia.cli.endpoint import Make, Pair
    from akia.installation import Installation

F = TypeVar("F", bound="Callable[..., Any]")

ERROR, FOUND, FINE = 2, 1, 0
"""The exit codes: something went wrong; `--check` has found something; neither."""

ATTEMPTS = 8
"""How often a call is made that is throttled, with botocore's growing pauses in between."""


class Failed(click.ClickException):
    """The command could not do what it was asked to."""

    exit_code = ERROR


@dataclass(frozen=True, slots=True)
class Where:
    """What the options say."""

    data: Path | None = None
    profile: str | None = None
    endpoint_url: str | None = None
    region: str | None = None

    @property
    def words(self) -> str:
        """The same options again, for a shell."""
        pairs = (("--data", self.data), ("--profile", self.profile), ("--endpoint-url", self.endpoint_url), ("--region", self.region))
        return "".join(f" {name} {shlex.quote(str(value))}" for name, value in pairs if value is not None)


@dataclass(frozen=True, slots=True)
class Connection:
    """An account that answers. `own_key` is the key that signs; `preamble` a line for the shell before AWS's CLI finds the same account."""

    where: Where
    make: Make
    account: str
    caller: str
    endpoint: str
    akia: Akia
    own_key: str = ""
    preamble: str = ""

    @property
    def is_akia(self) -> bool:
        """Whether it is an akia whose own service tells of keys. One that keeps it to itself is an IAM like any other."""
        return self.akia is Akia.OPEN

    def client(self, service: str, key: Pair | None = None) -> Any:
        """A boto3 client, which may be shared by threads. It signs with `key` if there is one."""
        return self.make(service, _config(), key)

    @property
    def title(self) -> str:
        """The account and who answers for it, in a line."""
        if self.akia is Akia.CLOSED:
            who = "an akia whose own service you may not ask"
        else:
            who = "akia" if self.is_akia else "AWS" if is_aws(self.endpoint) else "IAM"
        return f"account {self.account} at {self.endpoint} ({who})"


def anywhere(command: F) -> F:
    """The options that say which account is meant. The command gets them as `where`."""

    @functools.wraps(command)
    def collected(
        *words: Any, data: Path | None, aws_profile: str | None, endpoint_url: str | None, region: str | None, **more: Any
    ) -> Any:
        return command(*words, where=Where(data, aws_profile, endpoint_url, region), **more)

    shown = click.option("--region", metavar="REGION", help="The region to sign for.")(collected)
    shown = click.option("--endpoint-url", metavar="URL", help="Ask here, whatever the profile says.")(shown)
    shown = click.option("--profile", "aws_profile", metavar="NAME", help="Use this profile of your own AWS files, AWS itself included.")(
        shown
    )
    decorated: Any = options.data(shown)
    return decorated  # type: ignore[no-any-return]  # click's decorators lose what they decorate


@contextmanager
def readable_errors() -> Iterator[None]:
    """What goes wrong inside is told in one line, with exit code 2."""
    try:
        with endpoint.readable_errors(Failed):
            yield
    except InstallationError as error:
        raise Failed(str(error)) from error


def connect(where: Where) -> Connection:
    """Find out who answers: two calls, three if it may be an akia. Raises what botocore raises, and InstallationError."""
    make, own_key, preamble = clients(where)

    def client(service: str) -> Any:
        return make(service, _config())

    try:
        identity = client("sts").get_caller_identity()
    except KeyError:  # botocore's parser, of a page that is XML and no answer
        raise Failed(endpoint.NOT_AWS) from None
    url: str = client("iam").meta.endpoint_url
    return Connection(where, make, identity["Account"], identity["Arn"], url, endpoint.akia_at(client), own_key, preamble)


def clients(where: Where) -> tuple[Make, str, str]:
    """What makes clients, the id of the key that signs, and the shell's preamble.

    If nothing but the data directory is named, it is the akia there; if there is none either, whatever AWS's own variables and files say.
    """
    if where.profile is None and where.endpoint_url is None and where.region is None:
        installation = _in_data_directory(where.data)
        if installation is not None:
            found = endpoint.profile_of(installation)
            return endpoint.of_profile(found), found.key.access_key_id, profile.one_line(installation.profile, found.name)
    return _anybodys(where)


def _anybodys(where: Where) -> tuple[Make, str, str]:
    session = endpoint.own_session(where.profile, where.region)
    credentials = session.get_credentials()
    if credentials is None:
        raise Failed("AWS's own variables and files hold no key: name a profile with --profile, or an akia's data directory with --data")
    return endpoint.of_own_files(session, where.endpoint_url), credentials.get_frozen_credentials().access_key, ""


def _in_data_directory(data: Path | None) -> Installation | None:
    try:
        return existing(options.settings(data=data).data)
    except InstallationError:
        if data is not None:
            raise
        return None


def _config() -> Any:
    from botocore.config import Config

    try:
        most = int(os.environ.get("AWS_MAX_ATTEMPTS") or ATTEMPTS)
    except ValueError:
        raise Failed("the variable AWS_MAX_ATTEMPTS is no number") from None
    return Config(
        retries={"mode": "standard", "total_max_attempts": most},
        connect_timeout=endpoint.CONNECT_SECONDS,
        max_pool_connections=16,
        user_agent_extra="akia-keys",
    )
