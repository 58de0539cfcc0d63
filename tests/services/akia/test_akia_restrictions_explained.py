"""`akia why` has a line for each restriction of a key, and says what would have to be changed."""

from __future__ import annotations

from typing import Any

import pytest

from akia.cli.refused_request import explain_request
from akia.cli.remedy import changes
from akia.cli.why import _lines

pytestmark = pytest.mark.covers("I6.restrictions", "X5")

CASES: list[tuple[str, dict[str, Any]]] = [
    ("Regions", {"Regions": ["eu-west-1"], "GlobalServices": "HOME_REGION"}),
    ("Networks", {"Networks": ["192.0.2.0/24"]}),
    ("Services", {"Services": ["s3"]}),
]


def explained(akia: Any, call: Any) -> Any:
    with pytest.raises(Exception) as caught:
        call()
    response: Any = caught.value.response  # type: ignore[attr-defined]  # a ClientError, of some client's own class
    return explain_request(akia.client("iam-toolbox"), response["ResponseMetadata"]["RequestId"])


@pytest.mark.parametrize(("name", "restrictions"), CASES, ids=[name for name, _ in CASES])
def test_the_restriction_that_refused_is_named_with_its_statement(akia: Any, name: str, restrictions: Any) -> None:
    bob = akia.person("bob", {"Action": "*"})
    akia.client("akia").put_access_key_restrictions(AccessKeyId=bob.key.access_key_id, Restrictions=restrictions)
    for call in (bob.client("iam").get_user, bob.client("sts").get_caller_identity):
        explanation = explained(akia, call)
        text = "\n".join(_lines(explanation))
        called = f"the restrictions ({name}) of the access key {bob.key.access_key_id}"
        assert "restrictions of the access key: DENY" in text
        assert f"  Deny: statement #1 of {called}" in text
        (change,) = changes(explanation)
        assert change.instruction == f"Take the statement #1 out of {called}, or narrow it:"


def test_a_silent_ceiling_asks_for_a_statement_of_its_own(akia: Any, policy: Any) -> None:
    bob = akia.person("bob", {"Action": "*"})
    ceiling = {"Policy": policy({"Action": "s3:*"})}
    akia.client("akia").put_access_key_restrictions(AccessKeyId=bob.key.access_key_id, Restrictions=ceiling)
    explanation = explained(akia, bob.client("iam").get_user)
    assert "restrictions of the access key: do not allow" in "\n".join(_lines(explanation))
    (change,) = changes(explanation)
    assert change.instruction == "Add this statement to the policy of the access key:"
