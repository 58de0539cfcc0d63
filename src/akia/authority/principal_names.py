"""Users and roles by their ARNs and their unique ids: policies that name them are kept with ids and shown with ARNs (P1.7-5, NT-36)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from akia.aws.arn import Arn
from akia.aws.ids import Prefix

if TYPE_CHECKING:
    from akia.identity.role import Role
    from akia.identity.user import User
    from akia.store.store import Store


def id_of(store: Store, arn: str) -> str | None:
    """The unique id of the user or role `arn`, path and letter case included, in whichever account of this akia; None if there is none."""
    parsed = Arn.parse(arn)
    name = parsed.resource.rpartition("/")[2]
    of_user = parsed.resource.startswith("user/")
    found: User | Role | None = store.users.named(parsed.account, name) if of_user else store.roles.named(parsed.account, name)
    return found.id if found and str(found.arn) == arn else None


def arn_of(store: Store, unique_id: str) -> str | None:
    """The ARN of the user or role with this unique id; None if there is none any more."""
    of_user = unique_id.startswith(Prefix.USER)
    found: User | Role | None = store.users.with_id(unique_id) if of_user else store.roles.with_id(unique_id)
    return str(found.arn) if found else None
