"""`akia version`."""

from __future__ import annotations

import click

import akia


@click.command()
def version() -> None:
    """Print the version."""
    click.echo(f"akia {akia.__version__}")
