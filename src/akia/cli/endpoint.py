"""Who answers, as a command calls it: through AWS's own client, like everybody."""

from __future__ import annotations

import os
from contextlib import contextmanager
from datetime import UTC
from enum import Enum
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit

import click

from akia.aws import own_models
from akia.cli import options, profile
from akia.cli.printing import printable
from akia.installation import InstallationError, existing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime
    from pathlib import Path

    from akia.installation import Installation


PATIENCE = 10
"""How often a command tries to get past a limit: reading much of the event history goes no faster than LookupEvents may be called."""

CONNECT_SECONDS = 10
"""How long a command waits for a connection."""

Pair = tuple[str, str]
"""An access key's id and secret."""


class Make(Protocol):
    """What makes a boto3 client of a service, with a configuration of botocore's; it signs with `pair` if there is one."""

    def __call__(self, service: str, config: Any, pair: Pair | None = None) -> Any: ...


def clients(data: Path | None, aws_profile: str | None) -> Callable[[str], Any]:
    """What makes boto3 clients by service name, akia's own services included: with the user's own profile if one is named, else with
    that of the data directory.

    Raises InstallationError if the data directory has no profile, and what botocore raises.
    """
    from botocore.config import Config

    patient = Config(retries={"mode": "standard", "total_max_attempts": PATIENCE}, connect_timeout=CONNECT_SECONDS)
    if aws_profile is not None:
        make = of_own_files(own_session(aws_profile))
    else:
        make = of_profile(profile_of(existing(options.settings(data=data).data)))
    return lambda service: make(service, patient)


def profile_of(installation: Installation) -> profile.Profile:
    """The profile in the data directory. Raises InstallationError if it is gone."""
    known = profile.read(installation.profile)
    if known is None:
        raise InstallationError(f"there is no profile {installation.profile}: name one of your own with --profile")
    return known


def of_profile(known: profile.Profile) -> Make:
    """Clients that use a profile which akia has written, whatever AWS_PROFILE says."""
    import boto3

    key, own = known.key, with_own_models({"profile": (None, None, None, None)})
    session: Any = boto3.Session(key.access_key_id, key.secret_access_key, region_name=profile.REGION, botocore_session=own)
    verify = str(known.ca_bundle) if known.ca_bundle is not None else None

    def make(service: str, config: Any, pair: Pair | None = None) -> Any:
        return _quick(session.client(service, endpoint_url=known.endpoint, verify=verify, config=config, **_signed_with(pair)))

    return make


def own_session(aws_profile: str | None, region: str | None = None) -> Any:
    """A boto3 session by the user's own files and variables. Raises what botocore raises."""
    import boto3

    own = with_own_models({"profile": (None, None, aws_profile, None)} if aws_profile is not None else None)
    return boto3.Session(profile_name=aws_profile, region_name=region, botocore_session=own)


def of_own_files(session: Any, endpoint_url: str | None = None) -> Make:
    """Clients of a session. akia's own service lives where IAM does: it is never called at a name that botocore makes up.

    Making one raises UsageError if the endpoint is no URL.
    """
    region = session.region_name or profile.REGION

    def make(service: str, config: Any, pair: Pair | None = None) -> Any:
        try:
            at = endpoint_url or (session.client("iam", region_name=region).meta.endpoint_url if service == "akia" else None)
            return _quick(session.client(service, region_name=region, endpoint_url=at, config=config, **_signed_with(pair)))
        except ValueError as error:
            raise click.UsageError(str(error)) from error

    return make


def _signed_with(pair: Pair | None) -> dict[str, str]:
    return {"aws_access_key_id": pair[0], "aws_secret_access_key": pair[1]} if pair is not None else {}


def _quick(client: Any) -> Any:
    """`client`, which tells at once if there is nobody to talk to. Who has answered once may be starting anew, and is waited for."""
    from botocore.exceptions import ConnectTimeoutError, EndpointConnectionError

    answered: list[bool] = []

    def note(**_: Any) -> None:
        answered[:] = [True]

    def give_up(caught_exception: Exception | None = None, **_: Any) -> None:
        if isinstance(caught_exception, (EndpointConnectionError, ConnectTimeoutError)) and not answered:
            raise caught_exception

    client.meta.events.register("after-call", note)
    client.meta.events.register_first("needs-retry", give_up)
    return client


