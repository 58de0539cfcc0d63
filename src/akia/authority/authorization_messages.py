"""Encoded authorization messages: why a request was denied, sealed for those who may decode it (AC13.1, AC13.2).

Nothing of them is stored. A message is bound to the account of who was denied: no other account can decode it.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Any

import orjson

from akia.authority.key_names import in_full
from akia.aws.errors import InvalidAuthorizationMessage
from akia.keyring import Keyring, Purpose, Unsealable
from akia.policy import Kind, Outcome
from akia.policy.validate import read_stored

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from akia.authority.judgement import Judgement
    from akia.policy import StatementRef, StatementText

LONGEST_MESSAGE = 4_096
"""Characters. It travels in a header, and proxies refuse larger ones."""


class AuthorizationMessages:
    """Makes and opens messages."""

    def __init__(self, keyring: Keyring) -> None:
        self._keyring = keyring

    def rekey(self, keyring: Keyring) -> None:
        """From now on only what `keyring` has sealed opens. A throw-away akia's reset voids all messages so."""
        self._keyring = keyring

    def encode(self, judgement: Judgement) -> str | None:
        """The message of a denial, in characters that a header may hold; None if it would be longer than LONGEST_MESSAGE.

        Statements are left out before the message is.
        """
        account = judgement.context.principal.account
        for statements in (_matched(judgement), []):
            packed = zlib.compress(orjson.dumps(_message(judgement, statements)), 9)
            text = self._keyring.seal_text(Purpose.AUTHORIZATION_MESSAGES, packed, additional=account.encode())
            if len(text) <= LONGEST_MESSAGE:
                return text
        return None

    def decode(self, text: str, account: str) -> str:
        """The JSON text that a message holds. Raises InvalidAuthorizationMessage for what was not sealed here for `account`."""
        try:
            packed = self._keyring.unseal_text(Purpose.AUTHORIZATION_MESSAGES, text, additional=account.encode())
        except Unsealable:
            raise InvalidAuthorizationMessage("The authorization message is invalid.") from None
        return zlib.decompress(packed).decode()


def _message(judgement: Judgement, statements: list[Any]) -> Mapping[str, Any]:
    """AC13.1, word for word: lists are objects with `items`."""
    principal, required = judgement.context.principal, judgement.required
    return {
        "allowed": False,
        "explicitDeny": judgement.decision.outcome is Outcome.EXPLICIT_DENY,
        "matchedStatements": _items(statements),
        "failures": _items([]),
        "context": {
            "principal": {"id": principal.unique_id, "arn": str(principal.arn)},
            "action": required.action.partition(":")[2],
            "resource": required.resource,
            "conditions": _conditions(in_full(judgement.context.known())),
        },
    }


def _items(listed: Iterable[Any]) -> Mapping[str, list[Any]]:
    return {"items": list(listed)}


def _values(texts: Iterable[str]) -> Mapping[str, list[Any]]:
    return _items({"value": text} for text in texts)


def _conditions(known: Mapping[str, Any]) -> Mapping[str, list[Any]]:
    return _items({"key": key, "values": _values((value,) if isinstance(value, str) else value)} for key, value in known.items())


def _matched(judgement: Judgement) -> list[Any]:
    """The statements that denied; of an implicit denial there are none."""
    documents = {document.policy: document for layer in judgement.policies.layers for document in layer.documents}
    told = []
    for reference in judgement.decision.determining:
        document = documents[reference.policy]
        if document.unreadable is None:
            told.append(_statement(reference, read_stored(document.text, Kind(document.kind)).statements[reference.position]))
    return told


def _statement(reference: StatementRef, text: StatementText) -> Mapping[str, Any]:
    principals = text.principal or text.not_principal or {}
    return {
        "statementId": reference.sid or "",
        "effect": text.effect.upper(),
        "principals": _values(value for values in principals.values() for value in values),
        "principalGroups": _items([]),
        "actions": _values(text.action or text.not_action or ()),
        "resources": _values(text.resource or text.not_resource or ()),
        "conditions": _items(
            {"operator": operator, "key": key, "values": _values(values)}
            for operator, keys in text.condition.items()
            for key, values in keys.items()
        ),
    }
