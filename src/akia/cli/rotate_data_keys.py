"""`akia rotate-data-keys`: seal under new keys from now on, and end all sessions if need be."""

from __future__ import annotations

import os
import time
from contextlib import closing
from typing import TYPE_CHECKING, Any

import click

from akia.authority.operator import Operator
from akia.cli import options
from akia.installation import existing
from akia.keyring import Purpose
from akia.store.changes import EVERYTHING
from akia.store.data_keys import CHANGED, add_key, retire_keys
from akia.store.feed import Slots
from akia.store.writer import Writer

if TYPE_CHECKING:
    from akia.installation import Installation
    from akia.keyring import MasterKey
    from akia.store.store import Store

LONGEST_SESSION_SECONDS = 129_600
"""No session token lives longer (P1.7-10): what sealed it may go so long after it was replaced."""


@click.command("rotate-data-keys")
@options.data
@options.master_key_file
@click.option("--end-sessions", is_flag=True, help="Let no session token open any more: every session ends with the next request.")
def rotate_data_keys(end_sessions: bool, **values: Any) -> None:
    """Make new keys for everything that is sealed from now on.

    What is sealed already stays readable under the old keys; those of session tokens go when no session can be alive that they sealed.
    Safe while akia runs: every worker uses the new keys from its next request on. Needs the data directory and the master key.
    """
    settings = options.settings(**values)
    installation = existing(settings.data)
    with closing(installation.open_store(settings, os.environ)) as store, closing(Slots(installation.feed)) as slots:
        master = installation.master_key(settings, os.environ).read()
        assert master is not None  # the store has been opened with it
        batch = Writer(store, slots).open()
        try:
            with batch.operation():
                _rotate(store, installation, master, end_sessions)
            batch.commit()
        except BaseException:
            batch.abandon()
            raise
    ended = " All sessions have ended." if end_sessions else ""
    click.echo(f"{len(Purpose)} data keys were made.{ended}")


def _rotate(store: Store, installation: Installation, master: MasterKey, end_sessions: bool) -> None:
    now, keyring = int(time.time()), store.keyring
    for purpose in Purpose:
        keyring = add_key(store.connection, master, keyring, purpose)
    newest = keyring.current(Purpose.SESSION_TOKENS).created
    superseded = store.keyring.current(Purpose.SESSION_TOKENS).created  # what is older than this was replaced when this was made
    if end_sessions:
        retire_keys(store.connection, Purpose.SESSION_TOKENS, newest)
    elif superseded < now - LONGEST_SESSION_SECONDS:
        retire_keys(store.connection, Purpose.SESSION_TOKENS, superseded)
    store.changes.add(CHANGED)
    if end_sessions:
        store.changes.add(EVERYTHING)  # sessions that are remembered as verified end too
    operator = Operator(installation.account, "akia rotate-data-keys")
    store.events.add([operator.did("RotateDataKeys", {"endSessions": end_sessions}, service="akia")])
