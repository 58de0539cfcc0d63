"""`akia tour`: the life of an access key, told by real calls against a throw-away akia."""

from __future__ import annotations

import time

import click

from akia.ephemeral_server import StartFailed, running


@click.command()
def tour() -> None:
    """Watch the life of an access key, in half a minute.

    Every call is a real one, against a throw-away akia that is gone afterwards. Exits with 0 only if all of them ended as told.
    """
    from rich.console import Console

    from akia.cli.narrator import Narrator, NotAsTold  # here: only the tour needs these libraries
    from akia.cli.story import Story

    began = time.monotonic()
    narrator = Narrator(Console(highlight=False))
    try:
        with running() as akia:
            Story(narrator, akia).tell()
    except (StartFailed, NotAsTold) as error:
        raise click.ClickException(f"not as told: {error}") from error
    click.echo(f"\n{narrator.calls} calls went as told, in {time.monotonic() - began:.0f} seconds. Nothing of it is left.")
