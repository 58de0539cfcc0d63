"""Kinds of things that requests name by a name, unique in the account: which one is meant, its ARN, its pages, its new name.

Names keep their case and are found only by it; they are unique without regard to case (P5.4-21). What `resource`, `conditions` and
`event_resources` of operations are given from here never raises: nothing can be enumerated before authorization.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from akia.aws.errors import EntityAlreadyExists, NoSuchEntity
from akia.services.iam import pages
from akia.services.iam._iam import iam_arn, resource_tags, with_fresh_id
from akia.store.errors import NameTaken

if TYPE_CHECKING:
    from akia.aws.ids import Prefix
    from akia.identity.instance_profile import InstanceProfile
    from akia.identity.named import Named
    from akia.identity.role import Role
    from akia.identity.server_certificate import ServerCertificate
    from akia.identity.user import User
    from akia.operation import Conditions, Context
    from akia.services.iam.pages import End
    from akia.store.iam.named import NamedRepository
    from akia.store.store import Store

Request = Mapping[str, Any]


T = TypeVar("T", bound="Named")
E = TypeVar("E", bound="User | Role | InstanceProfile | ServerCertificate")
"""Those that have tags."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedKind(Generic[T]):
    """A kind of named things, each a `value`: `type` as in events (AC1), `member` of the requests that name one, where they are kept, and
    AWS's sentences of one that is not there (`absent`) or is there already (`exists`), with `{}` for the name."""

    value: type[T]
    type: str
    member: str
    repository: Callable[[Store], NamedRepository[T]]
    absent: str
    exists: str

    def there(self, ctx: Context, name: str) -> T | None:
        """The one of the caller's account called `name`, if there is one."""
        return ctx.look_up(self.type, name, self.repository(ctx.store).named)

    def named(self, ctx: Context, name: str) -> T:
        """The one of the caller's account called `name`. Raises NoSuchEntity (P5.3-1)."""
        found = self.there(ctx, name)
        if found is None:
            raise NoSuchEntity(self.absent.format(name))
        return found

    def meant(self, ctx: Context, request: Request) -> T:
        """The one that the request names. Raises NoSuchEntity."""
        return self.named(ctx, request[self.member])

    def arn(self, ctx: Context, request: Request) -> str:
        """The ARN of the one that the request names. What is missing has no path."""
        name = request[self.member]
        found = self.there(ctx, name)
        return str(found.arn) if found else iam_arn(ctx, f"{self.value.resource}/{name}")

    def new_arn(self, ctx: Context, request: Request) -> str:
        """The ARN of the one to be created (P2.2-6)."""
        return iam_arn(ctx, f"{self.value.resource}{request.get('Path', '/')}{request[self.member]}")

    def both_arns(self, ctx: Context, request: Request) -> Sequence[str]:
        """A rename needs permission on what the thing is called and on what it will be called (NT-42)."""
        found = self.there(ctx, request[self.member])
        path = request.get("NewPath", found.path if found else "/")
        name = request.get(f"New{self.member}", request[self.member])
        return [self.arn(ctx, request), iam_arn(ctx, f"{self.value.resource}{path}{name}")]

    def collection(self, ctx: Context, request: Request) -> str:
        """The ARN of those under `PathPrefix` (P2.2-6)."""
        return iam_arn(ctx, f"{self.value.resource}{request.get('PathPrefix', '/')}")

    def about(self, request: Request, result: object) -> Iterator[tuple[str, str]]:
        """Those that a request names, the new name of a renamed one too."""
        for member in (self.member, f"New{self.member}"):
            if member in request:
                yield self.type, request[member]

    def create(self, ctx: Context, request: Request, prefix: Prefix, make: Callable[[str], T], add: Callable[[T], None]) -> T:
        """Make one under a fresh id and add it. Raises EntityAlreadyExists, ServiceUnavailable if no id is free."""
        try:
            return with_fresh_id(ctx, prefix, make, add)
        except NameTaken:
            raise EntityAlreadyExists(self.exists.format(request[self.member])) from None

    def page(self, ctx: Context, request: Request, of: str) -> tuple[Sequence[T], End]:
        """Those under `PathPrefix` that the request asks for, in the order of names, and how the page ends; `of` as in `pages.window`.

        Raises ValidationError (marker).
        """
        window = pages.window(request, of)
        found = self.repository(ctx.store).page(ctx.account, request.get("PathPrefix", "/"), window.after, window.reach)
        return window.cut(found, lambda thing: thing.name)

    def rename(self, ctx: Context, request: Request) -> None:
        """Give it the new name or path of the request. Its unique id stays, and with it whatever hangs on that.

        Raises NoSuchEntity, EntityAlreadyExists.
        """
        thing = self.meant(ctx, request)
        changed = replace(thing, name=request.get(f"New{self.member}", thing.name), path=request.get("NewPath", thing.path))
        try:
            self.repository(ctx.store).replace(changed)
        except NameTaken:
            raise EntityAlreadyExists(self.exists.format(changed.name)) from None


class TaggedKind(NamedKind[E]):
    """A kind of named things that have tags."""

    __slots__ = ()

    def conditions(self, ctx: Context, request: Request) -> Conditions:
        """The tags of the one that the request names; none if there is no such one."""
        found = self.there(ctx, request[self.member])
        return resource_tags(found.tags) if found else {}
