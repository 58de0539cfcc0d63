"""`akia up` and `akia init`: everything up to the moment at which this process turns into the server."""

from __future__ import annotations

import os
import signal
import sys
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, NoReturn

import click
from click.core import ParameterSource

from akia.cli import announcement, certificates, ephemeral, first_start, options
from akia.cli.listener import claim
from akia.cli.user_profile import UserFiles
from akia.installation import in_use
from akia.settings import VARIABLE, SettingsError

if TYPE_CHECKING:
    from akia.cli.first_start import Start
    from akia.settings import Settings

_ENDING = (signal.SIGTERM, signal.SIGINT)
_OF_ITS_OWN = ("data", "workers", "master_key_file", "write_profile")
"""What a throw-away akia has of its own, and cannot be told."""

_write_profile = click.option(
    "--write-profile",
    is_flag=False,
    flag_value=first_start.PROFILE,
    metavar="[NAME]",
    help="Add the administrator's profile to your own AWS files as NAME (akia).",
)


@click.command()
@options.data
@options.address
@options.master_key_file
@options.account
@_write_profile
@click.option("--ephemeral", "throw_away", is_flag=True, help="A throw-away akia for test suites: gone without a trace when it ends.")
@click.option(
    "--json", "as_json", is_flag=True, help="With --ephemeral: print one line of JSON with all that a test suite needs, keys included."
)
@click.pass_context
def up(ctx: click.Context, /, account: str | None, write_profile: str | None, throw_away: bool, as_json: bool, **values: Any) -> None:
    """Start akia. The first start makes an account, its administrator and an AWS profile."""
    _require_sense(ctx, throw_away, as_json)
    with ExitStack() as held:
        if throw_away:
            values |= {"data": held.enter_context(ephemeral.directory()), "workers": 1, "master_key_file": None}
            account = account or ephemeral.ACCOUNT
        settings = options.settings(ephemeral=throw_away, **values)
        _require_sinks(settings)
        listener = held.enter_context(claim(settings.host, settings.port))  # first: a port that is taken changes nothing
        if settings.metrics_address is not None:
            claim(*settings.metrics_address).close()
        settings = settings.with_port(listener.getsockname()[1])
        lock = held.enter_context(in_use(settings.data))
        settings, start = _started(settings, account, write_profile)
        text = ephemeral.summary(settings, start) if as_json else announcement.serving(settings, start)
        _become_server(settings, text, [lock, listener.fileno()])


@click.command()
@options.data
@options.address
@options.master_key_file
@options.account
@_write_profile
def init(account: str | None, write_profile: str | None, **values: Any) -> None:
    """Make the account, its administrator and an AWS profile, as the first `akia up` does, without serving."""
    settings = options.settings(**values)
    with in_use(settings.data):
        settings, start = _started(settings, account, write_profile)
    click.echo(announcement.made(settings, start), nl=False)


def _started(settings: Settings, account: str | None, write_profile: str | None) -> tuple[Settings, Start]:
    if write_profile is not None:
        UserFiles.found().require_free(write_profile)
    settings, bundle = certificates.provide(settings)
    start = first_start.start(settings, account, bundle)
    if write_profile is not None:
        first_start.copy_profile(start, write_profile)
    return settings, start


def _require_sinks(settings: Settings) -> None:
    """Raises SettingsError if the file of sinks, or a secret that it names, is of no use: the start ends here, not in the workers."""
    if settings.sinks is None:
        return
    from akia.sinks import SinksError, read_sinks  # here, since few need it and the start is to be quick

    try:
        read_sinks(settings.sinks, settings.outbound_allowed_networks, os.environ)
    except SinksError as error:
        raise SettingsError(str(error)) from None


def _require_sense(ctx: click.Context, throw_away: bool, as_json: bool) -> None:
    if as_json and not throw_away:
        raise click.UsageError("--json belongs to --ephemeral: a lasting akia never prints a secret", ctx)
    for name in _OF_ITS_OWN if throw_away else ():
        if ctx.get_parameter_source(name) is ParameterSource.COMMANDLINE:
            option = "--" + name.replace("_", "-")
            raise click.UsageError(
                f"{option} does not go with --ephemeral: a throw-away akia has a directory, a master key and a worker of its own", ctx
            )


def _become_server(settings: Settings, text: str, kept: list[int]) -> NoReturn:
    """Replace this program by the server process, which keeps the descriptors `kept` and prints `text` when it answers.

    Nothing of this process remains in memory, the master key least of all. Signals wait until the server can handle them.
    """
    reading, writing = os.pipe()
    os.write(writing, text.encode())
    os.close(writing)
    for descriptor in (reading, *kept):
        os.set_inheritable(descriptor, True)
    signal.pthread_sigmask(signal.SIG_BLOCK, _ENDING)
    environment = os.environ | {VARIABLE: settings.to_json()}
    os.execve(sys.executable, [sys.executable, "-P", "-m", "akia.cli.serving", str(reading)], environment)  # noqa: S606 - no shell is wanted
