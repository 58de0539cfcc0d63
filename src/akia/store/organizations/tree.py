"""The tree: what stands above an account, and which accounts stand below something."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from akia.store.core import orgs, p, sa
from akia.store.statement import Query

if TYPE_CHECKING:
    from sqlalchemy import CTE
    from sqlalchemy.sql import CompoundSelect, Select

    from akia.store.changes import Changes
    from akia.store.connection import Connection


def above(account: str) -> CTE:
    """The ids of the root and the units above the account in the parameter `account`, with their distance from it."""
    members, units = orgs.organization_members.c, orgs.organizational_units.c
    first = sa.select(members.parent.label("id"), sa.literal_column("1").label("distance")).where(members.account == p(account))
    path = first.cte("path", recursive=True)
    return path.union_all(
        sa.select(units.parent, path.c.distance + sa.literal_column("1")).join_from(path, orgs.organizational_units, units.id == path.c.id)
    )


def _containers() -> Select[Any]:
    path = above("account")
    return sa.select(path.c.id).order_by(path.c.distance.desc())


def _accounts_below() -> CompoundSelect[Any]:
    members, units = orgs.organization_members.c, orgs.organizational_units.c
    tree = sa.select(p("target").label("id")).cte("tree", recursive=True)
    tree = tree.union_all(sa.select(units.id).join_from(tree, orgs.organizational_units, units.parent == tree.c.id))
    below = sa.select(members.account).join_from(tree, orgs.organization_members, members.parent == tree.c.id)
    return below.union(sa.select(members.account).where(members.account == p("target")))


_CONTAINERS = Query("tree.containers", _containers)
_ACCOUNTS_BELOW = Query("tree.accounts_below", _accounts_below)


def containers(connection: Connection, account: str) -> tuple[str, ...]:
    """The ids of the root and the units above `account`, from the root down; empty for an account in no organization."""
    return tuple(row[0] for row in connection.rows(_CONTAINERS, account=account))


def announce(connection: Connection, changes: Changes, target: str) -> None:
    """Say that what is in force has changed for every account below `target`: the root, a unit, or an account itself."""
    for (account,) in sorted(connection.rows(_ACCOUNTS_BELOW, target=target)):
        changes.add(f"acct:{account}")
