"""Every error that the model documents for every operation of STS that is implemented: provoked once, or said why it cannot occur."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from tests.openid import THUMBPRINT, Issuer, role, trusting
from tests.saml import encoded
from tests.variants.documented import Ledger, Never, Row, each, row

if TYPE_CHECKING:
    from tests.variants.plenty import Plenty

pytestmark = pytest.mark.covers("I4.contract.errors")

SMALL = Row(settings={"akia.authority.session_tokens.LONGEST_TOKEN": 100})
MUTE = Issuer("https://mute.example.com")
NOT_AUTHENTICATED = "urn:oasis:names:tc:SAML:2.0:status:Requester"


def refused_by_idp(world: Plenty) -> dict[str, Any]:
    """The provider says that it could not find out who that is."""
    return {"SAMLAssertion": encoded(world.idp.wrapped(world.idp.signed(world.idp.assertion()), status=NOT_AUTHENTICATED))}


def register_mute(world: Plenty) -> None:
    """A provider that nobody answers for, and a role for those who come from it."""
    provider = world.client("root", "iam").create_open_id_connect_provider(Url=MUTE.url, ThumbprintList=[THUMBPRINT])
    role(world.akia, "muted", trusting(provider["OpenIDConnectProviderArn"]))


ROWS: dict[str, dict[str, Row]] = {
    "MalformedPolicyDocument": each("AssumeRole AssumeRoleWithSAML AssumeRoleWithWebIdentity GetFederationToken", Policy="{}"),
    "PackedPolicyTooLarge": {
        **dict.fromkeys(("AssumeRole", "AssumeRoleWithSAML", "AssumeRoleWithWebIdentity", "GetFederationToken"), SMALL),
        "GetDelegatedAccessToken": Row(by="partner", settings=SMALL.settings),
    },
    "ExpiredTokenException": {
        "AssumeRoleWithSAML": Row(lambda world: {"SAMLAssertion": world.idp.response(until=-600, confirmed_until=-600)}),
        "AssumeRoleWithWebIdentity": Row(lambda world: {"WebIdentityToken": world.issuer.token(iat=1_000, exp=2_000)}),
    },
    "InvalidIdentityToken": {
        "AssumeRoleWithSAML": row(SAMLAssertion="eHl6"),
        "AssumeRoleWithWebIdentity": row(WebIdentityToken="x.y.z"),
    },
    "IDPRejectedClaim": {"AssumeRoleWithSAML": Row(refused_by_idp)},
    "IDPCommunicationError": {
        "AssumeRoleWithWebIdentity": Row(
            lambda world: {"RoleArn": f"arn:aws:iam::{world.akia.account}:role/muted", "WebIdentityToken": MUTE.token()},
            first=register_mute,
        )
    },
    "ExpiredTradeInTokenException": {"GetDelegatedAccessToken": Row({"TradeInToken": "x"}, by="partner")},
    "InvalidAuthorizationMessageException": {"DecodeAuthorizationMessage": row(EncodedMessage="x")},
    "OutboundWebIdentityFederationDisabledException": {"GetWebIdentityToken": Row(by="outsider")},
    "SessionDurationEscalationException": {"GetWebIdentityToken": Row({"DurationSeconds": 3_600}, by="session")},
    "JWTPayloadSizeExceededException": {
        "GetWebIdentityToken": row(Tags=[{"Key": f"k{number}", "Value": "v" * 256} for number in range(50)])
    },
}
"""By error, then by operation."""

NEVER: dict[str, list[Never]] = {
    "RegionDisabledException": [Never("there is one region, and it cannot be disabled")],
    "ExpiredTokenException": [Never("it is given no token but the one that signs, which is ExpiredToken", "AssumeRole AssumeRoot")],
    "IDPRejectedClaim": [Never("providers are not asked about tokens: they are verified here", "AssumeRoleWithWebIdentity")],
}
"""By error: what cannot occur, and why."""

LEDGER = Ledger("sts", ROWS, NEVER)


@pytest.mark.parametrize(("operation", "error"), LEDGER.pairs())
def test_the_error_is_answered(plenty: Plenty, operation: str, error: str) -> None:
    LEDGER.provoke(plenty, operation, error)


def test_every_documented_error_is_provoked_or_excused(plenty: Plenty) -> None:
    """A new operation needs rows: add its name to a line of `ROWS`, or of `NEVER` with a reason."""
    assert LEDGER.unaccounted(plenty) == []
