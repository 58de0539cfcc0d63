"""What may be saved: strict JSON, the grammar, and AWS's refusals in AWS's order."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.policy.cases import ACCOUNT, allow, ask, deny, text

from akia import policy
from akia.aws.errors import MalformedPolicyDocument
from akia.policy import Kind

SYNTAX = "Syntax errors in policy."
GOOD = text(allow("s3:GetObject", "arn:aws:s3:::b/*"))
TRUST = {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole"}
NAMING = {"Principal": {"AWS": ACCOUNT}}


def refusal(document: str, kind: Kind = Kind.IDENTITY_INLINE, **options: Any) -> str | None:
    """AWS's words, or None for a document that may be saved."""
    try:
        policy.parse(document, kind, **options)
    except MalformedPolicyDocument as refused:
        assert (refused.code, refused.status) == ("MalformedPolicyDocument", 400)
        return refused.message
    return None


def of(*statements: Any, kind: Kind = Kind.IDENTITY_INLINE, version: str | None = "2012-10-17") -> str | None:
    return refusal(text(*statements, version=version), kind)


def test_a_sound_document_is_read() -> None:
    document = policy.parse(GOOD, Kind.IDENTITY_MANAGED)
    assert (document.version, document.id, document.text) == ("2012-10-17", None, GOOD)
    assert document.statements[0].action == ("s3:GetObject",)


NOT_JSON = {
    "a duplicate element": '{"Version":"2012-10-17","Statement":{"Effect":"Deny","Effect":"Allow","Action":"*","Resource":"*"}}',
    "a duplicate operator": GOOD.replace('"Effect"', '"Condition": {"Bool": {"a:b": true}, "Bool": {"a:c": true}}, "Effect"'),
    "a duplicate key": GOOD.replace('"Effect"', '"Condition": {"Bool": {"a:b": true, "a:b": false}}, "Effect"'),
    "a byte-order mark": "\ufeff" + GOOD,
    "UTF-16 read as text": GOOD.encode("utf-16-le").decode("latin-1"),
    "NaN": GOOD.replace('"s3:GetObject"', "NaN"),
    "Infinity": GOOD.replace('"s3:GetObject"', "-Infinity"),
    "a comment": GOOD.replace("{", "{ // yes\n", 1),
    "trailing bytes": GOOD + "}",
    "a second document": GOOD + GOOD,
    "a trailing comma": GOOD.replace("}]}", "},]}"),
    "single quotes": GOOD.replace('"', "'"),
    "a NUL": GOOD + "\0",
    "a character beyond U+00FF": GOOD.replace("b/*", "\u0100/*"),
    "an escaped half of a pair": GOOD.replace("b/*", "\\ud800/*"),
    "a raw line feed in a string": GOOD.replace("b/*", "b\n/*"),
    "nothing": "",
    "white space": "  ",
}


@pytest.mark.parametrize("document", NOT_JSON.values(), ids=list(NOT_JSON))
def test_nt_55_what_is_no_strict_json_is_refused(document: str) -> None:
    assert refusal(document) == SYNTAX
    assert refusal(document, Kind.TRUST) in {"This policy contains invalid Json", SYNTAX}


def test_p5_2_10_a_trust_policy_that_is_no_json_has_words_of_its_own() -> None:
    assert refusal("{", Kind.TRUST) == "This policy contains invalid Json"
    assert refusal("[]", Kind.TRUST) == SYNTAX


@pytest.mark.parametrize("opening, closing", [("[", "]"), ('{"a":', "}")])
@pytest.mark.parametrize("depth", [1_000, 60_000])
def test_nt_53_deep_nesting_is_refused(opening: str, closing: str, depth: int) -> None:
    nested = (opening * depth + "1" + closing * depth)[:131_072]
    assert refusal(nested) == SYNTAX
    assert refusal(f'{{"Version":"2012-10-17","Statement":{(opening * 1_000 + "1" + closing * 1_000)}}}') == SYNTAX


def test_nt_53_the_size_is_limited_before_anything_is_parsed() -> None:
    padded = GOOD + " " * (131_072 - len(GOOD))
    assert refusal(padded) is None
    assert refusal(padded + " ") == SYNTAX
    assert refusal(GOOD, limit=len(GOOD) - 1) == SYNTAX
    assert refusal(GOOD, limit=len(GOOD)) is None


def test_p5_4_14_white_space_is_not_counted() -> None:
    assert policy.counted_size('{\t"a" :\r\n "b c"}') == len('{"a":"bc"}')


