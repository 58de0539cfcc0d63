"""The few words that worlds are made of. It is narrow on purpose: two things drawn from it often meet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

HOME, AWAY, MANAGEMENT = "111111111111", "222222222222", "999999999999"
USER, USER_ID = f"arn:aws:iam::{HOME}:user/ann", "AIDAUSER000000000001"
ROLE, ROLE_ID = f"arn:aws:iam::{HOME}:role/app/r", "AROAROLE000000000001"
LINKED = f"arn:aws:iam::{HOME}:role/aws-service-role/x.amazonaws.com/r"
SESSION = f"arn:aws:sts::{HOME}:assumed-role/r/s"
FEDERATED = f"arn:aws:sts::{HOME}:federated-user/fed"
SAML, OIDC = f"arn:aws:iam::{HOME}:saml-provider/idp", "accounts.google.com"

CALLERS: list[dict[str, Any]] = [
    {"kind": "user", "arn": USER, "id": USER_ID, "account": HOME},
    {"kind": "role session", "arn": SESSION, "role_arn": ROLE, "role_id": ROLE_ID, "account": HOME},
    {"kind": "federated user", "arn": FEDERATED, "user_arn": USER, "user_id": USER_ID, "account": HOME},
    {"kind": "root", "arn": f"arn:aws:iam::{HOME}:root", "account": HOME},
    {"kind": "user", "arn": USER, "id": USER_ID, "account": HOME},
    {"kind": "role session", "arn": SESSION, "role_arn": LINKED, "role_id": ROLE_ID, "account": HOME},
    {"kind": "role session", "arn": SESSION, "role_arn": ROLE, "role_id": ROLE_ID, "account": HOME},
    {"kind": "service", "name": "x.amazonaws.com"},
    {"kind": "user", "arn": USER, "id": USER_ID, "account": HOME},
    {"kind": "web identity", "provider": OIDC},
    {"kind": "saml", "provider": SAML},
    {"kind": "anonymous"},
]
PRINCIPALS: list[Any] = [
    "*",
    {"AWS": HOME},
    {"AWS": f"arn:aws:iam::{HOME}:root"},
    {"AWS": USER_ID},
    {"AWS": ROLE_ID},
    {"AWS": SESSION},
    {"AWS": FEDERATED},
    {"AWS": "*"},
    {"AWS": [USER, ROLE]},
    {"AWS": AWAY},
    {"Service": "x.amazonaws.com"},
    {"Federated": [OIDC, SAML]},
    {"AWS": [USER_ID, ROLE_ID]},
    {"AWS": "AIDASOMEBODYELSE0001"},
    {"Service": ["x.amazonaws.com", "y.amazonaws.com"], "AWS": HOME},
]
NOT_PRINCIPALS: list[Any] = [
    {"AWS": [USER_ID, HOME]},
    {"AWS": [SESSION, ROLE_ID, HOME]},
    {"AWS": [FEDERATED, USER_ID, f"arn:aws:iam::{HOME}:root"]},
    {"AWS": HOME},
    {"AWS": USER_ID},
    {"AWS": [ROLE_ID, HOME]},
    "*",
    {"Service": "x.amazonaws.com"},
    {"Federated": OIDC},
]
ACTIONS = ["s3:GetObject", "s3:PutObject", "iam:GetUser", "sts:AssumeRole"]
ACTION_PATTERNS = [
    "*",
    "s3:GetObject",
    "s3:*",
    "s3:Get*",
    "S3:getobject",
    "s3:?etObject",
    "s*:*t*",
    "iam:GetUser",
    "sts:AssumeRole",
    "iam:*",
    "s3:PutObject",
    "*:*",
    "s3:Get Object",
    "s3:Get*,x",
    "sts:Assume*",
]
RESOURCES = [
    "arn:aws:s3:::b/k",
    f"arn:aws:iam::{HOME}:user/ann",
    "*",
    ROLE,
    f"arn:aws:secretsmanager:eu-1:{HOME}:secret:p1",
    "arn:aws:s3:::b/*",
    "arn:aws:s3:::b/k:x/y",
    "arn:aws-cn:s3:::b/k",
    "arn:aws:s3:::ann/k",
]
RESOURCE_PATTERNS = [
    "*",
    "arn:aws:s3:::b/*",
    "arn:aws:s3:::b/k",
    "arn:aws:s3:::b*",
    "arn:aws:iam::*:*",
    "arn:*:*:*:*:*",
    "arn:aws:s3:::${aws:username}/*",
    "arn:aws:s3:::${aws:PrincipalTag/Team, 'b'}/k*",
    "arn:aws:s3:::${aws:PrincipalTag/Team}*",
    "arn:aws:secretsmanager:*:secret:p*",
    "arn:aws:s3:*",
    "arn:aws:s3:::b/${*}",
    "arn:aws:s3:::?/?",
    f"arn:aws:iam::{HOME[:3]}*:user/${{aws:username}}",
    "arn:aws:iam::?11111111111:role/*/r",
    "arn:aws:s3",
    "arn:aws*:s3:::b/k",
    "**",
    "arn:aws:S3:::b/k",
    "arn:aws:s3:::${aws:username",
    "arn:aws:s3:::${aws:TagKeys}/*",
    "arn:aws:s3:*:b/k",
    "arn:aws:iam::*/ann",
    f"arn:aws:secretsmanager:eu-1:{HOME}:secret:p?",
    "arn:aws:s3:::*b*k*",
]
TEXTS = [
    "ann",
    "b",
    "Ann",
    "",
    "b*",
    "a*",
    "*",
    "?nn",
    "${aws:username}",
    "${aws:PrincipalTag/Team, 'b'}",
    "${*}",
    "${aws:Missing}",
    "bob",
    5,
    True,
]
NUMBERS = [
    "5",
    "12345678901234567890.5",
    7,
    "5.0",
    "12345678901234567890.25",
    "12345678901234567890.75",
    "-3",
    "1e3",
    "0x10",
    "+5",
    "5.",
    "${aws:username}",
]
DATES = [
    "2020-01-01T00:00:00Z",
    "2020-01-01T01:00:00+01:00",
    "2019-12-31T19:00-05",
    "1577836800",
    "2020",
    "2020-01-01",
    "2020-01-01T00:00",
    "2021-13-01",
    "2019-12",
    "then",
    "2020-01-01T00:00:00.500Z",
    "1969-12-31T23:59:59Z",
]
FLAGS: list[Any] = ["true", "false", "TRUE", True, False, "yes", ""]
BLOCKS = ["10.0.0.0/8", "10.1.2.3", "::1", "2001:db8::/32", "10.1.2.3/24", "0.0.0.0/0", "10.0.0.0/255.0.0.0", "nowhere", "300.1.1.1"]
ADDRESSES = ["10.1.2.3", "192.168.0.1", "::1", "2001:db8::5", "nowhere", "10.1.2.3%1", "::ffff:10.1.2.3"]
OCTETS = ["YQ==", "YWI=", "YQ", "YR==", "!"]
ARNS = [
    "arn:aws:s3:::b",
    f"arn:aws:iam::{HOME}:user/ann",
    "arn:aws:s3:::*",
    "arn:aws:iam::*:user/${aws:username}",
    "*",
    "arn:aws:*",
    "arn:aws:s3:::?",
    "arn:*:s3:::b*",
    "${aws:SourceArn}",
    "arn:aws:iam:*:user/ann",
    f"arn:aws:iam::{HOME}:user/*:x",
    "arn:aws:S3:::b",
]
STRING_OPERATORS = [
    "StringEquals",
    "StringNotEquals",
    "StringLike",
    "StringNotLike",
    "StringEqualsIgnoreCase",
    "StringNotEqualsIgnoreCase",
]


def ordered(family: str) -> list[str]:
    return [family + relation for relation in ("Equals", "NotEquals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals")]


FAMILIES: list[tuple[list[str], str, Sequence[Any]]] = [
    (STRING_OPERATORS, "aws:username", TEXTS),
    (STRING_OPERATORS, "aws:PrincipalTag/Team", TEXTS),
    (STRING_OPERATORS[:4], "aws:TagKeys", TEXTS),
    (ordered("Numeric"), "x:n", NUMBERS),
    (ordered("Date"), "aws:CurrentTime", DATES),
    (["Bool"], "aws:SecureTransport", FLAGS),
    (["IpAddress", "NotIpAddress"], "aws:SourceIp", BLOCKS),
    (["BinaryEquals"], "x:b", OCTETS),
    (["ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike"], "aws:SourceArn", ARNS),
    (["Null"], "aws:PrincipalTag/Team", FLAGS),
    (["Null", "StringEquals"], "aws:TagKeys", [*FLAGS, "b"]),
]
KEYS: dict[str, Sequence[Any]] = {
    "aws:username": ["ann", "b", "*", "", "Ann", "a/n"],
    "aws:principaltag/team": ["b", "*", "ann", "", "b${aws:username}", {"conflict": ["b", "ann"]}],
    "aws:tagkeys": [["b"], [], ["b", "ann"], [""], ["ann", ""], ["B"]],
    "x:n": ["5", "12345678901234567890.5", "12345678901234567890.25", "7", "-3", "1e3", "five", "5.00"],
    "aws:currenttime": [
        "2020-01-01T00:00:00Z",
        "1577836800",
        "2020-01-01T05:30+05:30",
        "2019-12-31T23:59:59.999Z",
        "2020-01-01T00:00:00.5Z",
        "soon",
    ],
    "aws:securetransport": ["true", "false", "TRUE", "maybe"],
    "aws:sourceip": ADDRESSES,
    "x:b": OCTETS,
    "aws:sourcearn": ["arn:aws:s3:::b", f"arn:aws:iam::{HOME}:user/ann", "arn:aws:s3:::*", "arn:aws:s3", f"arn:aws:iam::{HOME}:user/ann:x"],
}
