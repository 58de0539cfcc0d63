"""SQLAlchemy Core and the tables, imported when the first statement must be compiled.

An ordinary start executes statements from `compiled.json` and never imports SQLAlchemy: that saves a fifth of a second and some 20 MB.
Use these names only inside the functions that build a statement.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import sqlalchemy as sa
    from sqlalchemy.dialects import sqlite

    from akia.store import limit_tables as limiting
    from akia.store import tables as base
    from akia.store.alerts import tables as suspicion
    from akia.store.drafts import tables as drafts
    from akia.store.federation import tables as fed
    from akia.store.iam import account_tables as settled
    from akia.store.iam import credential_tables as creds
    from akia.store.iam import delegation_tables as delegation
    from akia.store.iam import key_tables as keys
    from akia.store.iam import saml_tables as saml
    from akia.store.iam import tables as iam
    from akia.store.organizations import tables as orgs
    from akia.store.rotations import tables as rotating
    from akia.store.signin import tables as signin
    from akia.store.trail import channel_tables as channels
    from akia.store.trail import delivery_tables as deliveries
    from akia.store.trail import insight_tables as insight
    from akia.store.trail import lake_tables as lake
    from akia.store.trail import tables as trail
else:

    class _Deferred:
        def __init__(self, module: str) -> None:
            self._module = module

        def __getattr__(self, name: str) -> Any:
            return getattr(importlib.import_module(self._module), name)

    sa = _Deferred("sqlalchemy")
    sqlite = _Deferred("sqlalchemy.dialects.sqlite")
    base = _Deferred("akia.store.tables")
    channels = _Deferred("akia.store.trail.channel_tables")
    creds = _Deferred("akia.store.iam.credential_tables")
    drafts = _Deferred("akia.store.drafts.tables")
    deliveries = _Deferred("akia.store.trail.delivery_tables")
    delegation = _Deferred("akia.store.iam.delegation_tables")
    fed = _Deferred("akia.store.federation.tables")
    iam = _Deferred("akia.store.iam.tables")
    keys = _Deferred("akia.store.iam.key_tables")
    insight = _Deferred("akia.store.trail.insight_tables")
    orgs = _Deferred("akia.store.organizations.tables")
    limiting = _Deferred("akia.store.limit_tables")
    rotating = _Deferred("akia.store.rotations.tables")
    settled = _Deferred("akia.store.iam.account_tables")
    signin = _Deferred("akia.store.signin.tables")
    lake = _Deferred("akia.store.trail.lake_tables")
    saml = _Deferred("akia.store.iam.saml_tables")
    suspicion = _Deferred("akia.store.alerts.tables")
    trail = _Deferred("akia.store.trail.tables")


def p(name: str) -> sa.BindParameter[Any]:
    """A parameter of a statement."""
    return sa.bindparam(name)


def insert_once(table: sa.Table, *key: str) -> sa.Insert:
    """An INSERT that leaves a row of the same `key` as it is."""
    return sqlite.insert(table).on_conflict_do_nothing(index_elements=key)


def upsert(table: sa.Table, key: tuple[str, ...], *changed: str) -> sqlite.Insert:
    """An INSERT that, for a row of the same `key`, writes the columns `changed` instead."""
    statement = sqlite.insert(table)
    return statement.on_conflict_do_update(index_elements=key, set_={name: statement.excluded[name] for name in changed})


def limited(statement: sa.Select[Any]) -> sa.Select[Any]:
    """`statement` cut to as many rows as the parameter `limit` says."""
    return statement.limit(p("limit")).offset(sa.literal_column("0"))  # else SQLAlchemy binds an offset of its own


__all__ = [
    "base", "channels", "creds", "delegation", "deliveries", "drafts", "fed", "iam", "insert_once", "insight", "keys", "lake",
    "limited", "limiting", "orgs", "p", "rotating", "sa", "saml", "settled", "signin", "sqlite", "suspicion", "trail", "upsert",
]  # fmt: skip