STATEMENT = allow("s3:GetObject", "arn:aws:s3:::b/*")
UNGRAMMATICAL: dict[str, Any] = {
    "a list": [STATEMENT],
    "null": None,
    "no statement": {"Version": "2012-10-17"},
    "an unknown element": {"Statement": STATEMENT, "Sttement": 1},
    "an unknown version": {"Version": "2012-10-18", "Statement": STATEMENT},
    "a version that is no text": {"Version": 2012, "Statement": STATEMENT},
    "an id that is no text": {"Id": 5, "Statement": STATEMENT},
    "a statement that is text": {"Statement": "Allow"},
    "a statement that is null": {"Statement": [None]},
    "a misspelt element": {"Statement": STATEMENT | {"Conditon": {"Bool": {"a:b": True}}}},
    "an element in another case": {"Statement": STATEMENT | {"sid": "x"}},
    "Action and NotAction": {"Statement": STATEMENT | {"NotAction": "iam:*"}},
    "Resource and NotResource": {"Statement": STATEMENT | {"NotResource": "*"}},
    "no effect": {"Statement": {"Action": "*", "Resource": "*"}},
    "another effect": {"Statement": STATEMENT | {"Effect": "Permit"}},
    "an effect that is a list": {"Statement": STATEMENT | {"Effect": ["Allow"]}},
    "a number as action": {"Statement": STATEMENT | {"Action": 5}},
    "a number as sid": {"Statement": STATEMENT | {"Sid": 5}},
    "a list in a list": {"Statement": STATEMENT | {"Resource": [["*"]]}},
    "null as resource": {"Statement": STATEMENT | {"Resource": None}},
    "a condition that is a list": {"Statement": STATEMENT | {"Condition": []}},
    "an operator without keys": {"Statement": STATEMENT | {"Condition": {"Bool": {}}}},
    "an operator with a bare value": {"Statement": STATEMENT | {"Condition": {"Bool": "true"}}},
    "an unknown operator": {"Statement": STATEMENT | {"Condition": {"StringAlmost": {"a:b": "c"}}}},
    "NullIfExists": {"Statement": STATEMENT | {"Condition": {"NullIfExists": {"a:b": "true"}}}},
    "an object as condition value": {"Statement": STATEMENT | {"Condition": {"Bool": {"a:b": {}}}}},
    "null as condition value": {"Statement": STATEMENT | {"Condition": {"Bool": {"a:b": None}}}},
}


@pytest.mark.covers("I2.policy.grammar")
@pytest.mark.parametrize("document", UNGRAMMATICAL.values(), ids=list(UNGRAMMATICAL))
def test_nt_51_what_breaks_the_grammar_is_refused(document: Any) -> None:
    assert refusal(json.dumps(document)) == SYNTAX


@pytest.mark.parametrize("document", [value for name, value in UNGRAMMATICAL.items() if "operator" not in name and name != "NullIfExists"])
def test_nt_51_and_denies_everything_where_it_is_stored(document: Any) -> None:
    broken = policy.compile(json.dumps(document), Kind.IDENTITY_INLINE, policy="broken")
    good = policy.compile(text(allow()), Kind.IDENTITY_INLINE, policy="good")
    assert broken.unreadable
    assert ask(identity=policy.PolicySet([good])).allowed
    decision = ask(identity=policy.PolicySet([good, broken]))
    assert decision.outcome == policy.Outcome.EXPLICIT_DENY
    assert (decision.blamed_policy, decision.determining[0].position) == ("broken", -1)


@pytest.mark.parametrize("kind", Kind)
def test_nt_51_whatever_the_kind(kind: Kind) -> None:
    broken = policy.compile("{}", kind, policy="broken")
    assert broken.unreadable
    assert not ask(identity=policy.PolicySet([broken])).allowed
    everything = policy.PolicySet([policy.compile(text(allow()), Kind.IDENTITY_INLINE, policy="all")])
    layer = policy.PolicySet([broken])
    for field in ("boundary", "session", "ceiling", "scps", "rcps", "resource", "endpoint"):
        layers: dict[str, Any] = {"identity": everything, field: (layer,) if field in ("scps", "rcps") else layer}
        assert ask(**layers).outcome == policy.Outcome.EXPLICIT_DENY


STORED_BROKEN = {
    "an action without a colon": allow("s3"),
    "an effect in another case": allow() | {"Effect": "allow"},
    "no action": allow(action=None),
    "no resource": allow(resource=None),
    "an empty list of actions": allow(action=[]),
    "a principal in an identity policy": allow(Principal="*"),
}


@pytest.mark.parametrize("statement", STORED_BROKEN.values(), ids=list(STORED_BROKEN))
def test_nt_51_a_stored_statement_that_says_too_little_or_too_much_denies(statement: Any) -> None:
    broken = policy.compile(text(statement, allow()), Kind.IDENTITY_INLINE, policy="broken")
    assert broken.unreadable
    assert not ask(identity=policy.PolicySet([broken])).allowed


