"""Contested points that concern neither engine: one test each, so that a later measurement changes one place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from akia.aws.errors import AccessDenied, ExpiredToken, Family, InvalidClientTokenId
from akia.identity.quotas import Quotas

if TYPE_CHECKING:
    from tests.conftest import World


def test_contested_quotas_are_settings(akia: World, refused: Any) -> None:
    # PX-16, P5.4: the defaults are those of 2023; each is one field that an operator's build may set
    assert (Quotas().trust_policy_length, Quotas().attached_policies_per_role, Quotas().access_keys_per_user) == (2_048, 10, 2)
    iam = akia.client("iam")
    iam.create_user(UserName="many")
    akia.akia.authority.quotas = Quotas(access_keys_per_user=3)
    for _ in range(3):
        iam.create_access_key(UserName="many")
    assert refused(iam.create_access_key, UserName="many")[2] == "Cannot exceed quota for AccessKeysPerUser: 3"


def test_contested_query_services_keep_short_codes(akia: World, refused: Any) -> None:
    # PX-29, P6.2-6: recordings have the short codes, newer pages of documentation the long ones
    assert refused(akia.person("nobody").client("iam").list_users)[:2] == ("AccessDenied", 403)
    assert ExpiredToken("").seen_through(Family.QUERY) == ("ExpiredToken", 403)
    assert InvalidClientTokenId("").seen_through(Family.QUERY) == ("InvalidClientTokenId", 403)
    assert AccessDenied("").seen_through(Family.JSON) == ("AccessDeniedException", 400)
