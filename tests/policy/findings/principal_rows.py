"""Principals, trust policies, identity providers, services."""

from __future__ import annotations

from tests.policy.findings.rows import Case, condition, resource, trust

ACCOUNT = "111122223333"
OIDC = f"arn:aws:iam::{ACCOUNT}:oidc-provider/idp.example.com"
GITHUB = f"arn:aws:iam::{ACCOUNT}:oidc-provider/token.actions.githubusercontent.com"
SUBJECT = "token.actions.githubusercontent.com:sub"
SAML = f"arn:aws:iam::{ACCOUNT}:saml-provider/idp"
ROLE, SESSION = f"arn:aws:iam::{ACCOUNT}:role/app", f"arn:aws:sts::{ACCOUNT}:assumed-role/app/monday"
WEB = {"Principal": {"Federated": OIDC}, "Action": "sts:AssumeRoleWithWebIdentity"}
HUB = {"Principal": {"Federated": GITHUB}, "Action": "sts:AssumeRoleWithWebIdentity"}
SERVICE = {"Principal": {"Service": "cloudfront.amazonaws.com"}}
SOURCE = condition("StringEquals", "aws:SourceAccount", ACCOUNT)
ANYWHERE = {"Principal": {"Service": "rolesanywhere.amazonaws.com"}}

