"""Service-specific credentials. Of their secrets only digests are kept."""

from __future__ import annotations

from hmac import compare_digest
from typing import TYPE_CHECKING, Any

from akia.identity.access_key import KeyStatus
from akia.identity.service_credential import ServiceCredential, digest
from akia.store.core import creds, iam, limited, p, sa
from akia.store.iam.owned import OwnedQueries, OwnedRepository
from akia.store.statement import Query

if TYPE_CHECKING:
    from sqlalchemy.sql import Select

    from akia.store.connection import Row

_QUERIES = OwnedQueries("service_credentials", lambda: creds.service_credentials, "service", "user_name", "expires")


def _page() -> Select[Any]:
    table = creds.service_credentials
    return limited(
        _QUERIES.select()
        .add_columns(iam.users.c.name)
        .join(iam.users, iam.users.c.id == table.c.user_id)
        .where(table.c.account == p("account"), table.c.id > p("after"))
        .where(p("only").is_(None) | (table.c.service == p("only")))
        .order_by(table.c.id)
    )


def _called() -> Select[Any]:
    table = creds.service_credentials.c
    return (
        _QUERIES.select()
        .add_columns(table.digest)
        .where(table.account == p("account"), table.service == p("service"), table.user_name == p("user_name"))
    )


_PAGE = Query("service_credentials.page", _page)
_CALLED = Query("service_credentials.called", _called)
_RESET = _QUERIES.query("reset", lambda t: sa.update(t).where(t.c.id == p("row_id")).values(digest=p("new_digest")))


class ServiceCredentials(OwnedRepository[ServiceCredential]):
    queries = _QUERIES

    def add(self, credential: ServiceCredential, secret: str) -> None:
        """Raises IdTaken, NameTaken if the service has a credential of this name here, StillReferred if there is no such user."""
        described = {"service": credential.service, "user_name": credential.name, "expires": credential.expires}
        self._add(credential, credential.owner, {**described, "digest": digest(secret)})

    def reset(self, unique_id: str, secret: str) -> None:
        """From now on `secret` is the credential's, and no other is."""
        self._run(_RESET, unique_id, row_id=unique_id, new_digest=digest(secret))

    def taken(self, account: str, service: str, name: str) -> bool:
        """Whether a credential of the service has this name."""
        return self._connection.row(_CALLED, account=account, service=service, user_name=name) is not None

    def presented(self, account: str, service: str, name: str, secret: str) -> ServiceCredential | None:
        """The credential that `name` and `secret` prove, whatever its status; None if they prove none."""
        row = self._connection.row(_CALLED, account=account, service=service, user_name=name)
        if row is None or not compare_digest(row[-1], digest(secret)):
            return None
        return self.value_of(row[:-1])

    def page(self, account: str, service: str | None, after: str | None = None, limit: int = 100) -> list[tuple[ServiceCredential, str]]:
        """At most `limit` of all users' whose ids come after `after`, by id, each with its user's name; with `service` only that one's."""
        rows = self._connection.rows(_PAGE, account=account, only=service, after=after or "", limit=limit)
        return [(self.value_of(row[:-1]), row[-1]) for row in rows]

    @staticmethod
    def value_of(row: Row) -> ServiceCredential:
        account, unique_id, user_id, created, status, service, name, expires = row
        return ServiceCredential(account, unique_id, user_id, created, service, name, expires, KeyStatus(status))
