"""`akia install-model`: teach the AWS clients of this user the service `akia` (W11.6)."""

from __future__ import annotations

from pathlib import Path

import click

from akia.aws import own_models
from akia.cli import options


@click.command("install-model")
@click.option("--into", "directory", type=options.PATH, metavar="DIR", help="A folder of service models.  [default: ~/.aws/models]")
def install_model(directory: Path | None) -> None:
    """Let `aws akia …` and boto3.client("akia") work, by copying akia's service model to where AWS's clients look."""
    into = directory or Path.home() / ".aws" / "models"
    for file in own_models.files():
        try:
            (into / file).parent.mkdir(parents=True, exist_ok=True)
            (into / file).write_bytes((own_models.DIRECTORY / file).read_bytes())
        except OSError as error:
            raise click.ClickException(f"{into / file} cannot be written: {error.strerror}") from error
        click.echo(f"wrote {into / file}")
