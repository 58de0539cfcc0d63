"""Managed policies: an account's own, and AWS's (whose account is `aws`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from akia.identity.managed_policy import ManagedPolicy, PolicyVersion
from akia.store.core import iam, limited, p, sa
from akia.store.errors import NameTaken
from akia.store.iam import tags
from akia.store.iam.paging import below_path
from akia.store.iam.policy_versions import PolicyVersions
from akia.store.statement import Query

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.sql import Select

    from akia.store.connection import Row, Value

_CHANGING = ("updated", "default_version", "latest_version", "description", "tags")
_COLUMNS = ("account", "id", "name", "path", "created", *_CHANGING)
_IN_ORDER = ("id", "account", "name", "name_key", "path", "created", *_CHANGING, "arn")
"""The columns as the table has them, which inserting many rows at once goes by."""


def select() -> Select[Any]:
    """Selects whole policies, columns in the order in which `policy_of` reads them."""
    return sa.select(*(iam.managed_policies.c[name] for name in _COLUMNS))


def page_by_arn(statement: Select[Any]) -> Select[Any]:
    """`statement` cut to the page that the parameters `path_prefix`, `after` and `limit` ask for, by ARN: names repeat between owners."""
    policies = iam.managed_policies
    return limited(statement.where(below_path(policies), policies.c.arn > p("after")).order_by(policies.c.arn))


def _page() -> Select[Any]:
    policies, attachments = iam.managed_policies.c, iam.attachments.c
    attached = sa.exists().where(attachments.policy_id == policies.id, attachments.account == p("attached_in"))
    bounds = [
        sa.exists().where(table.c.boundary == policies.arn, table.c.account == p("as_boundary_in")) for table in (iam.users, iam.roles)
    ]
    return page_by_arn(
        select()
        .where(policies.account.in_([p("owner"), p("other_owner")]))
        .where(p("attached_in").is_(None) | attached)
        .where(p("as_boundary_in").is_(None) | bounds[0] | bounds[1])
    )


_WITH_ARN = Query("managed_policies.with_arn", lambda: select().where(iam.managed_policies.c.arn == p("arn")))
_WITH_ID = Query("managed_policies.with_id", lambda: select().where(iam.managed_policies.c.id == p("id")))
_TAKEN = Query(
    "managed_policies.taken",
    lambda: sa.select(iam.managed_policies.c.id).where(
        iam.managed_policies.c.account == p("account"), iam.managed_policies.c.name_key == p("name_key")
    ),
)
_ADD = Query("managed_policies.add", lambda: sa.insert(iam.managed_policies))
_REPLACE = Query(
    "managed_policies.replace",
    lambda: (
        sa.update(iam.managed_policies)
        .where(iam.managed_policies.c.id == p("row_id"))
        .values({name: p(f"new_{name}") for name in _CHANGING})
    ),
)
_DELETE = Query("managed_policies.delete", lambda: sa.delete(iam.managed_policies).where(iam.managed_policies.c.id == p("id")))
_PAGE = Query("managed_policies.page", _page)
_COUNT = Query(
    "managed_policies.count",
    lambda: sa.select(sa.func.count()).select_from(iam.managed_policies).where(iam.managed_policies.c.account == p("account")),
)


_OF_ACCOUNT = Query("managed_policies.of_account", lambda: select().where(iam.managed_policies.c.account == p("account")))


class ManagedPolicies(PolicyVersions):
    """Policies with their versions. Subjects of changes are their ids."""

    def with_arn(self, arn: str) -> ManagedPolicy | None:
        return self._one(_WITH_ARN, arn=arn)

    def with_id(self, policy_id: str) -> ManagedPolicy | None:
        return self._one(_WITH_ID, id=policy_id)

    def taken(self, account: str, name: str) -> bool:
        """Whether the account has one of this name, in whatever case and path."""
        return self._connection.row(_TAKEN, account=account, name_key=name.lower()) is not None

    def add(self, policy: ManagedPolicy, document: str) -> None:
        """Adds the policy with `document` as its default version. Raises IdTaken or NameTaken."""
        if self.taken(policy.account, policy.name):
            raise NameTaken(policy.name)
        self._connection.run(_ADD, **_fixed(policy), **_changing(policy))
        self.add_version(PolicyVersion(policy.id, policy.default_version, document, policy.created))

    def add_many(self, policies: Sequence[tuple[ManagedPolicy, str]]) -> None:
        """Adds policies with their documents as `add` does, hundreds at once. Raises IdTaken or NameTaken."""
        rows = [{**_fixed(policy), **_changing(policy)} for policy, _ in policies]
        self._connection.run_many(_ADD, [[row[column] for column in _IN_ORDER] for row in rows])
        self.add_versions([PolicyVersion(policy.id, policy.default_version, document, policy.created) for policy, document in policies])

    def replace(self, policy: ManagedPolicy) -> None:
        """Writes what may change: the default and the latest version, the time, description and tags."""
        if self._connection.run(_REPLACE, row_id=policy.id, **{f"new_{name}": value for name, value in _changing(policy).items()}):
            self._changes.add(policy.id)

    def delete(self, policy: ManagedPolicy) -> None:
        """Deletes the policy and its versions. Raises StillReferred while it is attached."""
        if self._connection.run(_DELETE, id=policy.id):
            self._changes.add(policy.id)

    def page(
        self,
        accounts: tuple[str, ...],
        path_prefix: str = "/",
        *,
        attached_in: str | None = None,
        as_boundary_in: str | None = None,
        after: str | None = None,
        limit: int = 100,
    ) -> list[ManagedPolicy]:
        """At most `limit` policies of the (one or two) `accounts` below `path_prefix`, by ARN, beginning after the ARN `after`.

        With `attached_in` only those attached to somebody in that account, with `as_boundary_in` only those that are a boundary there.
        """
        rows = self._connection.rows(
            _PAGE,
            owner=accounts[0],
            other_owner=accounts[-1],
            path_prefix=path_prefix,
            attached_in=attached_in,
            as_boundary_in=as_boundary_in,
            after=after or "",
            limit=limit,
        )
        return [policy_of(row) for row in rows]

    def all_of(self, account: str) -> list[ManagedPolicy]:
        """All policies of `account`, in no order."""
        return [policy_of(row) for row in self._connection.rows(_OF_ACCOUNT, account=account)]

    def count(self, account: str) -> int:
        return self._connection.count(_COUNT, account=account)

    def _one(self, query: Query, **parameters: Value) -> ManagedPolicy | None:
        row = self._connection.row(query, **parameters)
        return policy_of(row) if row else None


def policy_of(row: Row) -> ManagedPolicy:
    """The policy in a row that `select()` answered."""
    account, policy_id, name, path, created, updated, default, latest, description, tag_text = row
    return ManagedPolicy(account, policy_id, name, path, created, updated, default, latest, description, tags.from_text(tag_text))


def _fixed(policy: ManagedPolicy) -> dict[str, Value]:
    return {
        "account": policy.account,
        "id": policy.id,
        "name": policy.name,
        "name_key": policy.name.lower(),
        "path": policy.path,
        "created": policy.created,
        "arn": str(policy.arn),
    }


def _changing(policy: ManagedPolicy) -> dict[str, Value]:
    return {
        "updated": policy.updated,
        "default_version": policy.default_version,
        "latest_version": policy.latest_version,
        "description": policy.description,
        "tags": tags.to_text(policy.tags),
    }
