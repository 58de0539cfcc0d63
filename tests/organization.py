"""An organization for tests: its management account, and accounts made in it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from akia.store.founding import KeyPair, add_root_key

if TYPE_CHECKING:
    from akia.testing.in_process import InProcess


@dataclass
class Account:
    """An account of the organization, with a key of its root user."""

    id: str
    root: KeyPair
    akia: InProcess

    def client(self, service: str) -> Any:
        """A client that signs as the account's root user."""
        return self.akia.client(service, self.root)


class World:
    """An organization with all features. `client` is its management account's; `root` its root's id."""

    def __init__(self, akia: InProcess) -> None:
        self.akia = akia
        self.client = akia.client("organizations")
        self.id: str = self.client.create_organization()["Organization"]["Id"]
        self.root: str = self.client.list_roots()["Roots"][0]["Id"]

    def account(self, name: str = "dev") -> Account:
        """A new account."""
        made = self.client.create_account(Email=f"{name}@example.com", AccountName=name)["CreateAccountStatus"]
        return self.key_of(made["AccountId"])

    def key_of(self, account: str) -> Account:
        """The account with a new key of its root user, which nobody can make but from inside."""
        store = self.akia.akia.store
        store.connection.begin_immediate()
        root = add_root_key(store, account, 0)
        store.connection.commit()
        return Account(account, root, self.akia)

    def unit(self, name: str, parent: str | None = None) -> str:
        """The id of a new unit."""
        made = self.client.create_organizational_unit(ParentId=parent or self.root, Name=name)
        identity: str = made["OrganizationalUnit"]["Id"]
        return identity

    def policy(self, name: str = "p", kind: str = "SERVICE_CONTROL_POLICY", **statement: Any) -> str:
        """The id of a new policy with one statement."""
        made = self.client.create_policy(Type=kind, Name=name, Description="", Content=document(**statement))
        identity: str = made["Policy"]["PolicySummary"]["Id"]
        return identity

    def enable(self, kind: str = "SERVICE_CONTROL_POLICY") -> None:
        self.client.enable_policy_type(RootId=self.root, PolicyType=kind)


def document(**statement: Any) -> str:
    """A policy document of one statement: everything that is not said is `Deny` of everything."""
    return json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": "*", "Resource": "*"} | statement})
