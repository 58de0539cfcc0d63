"""Who signed this request? The only place where a Caller is made.

The signature engine reads and proves (rules 4 to 13, and 16); between its two halves stand the look-ups of token and key (rules 14 and
15), which are here.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

from akia.authority.caller import Caller
from akia.authority.credential_cache import EVERYTHING
from akia.authority.session_tokens import NotGenuine
from akia.aws.errors import (
    ExpiredToken,
    Family,
    InactiveKey,
    InvalidClientTokenId,
    InvalidIdentityToken,
    NotImplementedHere,
    SignatureDoesNotMatch,
)
from akia.aws.regions import GLOBAL_REGION
from akia.identity.access_key import KeyStatus
from akia.identity.principal import FederatedIdentity
from akia.operation import Threshold
from akia.sigv4 import INVALID_KEY, Expectation, SignedRequest, read, refuse_unknown_key, verify

if TYPE_CHECKING:
    from collections.abc import Collection

    from akia.authority.authority import Authority
    from akia.authority.credential import Credential
    from akia.operation import Parameters
    from akia.pipeline.identify import Call
    from akia.sigv4 import Presented
    from akia.store.store import Store

INVALID_TOKEN = "The security token included in the request is invalid"  # noqa: S105 - AWS's text (rule 14), not a token
UNSIGNED = "unsigned"
"""What stands in for the version of the signature where the model asks for none."""
EXPIRED_TOKEN = "The security token included in the request is expired"  # noqa: S105 - AWS's text (rule 14), not a token


def authenticate(call: Call, authority: Authority) -> Caller:
    """The verified sender of `call`. Raises the refusals of rules 4 to 16; nothing is remembered of a sender who did not verify."""
    facts = call.request.facts
    service = call.routed.service
    expected = expectation(
        service.family, call.routed.operation.signing_name, service.sigv4a
    )  # rule 13 refuses another service's scope (NT-87)
    presented = read(SignedRequest(*call.request.http), expected, facts.received)
    credential = _credential(presented, authority)
    verify(presented, credential.secret)
    if credential.expires is not None and credential.expires <= facts.received:
        raise ExpiredToken(EXPIRED_TOKEN)  # rule 14; told only to who has proven to hold the key, so after rule 16
    authority.remember(credential)
    facts.region = presented.region or ""
    return Caller(
        credential.principal,
        presented.access_key_id,
        credential.standing,
        presented.session_token,
        "SigV4A" if presented.region is None else "SigV4",
        presented.presigned,
    )


def authenticate_unsigned(call: Call, params: Parameters, authority: Authority) -> Caller:
    """The sender of a call that the model leaves unsigned (W3.8, NT-30), by the proof that its parameters hold.

    A signature that comes along is not looked at. Raises the refusals of the operation's proof, and Waits.
    """
    facts, prove = call.request.facts, call.operation.proof
    if prove is None:
        raise NotImplementedHere(f"{call.operation.name} is not implemented by this endpoint.")
    facts.region = GLOBAL_REGION
    principal = prove(Threshold(authority.store, int(facts.received), facts, authority), params)
    return Caller(principal, "", authority.standing(principal, authority.store), signature_version=UNSIGNED)


def renewed(caller: Caller, authority: Authority, store: Store, changed: Collection[str]) -> Caller:
    """`caller` as it stands in `store` now, if one of the subjects in `changed` concerns it.

    For a write whose turn comes later than its signature was checked. Raises InvalidClientTokenId if the key has died since; if it was made
    inactive, InactiveKey.
    """
    subjects = caller.standing.subjects
    if EVERYTHING not in changed and subjects.isdisjoint(changed):
        return caller
    if isinstance(caller.principal, FederatedIdentity):
        raise InvalidIdentityToken("The identity provider has been changed in the meantime. Please try again.")
    credential = authority.reloaded(caller, store)
    if credential is None:
        key = store.access_keys.get(caller.access_key_id)
        raise (InactiveKey if key is not None and key.status is KeyStatus.INACTIVE else InvalidClientTokenId)(INVALID_TOKEN + ".")
    return replace(caller, principal=credential.principal, standing=credential.standing)


def _credential(presented: Presented, authority: Authority) -> Credential:
    """Rules 14 and 15."""
    token = presented.session_token
    if token is None:
        credential = authority.key(presented.access_key_id)
    else:
        try:
            credential = authority.session(presented.access_key_id, token)
        except NotGenuine:
            return _refuse(presented, INVALID_TOKEN)
    if credential is None:
        _refuse_inactive_key(presented, authority)
        refuse_unknown_key(presented)
    return credential


def _refuse_inactive_key(presented: Presented, authority: Authority) -> None:
    """Raises InactiveKey, which the client cannot tell from rule 15, if an inactive key has made the signature.

    Whoever waits for a key to fall silent needs to know that somebody still has it, and does not believe anybody who only names it (NT-93).
    """
    secret = authority.inactive_secret(presented.access_key_id) if presented.session_token is None else None
    if secret is None:
        return
    with suppress(SignatureDoesNotMatch):
        verify(presented, secret)
        raise InactiveKey(INVALID_KEY)
    raise InvalidClientTokenId(INVALID_KEY)


def _refuse(presented: Presented, text: str) -> Credential:
    """The work of a verification, then rule 14's text: time does not tell which tokens are genuine (SV6-5)."""
    try:
        refuse_unknown_key(presented)
    except InvalidClientTokenId:
        raise InvalidClientTokenId(text) from None


@cache
def expectation(family: Family, signing_name: str, sigv4a: bool) -> Expectation:
    """What each service asks of a signature: its own name, any region (W1.1), SigV4A where its model offers it (SV5-5)."""
    return Expectation(family, (signing_name,), sigv4a=sigv4a)