def test_p5_2_2_a_managed_policy_must_be_of_the_new_version() -> None:
    newer = "Policy document must be version 2012-10-17 or greater."
    assert [of(STATEMENT, kind=Kind.IDENTITY_MANAGED, version=version) for version in (None, "2008-10-17", "2012-10-17")] == [
        newer,
        newer,
        None,
    ]


def test_p5_2_3_legacy_parsing() -> None:
    legacy = "The policy failed legacy parsing"
    assert of(STATEMENT | {"Effect": "aLLow"}) == legacy
    assert of(allow("s3:*", "arn:aws:s3::b")) == legacy
    assert of(allow(Condition={"DateLessThan": {"aws:CurrentTime": "soon"}})) == legacy
    assert of(allow(Condition={"DateLessThanIfExists": {"aws:CurrentTime": ["2020-01-01", "1600000000"]}})) is None


def test_p5_2_4_sids_are_unique_and_alphanumeric() -> None:
    unique = "Statement IDs (SID) in a single policy must be unique."
    assert of(allow(Sid="A"), deny(Sid="A")) == unique
    assert of(allow(Sid="A"), deny(Sid="a"), allow(Sid=""), allow(Sid="")) is None
    assert str(of(allow(Sid="A b"))).startswith("Statement IDs (SID) must be alpha-numeric.")
    assert of(allow(Sid="A b", **NAMING), kind=Kind.RESOURCE) is None


RESOURCES = [
    ("adf", 'Resource adf must be in ARN format or "*".'),
    ("**", 'Resource ** must be in ARN format or "*".'),
    ("arn:error:s3:::b", 'Partition "error" is not valid for resource "arn:error:s3:::b".'),
    ("arn:aws:s*:::b", "Resource vendor must be fully qualified and cannot contain regexes."),
    ("arn:aws::::b", "Resource vendor must be fully qualified and cannot contain regexes."),
    ("arn:aws:s3:eu-west-1::b", "Resource arn:aws:s3:eu-west-1::b can not contain region information."),
    ("arn:aws:iam:eu:1:user/a", "IAM resource arn:aws:iam:eu:1:user/a cannot contain region information."),
    (
        "arn:aws:iam::1:users/a",
        'IAM resource path must either be "*" or start with user/, federated-user/, role/, group/, instance-profile/, mfa/, '
        "server-certificate/, policy/, sms-mfa/, saml-provider/, oidc-provider/, report/, access-report/.",
    ),
]


@pytest.mark.parametrize("named, words", RESOURCES)
def test_p5_2_6_resources(named: str, words: str) -> None:
    assert of(allow("s3:*", ["*", named])) == words
    assert of(allow(resource=None, NotResource=named)) == words


@pytest.mark.parametrize("named", ["*", "arn:aws:s3:::${aws:username}/*", "arn:*:s3:::b", "arn:aws:iam::*:*", "arn:aws-cn:sqs:*:*:q"])
def test_p5_2_6_sound_resources(named: str) -> None:
    assert of(allow("s3:*", named)) is None


def test_p5_2_7_actions() -> None:
    vendor = "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc."
    assert of(allow("GetObject")) == vendor
    assert of(allow(["s3:*", "**"])) == vendor
    assert of(allow("s3:Get:Object")) == "Actions/Condition can contain only one colon."
    assert of(allow("a b:*")) == "Vendor a b is not valid"
    assert of(allow(":x")) == "Vendor  is not valid"
    assert of(allow(action=None, NotAction="s\u00e9:x")) == "Vendor s\u00e9 is not valid"
    assert of(allow(Condition={"Bool": {"username": "true"}})) == vendor
    assert of(allow(["s*:Get*", "s3:Get Object", "*"])) is None


def test_p5_2_8_resources_are_needed_and_in_a_trust_policy_forbidden() -> None:
    assert of(allow(resource=None)) == "Policy statement must contain resources."
    assert of(allow(resource=[])) == "Policy statement must contain resources."
    assert of(TRUST, kind=Kind.TRUST) is None
    assert of(TRUST | {"Resource": "*"}, kind=Kind.TRUST) == "Has prohibited field Resource"
    # an identity policy given as trust policy: the resource is what AWS complains of, not the principal and the action
    assert of(allow(), kind=Kind.TRUST) == "Has prohibited field Resource"
    words = "AssumeRole policy may only specify STS AssumeRole actions."
    for action in ("s3:GetObject", "*", ["sts:AssumeRole", "sts:GetCallerIdentity"]):
        assert of(TRUST | {"Action": action}, kind=Kind.TRUST) == words
    assert of(TRUST | {"Action": ["sts:AssumeRole*", "sts:TagSession", "STS:setsourceidentity"]}, kind=Kind.TRUST) is None


def test_p5_2_5_actions_are_needed() -> None:
    for statement in (allow(action=None), allow(action=[])):
        assert of(statement) == "Policy statement must contain actions."


