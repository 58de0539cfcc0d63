"""The commands of the program, and how their failures are told."""

from __future__ import annotations

import os
from importlib import import_module
from typing import TYPE_CHECKING, Any

import click

import akia
from akia.cli.listener import PortTaken
from akia.installation import InstallationError
from akia.settings import SettingsError, refuse_unknown_variables
from akia.store.errors import BackupFailed, CannotOpen, StoreUnavailable

if TYPE_CHECKING:
    from collections.abc import Mapping

_COMMANDS: Mapping[str, str] = {
    "alerts": "alerts.alerts",
    "audit": "audit_commands.audit",
    "backup": "backups.backup",
    "compromised": "compromised.compromised",
    "init": "up.init",
    "install-model": "install_model.install_model",
    "keys": "keys.keys",
    "limits": "limits.limits",
    "managed-policies": "managed_policies.managed_policies",
    "replay": "replay.replay",
    "report": "account_keys.commands.report",
    "restore": "backups.restore",
    "revoke": "revoke.revoke",
    "root-key": "root_key.root_key",
    "rotate-data-keys": "rotate_data_keys.rotate_data_keys",
    "rotation": "rotation.rotation",
    "shadow": "shadow.shadow",
    "sinks": "sinks.sinks",
    "tail": "tail.tail",
    "tour": "tour.tour",
    "up": "up.up",
    "version": "version.version",
    "why": "why.why",
}
"""Where each command is below `akia.cli`."""
_FAILURES = (InstallationError, CannotOpen, BackupFailed, PortTaken)


class Program(click.Group):
    """A group whose failures end in one line and an exit code: 2 for what was asked wrongly, 1 for what went wrong.

    A command's module is imported when the command is asked for: nobody waits for the others.
    """

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        module, _, name = _COMMANDS[cmd_name].rpartition(".")
        command: click.Command = getattr(import_module(f"akia.cli.{module}"), name)
        return command

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
