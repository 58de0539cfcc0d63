"""Users."""

from __future__ import annotations

from typing import TYPE_CHECKING

from akia.identity.user import User
from akia.store.core import iam
from akia.store.iam import tags
from akia.store.iam.named import IdentityRepository, NamedQueries

if TYPE_CHECKING:
    from collections.abc import Mapping

    from akia.store.connection import Row, Value


class Users(IdentityRepository[User]):
    queries = NamedQueries("users", lambda: iam.users, "tags", "boundary")

    @staticmethod
    def value_of(row: Row) -> User:
        account, unique_id, name, path, created, tag_text, boundary = row
        return User(account, unique_id, name, path, created, tags.from_text(tag_text), boundary)

    @staticmethod
    def _more(value: User) -> Mapping[str, Value]:
        return {"tags": tags.to_text(value.tags), "boundary": value.boundary}
