"""Which action authorizes an operation (P2.1-5): mostly `prefix:Operation`, and here are the exceptions.

Every operation of the services that akia plans has an action in the catalogue or a reason in `UNMAPPED`; a test says so for botocore's
models. An operation that is implemented needs its row here first: what has no action cannot be authorized.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

PREFIXES: Mapping[str, str] = {
    "accessanalyzer": "access-analyzer",
    "account-access-runtime": "account-access",
    "akia": "akia",
    "cloudtrail": "cloudtrail",
    "cloudtrail-data": "cloudtrail-data",
    "config": "config",
    "iam": "iam",
    "iam-toolbox": "iam",
    "identitystore": "identitystore",
    "organizations": "organizations",
    "rolesanywhere": "rolesanywhere",
    "secretsmanager": "secretsmanager",
    "signin": "signin",
    "ssm": "ssm",
    "sso": "sso",
    "sso-admin": "sso",
    "sso-oidc": "sso-oauth",
    "sts": "sts",
}
"""botocore's name of a service -> the prefix of its actions."""

OTHER_NAMES: Mapping[tuple[str, str], str] = {
    ("accessanalyzer", "GetFindingV2"): "GetFinding",
    ("accessanalyzer", "ListFindingsV2"): "ListFindings",
    ("cloudtrail", "ListInsightsMetricData"): "LookupEvents",
}
"""(service, operation) -> the action's name, where it is not the operation's."""

LATER: Mapping[tuple[str, str], str] = {
    ("iam-toolbox", "GetRequestAuthorizationDetails"): "iam:GetRequestAuthorizationDetails",
    ("iam-toolbox", "GetRequestAuthorizationPolicy"): "iam:GetRequestAuthorizationPolicy",
}
"""(service, operation) -> the action that AWS documents for it, where the catalogue's data is older (AC13.4)."""

UNSIGNED = "not signed with an access key: a bearer token or a client's own secret stands for the caller, no policy is asked"
NEWER = "newer than the catalogue's data"

UNMAPPED: Mapping[str, Mapping[str, str]] = {
    "accessanalyzer": dict.fromkeys(["CreateServiceLinkedAnalyzer", "DeleteServiceLinkedAnalyzer"], NEWER),
    "account-access-runtime": dict.fromkeys(["GetRoleCredentials", "ListRoles"], NEWER),
    "config": dict.fromkeys(
        ["DeleteConnector", "GetConnector", "ListConnectors", "PutConnector", "PutThirdPartyServiceLinkedConfigurationRecorder"], NEWER
    ),
    "iam": dict.fromkeys(["AcquireRole", "GetRoleTemplateVersion"], NEWER),
    "identitystore": dict.fromkeys(["DescribeIdentityStore", "ListIdentityStores"], NEWER),
    "secretsmanager": dict.fromkeys(["AssociateCrossAccountReplica", "DisassociateCrossAccountReplica", "ListResourcePolicies"], NEWER),
    "signin": {
        **dict.fromkeys(["CreateOAuth2TokenWithTokenExchange"], UNSIGNED),
        **dict.fromkeys(
            [
                "CreateBearerToken",
                "CreateOAuth2TokenWithIAM",
                "DeleteConsoleAuthorizationConfiguration",
                "DeleteResourcePermissionStatement",
                "GetConsoleAuthorizationConfiguration",
                "GetResourcePolicy",
                "IntrospectOAuth2TokenWithIAM",
                "ListResourcePermissionStatements",
                "PutConsoleAuthorizationConfiguration",
                "PutResourcePermissionStatement",
                "RevokeOAuth2TokenWithIAM",
            ],
            NEWER,
        ),
    },
    "ssm": dict.fromkeys(
        [
            "CreateCloudConnector",
            "DeleteCloudConnector",
            "DeregisterDefaultHostManagementConfiguration",
            "GetCloudConnector",
            "ListCloudConnectors",
            "RegisterDefaultHostManagementConfiguration",
            "UpdateCloudConnector",
            "ValidateCloudConnector",
        ],
        NEWER,
    ),
    "sso": dict.fromkeys(["GetRoleCredentials", "ListAccountRoles", "ListAccounts", "Logout"], UNSIGNED),
    "sso-oidc": dict.fromkeys(["CreateToken", "RegisterClient", "StartDeviceAuthorization"], UNSIGNED),
}
"""service -> operation -> why it has no action."""
