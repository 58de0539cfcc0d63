"""Which event data store a request means, by its ARN or the last part of it. A store shows in its own account and region only."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from akia.aws.arn import Arn
from akia.identity.event_data_store import ID
from akia.services.cloudtrail.lake_errors import (
    EventDataStoreARNInvalidException,
    EventDataStoreNotFoundException,
    InactiveEventDataStoreException,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from akia.identity.event_data_store import EventDataStore
    from akia.operation import Conditions, Context

_ARN = re.compile(rf"arn:aws:cloudtrail:[a-z0-9-]+:([0-9]{{12}}):eventdatastore/({ID.pattern})", re.ASCII)


def store_arn(ctx: Context, text: str) -> str:
    """The ARN that `text` is, or that of the store with this id in the account and region of the call. Never raises."""
    return text if text.startswith("arn:") else str(Arn("cloudtrail", ctx.facts.region, ctx.account, f"eventdatastore/{text}"))


def in_store_member(member: str = "EventDataStore") -> Callable[[Context, Mapping[str, Any]], str]:
    """The resource of operations whose input names the store in `member`."""
    return lambda ctx, request: store_arn(ctx, request.get(member) or "*")


def store_tags(member: str = "EventDataStore") -> Callable[[Context, Mapping[str, Any]], Conditions]:
    """`aws:ResourceTag/k` of the store that the input names in `member`; nothing if there is none."""
    return lambda ctx, request: tags_of(ctx, request.get(member) or "")


def tags_of(ctx: Context, text: str) -> Conditions:
    """`aws:ResourceTag/k` of the store that `text` names; nothing if there is none. Never raises."""
    found = find_store(ctx, text)
    return {f"aws:resourcetag/{key.lower()}": value for key, value in found.tags.items()} if found else {}


def store_named(ctx: Context, text: str) -> EventDataStore:
    """The store that `text` names, even if it is on its way out. Raises EventDataStoreARNInvalidException,
    EventDataStoreNotFoundException."""
    if _id(text) is None:
        raise EventDataStoreARNInvalidException(f"Not a valid event data store ARN or ID: {text}")
    found = find_store(ctx, text)
    if found is None:
        raise EventDataStoreNotFoundException(f"The event data store {store_arn(ctx, text)} does not exist.")
    return found


def active_store(ctx: Context, text: str) -> EventDataStore:
    """The store that `text` names. Raises as `store_named`; InactiveEventDataStoreException for one that is on its way out."""
    store = store_named(ctx, text)
    if store.deleted:
        raise InactiveEventDataStoreException(f"The event data store {store.arn} is inactive: its deletion is pending.")
    return store


def shared_store(ctx: Context, text: str) -> EventDataStore:
    """The store that `text` names, in whichever account: for operations that have asked its resource policy. Raises as `store_named`."""
    store = _there(ctx, text)
    theirs = store is not None and store.account != ctx.account and (str(store.arn), store.region) == (text, ctx.facts.region)
    return store if theirs and store is not None else store_named(ctx, text)


def store_of_arn(arn: str) -> str | None:
    """The account in a store's ARN; None if it is not one."""
    match = _ARN.fullmatch(arn)
    return match[1] if match else None


def _id(text: str) -> str | None:
    if text.startswith("arn:"):
        match = _ARN.fullmatch(text)
        return match[2] if match else None
    return text if ID.fullmatch(text) else None


def find_store(ctx: Context, text: str) -> EventDataStore | None:
    """The store that `text` names, even if it is on its way out; None if there is none. Never raises."""
    store = _there(ctx, text)
    return store if store is not None and str(store.arn) == store_arn(ctx, text) and _is_here(ctx, store) else None


def _there(ctx: Context, text: str) -> EventDataStore | None:
    """The store with this id. One that cannot be restored any more is not there, though its events are perhaps yet to be removed."""
    store = ctx.store.event_data_stores.get(_id(text) or "")
    return None if store is None or store.is_over(ctx.now) else store


def _is_here(ctx: Context, store: EventDataStore) -> bool:
    return store.account == ctx.account and store.region == ctx.facts.region