def with_own_models(variables: dict[str, tuple[Any, Any, Any, Any]] | None = None) -> Any:
    """A botocore session that needs no installed model to speak to akia's own services (W11.5), and tells times in UTC. `variables`
    change where it looks for its settings."""
    import botocore.session
    from botocore.utils import parse_timestamp

    def utc(value: Any) -> datetime:
        moment: datetime = parse_timestamp(value)  # in the time zone of this machine, if it is a number
        return moment.astimezone(UTC)

    session = botocore.session.Session(variables)
    session.get_component("data_loader").search_paths.append(str(own_models.DIRECTORY))
    session.get_component("response_parser_factory").set_parser_defaults(timestamp_parser=utc)
    return session


_AWS = (".amazonaws.com", ".amazonaws.com.cn", ".api.aws", ".amazonaws.eu")


def is_aws(endpoint: str) -> bool:
    """Whether it is AWS itself that answers at this URL, which is never asked for the service akia."""
    return f".{urlsplit(endpoint).hostname or ''}".endswith(_AWS)


class Akia(Enum):
    """Whether an akia answers, and whether its own service lets the caller list keys."""

    ABSENT = "absent"
    CLOSED = "closed"
    OPEN = "open"


_NOT_NOW = ("Throttl", "TooManyRequests", "ServiceUnavailable", "InternalFailure", "UnrecognizedClient", "InvalidSignature", "ExpiredToken")
"""How the codes begin with which an akia says that it does not answer this question now, or not to this caller."""


def akia_at(clients: Callable[[str], Any]) -> Akia:
    """Find out by one call of akia's own service. AWS itself is not asked. Raises what botocore raises if the answer does not tell."""
    from botocore.exceptions import ClientError
    from botocore.parsers import ResponseParserError

    if is_aws(clients("iam").meta.endpoint_url):
        return Akia.ABSENT
    try:
        return Akia.OPEN if "AccessKeys" in clients("akia").list_access_keys(MaxResults=1) else Akia.ABSENT
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code", "")
        if code.startswith(_NOT_NOW):
            raise
        return Akia.CLOSED if code == "AccessDeniedException" else Akia.ABSENT
    except ResponseParserError:
        return Akia.ABSENT


NOT_AWS = "what answers there does not speak AWS's protocols: look at the endpoint"


@contextmanager
def readable_errors(failure: type[click.ClickException] = click.ClickException) -> Iterator[None]:
    """What AWS's client raises inside ends the command with a line, as a `failure`."""
    from botocore.exceptions import BotoCoreError, ClientError, ConnectTimeoutError, EndpointConnectionError, SSLError
    from botocore.parsers import ResponseParserError

    try:
        yield
    except (EndpointConnectionError, ConnectTimeoutError) as error:
        raise failure(_nobody_at(error.kwargs["endpoint_url"])) from error
    except SSLError as error:
        hint = "; AWS_CA_BUNDLE is set, and wins over a profile's ca_bundle" if "AWS_CA_BUNDLE" in os.environ else ""
        raise failure(f"{error}{hint}") from error
    except ResponseParserError as error:
        raise failure(NOT_AWS) from error
    except (BotoCoreError, ClientError) as error:
        unknown = isinstance(error, ClientError) and error.response.get("Error", {}).get("Code", "Unknown") == "Unknown"
        raise failure(NOT_AWS if unknown else _first_paragraph(str(error))) from error


def _first_paragraph(text: str) -> str:
    """What comes after it is for whoever signs by hand. A server's words steer no terminal."""
    return "\n".join(map(printable, text.partition("\n\n")[0].splitlines()))


def _nobody_at(url: str) -> str:
    parts = urlsplit(url)
    hint = "" if is_aws(url) else "; `akia up` starts an akia"
    return f"nobody answers at {parts.scheme}://{parts.netloc}{hint}"
