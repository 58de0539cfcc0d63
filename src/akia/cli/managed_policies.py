"""`akia managed-policies`: AWS's managed policies, brought up to date without waiting for a newer akia."""

from __future__ import annotations

import os
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from akia.authority.operator import Operator
from akia.aws import managed_policies as facts
from akia.cli import options
from akia.cli.printing import counted
from akia.installation import InstallationError, existing
from akia.store.errors import IdTaken, NameTaken
from akia.store.feed import Slots
from akia.store.iam.aws_managed_policies import seed_managed_policies
from akia.store.writer import Writer

if TYPE_CHECKING:
    from akia.aws.managed_policies import ManagedPolicyFacts


@click.group("managed-policies")
def managed_policies() -> None:
    """AWS's managed policies, which every account can attach."""


@managed_policies.command()
@options.data
@options.master_key_file
@click.argument("source", type=click.Path(exists=True, path_type=Path))
def load(source: Path, **values: Any) -> None:
    """Add the policies in SOURCE, or newer versions of them.

    SOURCE is a JSON file, or a directory of them, with records as AWS's API shows policies: PolicyName, Path, DefaultVersionId,
    CreateDate, UpdateDate and Document. Who has a policy attached gets its new version with the next request. Safe while akia runs;
    needs the data directory and the master key.
    """
    settings = options.settings(**values)
    installation = existing(settings.data)
    policies = _read(source)
    with closing(installation.open_store(settings, os.environ)) as store, closing(Slots(installation.feed)) as slots:
        batch = Writer(store, slots).open()
        try:
            with batch.operation():
                changed = seed_managed_policies(store, policies)
                operator = Operator(installation.account, "akia managed-policies load")
                store.events.add([operator.did("UpdateManagedPolicies", {"changed": changed}, service="akia")])
            batch.commit()
        except (IdTaken, NameTaken) as error:
            batch.abandon()
            raise InstallationError(f"{source}: a policy of another path has the name already: {error}") from None
        except BaseException:
            batch.abandon()
            raise
    click.echo(f"{counted(len(policies), 'policy', 'policies')} read, {changed} of them new or newer.")


def _read(source: Path) -> tuple[ManagedPolicyFacts, ...]:
    try:
        return facts.load(source)
    except (OSError, ValueError) as error:
        raise InstallationError(f"{source} cannot be read: {error}") from None
