"""Encoded authorization messages: a denial tells its reasons to whoever may decode them, and to nobody else (AC13.1, AC13.2)."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import sha256
from typing import Any

import pytest
from botocore.exceptions import ClientError
from tests.denials import DENIALS, Denial, allow, deny, document, member

from akia.reset import reset

HEADER = "x-akia-encoded-authorization-message"


def message_of(akia: Any, denial: Denial) -> str:
    with pytest.raises(ClientError) as caught:
        denial.call(akia)
    return str(caught.value.response["ResponseMetadata"]["HTTPHeaders"][HEADER])


def decoded(akia: Any, message: str) -> dict[str, Any]:
    text = akia.client("sts").decode_authorization_message(EncodedMessage=message)["DecodedMessage"]
    return dict(json.loads(text))


def test_ac13_1_an_explicit_denial_names_its_statement_in_aws_s_form(akia: Any) -> None:
    told = decoded(akia, message_of(akia, DENIALS["identity_denies"](akia)))
    assert list(told) == ["allowed", "explicitDeny", "matchedStatements", "failures", "context"]
    assert (told["allowed"], told["explicitDeny"], told["failures"]) == (False, True, {"items": []})
    assert told["matchedStatements"]["items"] == [
        {
            "statementId": "NoListing",
            "effect": "DENY",
            "principals": {"items": []},
            "principalGroups": {"items": []},
            "actions": {"items": [{"value": "iam:ListUsers"}]},
            "resources": {"items": [{"value": "*"}]},
            "conditions": {"items": []},
        }
    ]
    context = told["context"]
    assert context["principal"]["arn"].endswith(":user/dora")
    assert context["principal"]["id"].startswith("AIDA")
    assert (context["action"], context["resource"]) == ("ListUsers", "arn:aws:iam::123456789012:user/")
    assert {"key": "aws:SourceIp", "values": {"items": [{"value": "127.0.0.1"}]}} in context["conditions"]["items"]


def test_ac13_1_conditions_and_principals_are_told(akia: Any) -> None:
    (statement,) = decoded(akia, message_of(akia, DENIALS["trust_denies"](akia)))["matchedStatements"]["items"]
    assert statement["principals"] == {"items": [{"value": "*"}]}
    assert statement["conditions"]["items"] == [
        {"operator": "NotIpAddress", "key": "aws:SourceIp", "values": {"items": [{"value": "192.0.2.0/24"}]}}
    ]


def test_ac13_1_an_implicit_denial_has_no_statements(akia: Any) -> None:
    told = decoded(akia, message_of(akia, DENIALS["identity_is_silent"](akia)))
    assert (told["explicitDeny"], told["matchedStatements"]) == (False, {"items": []})


def test_a_message_that_would_be_too_long_leaves_its_statements_out(akia: Any) -> None:
    """Names that look random do not compress: so many of them do not fit into a header."""
    names = [f"iam:{urlsafe_b64encode(sha256(bytes([place])).digest()).decode().rstrip('=')}" for place in range(105)]
    long = [deny(f"S{part}", "*", NotAction=names[part::4]) for part in range(4)]
    statements = [{key: value for key, value in statement.items() if key != "Action"} for statement in long]
    person = akia.person("ron", {"Action": "*"})
    iam = akia.client("iam")
    arn = iam.create_policy(PolicyName="long", PolicyDocument=document(*statements))["Policy"]["Arn"]
    iam.attach_user_policy(UserName="ron", PolicyArn=arn)
    message = message_of(akia, Denial(person.key, "iam", "ListUsers", {}, (), lambda: None))
    assert len(message) <= 4_096
    told = decoded(akia, message)
    assert (told["explicitDeny"], told["matchedStatements"]) == (True, {"items": []})


def test_what_succeeds_or_is_no_matter_of_policy_has_no_message(akia: Any) -> None:
    answers = [akia.client("iam").list_users()]
    with pytest.raises(ClientError) as caught:
        akia.client("iam").get_user(UserName="nobody")
    answers.append(caught.value.response)
    assert [HEADER in answer["ResponseMetadata"]["HTTPHeaders"] for answer in answers] == [False, False]


def altered(message: str) -> list[str]:
    raw = urlsafe_b64decode(message)
    flipped = [urlsafe_b64encode(raw[:place] + bytes([raw[place] ^ 1]) + raw[place + 1 :]).decode() for place in (0, 9, 20, len(raw) - 1)]
    return [*flipped, message[:-8], message + "AAAA", message + "\n", message.replace("_", "/").replace("-", "+") + " ", "x", "ünicode"]


def test_nt_31_nt_32_a_message_that_was_not_sealed_here_is_invalid(akia: Any, refused: Any) -> None:
    message = message_of(akia, DENIALS["identity_is_silent"](akia))
    decode = akia.client("sts").decode_authorization_message
    for wrong in altered(message):
        assert refused(decode, EncodedMessage=wrong)[:2] == ("InvalidAuthorizationMessageException", 400)


def test_nt_31_a_session_token_is_no_message_and_the_reverse(akia: Any, refused: Any) -> None:
    token = akia.client("sts", akia.person("ted", {"Action": "*"}).key).get_session_token()["Credentials"]["SessionToken"]
    retold = token.replace("/", "_").replace("+", "-")
    code = refused(akia.client("sts").decode_authorization_message, EncodedMessage=retold)[0]
    assert code == "InvalidAuthorizationMessageException"


def test_nt_99_another_account_cannot_decode_it(akia: Any, refused: Any) -> None:
    message = message_of(akia, DENIALS["identity_denies"](akia))
    other = member(akia, "prying", "SERVICE_CONTROL_POLICY")
    decode = akia.client("sts", other.key, token=other.token).decode_authorization_message
    assert refused(decode, EncodedMessage=message)[0] == "InvalidAuthorizationMessageException"


def test_ac13_2_decoding_needs_its_own_permission(akia: Any, refused: Any) -> None:
    denial = DENIALS["identity_is_silent"](akia)
    message = message_of(akia, denial)
    assert refused(akia.client("sts", denial.key).decode_authorization_message, EncodedMessage=message)[0] == "AccessDenied"
    akia.client("iam").put_user_policy(UserName="ida", PolicyName="d", PolicyDocument=document(allow("sts:DecodeAuthorizationMessage")))
    assert akia.client("sts", denial.key).decode_authorization_message(EncodedMessage=message)["DecodedMessage"]


def test_ac13_2_no_message_is_stored(akia: Any) -> None:
    message = message_of(akia, DENIALS["identity_is_silent"](akia))
    akia.akia.authority.drain_journals()
    akia.akia.authority.end_reading()
    (row,) = (row for row in akia.akia.store.events.lookup(akia.account) if row.error_code == "AccessDenied")
    assert message not in row.record + row.decision


def test_a_reset_voids_every_message(akia: Any, refused: Any) -> None:
    message = message_of(akia, DENIALS["identity_is_silent"](akia))
    root = reset(akia.akia, akia.account)
    decode = akia.client("sts", root).decode_authorization_message
    assert refused(decode, EncodedMessage=message)[0] == "InvalidAuthorizationMessageException"
