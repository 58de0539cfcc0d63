"""`akia root-key`: a key of the root user, for an operator who has lost all others.

It needs the files and the master key: who has these has everything anyway.
"""

from __future__ import annotations

import os
import time
from contextlib import closing
from typing import TYPE_CHECKING, Any

import click

from akia.authority.key_deletion import delete_key
from akia.authority.operator import Operator
from akia.cli import options, profile
from akia.cli.first_start import ROOT_PROFILE
from akia.cli.profile import Profile, one_line
from akia.identity.quotas import Quotas
from akia.installation import Installation, InstallationError, existing
from akia.store.feed import Slots
from akia.store.founding import KeyPair, add_root_key
from akia.store.writer import Writer

if TYPE_CHECKING:
    from akia.identity.access_key import AccessKey
    from akia.store.store import Store


@click.command("root-key")
@options.data
@options.master_key_file
@click.option("--replace", metavar="ID", help="Delete this root key in the same step.")
def root_key(replace: str | None, **values: Any) -> None:
    """Make a key of the root user, without signing anything.

    Needs the data directory and the master key. Safe while akia runs. The new key is written into a profile of its own, and the
    event is recorded.
    """
    settings = options.settings(**values)
    installation = existing(settings.data)
    admin = profile.read(installation.profile)
    with closing(installation.open_store(settings, os.environ)) as store, closing(Slots(installation.feed)) as slots:
        batch = Writer(store, slots).open()
        try:
            with batch.operation():
                made = _replaced(store, installation, replace)
                endpoint, bundle = (admin.endpoint, admin.ca_bundle) if admin is not None else (settings.endpoint, None)
                profile.write(installation.root_profile, [Profile(ROOT_PROFILE, made, endpoint, bundle)])
            batch.commit()
        except BaseException:
            batch.abandon()
            raise
    click.echo(f"The root user has a new key, {made.access_key_id}. Its profile is in {installation.root_profile}. To use it:\n")
    click.echo(f"  {one_line(installation.root_profile, ROOT_PROFILE)}\n")
    click.echo("Delete the key when you have made another way in: aws iam delete-access-key --access-key-id " + made.access_key_id)


def _replaced(store: Store, installation: Installation, replace: str | None) -> KeyPair:
    """A new root key, recorded, in place of the one with the id `replace`.

    Raises InstallationError if there is no room for it, or for its profile.
    """
    account, operator, now = installation.account, Operator(installation.account, "akia root-key"), int(time.time())
    keys = store.access_keys.of(account)
    kept = [key for key in keys if key.id != replace]
    if replace is not None and len(kept) == len(keys):
        raise InstallationError(f"{replace} is not a key of the root user; its keys are: {_listed(keys)}")
    _require_room(installation, kept)
    for old in keys:
        if old.id == replace:
            delete_key(store, old, now)
            store.events.add([operator.deleted_key(old.id, None)])
    made = add_root_key(store, account, now)
    store.events.add([operator.made_key(made.access_key_id, None)])
    return made


def _require_room(installation: Installation, kept: list[AccessKey]) -> None:
    if len(kept) >= Quotas().access_keys_per_user:
        raise InstallationError(f"the root user has {len(kept)} keys already: {_listed(kept)}. Name the one to delete with --replace")
    held = profile.read(installation.root_profile)
    if held is not None and held.key.access_key_id in {key.id for key in kept}:
        raise InstallationError(
            f"{installation.root_profile} holds the secret of {held.key.access_key_id}, which is a root key still: "
            f"move the file away, or delete that key with --replace {held.key.access_key_id}"
        )


def _listed(keys: list[AccessKey]) -> str:
    return ", ".join(f"{key.id} ({key.status})" for key in keys) or "none"
