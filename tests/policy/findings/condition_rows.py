"""Conditions, variables and tags."""

from __future__ import annotations

from tests.policy.findings.rows import Case, condition, identity, resource

ADDRESS = "aws:SourceIp"
KEY = "arn:aws:s3:::bucket/key"

ROWS: list[Case] = [
    identity(
        "INVALID_CONDITION_OPERATOR",
        condition("StringSame", "aws:username", "a"),
        ['"StringSame"'],
        condition("stringequals", "aws:username", "a"),
    ),
    identity("INVALID_CONDITION_OPERATOR", {"Condition": {"Same": {}}}, ['"Same"']),
    identity(
        "NULL_WITH_IF_EXISTS",
        condition("NullIfExists", "aws:username", "true"),
        ['"NullIfExists"'],
        condition("Null", "aws:username", "true"),
    ),
    identity("NULL_WITH_QUALIFIER", condition("ForAnyValue:Null", "aws:TagKeys", "true"), ['"ForAnyValue:Null"']),
    identity(
        "MISSING_QUALIFIER",
        condition("StringEquals", "aws:TagKeys", "a"),
        ['"aws:TagKeys"'],
        condition("ForAnyValue:StringEquals", "aws:TagKeys", "a"),
    ),
    identity(
        "FORALLVALUES_WITH_SINGLE_VALUED_KEY",
        condition("ForAllValues:StringEquals", "aws:username", "a"),
        ['"ForAllValues:StringEquals"', '"aws:username"'],
        condition("ForAllValues:StringEquals", "aws:TagKeys", "a"),
    ),
    identity("EMPTY_ARRAY_CONDITION", condition("StringEquals", "aws:username", []), ["[]"]),
    identity("EMPTY_ARRAY_CONDITION_IFEXISTS", condition("StringEqualsIfExists", "aws:username", []), ["[]"]),
    identity("EMPTY_ARRAY_CONDITION_FORALLVALUES", condition("ForAllValues:StringEquals", "aws:TagKeys", []), ["[]"]),
    identity("EMPTY_ARRAY_CONDITION_FORANYVALUE", condition("ForAnyValue:StringEquals", "aws:TagKeys", []), ["[]"]),
    # keys
    identity("INVALID_CONDITION_KEY_FORMAT", condition("StringEquals", "username", "a"), ['"username"']),
    identity(
        "INVALID_GLOBAL_CONDITION_KEY",
        condition("StringEquals", "aws:user", "a"),
        ['"aws:user"'],
        condition("StringEquals", "AWS:UserName", "a"),
    ),
    identity(
        "UNSUPPORTED_GLOBAL_CONDITION_KEY",
        condition("ArnLike", "aws:ARN", KEY),
        ['"aws:ARN"'],
        condition("ArnLike", "aws:PrincipalArn", KEY),
    ),
    identity("DEPRECATED_GLOBAL_CONDITION_KEY", condition("StringEquals", "aws:SourceOwner", "111122223333"), ['"aws:SourceOwner"']),
    identity(
        "INVALID_SERVICE_CONDITION_KEY",
        condition("StringEquals", "s3:suffix", "a"),
        ['"s3:suffix"'],
        {"Action": "s3:ListBucket", "Resource": "arn:aws:s3:::b", **condition("StringEquals", "s3:prefix", "a")},
    ),
    identity(
        "INVALID_SERVICE",
        condition("StringEquals", "s33:prefix", "a"),
        ['"s33:prefix"'],
        condition("StringEquals", "idp.example.com:sub", "a"),
    ),
    identity(
        "MISSING_TAG_KEY_IN_CONDITION",
        condition("StringEquals", "aws:ResourceTag/", "a"),
        ['"aws:ResourceTag/"'],
        condition("StringEquals", "aws:PrincipalTag/team", "a"),
    ),
    identity(
        "DUPLICATE_KEYS_WITH_DIFFERENT_CASE",
        {"Condition": {"StringEquals": {"aws:username": "a", "aws:UserName": "b"}}},
        ['"aws:username"', '"aws:UserName"'],
        {"Condition": {"StringEquals": {"aws:username": "a"}, "StringLike": {"aws:UserName": "b"}}},
    ),
    identity(
        "MISSING_PAIRED_CONDITION_KEYS",
        condition("IpAddress", "aws:VpcSourceIp", "10.0.0.1"),
        ['"aws:VpcSourceIp"'],
        {"Condition": {"IpAddress": {"aws:VpcSourceIp": "10.0.0.1"}, "StringEquals": {"aws:SourceVpc": "vpc-12345678"}}},
    ),
    resource(
        "IRRELEVANT_CONDITION_KEY_IN_POLICY", condition("StringEquals", "s3:ResourceAccount", "111122223333"), ['"s3:ResourceAccount"']
    ),
    identity(
        "UNSUPPORTED_ACTION_FOR_CONDITION_KEY",
        {
            "Action": ["iam:PassRole", "iam:GetRole"],
            "Resource": "*",
            **condition("StringEquals", "iam:PassedToService", "ec2.amazonaws.com"),
        },
        ['"iam:PassedToService"', '"iam:GetRole"'],
        {"Action": ["iam:PassRole", "iam:Get*"], "Resource": "*", **condition("StringEquals", "iam:PassedToService", "ec2.amazonaws.com")},
    ),
    # operators and values against types
    identity(
        "TYPE_MISMATCH",
        condition("NumericEquals", "aws:username", "1"),
        ['"aws:username"'],
        condition("NumericEquals", "aws:EpochTime", "1"),
    ),
    identity(
        "TYPE_MISMATCH_BOOLEAN", condition("Bool", "aws:SecureTransport", "yes"), ['"yes"'], condition("Bool", "aws:SecureTransport", True)
    ),
    identity(
        "TYPE_MISMATCH_NUMBER",
        condition("NumericLessThan", "aws:MultiFactorAuthAge", "1e3"),
        ['"1e3"'],
        condition("NumericLessThan", "aws:MultiFactorAuthAge", 3),
    ),
    identity(
        "TYPE_MISMATCH_DATE",
        condition("DateLessThan", "aws:CurrentTime", "tomorrow"),
        ['"tomorrow"'],
        condition("DateLessThan", "aws:CurrentTime", "2030-01-01T00:00:00Z"),
    ),
    identity(
        "INVALID_DATE_VALUE",
        condition("DateLessThan", "aws:CurrentTime", "2020"),
        ['"2020"'],
        condition("DateLessThan", "aws:CurrentTime", "2020-01"),
    ),
    identity(
        "TYPE_MISMATCH_STRING", condition("BinaryEquals", "aws:username", "?"), ['"?"'], condition("BinaryEquals", "aws:username", "YQ==")
    ),
    identity(
        "TYPE_MISMATCH_IP_RANGE",
        condition("IpAddress", ADDRESS, "203.0.113"),
        ['"203.0.113"'],
        condition("IpAddress", ADDRESS, "203.0.113.0/24"),
    ),
    identity(
        "IMPROVE_IP_RANGE",
        condition("IpAddress", ADDRESS, "203.0.113.7/24"),
        ['"203.0.113.7/24"'],
        condition("IpAddress", ADDRESS, "2001:DB8::/32"),
    ),
    identity(
        "PRIVATE_IP_ADDRESS",
        condition("IpAddress", ADDRESS, ["10.1.0.0/16", "fd00::/8"]),
        ['"10.1.0.0/16"', '"fd00::/8"'],
        condition("IpAddress", ADDRESS, "0.0.0.0/0"),
    ),
    identity("PRIVATE_IP_ADDRESS_SUBSET", condition("IpAddress", ADDRESS, ["10.1.0.0/16", "203.0.113.0/24"]), ['"10.1.0.0/16"']),
    identity("PRIVATE_NOT_IP_ADDRESS", condition("NotIpAddress", ADDRESS, "10.1.0.0/16"), ['"10.1.0.0/16"']),
    identity("PRIVATE_NOT_IP_ADDRESS_SUBSET", condition("NotIpAddress", ADDRESS, ["10.1.0.0/16", "203.0.113.0/24"]), ['"10.1.0.0/16"']),
    identity(
        "INVALID_CONDITION_DATA_TYPE",
        condition("StringEquals", "aws:username", ["a", 1]),
        ['["a", 1]'],
        condition("StringEquals", "aws:username", ["a", "1"]),
    ),
    identity("INVALID_CONDITION_MULTIPLE_BOOLEAN", condition("Bool", "aws:SecureTransport", ["true", "false"]), ['["true", "false"]']),
    identity(
        "WILDCARD_WITHOUT_LIKE_OPERATOR",
        condition("StringEquals", "aws:username", ["a*", "b"]),
        ['"a*"'],
        condition("ArnEquals", "aws:PrincipalArn", "arn:aws:iam::*:user/a"),
    ),
    identity(
        "REDUNDANT_CONDITION_VALUE_NUM",
        condition("NumericLessThan", "aws:MultiFactorAuthAge", ["2700", "3600"]),
        ['["2700", "3600"]'],
        condition("NumericEquals", "aws:MultiFactorAuthAge", ["2700", "3600"]),
    ),
    identity(
        "INVALID_REGION",
        condition("StringEquals", "aws:RequestedRegion", ["eu-west-1", "eu-west-9"]),
        ['"eu-west-9"'],
        condition("StringLike", "aws:RequestedRegion", "eu-*"),
    ),
    identity(
        "INVALID_VPC_FORMAT",
        condition("StringEquals", "aws:SourceVpc", "vpc-1"),
        ['"vpc-1"'],
        condition("StringEquals", "aws:SourceVpc", "vpc-12345678"),
    ),
    identity(
        "INVALID_VPCE_FORMAT",
        condition("StringEquals", "aws:SourceVpce", "vpc-12345678"),
        ['"vpc-12345678"'],
        condition("StringEquals", "aws:SourceVpce", "vpce-12345678901234567"),
    ),
    identity(
        "INVALID_SERVICE_PRINCIPAL_FORMAT",
        {"Action": "iam:PassRole", **condition("StringEquals", "iam:PassedToService", "EC2")},
        ['"EC2"'],
        {"Action": "iam:PassRole", **condition("StringLike", "iam:PassedToService", "*.amazonaws.com")},
    ),
    identity(
        "INVALID_SERVICE_PRINCIPAL_FORMAT",
        {"Action": "kms:Decrypt", **condition("StringEquals", "kms:ViaService", "s3.amazonaws.com")},
        ['"s3.amazonaws.com"'],
        {"Action": "kms:Decrypt", **condition("StringEquals", "kms:ViaService", "s3.us-east-1.amazonaws.com")},
    ),
    # variables
    identity("EMPTY_VARIABLE", {"Resource": "arn:aws:s3:::b/${ }/x"}, ["${ }"], {"Resource": "arn:aws:s3:::b/${aws:username}/x"}),
    identity(
        "MISSING_BRACE_IN_VARIABLE",
        {"Resource": "arn:aws:s3:::b/${aws:username"},
        ["${aws:username"],
        {"Resource": "arn:aws:s3:::b/${$}{a"},
    ),
    identity(
        "MISSING_QUOTE_IN_VARIABLE",
        {"Resource": "arn:aws:s3:::b/${aws:username, 'a}"},
        ["${aws:username, 'a}"],
        {"Resource": "arn:aws:s3:::b/${aws:username, 'a b'}"},
    ),
    identity("UNSUPPORTED_SPACE_IN_VARIABLE", condition("StringLike", "aws:userid", "x${aws: username}"), ["${aws: username}"]),
    identity("VARIABLE_UNSUPPORTED_IN_ELEMENT", {"Action": "s3:${aws:username}"}, ["${aws:username}"]),
    identity(
        "VARIABLE_UNSUPPORTED_IN_VERSION",
        '{"Version": "2008-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "arn:aws:s3:::b/${aws:username}"}}',
        ["${aws:username}"],
    ),
    identity(
        "INVALID_VARIABLE_FOR_OPERATOR",
        condition("IpAddress", ADDRESS, "${aws:username}"),
        ['"${aws:username}"'],
        condition("StringEquals", "aws:userid", "${aws:username}"),
    ),
    # tags
    identity(
        "ALLOW_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE",
        {"Action": ["iam:CreateGroup", "iam:GetRole"], "Resource": "*", **condition("StringEquals", "aws:ResourceTag/a", "b")},
        ['"aws:ResourceTag/a"', '"iam:CreateGroup"'],
        {"Action": "iam:GetRole", "Resource": "*", **condition("StringEquals", "aws:ResourceTag/a", "b")},
    ),
    identity(
        "DENY_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE",
        {"Effect": "Deny", "Action": "iam:CreateGroup", "Resource": "*", **condition("StringEquals", "aws:ResourceTag/a", "b")},
        ['"aws:ResourceTag/a"', '"iam:CreateGroup"'],
        {"Effect": "Deny", "Action": "iam:CreateGroup", "Resource": "*", **condition("StringNotEquals", "aws:ResourceTag/a", "b")},
    ),
    identity(
        "ALLOW_NOTACTION_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE",
        {"Action": None, "NotAction": "iam:*", **condition("StringEquals", "aws:ResourceTag/a", "b")},
        ['"NotAction"', '"aws:ResourceTag/a"'],
    ),
    identity(
        "DENY_NOTACTION_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE",
        {"Effect": "Deny", "Action": None, "NotAction": "iam:*", **condition("StringEquals", "aws:ResourceTag/a", "b")},
        ['"NotAction"', '"aws:ResourceTag/a"'],
    ),
]
