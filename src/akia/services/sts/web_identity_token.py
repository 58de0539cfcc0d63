"""Proof for others of who one is: GetWebIdentityToken (SI17.5)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import orjson

from akia.authority import outbound_tokens
from akia.aws.errors import (
    InvalidParameterValue,
    JWTPayloadSizeExceeded,
    OutboundWebIdentityFederationDisabled,
    ServiceUnavailable,
    SessionDurationEscalation,
    ValidationError,
)
from akia.identity.outbound_issuer import issuer_url
from akia.identity.outbound_key import ALGORITHMS
from akia.operation import Access, Conditions, Context, Required, everything
from akia.services.sts._sts import sts
from akia.services.sts.duration import no_later
from akia.trail.user_identity import timestamp

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from akia.wire.shapes import sts as shapes

DEFAULT_SECONDS = 300
NAMESPACE = "https://sts.amazonaws.com/"
"""The claim that holds everything that is not OpenID Connect's."""


def _tag_conditions(request: shapes.GetWebIdentityTokenRequest) -> Conditions:
    tags = request.get("Tags", [])
    keys: Conditions = {"aws:tagkeys": [tag["Key"] for tag in tags]} if tags else {}
    return {**keys, **{f"aws:requesttag/{tag['Key'].lower()}": tag["Value"] for tag in tags}}


def _conditions(ctx: Context, request: shapes.GetWebIdentityTokenRequest) -> Conditions:
    return {
        "sts:identitytokenaudience": list(request["Audience"]),
        "sts:signingalgorithm": request["SigningAlgorithm"],
        "sts:durationseconds": str(request.get("DurationSeconds", DEFAULT_SECONDS)),
        **_tag_conditions(request),
    }


def _also(ctx: Context, request: shapes.GetWebIdentityTokenRequest) -> Iterator[Required]:
    """Who puts tags into a token must be allowed to."""
    if request.get("Tags"):
        yield Required("sts:TagGetWebIdentityToken", "*", _tag_conditions(request))


@sts.operation(
    "GetWebIdentityToken",
    access=Access.WRITE,
    resource=everything,
    conditions=_conditions,
    also=_also,
    writes=False,
    read_only_event=True,
)
def get_web_identity_token(ctx: Context, request: shapes.GetWebIdentityTokenRequest) -> shapes.GetWebIdentityTokenResponse:
    """A token that says who calls, signed by this akia, for others that trust the account's issuer URL.

    Raises OutboundWebIdentityFederationDisabled, SessionDurationEscalation, JWTPayloadSizeExceeded, ValidationError (algorithm),
    InvalidParameterValue (tags).
    """
    algorithm = request["SigningAlgorithm"]
    if algorithm not in ALGORITHMS:
        raise ValidationError(f"The signing algorithm {algorithm} is not supported. Use {' or '.join(ALGORITHMS)}.")
    expires = _end(ctx, request.get("DurationSeconds", DEFAULT_SECONDS))
    payload = orjson.dumps(_claims(ctx, request, expires))
    if len(payload) > outbound_tokens.LONGEST_PAYLOAD:
        raise JWTPayloadSizeExceeded("The requested token payload size exceeds the maximum allowed size.")
    try:
        token = outbound_tokens.signed(ctx.store, algorithm, payload, ctx.now)
    except LookupError as error:
        raise ServiceUnavailable("There is no key to sign with. Please try again.", detail=str(error)) from None
    return {"WebIdentityToken": token, "Expiration": datetime.fromtimestamp(expires, UTC)}


def _end(ctx: Context, seconds: int) -> int:
    """When the token expires, in epoch seconds: not after the session or the key that asks for it (NT-29).

    Raises SessionDurationEscalation.
    """
    end = ctx.now + seconds
    if no_later(end, ctx.caller) < end:
        raise SessionDurationEscalation("The requested token duration would extend the session beyond its original expiration time.")
    return end


def _claims(ctx: Context, request: shapes.GetWebIdentityTokenRequest, expires: int) -> Mapping[str, Any]:
    issuer = ctx.store.outbound_issuers.of(ctx.account)
    if issuer is None or not issuer.enabled:
        raise OutboundWebIdentityFederationDisabled("The outbound web identity federation feature is not enabled for this account.")
    audience = list(dict.fromkeys(request["Audience"]))
    return {
        "iss": issuer_url(ctx.authority.endpoint, issuer.id),
        "aud": audience[0] if len(audience) == 1 else audience,
        "sub": str(ctx.caller.principal.policy_arn),
        "iat": ctx.now,
        "exp": expires,
        "jti": str(uuid4()),
        NAMESPACE: _own_claims(ctx, request),
    }


def _own_claims(ctx: Context, request: shapes.GetWebIdentityTokenRequest) -> Mapping[str, Any]:
    """The account, where it stands, the principal's tags, those of the request, and where its session came from."""
    principal, place = ctx.caller.principal, ctx.caller.standing.organization.place
    claims: dict[str, Any] = {
        "aws_account": ctx.account,
        "source_region": ctx.facts.region,
        "principal_id": str(principal.policy_arn),
    }
    if place is not None:
        claims |= {"org_id": place.organization.id, "ou_path": [place.path]}
    session = principal.session
    if session is not None:
        claims["original_session_exp"] = timestamp(session.expires)
        optional = {
            "source_identity": session.source_identity,
            "federated_provider": session.federation.provider if session.federation is not None else None,
        }
        claims |= {name: value for name, value in optional.items() if value is not None}
    tags = {"principal_tags": dict(principal.tags), "request_tags": _request_tags(request)}
    return claims | {name: value for name, value in tags.items() if value}


def _request_tags(request: shapes.GetWebIdentityTokenRequest) -> Mapping[str, str]:
    tags = request.get("Tags", [])
    if len({tag["Key"].lower() for tag in tags}) != len(tags):
        raise InvalidParameterValue("Duplicate tag keys found. Please note that Tag keys are case insensitive.")
    return {tag["Key"]: tag["Value"] for tag in tags}
