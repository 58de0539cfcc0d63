"""OpenID Connect providers."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from akia.identity.openid_provider import OpenIdProvider
from akia.store.core import fed, p, sa
from akia.store.errors import NameTaken
from akia.store.iam import tags
from akia.store.statement import Query

if TYPE_CHECKING:
    from akia.store.changes import Changes
    from akia.store.connection import Connection, Row, Value

_COLUMNS = ("account", "url", "created", "client_ids", "thumbprints", "tags")


def _select() -> sa.Select[tuple[str, str, int, str, str, str]]:
    return sa.select(*(fed.openid_providers.c[name] for name in _COLUMNS))


_WITH_ARN = Query("openid_providers.with_arn", lambda: _select().where(fed.openid_providers.c.arn == p("arn")))
_OF = Query(
    "openid_providers.of",
    lambda: _select().where(fed.openid_providers.c.account == p("account")).order_by(fed.openid_providers.c.url_key),
)
_TAKEN = Query(
    "openid_providers.taken",
    lambda: sa.select(fed.openid_providers.c.arn).where(
        fed.openid_providers.c.account == p("account"), fed.openid_providers.c.url_key == p("url_key")
    ),
)
_ADD = Query("openid_providers.add", lambda: sa.insert(fed.openid_providers))
_REPLACE = Query(
    "openid_providers.replace",
    lambda: (
        sa.update(fed.openid_providers)
        .where(fed.openid_providers.c.arn == p("row_arn"))
        .values(client_ids=p("new_client_ids"), thumbprints=p("new_thumbprints"), tags=p("new_tags"))
    ),
)
_DELETE = Query("openid_providers.delete", lambda: sa.delete(fed.openid_providers).where(fed.openid_providers.c.arn == p("arn")))
_COUNT = Query(
    "openid_providers.count",
    lambda: sa.select(sa.func.count()).select_from(fed.openid_providers).where(fed.openid_providers.c.account == p("account")),
)


class OpenIdProviders:
    """Subjects of changes are ARNs: tokens that are being verified depend on them."""

    def __init__(self, connection: Connection, changes: Changes) -> None:
        self._connection = connection
        self._changes = changes

    def with_arn(self, arn: str) -> OpenIdProvider | None:
        """The provider with exactly this ARN, in whatever account."""
        row = self._connection.row(_WITH_ARN, arn=arn)
        return _value(row) if row else None

    def of(self, account: str) -> list[OpenIdProvider]:
        """All of an account, by URL."""
        return [_value(row) for row in self._connection.rows(_OF, account=account)]

    def add(self, provider: OpenIdProvider) -> None:
        """Raises NameTaken if the account has a provider with this URL, in whatever case."""
        key = provider.url.lower()
        if self._connection.row(_TAKEN, account=provider.account, url_key=key) is not None:
            raise NameTaken(provider.url)
        fixed: dict[str, Value] = {"account": provider.account, "url": provider.url, "url_key": key, "created": provider.created}
        self._connection.run(_ADD, arn=str(provider.arn), **fixed, **_changeable(provider))

    def replace(self, provider: OpenIdProvider) -> None:
        """Writes client ids, thumbprints and tags."""
        changed = {f"new_{name}": value for name, value in _changeable(provider).items()}
        if self._connection.run(_REPLACE, row_arn=str(provider.arn), **changed):
            self._changes.add(str(provider.arn))

    def delete(self, arn: str) -> None:
        if self._connection.run(_DELETE, arn=arn):
            self._changes.add(arn)

    def count(self, account: str) -> int:
        return self._connection.count(_COUNT, account=account)


def _changeable(provider: OpenIdProvider) -> dict[str, Value]:
    lists = {"client_ids": provider.client_ids, "thumbprints": provider.thumbprints}
    return {**{name: json.dumps(values, ensure_ascii=False) for name, values in lists.items()}, "tags": tags.to_text(provider.tags)}


def _value(row: Row) -> OpenIdProvider:
    account, url, created, client_ids, thumbprints, tag_text = row
    return OpenIdProvider(account, url, created, tuple(json.loads(client_ids)), tuple(json.loads(thumbprints)), tags.from_text(tag_text))
