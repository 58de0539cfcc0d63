"""`akia audit`: the group of commands about what has happened. A command is a module of its own, and one line here."""

from __future__ import annotations

import click

from akia.cli.audit_export import export
from akia.cli.audit_search import search
from akia.cli.audit_verify import verify


@click.group()
def audit() -> None:
    """Search, export and verify the record of all calls."""


for command in (search, export, verify):
    audit.add_command(command)
