"""What may be answered beside what the model says, each with its reason. What is not here fails."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

COMMON: Mapping[str, Mapping[str, str]] = {
    "iam": {"ValidationError": "a common error of IAM: what no list of an operation's own errors repeats (SV7-12)"},
    "sts": {
        "ValidationError": "a common error of STS (SV7-12)",
        "InvalidParameterValue": "what AWS answers to session tags that contradict one another (P5.3-7, P5.3-8)",
        "AccessDenied": "root may not take roles (P1.3-12); a second factor that is not there (NT-79); what no trust policy says (P1.7-2)",
    },
    "organizations": {},
    "accessanalyzer": {},
    "cloudtrail": {},
    "cloudtrail-data": {},
    "akia": {},
    "iam-toolbox": {},
}
"""Errors that every operation of a service may answer, although the model does not list them."""

UNMODELLED: Mapping[tuple[str, str], Mapping[str, str]] = {
    ("iam", "GetAccessKeyLastUsed"): {"NoSuchEntity": "the model lists no error at all; a key that is nowhere must be answered somehow"},
    ("cloudtrail", "ListTrails"): {"InvalidTokenException": "the model takes a token and lists no error for a wrong one"},
    ("cloudtrail", "ListDashboards"): {"InvalidNextTokenException": "the model takes a token and lists no error for a wrong one"},
    ("cloudtrail", "StartImport"): {"AccessDeniedException": "a role without a name is handed over to nobody (NT-86)"},
    ("iam", "ChangePassword"): {"AccessDenied": "the old password was wrong: AWS answers that as a denial"},
}
"""Errors that one operation answers, although its model does not list them."""

OWN_VIOLATIONS: Mapping[tuple[str, str], frozenset[str]] = {
    ("cloudtrail", "LookupEvents"): frozenset(
        {"InvalidLookupAttributesException", "InvalidMaxResultsException", "InvalidEventCategoryException"}
    ),
}
"""Operations whose model has errors of its own for members that break a constraint."""

NOT_BUILT: Mapping[tuple[str, str], str] = {
    ("sts", "AssumeRole"): "ProvidedContexts need an identity center that asserts them",
}
"""Operations of which a part answers NotImplemented."""

WRONG_TYPE: Mapping[str, str] = {"query": "MalformedInput", "json": "SerializationException", "rest-json": "SerializationException"}
"""By protocol, what is answered to a value of the wrong type (W7.11)."""

ASKED_BY: Mapping[tuple[str, str], str] = {
    ("iam", "CreateDelegationRequest"): "partner",
    ("sts", "GetDelegatedAccessToken"): "partner",
    ("akia", "GetDelegationToken"): "partner",
    ("iam", "EnableOutboundWebIdentityFederation"): "outsider",
    ("accessanalyzer", "CreateAnalyzer"): "outsider",
    ("organizations", "LeaveOrganization"): "leaver",
    ("organizations", "AcceptHandshake"): "invited",
    ("organizations", "DeclineHandshake"): "invited",
    ("organizations", "CreateOrganization"): "outsider",
}
"""Who asks too, where neither the administrator nor root can succeed."""

NEVER_DONE: Mapping[tuple[str, str], str] = {
    ("cloudtrail", "CancelQuery"): "a query is over before its id is told, in an akia without a loop",
    ("akia", "StopReplay"): "the world's replay is over",
    ("cloudtrail", "StopImport"): "the world's import is over",
    ("organizations", "EnableAllFeatures"): "the world's organization has them",
    ("organizations", "DeleteOrganization"): "the world's organization has members",
}
"""Operations that nobody in this world succeeds with, whatever the variant. Tests of their own show that they do."""

_NAMELESS = "the root user has no name: who asks as root for its own things is answered without one, as by AWS"
_POLICY = "AWS documents and answers `Policy`, which its own enumeration lacks"
TOO_STRICT: Mapping[tuple[str, str], Mapping[str, str]] = {
    ("iam", "CreateAccessKey"): {"AccessKey.UserName required": _NAMELESS},
    ("iam", "UploadSigningCertificate"): {"Certificate.UserName required": _NAMELESS},
    ("iam", "CreateUser"): {"User.PermissionsBoundary.PermissionsBoundaryType enum": _POLICY},
    ("iam", "CreateRole"): {"Role.PermissionsBoundary.PermissionsBoundaryType enum": _POLICY},
    ("iam", "GetRole"): {"Role.PermissionsBoundary.PermissionsBoundaryType enum": _POLICY},
    ("iam", "UpdateRoleDescription"): {"Role.PermissionsBoundary.PermissionsBoundaryType enum": _POLICY},
    ("iam", "GetAccountAuthorizationDetails"): {
        "UserDetailList[].PermissionsBoundary.PermissionsBoundaryType enum": _POLICY,
        "RoleDetailList[].PermissionsBoundary.PermissionsBoundaryType enum": _POLICY,
    },
    ("iam", "GetUser"): {
        "User.PermissionsBoundary.PermissionsBoundaryType enum": _POLICY,
        "User.UserName required": _NAMELESS,
        "User.Path required": _NAMELESS,
        "User.UserId min": "the root user's id is the account's, of twelve digits",
    },
    ("iam", "GetSSHPublicKey"): {"SSHPublicKey.Fingerprint min": "an MD5 fingerprint has 47 characters; the model wants 48"},
    ("iam", "UploadSSHPublicKey"): {"SSHPublicKey.Fingerprint min": "an MD5 fingerprint has 47 characters; the model wants 48"},
}
"""Traits that an operation's right answers break: the model is stricter than AWS itself."""

OTHERWISE: Mapping[tuple[str, str], Mapping[str, str]] = {
    ("iam", "GetHumanReadableSummary"): {"Locale": "summaries are in English; the answer says so"},
    ("akia", "StartKeyRotation"): {"AccessKeyId": "the request names the old key; the answer tells the new one"},
    ("akia", "CreateAccessKey"): {"Attributes": "an empty attribute is none"},
    ("akia", "UpdateAccessKeyAttributes"): {"Attributes": "what was not given stays, and an empty attribute is taken away"},
    ("akia", "ReportCompromisedKey"): {"AccessKeyId": "the new key's id stands beside the old one's"},
    ("cloudtrail", "CreateDashboard"): {"Widgets": "each widget is told with the alias of its query"},
    ("cloudtrail", "UpdateDashboard"): {"Widgets": "each widget is told with the alias of its query"},
    ("cloudtrail", "PutEventSelectors"): {"EventSelectors": "what was not given is told with its defaults"},
    ("akia", "PutAccessKeyRestrictions"): {"Restrictions": "what says nothing about regions says nothing about services that have none"},
    ("accessanalyzer", "UpdateAnalyzer"): {"configuration": "what was not given is told with what holds then"},
}
"""Members of an answer that are not what the request's members of the same name said."""
