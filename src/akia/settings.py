"""Everything that can be set, in one place. A misspelt name stops the start: no setting is ever silently ignored (NT-95)."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, fields, replace
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from akia.outbound.buckets import Buckets
    from akia.querying.question import Limits

DEFAULT_PORT = 2542
"""AKIA on a telephone's keys."""

LONGEST_RETENTION_DAYS = 36_500

VARIABLE = "AKIA_SETTINGS"
"""How the parent process hands its settings to the workers. They hold no secret."""

_MASTER_KEY = "AKIA_MASTER_KEY"


class SettingsError(Exception):
    """A setting that cannot be honoured. The message names it and says what to do."""


def default_data_directory(environment: Mapping[str, str] = os.environ) -> Path:
    """Where data lives unless `--data` says otherwise: `$XDG_DATA_HOME/akia`, else `~/.local/share/akia`."""
    return Path(environment.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "akia"


def configuration_directory(environment: Mapping[str, str] = os.environ) -> Path:
    """Where master keys live, outside any data directory: `$XDG_CONFIG_HOME/akia`, else `~/.config/akia`."""
    return Path(environment.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "akia"


@dataclass(frozen=True, slots=True)
class Settings:
    """One akia. Each field is an option of `akia up` of the same name, and the variable AKIA_<NAME>."""

    data: Path
    """The data directory: database, journals, profile. The master key is not in it."""
    host: str = "127.0.0.1"
    """The address to listen on. Other than loopback only with TLS or behind a declared proxy."""
    port: int = DEFAULT_PORT
    """The TCP port; 0 chooses a free one."""
    workers: int = 1
    """How many processes serve requests."""
    master_key_file: Path | None = None
    """The master key's file, if not the default one in the configuration directory."""
    tls: bool = False
    """Serve HTTPS with a certificate of a private authority that is made in the data directory."""
    tls_cert: Path | None = None
    """Serve HTTPS with this certificate chain (PEM)."""
    tls_key: Path | None = None
    """The private key (PEM) of `tls_cert`."""
    trusted_proxies: tuple[str, ...] = ()
    """Networks whose X-Forwarded-For and X-Forwarded-Proto are believed. None by default (NT-07, NT-45)."""
    public_url: str | None = None
    """The URL that clients use, when a proxy stands in front."""
    ephemeral: bool = False
    """A throw-away akia: nothing outlives the process. Set by `--ephemeral` only."""
    outbound_allowed_networks: tuple[str, ...] = ()
    """Networks beside the public ones that akia itself may send requests to (NT-23). None by default."""
    trail_storage: str | None = None
    """Where the buckets of trails are: `dir:PATH` or `s3:URL`. By default the directory `trails` in the data directory."""
    trail_storage_credentials: Path | None = None
    """The file with the access key for a `trail_storage` that speaks S3, in the form of AWS's credentials file, section `default`."""
    trail_delivery_seconds: int = 300
    """How often trails write log files."""
    trail_digest_seconds: int = 3_600
    """How often trails write digests."""
    event_retention_days: int = 0
    """For how many days events are kept; 0 is for ever."""
    lake_query_seconds: int = 3_600
    """How long a query of event data stores may take."""
    lake_query_memory: int = 512
    """How much memory it may use for its data, in megabytes."""
    sinks: Path | None = None
    """The file that says where events are sent (docs/streams.md)."""
    metrics_listen: str | None = None
    """Where Prometheus finds /metrics: ADDRESS:PORT of this machine's loopback."""
    limits: str | None = None
    """How often anything may be called: `aws` (its published rates, the default), `off` (the default of a throw-away akia), or a file
    (docs/limits.md)."""
    alerts_file: Path | None = None
    """Thresholds, channels and responses of alerts (TOML, docs/alerts.md). Without it every rule has its defaults, and nobody is told."""

    rotation_targets: Path | None = None
    """Where akia itself may put new access keys (TOML, docs/rotation.md). Without it, nowhere."""

    @property
    def metrics_address(self) -> tuple[str, int] | None:
        """Host and port of `metrics_listen`."""
        host, _, port = (self.metrics_listen or "").rpartition(":")
        return (host.removeprefix("[").removesuffix("]"), int(port)) if host else None

    @property
    def limits_in_force(self) -> str:
        """`limits`, or what it is by default."""
        return self.limits or ("off" if self.ephemeral else "aws")

    @property
    def serves_tls(self) -> bool:
        return self.tls or self.tls_cert is not None

    @property
    def endpoint(self) -> str:
        """The URL for clients: the public one, else this machine's."""
        if self.public_url is not None:
            return self.public_url.rstrip("/")
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)  # noqa: S104 - the wildcards are only compared with
        return f"{'https' if self.serves_tls else 'http'}://{f'[{host}]' if ':' in host else host}:{self.port}"

    def checked(self) -> Settings:
        """These settings, if they fit together. Raises SettingsError."""
        self._check_tls()
        self._check_numbers()
        _check_networks("--trusted-proxy", self.trusted_proxies)
        _check_networks("--outbound-allowed-network", self.outbound_allowed_networks)
        self._check_trails()
        self._check_addresses()
        if self.ephemeral and self.sinks is not None:
            raise SettingsError("--sinks does not go with --ephemeral: a throw-away akia sends its events nowhere")
        self._check_files()
        behind_proxy = bool(self.trusted_proxies) and self.public_url is not None
        if not _is_loopback(self.host) and not self.serves_tls and not behind_proxy:
            raise SettingsError(
                f"akia does not listen on {self.host} without TLS: secrets and signed requests would cross the network in the clear. "
                "Use --tls, or --tls-cert and --tls-key, or declare the proxy that ends TLS with --trusted-proxy and --public-url."
            )
        return self

    def _check_files(self) -> None:
        """Only who has such a file needs what reads it."""
        if self.alerts_file is not None:
            from akia.alerts_out import AlertsFileError, read

            try:
                read(self.alerts_file)
            except AlertsFileError as error:
                raise SettingsError(f"--alerts-file: {error}") from None
        if self.limits_in_force not in ("aws", "off"):
            from akia.authority.limits_file import LimitsFileError, operator_limits

            try:
                operator_limits(self.limits_in_force)
            except LimitsFileError as error:
                raise SettingsError(f"--limits: {error}") from None
        if self.rotation_targets is not None:
            from akia.rotation_targets import TargetsError, read_targets

            try:
                read_targets(self.rotation_targets)
            except TargetsError as error:
                raise SettingsError(f"--rotation-targets: {error}") from None

    def _check_tls(self) -> None:
        if (self.tls_cert is None) != (self.tls_key is None):
            raise SettingsError("--tls-cert and --tls-key belong together: give both or neither")
        if self.tls and self.tls_cert is not None:
            raise SettingsError("--tls makes a certificate of its own: leave it out when --tls-cert is given")

    def _check_numbers(self) -> None:
        if not 0 <= self.port <= 65_535:
            raise SettingsError(f"--port {self.port}: a port is between 0 and 65535")
        if not 1 <= self.workers <= 60:
            raise SettingsError(f"--workers {self.workers}: between 1 and 60")
        if not 0 <= self.event_retention_days <= LONGEST_RETENTION_DAYS:
            raise SettingsError(
                f"--event-retention-days {self.event_retention_days}: between 1 and {LONGEST_RETENTION_DAYS}, or 0 to keep events for ever"
            )

    def _check_addresses(self) -> None:
        if self.metrics_listen is not None and not _is_loopback_port(self.metrics_listen):
            raise SettingsError(
                f"--metrics-listen {self.metrics_listen}: expected a loopback address and a port, such as 127.0.0.1:2543; metrics are told "
                "without authentication, so nobody else is to reach them"
            )
        if self.public_url is not None and not _is_url(self.public_url):
            raise SettingsError(f"--public-url {self.public_url}: expected a URL without a path, such as https://akia.example.com")

    @property
    def trail_buckets(self) -> Buckets:
        """The buckets that trails deliver to. Raises SettingsError."""
        from akia.outbound.buckets import buckets_at  # it takes a tenth of a second, which most commands have no need of

        try:
            return buckets_at(self.trail_storage or f"dir:{self.data.absolute() / 'trails'}", self.trail_storage_credentials)
        except ValueError as error:
            raise SettingsError(f"--trail-storage {self.trail_storage}: {error} (--trail-storage-credentials)") from None

    @property
    def query_limits(self) -> Limits:
        """What a query of event data stores may use."""
        from akia.querying.question import Limits

        return Limits(seconds=self.lake_query_seconds, memory_mb=self.lake_query_memory)

    def _check_trails(self) -> None:
        """Raises SettingsError."""
        if not 1 <= self.lake_query_seconds <= 86_400:
            raise SettingsError(f"--lake-query-seconds {self.lake_query_seconds}: between 1 and 86400")
        if not 64 <= self.lake_query_memory <= 65_536:
            raise SettingsError(f"--lake-query-memory {self.lake_query_memory}: between 64 and 65536 megabytes")
        if self.trail_storage is not None:
            _ = self.trail_buckets
        for name, seconds in (("delivery", self.trail_delivery_seconds), ("digest", self.trail_digest_seconds)):
            if not 1 <= seconds <= 86_400:
                raise SettingsError(f"--trail-{name}-seconds {seconds}: between 1 and 86400")

    def to_json(self) -> str:
        """The settings as text, for the workers."""
        return json.dumps({name: str(value) if isinstance(value, Path) else value for name, value in asdict(self).items()})

    @classmethod
    def from_json(cls, text: str) -> Settings:
        values = json.loads(text)
        paths = ("data", "master_key_file", "tls_cert", "tls_key", "trail_storage_credentials", "sinks", "alerts_file", "rotation_targets")
        for name in paths:
            values[name] = Path(values[name]) if values[name] is not None else None
        return cls(**values | {name: tuple(values[name]) for name in ("trusted_proxies", "outbound_allowed_networks")})

    def with_port(self, port: int) -> Settings:
        return replace(self, port=port)


def refuse_unknown_variables(environment: Mapping[str, str]) -> None:
    """Raises SettingsError if a variable begins with AKIA_ and means nothing (NT-95)."""
    known = {f"AKIA_{field.name.upper()}" for field in fields(Settings) if field.name != "ephemeral"} | {_MASTER_KEY}
    for name in sorted(environment):
        if name.startswith("AKIA_") and name not in known:
            raise SettingsError(f"{name} is not a setting of akia; the settings are {', '.join(sorted(known))}")


def _check_networks(option: str, networks: tuple[str, ...]) -> None:
    """Raises SettingsError."""
    for network in networks:
        try:
            ip_network(network)
        except ValueError as error:
            raise SettingsError(f"{option} {network}: {error}") from None


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _is_loopback_port(text: str) -> bool:
    host, _, port = text.rpartition(":")
    numeric = host.removeprefix("[").removesuffix("]")
    return _is_loopback(numeric) and port.isascii() and port.isdigit() and 0 < int(port) <= 65_535


def _is_url(text: str) -> bool:
    """Whether `text` is scheme, host and perhaps a port, and nothing else."""
    try:
        url = urlsplit(text)
        return (
            url.scheme in {"http", "https"}
            and bool(url.hostname)
            and url.port != 0
            and not (url.path.strip("/") or url.query or url.fragment)
        )
    except ValueError:
        return False
