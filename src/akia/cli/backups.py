"""`akia backup` and `akia restore`: a verified copy of everything but the master key, made while akia serves."""

from __future__ import annotations

import os
import shlex
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from akia.authority.operator import Operator
from akia.cli import options
from akia.cli.printing import counted
from akia.installation import IDENTITY, InstallationError, adopt, existing, find, in_use
from akia.store.backup import back_up, verify
from akia.store.backup import restore as put_back
from akia.store.database import Database
from akia.store.private_file import write_private

if TYPE_CHECKING:
    from akia.installation import Installation
    from akia.settings import Settings
    from akia.store.manifest import Manifest


@click.command()
@click.argument("directory", type=options.PATH)
@options.data
@options.master_key_file
def backup(directory: Path, **values: Any) -> None:
    """Copy everything into the new DIRECTORY, also while akia runs, and verify the copy.

    The master key is not part of it: keep a copy of that elsewhere.
    """
    settings = options.settings(**values)
    installation = existing(settings.data)
    with closing(installation.open_store(settings, os.environ)) as store:
        manifest = back_up(store, directory.absolute(), journals=installation.journals, files=[installation.identity])
        store.events.add(
            [Operator(installation.account, "akia backup").did("CreateBackup", {"directory": str(directory.absolute())}, service="akia")]
        )
    click.echo(f"{directory} holds a verified backup: {_counted(manifest)}.")
    click.echo(
        f"The master key is not in it. It is in {installation.master_key(settings, os.environ)}: keep a copy of it, in another place."
    )


@click.command()
@click.argument("directory", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--data", type=options.PATH, required=True, metavar="NEW", help="The data directory to make. Nothing is ever overwritten.")
@options.master_key_file
def restore(directory: Path, **values: Any) -> None:
    """Verify the backup in DIRECTORY and make a data directory from it. Needs the master key that the backup was made with."""
    settings = options.settings(**values)
    verify(directory)
    installation = adopt(directory / IDENTITY, settings.data)
    with in_use(settings.data):
        if find(settings.data) is not None:
            raise InstallationError(f"{settings.data} holds an akia already, and is not overwritten: restore into an empty directory")
        source = installation.master_key(settings, os.environ)
        manifest = put_back(directory, Database(installation.database), source, journals=installation.journals)
        write_private(installation.identity, (directory / IDENTITY).read_text("utf-8"))
        _record(installation, settings, directory)
    click.echo(f"{settings.data} holds what was in the backup: {_counted(manifest)}.")
    where = shlex.quote(str(settings.data))
    click.echo(f"Start it with `akia up --data {where}`. Profiles are not in backups: use your own keys, or `akia root-key`.")


def _record(installation: Installation, settings: Settings, directory: Path) -> None:
    with closing(installation.open_store(settings, os.environ)) as store:
        store.events.add(
            [Operator(installation.account, "akia restore").did("RestoreBackup", {"directory": str(directory.absolute())}, service="akia")]
        )


def _counted(manifest: Manifest) -> str:
    """The counts of rows that are not AWS's own."""
    tables = ("accounts", "users", "groups", "roles", "access_keys", "events")
    return ", ".join(counted(manifest.counts.get(table, 0), table.removesuffix("s").replace("_", " ")) for table in tables)
