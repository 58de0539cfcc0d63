"""What is asked for where tags are given or changed, and the three operations on tags that every kind of thing has alike.

A kind says what it is and registers them: `TagOperations(kind="Role", ...).register()` makes TagRole, UntagRole and ListRoleTags.
`entity_tags` has all kinds.
"""

from __future__ import annotations

from dataclasses import Field, dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Protocol, TypeVar

from akia.operation import Access, Conditions, Context, Required
from akia.services.iam import pages, tags
from akia.services.iam._iam import iam, request_tags

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from akia.operation import AlsoRequired, EventResources
    from akia.services.iam.named import E, Request, TaggedKind

# At a creation


def given_tags(ctx: Context, request: Request) -> Conditions:
    """The conditions of a creation: the tags that the request gives."""
    return request_tags(request.get("Tags"))


def tagging_too(action: str, new_arn: Callable[[Context, Request], str]) -> AlsoRequired:
    """Who gives tags at a creation must be allowed `action` as well, on what is to be made (P2.1-6)."""

    def also(ctx: Context, request: Request) -> Iterator[Required]:
        if request.get("Tags"):
            yield Required(action, new_arn(ctx, request), request_tags(request["Tags"]))

    return also


# Later on


class Entity(Protocol):
    """A value of `identity` that has tags: a frozen dataclass."""

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]

    @property
    def tags(self) -> Mapping[str, str]: ...


T = TypeVar("T", bound=Entity)


@dataclass(frozen=True, slots=True, kw_only=True)
class TagOperations(Generic[T]):
    """A kind of thing that has tags; `kind` is its name in the names of the operations.

    `arn`, `conditions` (its tags, none if it is not there) and `event_resources` are as in `Operations.operation`. `found` gives the thing
    that a request names, and `changeable` the same for an action that changes it, where not everything may be changed; both raise AWS's
    refusals. `keep` writes the changed thing. `list_name` names its list of tags in markers. `same` says which keys are one (P5.4-19).
    """

    kind: str
    arn: Callable[[Context, Request], str]
    conditions: Callable[[Context, Request], Conditions]
    event_resources: EventResources
    found: Callable[[Context, Request], T]
    changeable: Callable[[Context, Request, str], T] | None = None
    keep: Callable[[Context, T], None]
    list_name: Callable[[T], str]
    same: Callable[[str], str] = tags.exactly

    def register(self) -> None:
        """Put the three operations into IAM's registry. Raises ValueError if they are there already."""
        for name, access, conditions, body in (
            (f"Tag{self.kind}", Access.TAGGING, self._tagging, self.tag),
            (f"Untag{self.kind}", Access.TAGGING, self._untagging, self.untag),
            (f"List{self.kind}Tags", Access.LIST, self.conditions, self.list_tags),
        ):
            iam.operation(name, access=access, resource=self.arn, conditions=conditions, event_resources=self.event_resources)(body)

    def _tagging(self, ctx: Context, request: Request) -> Conditions:
        """The tags that the thing has, and those to be set."""
        return {**self.conditions(ctx, request), **request_tags(request["Tags"])}

    def _untagging(self, ctx: Context, request: Request) -> Conditions:
        """The tags that the thing has, and the keys of those to be removed."""
        return {**self.conditions(ctx, request), "aws:tagkeys": list(request["TagKeys"])}

    def tag(self, ctx: Context, request: Request) -> None:
        """Set tags; a key that is there already is replaced. Raises as `changeable`; InvalidInput, LimitExceeded (P5.4-12)."""
        thing = self._to_change(ctx, request, f"iam:Tag{self.kind}")
        self.keep(ctx, replace(thing, tags=tags.merged(thing.tags, request["Tags"], ctx.authority.quotas, self.same)))

    def untag(self, ctx: Context, request: Request) -> None:
        """Remove tags; keys that are not there do not matter. Raises as `changeable`."""
        thing = self._to_change(ctx, request, f"iam:Untag{self.kind}")
        self.keep(ctx, replace(thing, tags=tags.without(thing.tags, request["TagKeys"], self.same)))

    def list_tags(self, ctx: Context, request: Request) -> Mapping[str, Any]:
        """In the order of keys. Raises as `found`; ValidationError (marker)."""
        thing = self.found(ctx, request)
        shown, end = pages.window(request, f"tags of {self.list_name(thing)}").slice(tags.to_wire(thing.tags))
        return {"Tags": list(shown), **end}

    def _to_change(self, ctx: Context, request: Request, action: str) -> T:
        return self.found(ctx, request) if self.changeable is None else self.changeable(ctx, request, action)


def of_named(
    name: str,
    kind: TaggedKind[E],
    *,
    same: Callable[[str], str] = tags.exactly,
    event_resources: EventResources | None = None,
    changeable: Callable[[Context, Request, str], E] | None = None,
) -> TagOperations[E]:
    """The operations of a kind of named things; `name` is its name in theirs. The rest as in TagOperations."""
    return TagOperations(
        kind=name,
        arn=kind.arn,
        conditions=kind.conditions,
        event_resources=event_resources or kind.about,
        found=kind.meant,
        changeable=changeable,
        keep=lambda ctx, thing: kind.repository(ctx.store).replace(thing),
        list_name=lambda thing: thing.id,
        same=same,
    )