def test_p5_2_9_only_some_policies_name_principals() -> None:
    assert of(allow(Principal="*")) == "Policy document should not specify a principal."
    for kind in (Kind.TRUST, Kind.RESOURCE, Kind.ENDPOINT):
        assert of(TRUST | {"Principal": {}}, kind=kind) == "Missing required field Principal"
    assert of({"Effect": "Allow", "Action": "sts:AssumeRole"}, kind=Kind.TRUST) == "Missing required field Principal"


@pytest.mark.parametrize(
    "kind, value",
    [
        ("AWS", f"arn:aws:iam::{ACCOUNT}:user/*"),
        ("AWS", f"arn:aws:iam::{ACCOUNT}:role/?"),
        ("AWS", "AIDASOMEBODYELSE0001"),
        ("AWS", "12345"),
        ("AWS", "ann"),
        ("AWS", f"arn:aws:iam::{ACCOUNT}:group/g"),
        ("AWS", f"arn:aws:sts::{ACCOUNT}:assumed-role/r/*"),
        ("CanonicalUser", "abc"),
    ],
)
def test_p2_3_9_principals_of_no_known_form_are_refused(kind: str, value: str) -> None:
    statement = allow(Principal={kind: value})
    assert of(statement, kind=Kind.RESOURCE) == f'Invalid principal in policy: "{kind}":"{value}"'


@pytest.mark.parametrize("value", ["*", "lambda"])
def test_p2_3_9_services_of_no_known_form_are_refused_in_capital_letters(value: str) -> None:
    assert of(allow(Principal={"Service": value}), kind=Kind.RESOURCE) == f'Invalid principal in policy: "SERVICE":"{value}"'


@pytest.mark.parametrize("value", ["*", "localhost", f"arn:aws:iam::{ACCOUNT}:role/r"])
def test_p2_3_9_federated_principals_of_no_known_form_have_a_refusal_of_their_own(value: str) -> None:
    sentence = "Federated principals must be valid domain names or SAML metadata ARNs"
    assert of(allow(Principal={"Federated": value}), kind=Kind.RESOURCE) == sentence


def test_p2_3_9_a_bare_string_is_no_principal_and_other_kinds_do_not_exist() -> None:
    assert of(allow(Principal=ACCOUNT), kind=Kind.RESOURCE) == SYNTAX
    assert of(allow(Principal={"Aws": "*"}), kind=Kind.RESOURCE) == SYNTAX


def test_nt_51_not_principal_only_denies_and_only_in_resource_policies() -> None:
    aside = {"NotPrincipal": {"AWS": ACCOUNT}}
    assert of(deny(**aside), kind=Kind.RESOURCE) is None
    assert of(allow(**aside), kind=Kind.RESOURCE) == SYNTAX
    assert of({"Effect": "Deny", "Action": "sts:AssumeRole", **aside}, kind=Kind.TRUST) == SYNTAX
    assert of(deny(**aside)) == "Policy document should not specify a principal."
    assert of(deny(**aside), kind=Kind.SCP) == "Policy document should not specify a principal."


def test_p1_6_2_an_scp_takes_the_full_language() -> None:
    assert of(allow(action=None, NotAction="iam:*", Condition={"Bool": {"aws:SecureTransport": True}}), kind=Kind.SCP) is None


def test_p1_6_3_an_rcp_only_denies_and_for_everybody() -> None:
    assert of(deny(Principal="*"), kind=Kind.RCP) is None
    assert of(allow(Principal="*"), kind=Kind.RCP) == SYNTAX
    assert of(deny(Principal={"AWS": ACCOUNT}), kind=Kind.RCP) == SYNTAX


@pytest.mark.covers("I2.policy.grammar")
def test_the_first_fault_in_the_order_of_the_checks_is_named() -> None:
    worst = allow(action="x", resource="y", Sid="A") | {"Effect": "allow"}
    assert of(worst, worst, kind=Kind.IDENTITY_MANAGED, version=None) == "Policy document must be version 2012-10-17 or greater."
    assert of(worst, worst) == "The policy failed legacy parsing"
    right = worst | {"Effect": "Allow"}
    assert of(right, right) == "Statement IDs (SID) in a single policy must be unique."
    assert of(right) == 'Resource y must be in ARN format or "*".'


@pytest.mark.parametrize("garbage", ["\ud800", "{}", "[]", "1", '"x"', "true", '{"Statement":[]}', "\x00", "{" * 5_000])
@pytest.mark.parametrize("kind", Kind)
def test_nt_71_no_text_whatever_raises_anything_but_the_refusal(kind: Kind, garbage: str) -> None:
    refusal(garbage, kind)
    policy.compile(garbage, kind, policy="x")
