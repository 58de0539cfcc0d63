"""Instance profiles."""

from __future__ import annotations

from typing import TYPE_CHECKING

from akia.identity.instance_profile import InstanceProfile
from akia.store.core import iam, p, sa
from akia.store.iam import tags
from akia.store.iam.named import NamedQueries, NamedRepository
from akia.store.iam.paging import page_by_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from akia.store.connection import Row, Value

_PROFILES = NamedQueries("instance_profiles", lambda: iam.instance_profiles, "tags", "role_id")
_DELETE = _PROFILES.query("delete", lambda t: sa.delete(t).where(t.c.id == p("id")))
_OF_ROLE = _PROFILES.query("of_role", lambda t: page_by_name(_PROFILES.select().where(t.c.role_id == p("role")), t))


class InstanceProfiles(NamedRepository[InstanceProfile]):
    """Named as users are, but no identities: no policy stands on them."""

    queries = _PROFILES

    @staticmethod
    def value_of(row: Row) -> InstanceProfile:
        account, unique_id, name, path, created, tag_text, role = row
        return InstanceProfile(account, unique_id, name, path, created, tags.from_text(tag_text), role)

    @staticmethod
    def _more(value: InstanceProfile) -> Mapping[str, Value]:
        return {"tags": tags.to_text(value.tags), "role_id": value.role}

    def add(self, value: InstanceProfile) -> None:
        """Raises IdTaken or NameTaken; StillReferred if its role is not there."""
        self._require_free(value)
        self._insert(value)

    def delete(self, value: InstanceProfile) -> None:
        """Its role stays."""
        self._run(_DELETE, value.id, id=value.id)

    def of_role(self, role_id: str, after: str | None = None, limit: int = 100) -> list[InstanceProfile]:
        """At most `limit` profiles that the role is in, whose names come after `after`, by name without regard to case."""
        return self._all(_OF_ROLE, role=role_id, path_prefix="/", after=(after or "").lower(), limit=limit)
