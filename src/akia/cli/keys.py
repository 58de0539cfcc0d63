"""`akia keys`: all keys of an account, on any endpoint that speaks AWS's IAM."""

from __future__ import annotations

import click

from akia.cli.account_keys.commands import audit, list_, report, unused
from akia.cli.account_keys.rotate_command import rotate
from akia.cli.key_attributes import describe, set_, tag


@click.group()
def keys() -> None:
    """Look after access keys, on any endpoint."""


for command in (list_, audit, unused, rotate, report, describe, set_, tag):
    keys.add_command(command)