ROWS: list[Case] = [
    resource("INVALID_PRINCIPAL_FORMAT", {"Principal": ACCOUNT}, [f'"{ACCOUNT}"'], {"Principal": "*"}),
    resource("INVALID_PRINCIPAL_FORMAT", {"Principal": {"AWS": ["ann"]}}, ['"ann"'], {"Principal": {"AWS": [ROLE, SESSION, ACCOUNT]}}),
    resource("INVALID_PRINCIPAL_KEY", {"Principal": {"Aws": ACCOUNT}}, ['"Aws"']),
    resource(
        "UNSUPPORTED_WILDCARD_IN_PRINCIPAL",
        {"Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:user/*"}},
        [f'"arn:aws:iam::{ACCOUNT}:user/*"'],
        {"Principal": {"AWS": "*"}},
    ),
    resource("UNSUPPORTED_WILDCARD_IN_PRINCIPAL", {"Principal": {"Service": "*"}}, ['"*"']),
    resource("INVALID_ROLE_REFERENCE", {"Principal": {"AWS": "AROAAAAABBBBCCCCDDDD1"}}, ['"AROAAAAABBBBCCCCDDDD1"']),
    resource("INVALID_USER_REFERENCE", {"Principal": {"AWS": "AIDAAAAABBBBCCCCDDDD1"}}, ['"AIDAAAAABBBBCCCCDDDD1"']),
    resource(
        "INVALID_SERVICE_PRINCIPAL_FORMAT", {"Principal": {"Service": "CloudFront.amazonaws.com"}}, ['"CloudFront.amazonaws.com"'], SERVICE
    ),
    resource("FEDERATED_PRINCIPAL_NOT_SUPPORTED", {"Principal": {"Federated": SAML}}, [f'"{SAML}"']),
    resource(
        "ALLOW_WITH_NOT_PRINCIPAL",
        {"Principal": None, "NotPrincipal": {"AWS": ACCOUNT}},
        ['"NotPrincipal"', '"Allow"'],
        {"Effect": "Deny", "Principal": None, "NotPrincipal": {"AWS": ACCOUNT}},
    ),
    resource("RESTRICT_ACCESS_TO_SERVICE_PRINCIPAL", SERVICE, ['"cloudfront.amazonaws.com"'], SERVICE | SOURCE),
    resource(
        "RECOMMENDED_CONDITION_KEY_FOR_SERVICE_PRINCIPAL",
        SERVICE | condition("StringEquals", "aws:Referer", "a"),
        ['"cloudfront.amazonaws.com"', '"aws:Referer"'],
        SERVICE | SOURCE,
    ),
    resource(
        "UNSUPPORTED_CONDITION_KEY_FOR_SERVICE_PRINCIPAL",
        SERVICE | condition("StringEquals", "aws:PrincipalOrgID", "o-abcdefghij"),
        ['"aws:PrincipalOrgID"'],
        {"Principal": {"AWS": "*"}} | condition("StringEquals", "aws:PrincipalOrgID", "o-abcdefghij"),
    ),
    # trust policies
    trust("ROLE_TRUST_POLICY_SYNTAX_ERROR_NOTPRINCIPAL", {"Principal": None, "NotPrincipal": {"AWS": ACCOUNT}}, ['"NotPrincipal"']),
    trust("ROLE_TRUST_POLICY_SYNTAX_ERROR_RESOURCE", {"Resource": "*"}, ['"Resource"']),
    trust("ROLE_TRUST_POLICY_UNSUPPORTED_WILDCARD_IN_PRINCIPAL", {"Principal": "*"}, ['"*"'], {"Principal": {"AWS": "*"}}),
    trust("INVALID_FEDERATED_PRINCIPAL_SYNTAX_IN_ROLE_TRUST_POLICY", {"Principal": {"Federated": "my idp"}}, ['"my idp"'], WEB),
    trust(
        "MISMATCHED_ACTION_FOR_PRINCIPAL",
        {**WEB, "Action": "sts:AssumeRoleWithSAML"},
        ['"sts:AssumeRoleWithSAML"', f'"{OIDC}"'],
        {"Principal": {"Federated": SAML}, "Action": "sts:AssumeRoleWithSAML"},
    ),
    trust("MISMATCHED_ACTION_FOR_PRINCIPAL", {**WEB, "Action": "sts:AssumeRole"}, ['"sts:AssumeRole"', f'"{OIDC}"']),
    trust(
        "MISSING_ACTION_FOR_ROLES_ANYWHERE_TRUST_POLICY",
        ANYWHERE,
        ['"rolesanywhere.amazonaws.com"'],
        [ANYWHERE, {**ANYWHERE, "Action": ["sts:SetSourceIdentity", "sts:Tag*"]}],
    ),
    trust(
        "MISSING_ACTION_FOR_CONDITION_KEY",
        condition("StringEquals", "aws:RequestTag/team", "a"),
        ['"aws:RequestTag/team"'],
        {"Action": ["sts:AssumeRole", "sts:TagSession"], **condition("StringEquals", "aws:RequestTag/team", "a")},
    ),
    trust("MISSING_ACTION_FOR_CONDITION_KEY", condition("StringEquals", "sts:SourceIdentity", "a"), ['"sts:SourceIdentity"']),
    trust(
        "REDUNDANT_PRINCIPAL_IN_ROLE_TRUST_POLICY",
        {"Principal": {"AWS": [ROLE, SESSION]}},
        [f'"{SESSION}"'],
        {"Principal": {"AWS": SESSION}},
    ),
    trust("MISSING_CONDITION_KEY_FOR_OIDC_PRINCIPAL", WEB, [f'"{OIDC}"'], WEB | condition("StringEquals", "idp.example.com:aud", "a")),
    trust(
        "MISSING_GITHUB_REPO_CONDITION_KEY",
        HUB | condition("StringEquals", "token.actions.githubusercontent.com:aud", "sts.amazonaws.com"),
        [f'"{GITHUB}"'],
        HUB | condition("StringEquals", SUBJECT, "repo:a/b:ref:refs/heads/main"),
    ),
    trust(
        "SPECIFIC_GITHUB_REPO_AND_BRANCH_RECOMMENDED",
        HUB | condition("StringLike", SUBJECT, "repo:a/*"),
        ['"repo:a/*"'],
        HUB | condition("StringLike", SUBJECT, "repo:a/b:ref:refs/heads/main"),
    ),
    trust(
        "CONFIRM_AUDIENCE_CLAIM_TYPE",
        WEB | condition("ForAnyValue:StringEquals", "idp.example.com:aud", "a"),
        ['"idp.example.com:aud"'],
        WEB | condition("StringEquals", "idp.example.com:aud", "a"),
    ),
]
