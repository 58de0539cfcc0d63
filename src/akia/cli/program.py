"""The commands of the program, and how their failures are told."""

from __future__ import annotations

import os
from typing import Any

import click

import akia
from akia.cli.account_keys.commands import report
from akia.cli.alerts import alerts
from akia.cli.audit_commands import audit
from akia.cli.backups import backup, restore
from akia.cli.compromised import compromised
from akia.cli.install_model import install_model
from akia.cli.keys import keys
from akia.cli.limits import limits
from akia.cli.listener import PortTaken
from akia.cli.managed_policies import managed_policies
from akia.cli.replay import replay
from akia.cli.revoke import revoke
from akia.cli.root_key import root_key
from akia.cli.rotate_data_keys import rotate_data_keys
from akia.cli.rotation import rotation
from akia.cli.shadow import shadow
from akia.cli.sinks import sinks
from akia.cli.tail import tail
from akia.cli.tour import tour
from akia.cli.up import init, up
from akia.cli.why import why
from akia.installation import InstallationError
from akia.settings import SettingsError, refuse_unknown_variables
from akia.store.errors import BackupFailed, CannotOpen, StoreUnavailable

_FAILURES = (InstallationError, CannotOpen, BackupFailed, PortTaken)


class Program(click.Group):
    """A group whose failures end in one line and an exit code: 2 for what was asked wrongly, 1 for what went wrong."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            refuse_unknown_variables(os.environ)
            return super().invoke(ctx)
        except SettingsError as error:
            raise click.UsageError(str(error), ctx) from error
        except StoreUnavailable as error:
            raise click.ClickException(f"the database cannot be used: {error.detail}") from error
        except _FAILURES as error:
            raise click.ClickException(str(error)) from error


@click.group(cls=Program, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 120})
@click.version_option(akia.__version__, message="%(prog)s %(version)s")
def program() -> None:
    """An AWS-compatible access-key authority that you run yourself."""


@click.command()
def version() -> None:
    """Print the version."""
    click.echo(f"akia {akia.__version__}")


for command in (
    up,
    init,
    version,
    root_key,
    backup,
    restore,
    keys,
    report,
    revoke,
    compromised,
    why,
    tail,
    audit,
    alerts,
    sinks,
    limits,
    rotation,
    shadow,
    replay,
    managed_policies,
    rotate_data_keys,
    install_model,
    tour,
):
    program.add_command(command)
