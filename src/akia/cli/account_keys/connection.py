"""Which account is meant, who asks, and whether it is an akia that answers."""

from __future__ import annotations

import functools
import os
import shlex
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import click

from akia.cli import options, profile
from akia.cli.endpoint import is_aws, with_own_models
from akia.installation import InstallationError, existing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

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


Pair = tuple[str, str]
"""An access key's id and secret."""


class Make(Protocol):
    """What makes a boto3 client of a service, with a configuration of botocore's; it signs with `pair` if there is one."""

    def __call__(self, service: str, config: Any, pair: Pair | None = None) -> Any: ...


@dataclass(frozen=True, slots=True)
class Connection:
    """An account that answers. `own_key` is the key that signs; `preamble` a line for the shell before AWS's CLI finds the same account."""

    where: Where
    make: Make
    account: str
    caller: str
    endpoint: str
    is_akia: bool
    own_key: str = ""
    preamble: str = ""

    def client(self, service: str, key: Pair | None = None) -> Any:
        """A boto3 client, which may be shared by threads. It signs with `key` if there is one."""
        return self.make(service, _config(), key)

    @property
    def title(self) -> str:
        """The account and who answers for it, in a line."""
        return f"account {self.account} at {self.endpoint} ({'akia' if self.is_akia else 'AWS' if is_aws(self.endpoint) else 'IAM'})"


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
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except (BotoCoreError, ClientError, InstallationError) as error:
        raise Failed(str(error)) from error


def connect(where: Where) -> Connection:
    """Find out who answers: two calls, three if it may be an akia. Raises what botocore raises, and InstallationError."""
    make, own_key, preamble = clients(where)
    identity = make("sts", _config(2)).get_caller_identity()
    endpoint: str = make("iam", _config(2)).meta.endpoint_url
    own = not is_aws(endpoint) and _is_akia(make("akia", _config(2)))
    return Connection(where, make, identity["Account"], identity["Arn"], endpoint, own, own_key, preamble)


def clients(where: Where) -> tuple[Make, str, str]:
    """What makes clients, the id of the key that signs, and the shell's preamble.

    If nothing but the data directory is named, it is the akia there; if there is none either, whatever AWS's own variables and files say.
    """
    if where.profile is None and where.endpoint_url is None and where.region is None:
        known = _in_data_directory(where.data)
        if known is not None:
            path, found = known
            return _akias(found), found.key.access_key_id, profile.one_line(path, found.name)
    return _anybodys(where)


def _in_data_directory(data: Path | None) -> tuple[Path, profile.Profile] | None:
    try:
        path = existing(options.settings(data=data).data).profile
    except InstallationError:
        if data is not None:
            raise
        return None
    found = profile.read(path)
    if found is None:
        raise InstallationError(f"there is no profile {path}: name one of your own with --profile")
    return path, found


def _akias(found: profile.Profile) -> Make:
    import boto3

    key = found.key
    session: Any = boto3.Session(key.access_key_id, key.secret_access_key, region_name=profile.REGION, botocore_session=with_own_models())
    verify = str(found.ca_bundle) if found.ca_bundle is not None else None

    def make(service: str, config: Any, pair: Pair | None = None) -> Any:
        return session.client(service, endpoint_url=found.endpoint, verify=verify, config=config, **_signed_with(pair))

    return make


def _anybodys(where: Where) -> tuple[Make, str, str]:
    import boto3

    session: Any = boto3.Session(profile_name=where.profile, region_name=where.region, botocore_session=with_own_models())
    region = session.region_name or profile.REGION

    def make(service: str, config: Any, pair: Pair | None = None) -> Any:
        at = where.endpoint_url or (_endpoint_of_iam(session, region) if service == "akia" else None)
        return session.client(service, region_name=region, endpoint_url=at, config=config, **_signed_with(pair))

    credentials = session.get_credentials()
    return make, credentials.get_frozen_credentials().access_key if credentials is not None else "", ""


def _signed_with(pair: Pair | None) -> dict[str, str]:
    return {"aws_access_key_id": pair[0], "aws_secret_access_key": pair[1]} if pair is not None else {}


def _endpoint_of_iam(session: Any, region: str) -> str:
    """akia's own service lives where IAM does: never at a name that botocore makes up."""
    url: str = session.client("iam", region_name=region).meta.endpoint_url
    return url


def _is_akia(client: Any) -> bool:
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        client.list_access_keys(MaxResults=1)
    except (BotoCoreError, ClientError):
        return False
    return True


def _config(attempts: int | None = None) -> Any:
    from botocore.config import Config

    try:
        most = int(os.environ.get("AWS_MAX_ATTEMPTS") or attempts or ATTEMPTS)
    except ValueError:
        raise Failed("the variable AWS_MAX_ATTEMPTS is no number") from None
    return Config(retries={"mode": "standard", "total_max_attempts": most}, max_pool_connections=16, user_agent_extra="akia-keys")
