"""The store: one of each repository, over one connection."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from akia.store.accounts import Accounts
from akia.store.changes import EVERYTHING, Changes
from akia.store.iam.access_keys import AccessKeys
from akia.store.iam.attachments import Attachments
from akia.store.iam.groups import Groups
from akia.store.iam.inline_policies import InlinePolicies
from akia.store.iam.managed_policies import ManagedPolicies
from akia.store.iam.principals import Principals
from akia.store.iam.roles import Roles
from akia.store.iam.users import Users
from akia.store.journals import Journals
from akia.store.outbox import Outbox
from akia.store.sessions import Sessions
from akia.store.trail.events import Events

if TYPE_CHECKING:
    from collections.abc import Callable

    from akia.keyring import Keyring
    from akia.store.connection import Connection

_WIPED = (
    "DELETE FROM event_resources",
    "DELETE FROM events",
    "DELETE FROM key_uses",
    "DELETE FROM outbox",
    "DELETE FROM journal_positions",
    "DELETE FROM revoked_sessions",
    "DELETE FROM changes",
    "DELETE FROM inline_policies",
    "DELETE FROM attachments",
    "DELETE FROM policy_versions WHERE policy_id IN (SELECT id FROM managed_policies WHERE account <> 'aws')",
    "DELETE FROM managed_policies WHERE account <> 'aws'",
    "DELETE FROM access_keys",
    "DELETE FROM memberships",
    "DELETE FROM users",
    "DELETE FROM groups",
    "DELETE FROM roles",
    "DELETE FROM identities",
    "DELETE FROM accounts",
)
"""Children before parents. A test compares the list with the tables: one that is forgotten here would survive a reset."""


class Store:
    """Everything akia remembers, as one thread at a time sees it. Transactions are the connection's."""

    def __init__(self, connection: Connection, keyring: Keyring, clock: Callable[[], float] = time.time) -> None:
        """`clock` answers epoch seconds; it dates the rows of the change feed."""
        self.connection = connection
        self.keyring = keyring
        self._clock = clock
        self.changes = changes = Changes(connection, clock)
        self.accounts = Accounts(connection, changes)
        self.users = Users(connection, changes)
        self.groups = Groups(connection, changes)
        self.roles = Roles(connection, changes)
        self.access_keys = AccessKeys(connection, changes, keyring)
        self.managed_policies = ManagedPolicies(connection, changes)
        self.attachments = Attachments(connection, changes)
        self.inline_policies = InlinePolicies(connection, changes)
        self.principals = Principals(connection)
        self.sessions = Sessions(connection, changes)
        self.journals = Journals(connection)
        self.outbox = Outbox(connection)
        self.events = Events(connection)

    @property
    def changed(self) -> list[str]:
        """The subjects that this store has written since the list was last cleared."""
        return self.changes.written

    def another(self) -> Store:
        """A store over a connection of its own to the same database, for another thread."""
        return Store(self.connection.another(), self.keyring, self._clock)

    def wipe(self) -> None:
        """Empties the database in one transaction, but for the schema, the data keys and AWS's managed policies.

        Only the throw-away mode does this. What remains in the change feed is one change of everything.
        """
        self.connection.execute("PRAGMA secure_delete = OFF")  # else every freed page is written once more, full of zeros
        self.connection.execute("PRAGMA foreign_keys = OFF")  # else SQLite looks for children at every single row
        try:
            self.connection.begin_immediate()
            try:
                for statement in _WIPED:
                    self.connection.execute(statement)
                self.changes.add(EVERYTHING)
                self.connection.commit()
            except BaseException:
                self.connection.rollback()
                raise
        finally:
            self.connection.execute("PRAGMA foreign_keys = ON")

    def close(self) -> None:
        self.connection.close()
