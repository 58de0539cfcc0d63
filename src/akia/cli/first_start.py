"""What a start needs: an account with an administrator, and the profile that uses it. Made at the first start, found at every other."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from akia.authority.operator import Operator
from akia.cli import profile
from akia.cli.profile import Profile
from akia.cli.user_profile import UserFiles
from akia.installation import Installation, InstallationError, create, find
from akia.store.founding import ADMINISTRATOR, KeyPair, add_administrator, add_root_key, found_account, new_account_id
from akia.store.iam.aws_managed_policies import bring_managed_policies, lacks_managed_policies

if TYPE_CHECKING:
    from pathlib import Path

    from akia.settings import Settings
    from akia.store.store import Store

PROFILE = "akia"
ROOT_PROFILE = "akia-root"
COMMAND = "akia init"


@dataclass(frozen=True, slots=True)
class Start:
    """What was found or made. `admin` is None if its profile was removed since; `root` is there only in a new throw-away akia."""

    installation: Installation
    is_new: bool
    admin: KeyPair | None
    root: KeyPair | None = None


def start(settings: Settings, account: str | None, ca_bundle: Path | None) -> Start:
    """Find the akia in the data directory, or found one with the id `account` (random if None); bring its profiles up to date.

    The caller holds the data directory. Raises InstallationError, store.errors.CannotOpen, StoreUnavailable.
    """
    installation = find(settings.data) or create(settings.data, account or new_account_id())
    if account not in {None, installation.account}:
        raise InstallationError(
            f"{settings.data} holds the account {installation.account}, not {account}: choose another directory with --data"
        )
    store = installation.open_store(settings, os.environ)
    try:
        if store.accounts.get(installation.account) is None:
            return _found(installation, store, settings, ca_bundle)
        if lacks_managed_policies(store):
            _bring_up_to_date(installation, store)
    finally:
        store.close()
    profile.point(installation.root_profile, settings.endpoint, ca_bundle)
    known = profile.point(installation.profile, settings.endpoint, ca_bundle)
    return Start(installation, False, known.key if known is not None else None)


def _bring_up_to_date(installation: Installation, store: Store) -> None:
    """An akia that was made by another version gets AWS's managed policies as this one has them. Nobody serves meanwhile."""
    store.connection.begin_immediate()
    try:
        bring_managed_policies(store)
        store.events.add([Operator(installation.account, COMMAND).did("UpdateManagedPolicies", {}, service="akia")])
        store.connection.commit()
    except BaseException:
        store.connection.rollback()
        raise


def copy_profile(start: Start, name: str) -> None:
    """Add the administrator's profile to the user's own AWS files, as `name`. Raises InstallationError."""
    known = profile.read(start.installation.profile)
    if known is None:
        raise InstallationError(f"there is no profile to copy: {start.installation.profile} is gone")
    UserFiles.found().add(replace(known, name=name))


def _found(installation: Installation, store: Store, settings: Settings, ca_bundle: Path | None) -> Start:
    """The profile is written before the commit: no key is ever left behind whose secret nobody has."""
    account, now, operator = installation.account, int(time.time()), Operator(installation.account, COMMAND)
    store.connection.begin_immediate()
    try:
        found_account(store, account, now)
        admin = add_administrator(store, account, now)
        events = [
            operator.did("CreateAccount", {"accountId": account}, service="akia"),
            operator.did("CreateUser", {"userName": ADMINISTRATOR}, resources=(("AWS::IAM::User", ADMINISTRATOR),)),
            operator.made_key(admin.access_key_id, ADMINISTRATOR),
        ]
        root = add_root_key(store, account, now) if settings.ephemeral else None
        if root is not None:
            events.append(operator.made_key(root.access_key_id, None))
        store.events.add(events)
        _write_profile(installation, settings, ca_bundle, admin, root)
        store.connection.commit()
    except BaseException:
        store.connection.rollback()
        raise
    return Start(installation, True, admin, root)


def _write_profile(
    installation: Installation, settings: Settings, ca_bundle: Path | None, admin: KeyPair, root: KeyPair | None = None
) -> None:
    keys = {PROFILE: admin} | ({ROOT_PROFILE: root} if root is not None else {})
    profile.write(installation.profile, [Profile(name, key, settings.endpoint, ca_bundle) for name, key in keys.items()])
