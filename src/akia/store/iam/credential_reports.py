"""Credential reports, and what they are made from: everybody's credentials in a few queries."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from akia.identity.access_key import AccessKey, KeyStatus, LastUsed
from akia.identity.credential_report import CredentialReport
from akia.store.core import creds, iam, p, sa, trail, upsert
from akia.store.iam.access_keys import AccessKeys
from akia.store.statement import Query

if TYPE_CHECKING:
    from collections.abc import Mapping

    from akia.store.connection import Connection


def _keys() -> sa.Select[tuple[object, ...]]:
    keys, uses = iam.access_keys, trail.key_uses
    told = (keys.c.account, keys.c.id, keys.c.user_id, keys.c.created, keys.c.status, uses.c.at, uses.c.service, uses.c.region)
    joined = keys.outerjoin(uses, uses.c.access_key_id == keys.c.id)
    return sa.select(*told).select_from(joined).where(keys.c.account == p("account")).order_by(keys.c.created, keys.c.number)


def _certificates() -> sa.Select[tuple[object, ...]]:
    certificates = creds.signing_certificates.c
    told = (certificates.user_id, certificates.created, certificates.status)
    return sa.select(*told).where(certificates.account == p("account")).order_by(certificates.created, certificates.id)


_GET = Query("credential_reports.get", lambda: sa.select(iam.credential_reports).where(iam.credential_reports.c.account == p("account")))
_PUT = Query("credential_reports.put", lambda: upsert(iam.credential_reports, ("account",), "generated", "content"))
_KEYS = Query("credential_reports.keys", _keys)
_CERTIFICATES = Query("credential_reports.certificates", _certificates)


class CredentialReports:
    """An account has one report or none. Nothing that is kept in memory depends on it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, account: str) -> CredentialReport | None:
        row = self._connection.row(_GET, account=account)
        return CredentialReport(*row) if row else None

    def put(self, report: CredentialReport) -> None:
        """In place of the one before."""
        self._connection.run(_PUT, account=report.account, generated=report.generated, content=report.content)

    def keys(self, account: str) -> Mapping[str, list[tuple[AccessKey, LastUsed | None]]]:
        """All access keys of the account with their last uses, by owner (root by the account's id), the oldest first."""
        found: dict[str, list[tuple[AccessKey, LastUsed | None]]] = defaultdict(list)
        for *columns, at, service, region in self._connection.rows(_KEYS, account=account):
            key = AccessKeys.value_of(tuple(columns))
            found[key.owner].append((key, LastUsed(at // 1000, service, region) if at is not None else None))
        return found

    def certificates(self, account: str) -> Mapping[str, list[tuple[int, KeyStatus]]]:
        """When each signing certificate was uploaded, and its status, by owner, the oldest first."""
        found: dict[str, list[tuple[int, KeyStatus]]] = defaultdict(list)
        for user_id, created, status in self._connection.rows(_CERTIFICATES, account=account):
            found[user_id or account].append((created, KeyStatus(status)))
        return found
