"""Roles."""

from __future__ import annotations

from typing import TYPE_CHECKING

from akia.identity.role import Role
from akia.store.core import iam
from akia.store.iam import tags
from akia.store.iam.named import IdentityRepository, NamedQueries

if TYPE_CHECKING:
    from collections.abc import Mapping

    from akia.store.connection import Row, Value


class Roles(IdentityRepository[Role]):
    queries = NamedQueries("roles", lambda: iam.roles, "trust", "description", "max_session_seconds", "tags", "boundary")

    @staticmethod
    def value_of(row: Row) -> Role:
        account, unique_id, name, path, created, trust, description, longest, tag_text, boundary = row
        return Role(account, unique_id, name, path, created, trust, description, longest, tags.from_text(tag_text), boundary)

    @staticmethod
    def _more(value: Role) -> Mapping[str, Value]:
        return {
            "trust": value.trust,
            "description": value.description,
            "max_session_seconds": value.max_session_seconds,
            "tags": tags.to_text(value.tags),
            "boundary": value.boundary,
        }
