"""The resource's side of what is asked of event data stores (P1.5): their resource policies, as `PutResourcePolicy` has kept them.

Within an account, either side allows and either denies. What a store's policy opens to another account is to be looked at
(GetEventDataStore); queries are for the store's own account.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from akia.operation import ResourcePolicy
from akia.policy import Kind
from akia.services.cloudtrail.named_event_data_stores import store_arn, store_of_arn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from akia.operation import Context

_NOBODY = '{"Version":"2012-10-17","Statement":[]}'


def store_policy(member: str = "EventDataStore") -> Callable[[Context, Mapping[str, Any]], ResourcePolicy | None]:
    """The policy of the store that the input names in `member`; None if it has none, or is another account's."""
    return lambda ctx, request: policy_of_stores(ctx, [request[member]]) if request.get(member) else None


def policy_of_stores(ctx: Context, names: Iterable[str]) -> ResourcePolicy | None:
    """The policies of the caller's own stores with these ids or ARNs (or of dashboards, by their ARNs), together: each of their statements
    names its resource."""
    arns = [store_arn(ctx, name) for name in dict.fromkeys(names)]
    found = [ctx.store.trail_resource_policies.get(arn) for arn in arns if arn.split(":")[4:5] == [ctx.account]]
    documents = [document for document in found if document is not None]
    if not documents:
        return None
    return ResourcePolicy(documents[0] if len(documents) == 1 else _together(documents), Kind.RESOURCE, ctx.account)


def shared_store_policy(ctx: Context, request: Mapping[str, Any]) -> ResourcePolicy | None:
    """The policy of the store that the input names, in whichever account: another one's must let the caller in, whether it is there or
    not."""
    arn = store_arn(ctx, request["EventDataStore"])
    account = store_of_arn(arn)
    if account in (None, ctx.account):
        return policy_of_stores(ctx, [arn])
    return ResourcePolicy(ctx.store.trail_resource_policies.get(arn) or _NOBODY, Kind.RESOURCE, str(account))


def _together(documents: Iterable[str]) -> str:
    statements: list[Any] = []
    for document in documents:
        given = orjson.loads(document)["Statement"]
        statements += given if isinstance(given, list) else [given]
    return orjson.dumps({"Version": "2012-10-17", "Statement": statements}).decode()
