"""The contested points of policy evaluation that are the engine's: one test each, so that a measurement changes one place."""

from __future__ import annotations

from tests.policy.cases import (
    ACCOUNT,
    EVERYTHING,
    NOTHING,
    OTHER_ACCOUNT,
    ROLE_SESSION,
    SESSION_ARN,
    USER_ARN,
    USER_ID,
    allow,
    applies,
    ask,
    deny,
    holds,
    made_of,
    resource,
    text,
)

from akia import policy
from akia.aws.errors import MalformedPolicyDocument
from akia.policy import Kind


def savable(document: str, kind: Kind) -> bool:
    try:
        policy.parse(document, kind)
    except MalformedPolicyDocument:
        return False
    return True


def test_contested_session_arn_grant_ignores_session_policy() -> None:
    # P1.4-5
    assert ask(ROLE_SESSION, resource=resource(allow(Principal={"AWS": SESSION_ARN})), session=NOTHING).allowed


def test_contested_unresolved_variable_negated_matches() -> None:
    # P4.1-5
    for operator in ("StringNotEquals", "StringNotLike", "StringNotEqualsIgnoreCase"):
        assert holds(operator, "${x:missing}", "a")
    assert holds("ArnNotLike", "${x:missing}", "arn:aws:s3:::b")
    assert holds("ArnNotEquals", "${x:missing}", "arn:aws:s3:::b", effect="Deny")


def test_contested_no_variables_in_bool_and_ip() -> None:
    # C3.3-6, C3.3-8
    assert not applies(allow(Condition={"Bool": {"x:b": "${x:yes}"}}), {"x:b": "true", "x:yes": "true"})
    assert not applies(allow(Condition={"IpAddress": {"x:ip": "${x:net}"}}), {"x:ip": "10.0.0.1", "x:net": "10.0.0.0/8"})


def test_contested_for_any_value_ignores_if_exists() -> None:
    # C3.2-10
    assert not holds("ForAnyValue:StringEqualsIfExists", "a", None)
    assert not holds("ForAnyValue:StringNotEqualsIfExists", "a", None, effect="Deny")


def test_contested_plain_operator_on_many_values() -> None:
    # C3.2-1 to C3.2-4
    for effect in ("Allow", "Deny"):
        for operator in ("StringEquals", "StringNotEquals", "StringEqualsIfExists", "StringNotEqualsIfExists"):
            assert not holds(operator, ["a"], ("a", "b"), effect=effect)
            assert not holds(operator, ["c"], ("a", "b"), effect=effect)
    assert holds("StringEquals", ["a"], ("a",))
    assert holds("StringNotEquals", ["a"], ("b",))


def test_contested_unparsable_negated_fails_closed() -> None:
    # C3.3-13
    assert not holds("NumericNotEquals", "5", "five")
    assert holds("NumericNotEquals", "5", "five", effect="Deny")


def test_contested_arn_case_sensitive() -> None:
    # P2.2-2
    assert not applies(allow(resource="arn:aws:S3:::bucket/key"))
    assert not holds("ArnEquals", "arn:AWS:s3:::b", "arn:aws:s3:::b")


def test_contested_segment_final_star_fails_closed() -> None:
    # P2.2-1
    pattern, secret = "arn:aws:secretsmanager:*:secret:p*", f"arn:aws:secretsmanager:eu-west-1:{ACCOUNT}:secret:prod"
    assert applies(deny(resource=pattern), on=secret)
    assert not applies(allow(resource=pattern), on=secret)
    assert applies(deny(resource=None, NotResource=pattern), on=secret)
    assert not applies(allow(resource=None, NotResource=pattern), on=secret)


def test_contested_service_prefix_wildcard_evaluated() -> None:
    # P2.1-2
    assert applies(allow("s*:Get*"))
    assert savable(text(allow("s*:Get*")), Kind.IDENTITY_MANAGED)


def test_contested_not_principal_requires_whole_chain() -> None:
    # P1.9-2
    def exempt(*names: str) -> bool:
        return ask(identity=EVERYTHING, resource=resource(deny(NotPrincipal={"AWS": list(names)}))).allowed

    assert exempt(USER_ID, ACCOUNT)
    assert not exempt(USER_ID)
    assert not exempt(ACCOUNT)


def test_contested_escapes_literal_in_2008_documents() -> None:
    # P4.1-1
    assert holds("StringEquals", "${*}", "${*}", version="2008-10-17")
    assert not holds("StringEquals", "${*}", "*", version="2008-10-17")
    assert holds("StringLike", "${*}", "${anything}", version="2008-10-17")


