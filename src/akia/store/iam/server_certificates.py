"""Server certificates. Private keys are sealed, each bound to its row: a blob moved to another certificate does not open."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from akia.identity.server_certificate import ServerCertificate
from akia.keyring import Keyring, Purpose
from akia.store.core import creds, p, sa
from akia.store.iam import tags
from akia.store.iam.named import count
from akia.store.iam.paging import page_by_name
from akia.store.statement import Query

if TYPE_CHECKING:
    from sqlalchemy.sql import Select

    from akia.store.changes import Changes
    from akia.store.connection import Connection, Row, Value

_CHANGING = ("name", "name_key", "path", "tags")
_COLUMNS = ("account", "id", "name", "path", "created", "expires", "body", "chain", "tags")


def _select() -> Select[Any]:
    return sa.select(*(creds.server_certificates.c[name] for name in _COLUMNS))


_NAMED = Query(
    "server_certificates.named",
    lambda: _select().where(
        creds.server_certificates.c.account == p("account"),
        creds.server_certificates.c.name == p("name"),
        creds.server_certificates.c.name_key == p("name_key"),
    ),
)
_PRIVATE_KEY = Query(
    "server_certificates.private_key",
    lambda: _select().add_columns(creds.server_certificates.c.sealed).where(creds.server_certificates.c.id == p("id")),
)
_ADD = Query("server_certificates.add", lambda: sa.insert(creds.server_certificates))
_REPLACE = Query(
    "server_certificates.replace",
    lambda: (
        sa.update(creds.server_certificates)
        .where(creds.server_certificates.c.id == p("row_id"))
        .values({name: p(f"new_{name}") for name in _CHANGING})
    ),
)
_DELETE = Query("server_certificates.delete", lambda: sa.delete(creds.server_certificates).where(creds.server_certificates.c.id == p("id")))
_PAGE = Query(
    "server_certificates.page",
    lambda: page_by_name(_select().where(creds.server_certificates.c.account == p("account")), creds.server_certificates),
)
_COUNT = Query(
    "server_certificates.count",
    lambda: sa.select(sa.func.count()).select_from(creds.server_certificates).where(creds.server_certificates.c.account == p("account")),
)


class ServerCertificates:
    """Look-ups are case-sensitive, uniqueness is not (P5.4-21). Subjects of changes are unique ids."""

    def __init__(self, connection: Connection, changes: Changes, keyring: Keyring) -> None:
        self._connection = connection
        self._changes = changes
        self._keyring = keyring

    def named(self, account: str, name: str) -> ServerCertificate | None:
        """The one of exactly this name."""
        row = self._connection.row(_NAMED, account=account, name=name, name_key=name.lower())
        return _certificate_of(row) if row else None

    def add(self, certificate: ServerCertificate, private_key: str) -> None:
        """Raises IdTaken or NameTaken."""
        fixed: dict[str, Value] = {
            "account": certificate.account,
            "id": certificate.id,
            "created": certificate.created,
            "expires": certificate.expires,
            "body": certificate.body,
            "chain": certificate.chain,
            "sealed": self._keyring.seal(Purpose.SECRETS, private_key.encode("ascii"), additional=_row_name(certificate)),
        }
        self._connection.run(_ADD, **fixed, **_changing(certificate))

    def replace(self, certificate: ServerCertificate) -> None:
        """Writes name, path and tags, by id. Raises NameTaken."""
        changed = {f"new_{name}": value for name, value in _changing(certificate).items()}
        if self._connection.run(_REPLACE, row_id=certificate.id, **changed):
            self._changes.add(certificate.id)

    def delete(self, unique_id: str) -> None:
        """Deletes the certificate, and its private key with it."""
        if self._connection.run(_DELETE, id=unique_id):
            self._changes.add(unique_id)

    def page(self, account: str, path_prefix: str = "/", after: str | None = None, limit: int = 100) -> list[ServerCertificate]:
        """At most `limit` of those below `path_prefix` whose names come after `after`, by name without regard to case."""
        rows = self._connection.rows(_PAGE, account=account, path_prefix=path_prefix, after=(after or "").lower(), limit=limit)
        return [_certificate_of(row) for row in rows]

    def count(self, account: str) -> int:
        return count(self._connection, _COUNT, account=account)

    def private_key(self, unique_id: str) -> bytes | None:
        """The private key in the clear, PEM, for what serves TLS; None if there is no such certificate. Raises Unsealable if the row was
        tampered with."""
        row = self._connection.row(_PRIVATE_KEY, id=unique_id)
        if row is None:
            return None
        return self._keyring.unseal(Purpose.SECRETS, row[-1], additional=_row_name(_certificate_of(row[:-1])))


def _row_name(certificate: ServerCertificate) -> bytes:
    return f"server_certificates\0{certificate.id}\0{certificate.account}".encode()


def _certificate_of(row: Row) -> ServerCertificate:
    account, unique_id, name, path, created, expires, body, chain, tag_text = row
    return ServerCertificate(account, unique_id, name, path, created, expires, body, chain, tags.from_text(tag_text))


def _changing(certificate: ServerCertificate) -> dict[str, Value]:
    return {
        "name": certificate.name,
        "name_key": certificate.name.lower(),
        "path": certificate.path,
        "tags": tags.to_text(certificate.tags),
    }
