"""Server certificates. Private keys are sealed, each bound to its row: a blob moved to another certificate does not open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from akia.identity.server_certificate import ServerCertificate
from akia.keyring import Keyring, Purpose
from akia.store.core import creds, p, sa
from akia.store.iam import tags
from akia.store.iam.named import NamedQueries, NamedRepository

if TYPE_CHECKING:
    from collections.abc import Mapping

    from akia.store.changes import Changes
    from akia.store.connection import Connection, Row, Value

_CERTIFICATES = NamedQueries("server_certificates", lambda: creds.server_certificates, "tags", fixed=("expires", "body", "chain"))
_DELETE = _CERTIFICATES.query("delete", lambda t: sa.delete(t).where(t.c.id == p("id")))
_PRIVATE_KEY = _CERTIFICATES.query("private_key", lambda t: _CERTIFICATES.select().add_columns(t.c.sealed).where(t.c.id == p("id")))


class ServerCertificates(NamedRepository[ServerCertificate]):
    queries = _CERTIFICATES

    def __init__(self, connection: Connection, changes: Changes, keyring: Keyring) -> None:
        super().__init__(connection, changes)
        self._keyring = keyring

    @staticmethod
    def value_of(row: Row) -> ServerCertificate:
        account, unique_id, name, path, created, expires, body, chain, tag_text = row
        return ServerCertificate(account, unique_id, name, path, created, expires, body, chain, tags.from_text(tag_text))

    @staticmethod
    def _more(value: ServerCertificate) -> Mapping[str, Value]:
        return {"tags": tags.to_text(value.tags)}

    def add(self, certificate: ServerCertificate, private_key: str) -> None:
        """Raises IdTaken or NameTaken."""
        sealed = self._keyring.seal(Purpose.SECRETS, private_key.encode("ascii"), additional=_row_name(certificate))
        self._require_free(certificate)
        self._insert(certificate, expires=certificate.expires, body=certificate.body, chain=certificate.chain, sealed=sealed)

    def delete(self, certificate: ServerCertificate) -> None:
        """Deletes the certificate, and its private key with it."""
        self._run(_DELETE, certificate.id, id=certificate.id)

    def private_key(self, unique_id: str) -> bytes | None:
        """The private key in the clear, PEM, for what serves TLS; None if there is no such certificate. Raises Unsealable if the row was
        tampered with."""
        row = self._connection.row(_PRIVATE_KEY, id=unique_id)
        if row is None:
            return None
        return self._keyring.unseal(Purpose.SECRETS, row[-1], additional=_row_name(self.value_of(row[:-1])))


def _row_name(certificate: ServerCertificate) -> bytes:
    return f"server_certificates\0{certificate.id}\0{certificate.account}".encode()