def test_contested_trust_policy_wildcard_principal_accepted() -> None:
    # P1.7-7
    assert savable(text({"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}), Kind.TRUST)


def test_contested_bare_number_date_is_epoch_seconds() -> None:
    # C3.3-14
    assert holds("DateEquals", "2020", "1970-01-01T00:33:40Z")
    assert not holds("DateEquals", "2020", "2020-01-01")


def test_contested_ipv4_mapped_normalised_at_edge() -> None:
    # C3.3-16: what reaches the engine unnormalised is an IPv6 address
    assert not holds("IpAddress", "10.0.0.0/8", "::ffff:10.0.0.1")
    assert holds("IpAddress", "::ffff:0:0/96", "::ffff:10.0.0.1")


def test_contested_empty_string_is_ordinary_value() -> None:
    # C3.2-1
    assert holds("StringEquals", "", "")
    assert holds("StringEquals", "", ())
    assert holds("StringLike", "*", "")
    assert not holds("StringEqualsIfExists", "a", "")
    assert holds("ForAllValues:StringEquals", "a", "")
    assert not holds("ForAnyValue:StringEquals", "", "")


def test_contested_short_arns_padded() -> None:
    # P2.2-4
    assert applies(allow(resource="arn:aws:s3:*"))
    assert not savable(text(allow(resource="arn:aws:s3:*")), Kind.IDENTITY_MANAGED)


def test_contested_malformed_policy_messages() -> None:
    # P5.2: used, not promised
    try:
        policy.parse("{", Kind.IDENTITY_MANAGED)
    except MalformedPolicyDocument as refused:
        assert refused.message == "Syntax errors in policy."


def test_contested_operator_names_case_insensitive() -> None:
    # C3.1-2
    assert holds("sTRINGeQUALSiFeXISTS", "a", "a")
    assert holds("foranyvalue:stringequals", "a", ("a",))


def test_contested_ignore_case_uses_lower() -> None:
    # C3.3-2
    assert holds("StringEqualsIgnoreCase", "\u00c4", "\u00e4")
    assert not holds("StringEqualsIgnoreCase", "\u00df", "ss")


def test_contested_old_version_refused_in_create_policy_only() -> None:
    # P5.2-2
    for version in (None, "2008-10-17"):
        document = text(allow(), version=version)
        assert not savable(document, Kind.IDENTITY_MANAGED)
        assert savable(document, Kind.IDENTITY_INLINE)
        assert savable(document, Kind.SESSION)


def test_contested_scp_missing_allow_wording() -> None:
    # P6.1-2
    decision = ask(identity=EVERYTHING, scps=(NOTHING,))
    message = policy.denial_message(decision, principal_arn=USER_ARN, action="s3:GetObject", resource=None)
    assert message.endswith(" because no service control policy allows the s3:GetObject action")


def test_contested_not_resource_unresolved_variable() -> None:
    # P2.2-8
    for pattern in ("arn:aws:s3:::${x:missing}", "arn:*:s3:::${x:missing}/*"):
        assert applies(deny(resource=None, NotResource=pattern))
        assert not applies(allow(resource=None, NotResource=pattern))
        assert not applies(deny(resource=None, NotResource=[pattern, "arn:aws:s3:::bucket/*"]))


def test_contested_null_on_empty_value() -> None:
    # C3.2-16
    assert holds("Null", "false", "")
    assert holds("Null", "true", ())


def test_contested_numeric_plain_decimal_only() -> None:
    # C3.3-12
    for number in ("1e3", "0x3E8", "1_000", "1000."):
        assert not holds("NumericEquals", "1000", number)
        assert not holds("NumericEquals", number, "1000")


def test_contested_substituted_text_is_literal() -> None:
    # P4.1-4
    assert not applies(allow(resource="arn:aws:s3:::${aws:PrincipalTag/b}/key"), {"aws:principaltag/b": "*"})


def test_contested_malformed_variable_is_literal() -> None:
    # P4.1-6
    holes = ("${aws:username", "${}", "${ aws:username}", "${aws:username }")
    defaults = ("${aws:username,'a'}", "${aws:username, 'a}", "${aws:username, a}")
    for text_ in holes + defaults:
        assert not applies(allow(Condition={"StringEquals": {"x:v": text_}}), {"x:v": "ann", "aws:username": "ann"})
        assert applies(allow(Condition={"StringEquals": {"x:v": text_}}), {"x:v": text_, "aws:username": "ann"})


def test_contested_user_agent_absent_is_empty() -> None:
    # P4.3-4: the pipeline gives the empty string, which is a value
    condition = {"StringNotLike": {"aws:UserAgent": "curl/*"}, "Null": {"aws:UserAgent": "false"}}
    assert applies(deny(Condition=condition), {"aws:useragent": ""})


def suffix(account: str) -> str:
    """What a denial by a managed policy of ACCOUNT ends with for a caller of `account`."""
    decision = ask(identity=made_of(Kind.IDENTITY_MANAGED, deny(), name=f"arn:aws:iam::{ACCOUNT}:policy/NoS3"))
    message = policy.denial_message(decision, principal_arn=USER_ARN, action="s3:GetObject", resource=None, account=account)
    return message.partition("identity-based policy")[2]


def test_contested_deny_suffix_is_colon_arn() -> None:
    # P6.1-11
    assert suffix(ACCOUNT) == f": arn:aws:iam::{ACCOUNT}:policy/NoS3"


def test_contested_deny_suffix_never_cross_account() -> None:
    # P6.1-11
    assert suffix(OTHER_ACCOUNT) == ""
