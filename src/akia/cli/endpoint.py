"""The running akia, as a command calls it: through AWS's own client, like everybody."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from akia.aws import own_models
from akia.cli import options, profile
from akia.installation import InstallationError, existing

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


PATIENCE = 10
"""How often a command tries to get past a limit: reading much of the event history goes no faster than LookupEvents may be called."""


def clients(data: Path | None, aws_profile: str | None) -> Callable[[str], Any]:
    """What makes boto3 clients by service name, akia's own services included: with the user's own profile if one is named, else with
    that of the data directory.

    Raises InstallationError if the data directory has no profile.
    """
    import boto3
    from botocore.config import Config

    patient = Config(retries={"mode": "standard", "total_max_attempts": PATIENCE})
    if aws_profile is not None:
        own: Any = boto3.Session(profile_name=aws_profile, botocore_session=with_own_models())
        return lambda service: own.client(service, config=patient)
    installation = existing(options.settings(data=data).data)
    known = profile.read(installation.profile)
    if known is None:
        raise InstallationError(f"there is no profile {installation.profile}: name one of your own with --profile")
    session: Any = boto3.Session(
        known.key.access_key_id, known.key.secret_access_key, region_name=profile.REGION, botocore_session=with_own_models()
    )
    verify = str(known.ca_bundle) if known.ca_bundle is not None else None
    return lambda service: session.client(service, endpoint_url=known.endpoint, verify=verify, config=patient)


def with_own_models() -> Any:
    """A botocore session that needs no installed model to speak to akia's own services (W11.5)."""
    import botocore.session

    session = botocore.session.get_session()
    session.get_component("data_loader").search_paths.append(str(own_models.DIRECTORY))
    return session


_AWS = (".amazonaws.com", ".amazonaws.com.cn", ".api.aws", ".amazonaws.eu")


def is_aws(endpoint: str) -> bool:
    """Whether it is AWS itself that answers at this URL, which is never asked for the service akia."""
    return f".{urlsplit(endpoint).hostname or ''}".endswith(_AWS)
