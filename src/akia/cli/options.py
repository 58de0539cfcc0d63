"""The options that several commands have. Each is a setting of the same name, and can come from the variable AKIA_<NAME>."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from akia.settings import DEFAULT_PORT, Settings, default_data_directory

F = TypeVar("F", bound=Callable[..., Any])


def _account_id(ctx: click.Context, param: click.Parameter, value: str | None) -> str | None:
    if value is not None and not re.fullmatch("[0-9]{12}", value):
        raise click.BadParameter(f"{value!r} is not an account id, which has twelve digits", ctx, param)
    return value


def _limits(ctx: click.Context, param: click.Parameter, value: str | None) -> str | None:
    """A file is found again wherever the workers are."""
    return value if value in (None, "aws", "off") else str(Path(value).absolute())


PATH = click.Path(path_type=Path)

data = click.option(
    "--data",
    type=PATH,
    envvar="AKIA_DATA",
    metavar="DIR",
    help="The data directory.  [default: $XDG_DATA_HOME/akia or ~/.local/share/akia]",
)
master_key_file = click.option(
    "--master-key-file",
    type=PATH,
    envvar="AKIA_MASTER_KEY_FILE",
    metavar="FILE",
    help="The master key's file, if not in ~/.config/akia/keys.",
)
account = click.option(
    "--account", callback=_account_id, metavar="ID", help="The id of the account that the first start makes.  [default: random]"
)
_ADDRESS = [
    click.option("--host", default="127.0.0.1", show_default=True, envvar="AKIA_HOST", metavar="ADDRESS", help="The address to listen on."),
    click.option(
        "--port", type=int, default=DEFAULT_PORT, show_default=True, envvar="AKIA_PORT", help="The port to listen on; 0 finds a free one."
    ),
    click.option(
        "--tls", is_flag=True, envvar="AKIA_TLS", help="Serve HTTPS with a certificate of a private authority, made in the data directory."
    ),
    click.option("--tls-cert", type=PATH, envvar="AKIA_TLS_CERT", metavar="FILE", help="Serve HTTPS with this certificate chain (PEM)."),
    click.option("--tls-key", type=PATH, envvar="AKIA_TLS_KEY", metavar="FILE", help="The private key (PEM) of --tls-cert."),
    click.option("--public-url", envvar="AKIA_PUBLIC_URL", metavar="URL", help="The URL that clients use, when a proxy stands in front."),
    click.option(
        "--trusted-proxy",
        "trusted_proxies",
        multiple=True,
        envvar="AKIA_TRUSTED_PROXIES",
        metavar="NETWORK",
        help="Believe X-Forwarded-For and X-Forwarded-Proto from this network. May be repeated.",
    ),
    click.option(
        "--outbound-allowed-network",
        "outbound_allowed_networks",
        multiple=True,
        envvar="AKIA_OUTBOUND_ALLOWED_NETWORKS",
        metavar="NETWORK",
        help="Let akia itself ask servers in this network, such as identity providers of an intranet. May be repeated.",
    ),
    click.option(
        "--trail-storage",
        envvar="AKIA_TRAIL_STORAGE",
        metavar="PLACE",
        help="Where trails' buckets are: dir:PATH or s3:URL.  [default: the directory trails in the data directory]",
    ),
    click.option(
        "--trail-storage-credentials",
        type=PATH,
        envvar="AKIA_TRAIL_STORAGE_CREDENTIALS",
        metavar="FILE",
        help="The access key for s3:URL, in a file like AWS's credentials file.",
    ),
    click.option(
        "--trail-delivery-seconds",
        type=int,
        default=300,
        show_default=True,
        envvar="AKIA_TRAIL_DELIVERY_SECONDS",
        help="How often trails deliver log files.",
    ),
    click.option(
        "--trail-digest-seconds",
        type=int,
        default=3_600,
        show_default=True,
        envvar="AKIA_TRAIL_DIGEST_SECONDS",
        help="How often trails deliver signed digests.",
    ),
    click.option(
        "--event-retention-days",
        type=int,
        default=0,
        show_default=True,
        envvar="AKIA_EVENT_RETENTION_DAYS",
        metavar="DAYS",
        help="Remove events that are older; 0 keeps them for ever.",
    ),
    click.option(
        "--lake-query-seconds",
        type=int,
        default=3_600,
        show_default=True,
        envvar="AKIA_LAKE_QUERY_SECONDS",
        metavar="SECONDS",
        help="How long a query of event data stores may take.",
    ),
    click.option(
        "--lake-query-memory",
        type=int,
        default=512,
        show_default=True,
        envvar="AKIA_LAKE_QUERY_MEMORY",
        metavar="MEGABYTES",
        help="How much memory a query of event data stores may use.",
    ),
    click.option("--sinks", type=PATH, envvar="AKIA_SINKS", metavar="FILE", help="Send events where this file says (docs/streams.md)."),
    click.option(
        "--metrics-listen",
        envvar="AKIA_METRICS_LISTEN",
        metavar="ADDRESS:PORT",
        help="Tell Prometheus figures at /metrics there; a loopback address only.",
    ),
    click.option(
        "--alerts-file",
        type=PATH,
        envvar="AKIA_ALERTS_FILE",
        metavar="FILE",
        help="Thresholds, channels and responses of alerts on suspicious use (TOML).",
    ),
    click.option(
        "--limits",
        envvar="AKIA_LIMITS",
        metavar="aws|off|FILE",
        callback=_limits,
        help="How often anything may be called: AWS's published rates, anything, or what a file says (docs/limits.md).  [default: aws]",
    ),
    click.option(
        "--rotation-targets",
        type=PATH,
        envvar="AKIA_ROTATION_TARGETS",
        metavar="FILE",
        help="Where akia itself may put new access keys (TOML, docs/rotation.md).",
    ),
    click.option("--workers", type=int, default=1, show_default=True, envvar="AKIA_WORKERS", help="How many processes serve requests."),
]


def address(command: F) -> F:
    """All options that say where and how to serve."""
    for option in reversed(_ADDRESS):
        command = option(command)
    return command


def settings(data: Path | None = None, **values: Any) -> Settings:
    """The settings of a command's options, checked. Raises SettingsError."""
    return Settings(
        data=_absolute(data or default_data_directory(os.environ)), **{name: _absolute(value) for name, value in values.items()}
    ).checked()


def _absolute(value: Any) -> Any:
    return value.absolute() if isinstance(value, Path) else value
