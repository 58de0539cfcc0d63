"""SSH public keys of users."""

from __future__ import annotations

from typing import TYPE_CHECKING

from akia.identity.access_key import KeyStatus
from akia.identity.ssh_public_key import Material, SshPublicKey
from akia.store.core import creds
from akia.store.iam.owned import OwnedQueries, OwnedRepository

if TYPE_CHECKING:
    from akia.store.connection import Row


class SshPublicKeys(OwnedRepository[SshPublicKey]):
    queries = OwnedQueries("ssh_public_keys", lambda: creds.ssh_public_keys, "ssh", "pem", "fingerprint", "digest")

    def add(self, key: SshPublicKey) -> None:
        """Raises IdTaken, NameTaken if the user has this key already, StillReferred if there is no such user."""
        made = key.material
        self._add(key, key.owner, {"ssh": made.ssh, "pem": made.pem, "fingerprint": made.fingerprint, "digest": made.digest})

    @staticmethod
    def value_of(row: Row) -> SshPublicKey:
        account, unique_id, user_id, created, status, *material = row
        return SshPublicKey(account, unique_id, user_id, created, Material(*material), KeyStatus(status))
