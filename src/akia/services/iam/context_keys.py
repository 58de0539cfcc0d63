"""Which context keys do policies speak of? GetContextKeysForCustomPolicy, GetContextKeysForPrincipalPolicy (AC12.4)."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from akia import policy
from akia.aws.errors import InvalidInput, MalformedPolicyDocument
from akia.operation import Access, everything
from akia.policy import Kind
from akia.policy.validate import read
from akia.services.iam._iam import iam
from akia.services.iam.policy_sources import entity_named, sources_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from akia.operation import Context
    from akia.wire.shapes import iam as shapes

REMEMBERED_TEXTS = 128
"""Documents may have 131,072 characters (P5.4-18): so many are 16 MiB."""


@iam.operation("GetContextKeysForCustomPolicy", access=Access.READ, resource=everything)
def get_context_keys_for_custom_policy(
    ctx: Context, request: shapes.GetContextKeysForCustomPolicyRequest
) -> shapes.GetContextKeysForPolicyResponse:
    """Raises InvalidInput for a document that cannot be saved."""
    return {"ContextKeyNames": keys_of(checked(request["PolicyInputList"]))}


def policy_source_arn(ctx: Context, request: Mapping[str, str]) -> str:
    """The entity that the request names."""
    return request["PolicySourceArn"]


@iam.operation("GetContextKeysForPrincipalPolicy", access=Access.READ, resource=policy_source_arn)
def get_context_keys_for_principal_policy(
    ctx: Context, request: shapes.GetContextKeysForPrincipalPolicyRequest
) -> shapes.GetContextKeysForPolicyResponse:
    """Of the entity's policies, its groups' included, and of those given beside them. Raises InvalidInput, NoSuchEntity."""
    entity = entity_named(ctx, request["PolicySourceArn"])
    texts = [source.text for source in sources_of(ctx, entity).values()]
    return {"ContextKeyNames": keys_of([*texts, *checked(request.get("PolicyInputList", []))])}


def checked(texts: Iterable[str], kind: Kind = Kind.IDENTITY_INLINE) -> list[str]:
    """`texts`, each of which could be saved as a policy of this kind. Raises InvalidInput."""
    checked_texts = list(texts)
    for text in checked_texts:
        try:
            policy.parse(text, kind)
        except MalformedPolicyDocument as problem:
            raise InvalidInput(problem.message) from None
    return checked_texts


def keys_of(texts: Iterable[str]) -> list[str]:
    """The context keys of all documents, each once (C3.1-1), as first written."""
    found: dict[str, str] = {}
    for text in texts:
        for key in _keys(text):
            found.setdefault(key.lower(), key)
    return list(found.values())


@lru_cache(maxsize=REMEMBERED_TEXTS)
def _keys(text: str) -> tuple[str, ...]:
    """Of one document; none of one that cannot be read. What kind of policy it is makes no difference to its grammar."""
    try:
        return tuple(policy.context_keys(read(text, Kind.RESOURCE)))
    except MalformedPolicyDocument:
        return ()
