"""Elements, statement ids, actions, resources, organizations, sizes: one row each at least."""

from __future__ import annotations

from tests.policy.findings.rows import Case, identity, rcp, resource, scp, trust

LONG = "x" * 1_000
ROLE = "arn:aws:iam::111122223333:role/"
PASS = {"Action": "iam:PassRole", "Resource": f"{ROLE}app"}
SLR = {"Action": "iam:CreateServiceLinkedRole", "Resource": f"{ROLE}aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS"}


def _big(count: int) -> list[dict[str, object]]:
    return [{"Sid": f"s{number}", "Resource": f"arn:aws:s3:::{LONG}{number}"} for number in range(count)]


ROWS: list[Case] = [
    identity("JSON_SYNTAX_ERROR", '{"Version": "2012-10-17",\n "Statement": [,]}', [""]),
    identity("JSON_SYNTAX_ERROR", '{"Version": "2012-10-17", "Version": "2012-10-17"}', [""]),
    identity("JSON_SYNTAX_ERROR", '{"Version": "2012-10-17"} \u20ac', [""]),
    identity("DATA_TYPE_MISMATCH", "[]", ["[]"]),
    identity("DATA_TYPE_MISMATCH", '{"Version": 2012, "Statement": []}', ["2012"]),
    identity("DATA_TYPE_MISMATCH", '{"Version": "2012-10-17", "Statement": [7]}', ["7"]),
    identity("DATA_TYPE_MISMATCH", {"Action": ["s3:GetObject", 1]}, ["1"], {"Action": ["s3:GetObject"]}),
    identity("DATA_TYPE_MISMATCH", {"Condition": {"StringEquals": "a"}}, ['"a"']),
    identity("DATA_TYPE_MISMATCH", {"Condition": {"Bool": {"aws:SecureTransport": {}}}}, ["{}"]),
    resource("DATA_TYPE_MISMATCH", {"Principal": {"AWS": 7}}, ["7"]),
    identity("INVALID_POLICY_ELEMENT", {"Actions": "*"}, ['"Actions"']),
    identity("INVALID_POLICY_ELEMENT", '{"Version": "2012-10-17", "statement": []}', ['"statement"']),
    identity("MISSING_STATEMENT", '{"Version": "2012-10-17"}', ['{"Version": "2012-10-17"}']),
    identity("MISSING_STATEMENT", '{"Version": "2012-10-17", "Statement": []}', ["[]"]),
    identity("INVALID_VERSION", '{"Version": "2012-10-18", "Statement": []}', ['"2012-10-18"']),
    identity("MISSING_VERSION", '{"Statement": []}', ['{"Statement": []}']),
    identity("UNSUPPORTED_ELEMENT_COMBINATION", {"NotAction": "s3:*"}, ['"Action"', '"NotAction"']),
    identity(
        "MISSING_EFFECT", '{"Version": "2012-10-17", "Statement": {"Action": "*", "Resource": "*"}}', ['{"Action": "*", "Resource": "*"}']
    ),
    identity("INVALID_EFFECT", {"Effect": "allow"}, ['"allow"'], {"Effect": "Deny"}),
    identity(
        "MISSING_ACTION",
        {"Action": None},
        ['{"Effect": "Allow", "Resource": "arn:aws:s3:::bucket/key"}'],
        {"Action": None, "NotAction": "*"},
    ),
    identity("MISSING_RESOURCE", {"Resource": None}, ['{"Effect": "Allow", "Action": "s3:GetObject"}']),
    resource("MISSING_RESOURCE", {"Resource": None, "Principal": "*"}, ['{"Effect": "Allow", "Action": "s3:GetObject", "Principal": "*"}']),
    resource(
        "MISSING_PRINCIPAL", {"Principal": None}, ['{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::bucket/key"}']
    ),
    identity("EMPTY_ARRAY_ACTION", {"Action": []}, ["[]"]),
    identity("EMPTY_ARRAY_RESOURCE", {"Resource": []}, ["[]"]),
    identity("EMPTY_OBJECT_CONDITION", {"Condition": {}}, ["{}"]),
    resource("EMPTY_OBJECT_PRINCIPAL", {"Principal": {}}, ["{}"]),
    resource("EMPTY_ARRAY_PRINCIPAL", {"Principal": {"AWS": []}}, ["[]"]),
    # statement ids
    identity("UNIQUE_SIDS_REQUIRED", [{"Sid": "a"}, {"Sid": "a", "Action": "s3:PutObject"}], ['"a"', '"a"'], [{"Sid": "a"}, {"Sid": "b"}]),
    trust("UNIQUE_SIDS_REQUIRED", [{"Sid": "a"}, {"Sid": "a"}], ['"a"', '"a"']),
    resource("UNIQUE_SIDS_RECOMMENDED", [{"Sid": "a"}, {"Sid": "a"}], ['"a"', '"a"'], [{"Sid": "a"}, {"Sid": "A"}]),
    identity("UNSUPPORTED_SID", {"Sid": "a b"}, ['"a b"'], {"Sid": "ab"}),
    identity("EMPTY_SID_VALUE", {"Sid": ""}, ['""'], {"Sid": "a"}),
    # actions
    identity("INVALID_ACTION", {"Action": ["s3:GetObject", "s3:GetObjct"]}, ['"s3:GetObjct"'], {"Action": "S3:getobject"}),
    identity("INVALID_ACTION", {"Action": "s3:Zap*"}, ['"s3:Zap*"'], {"Action": "s3:Get*"}),
    identity("INVALID_ACTION", {"NotAction": "GetObject", "Action": None}, ['"GetObject"']),
    identity("INVALID_SERVICE_IN_ACTION", {"Action": "s33:GetObject"}, ['"s33:GetObject"']),
    identity("WILDCARD_IN_SERVICE_NAME", {"Action": "s?:GetObject"}, ['"s?:GetObject"'], {"Action": "*"}),
    identity(
        "REDUNDANT_ACTION",
        {"Action": ["s3:Get*", "s3:GetObject", "s3:GET*"]},
        ['"s3:GetObject"', '"s3:GET*"'],
        {"Action": ["s3:Get*", "s3:*Object"]},
    ),
    # resources
    identity("INVALID_ARN_PREFIX", {"Resource": "aws:s3:::bucket"}, ['"aws:s3:::bucket"'], {"Resource": "*"}),
    identity("MISSING_ARN_FIELD", {"Resource": "arn:aws:s3:bucket"}, ['"arn:aws:s3:bucket"']),
    identity("INVALID_PARTITION", {"Resource": "arn:amazon:s3:::b/k"}, ['"arn:amazon:s3:::b/k"'], {"Resource": "arn:aws-cn:s3:::b/k"}),
    identity("INVALID_ARN_SERVICE_CASE", {"Resource": "arn:aws:S3:::b"}, ['"arn:aws:S3:::b"']),
    identity("INVALID_SERVICE", {"Resource": "arn:aws:s33:::b"}, ['"arn:aws:s33:::b"']),
    identity("WILDCARD_IN_SERVICE_NAME", {"Resource": "arn:aws:s*:::b"}, ['"arn:aws:s*:::b"']),
    identity(
        "INVALID_ARN_RESOURCE",
        {"Action": "iam:GetUser", "Resource": "arn:aws:iam::111122223333:usr/ann"},
        ['"arn:aws:iam::111122223333:usr/ann"'],
        {"Action": "iam:GetUser", "Resource": "arn:aws:iam::111122223333:*/${aws:username}"},
    ),
    identity(
        "INVALID_ARN_REGION",
        {"Action": "kms:Decrypt", "Resource": "arn:aws:kms:mars-1:111122223333:key/a"},
        ['"arn:aws:kms:mars-1:111122223333:key/a"'],
        {"Action": "kms:Decrypt", "Resource": "arn:aws:kms:eu-*:111122223333:key/a"},
    ),
    identity(
        "MISSING_ARN_REGION",
        {"Action": "kms:Decrypt", "Resource": "arn:aws:kms::111122223333:key/a"},
        ['"arn:aws:kms::111122223333:key/a"'],
    ),
    identity(
        "INVALID_ARN_ACCOUNT",
        {"Action": "iam:GetUser", "Resource": "arn:aws:iam::1111:user/a"},
        ['"arn:aws:iam::1111:user/a"'],
        {"Action": "iam:GetPolicy", "Resource": "arn:aws:iam::aws:policy/ReadOnlyAccess"},
    ),
    identity("INVALID_ARN_ACCOUNT", {"Action": "iam:GetUser", "Resource": "arn:aws:iam:::user/a"}, ['"arn:aws:iam:::user/a"']),
    identity(
        "ARN_ACCOUNT_NOT_ALLOWED",
        {"Resource": "arn:aws:s3::111122223333:bucket/key"},
        ['"arn:aws:s3::111122223333:bucket/key"'],
        {"Resource": "arn:aws:s3:::*/key"},
    ),
    identity(
        "ARN_REGION_NOT_ALLOWED",
        {"Action": "iam:GetUser", "Resource": "arn:aws:iam:us-east-1:111122223333:user/a"},
        ['"arn:aws:iam:us-east-1:111122223333:user/a"'],
    ),
    identity(
        "REDUNDANT_RESOURCE",
        {"Resource": ["arn:aws:s3:::b/*", "arn:aws:s3:::b/k"]},
        ['"arn:aws:s3:::b/k"'],
        {"Resource": ["arn:aws:s3:::b/*", "arn:aws:s3:::B/k"]},
    ),
    resource("UNSUPPORTED_ACTION_IN_POLICY", {"Action": ["kms:Decrypt", "s3:GetObject"]}, ['"kms:Decrypt"'], {"Action": "s?:GetObject"}),
    resource(
        "UNSUPPORTED_RESOURCE_ARN_IN_POLICY",
        {"Resource": "arn:aws:kms:us-east-1:111122223333:key/a"},
        ['"arn:aws:kms:us-east-1:111122223333:key/a"'],
        {"Resource": ["arn:aws:s3:::b", "arn:*:s3:::b/*"]},
    ),
    # policies of organizations
    identity("UNSUPPORTED_PRINCIPAL", {"Principal": "*"}, ['"Principal"']),
    scp("SCP_SYNTAX_ERROR_PRINCIPAL", {"NotPrincipal": {"AWS": "111122223333"}}, ['"NotPrincipal"']),
    rcp("RCP_SYNTAX_ERROR_ALLOW", {"Effect": "Allow"}, ['"Allow"']),
    rcp("RCP_SYNTAX_ERROR_NOTACTION", {"Action": None, "NotAction": "s3:*"}, ['"NotAction"']),
    rcp("RCP_SYNTAX_ERROR_PRINCIPAL", {"Principal": {"AWS": "111122223333"}}, ['{"AWS": "111122223333"}'], {"Principal": {"AWS": "*"}}),
    rcp("RCP_SYNTAX_ERROR_ACTION", {"Action": "ec2:RunInstances"}, ['"ec2:RunInstances"']),
    # sizes: the whole document
    identity("POLICY_SIZE_EXCEEDS_IDENTITY_POLICY_QUOTA", _big(7), ["*"], _big(5)),
    scp("POLICY_SIZE_EXCEEDS_SCP_QUOTA", _big(5), ["*"], _big(4)),
    rcp("POLICY_SIZE_EXCEEDS_RCP_QUOTA", _big(5), ["*"], _big(4)),
    resource("POLICY_SIZE_EXCEEDS_RESOURCE_POLICY_QUOTA", _big(20), ["*"], _big(16)),
    trust("POLICY_SIZE_EXCEEDS_ROLE_TRUST_POLICY_QUOTA", {"Sid": LONG * 2}, ["*"], {"Sid": LONG}),
    # roles handed out
    identity("PASS_ROLE_WITH_STAR_IN_RESOURCE", {**PASS, "Resource": "*"}, ['"iam:PassRole"', '"*"'], PASS),
    identity(
        "PASS_ROLE_WITH_STAR_IN_RESOURCE",
        {**PASS, "Resource": f"{ROLE}*"},
        ['"iam:PassRole"', f'"{ROLE}*"'],
        {**PASS, "Resource": f"{ROLE}Service*"},
    ),
    identity(
        "PASS_ROLE_WITH_STAR_IN_RESOURCE",
        {**PASS, "Resource": "*"},
        ['"iam:PassRole"', '"*"'],
        {**PASS, "Resource": "*", "Condition": {"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}}},
    ),
    identity(
        "PASS_ROLE_WITH_STAR_IN_ACTION_AND_RESOURCE",
        {"Action": "iam:P*", "Resource": "*"},
        ['"iam:P*"', '"*"'],
        {"Action": "iam:G*", "Resource": "*"},
    ),
    identity(
        "PASS_ROLE_WITH_STAR_IN_RESOURCE_AND_NOT_ACTION",
        {"Action": None, "NotAction": "s3:*", "Resource": "*"},
        ['"NotAction"', '"*"'],
        {"Action": None, "NotAction": "iam:*", "Resource": "*"},
    ),
    identity("PASS_ROLE_WITH_NOT_RESOURCE", {**PASS, "Resource": None, "NotResource": f"{ROLE}a"}, ['"iam:PassRole"', '"NotResource"']),
    identity(
        "PASS_ROLE_WITH_STAR_IN_ACTION_AND_NOT_RESOURCE",
        {"Action": "iam:*", "Resource": None, "NotResource": f"{ROLE}a"},
        ['"iam:*"', '"NotResource"'],
    ),
    identity(
        "PASS_ROLE_WITH_NOT_ACTION_AND_NOT_RESOURCE",
        {"Action": None, "NotAction": "s3:*", "Resource": None, "NotResource": f"{ROLE}a"},
        ['"NotAction"', '"NotResource"'],
    ),
    identity("CREATE_SLR_WITH_STAR_IN_RESOURCE", {**SLR, "Resource": "*"}, ['"iam:CreateServiceLinkedRole"', '"*"'], SLR),
    identity("CREATE_SLR_WITH_STAR_IN_ACTION_AND_RESOURCE", {"Action": "iam:Create*", "Resource": "*"}, ['"iam:Create*"', '"*"']),
    identity(
        "CREATE_SLR_WITH_STAR_IN_RESOURCE_AND_NOT_ACTION", {"Action": None, "NotAction": "s3:*", "Resource": "*"}, ['"NotAction"', '"*"']
    ),
    identity(
        "CREATE_SLR_WITH_NOT_RESOURCE",
        {**SLR, "Resource": None, "NotResource": f"{ROLE}a"},
        ['"iam:CreateServiceLinkedRole"', '"NotResource"'],
    ),
    identity(
        "CREATE_SLR_WITH_STAR_IN_ACTION_AND_NOT_RESOURCE",
        {"Action": "iam:*", "Resource": None, "NotResource": f"{ROLE}a"},
        ['"iam:*"', '"NotResource"'],
    ),
    identity(
        "CREATE_SLR_WITH_NOT_ACTION_AND_NOT_RESOURCE",
        {"Action": None, "NotAction": "s3:*", "Resource": None, "NotResource": f"{ROLE}a"},
        ['"NotAction"', '"NotResource"'],
    ),
    identity(
        "REDUNDANT_STATEMENT",
        [{"Sid": "a", "Action": ["s3:GetObject"]}, {"Sid": "b"}],
        [
            '{"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": "arn:aws:s3:::bucket/key", "Sid": "a"}',
            '{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::bucket/key", "Sid": "b"}',
        ],
        [{"Sid": "a"}, {"Sid": "a", "Effect": "Deny"}],
    ),
]
