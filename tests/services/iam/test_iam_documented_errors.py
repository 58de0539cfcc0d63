"""Every error that the model documents for every operation of IAM that is implemented: provoked once, or said why it cannot occur."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from tests.services.iam.minted import DAY, mint
from tests.variants.documented import Ledger, Never, Row, each, full, row

if TYPE_CHECKING:
    from tests.variants.plenty import Plenty

pytestmark = pytest.mark.covers("I4.contract.errors")

NOBODY = "nobody-is-called-so"
IAM = "arn:aws:iam::123456789012"
NO_USER, NO_ROLE, NO_GROUP = {"UserName": NOBODY}, {"RoleName": NOBODY}, {"GroupName": NOBODY}
NO_POLICY = {"PolicyArn": f"{IAM}:policy/{NOBODY}"}
LOOSE = {"PolicyArn": f"{IAM}:policy/loose"}
NOT_A_POLICY = {"PolicyArn": f"{IAM}:role/ops"}
NO_PROVIDER = f"{IAM}:saml-provider/{NOBODY}"
NO_ISSUER = f"{IAM}:oidc-provider/{NOBODY}.example.com"
NO_SERIAL = f"{IAM}:mfa/{NOBODY}"
NO_ID = "A" * 21
NO_JOB = "00000000-0000-0000-0000-000000000000"
TWICE = [{"Key": "a", "Value": "1"}, {"Key": "A", "Value": "2"}]
RESERVED = [{"Key": "aws:a", "Value": "1"}]
LINKED = {"RoleName": "AWSServiceRoleForECS"}
SERVICE_ROLE_POLICY = "arn:aws:iam::aws:policy/aws-service-role/AmazonECSServiceRolePolicy"
LONG = json.dumps(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "iam:Get*", "Resource": "*", "Sid": "x" * 100}] * 80}
)
LONG_TRUST = json.dumps(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "123456789012"}}] * 40}
)
ROOT_FEATURES = (
    "EnableOrganizationsRootCredentialsManagement EnableOrganizationsRootSessions DisableOrganizationsRootCredentialsManagement "
    "DisableOrganizationsRootSessions ListOrganizationsFeatures"
)
DELEGATIONS = (
    "AcceptDelegationRequest AssociateDelegationRequest GetDelegationRequest RejectDelegationRequest SendDelegationToken "
    "UpdateDelegationRequest"
)


def of_everybody(row: Row, operations: str) -> dict[str, Row]:
    return dict.fromkeys(operations.split(), row)


def sql(statement: str) -> Any:
    """Something that happened first, as the database tells it."""
    return lambda world: world.akia.akia.store.connection.execute(statement)


def as_root(service: str, call: str, **members: Any) -> Any:
    """Something that the root user did first."""
    return lambda world: getattr(world.client("root", service), call)(**members)


def delegation(state: str) -> Row:
    """About the delegation request that has come so far."""
    return Row(lambda world: {"DelegationRequestId": world.delegations[state]})


def reserve(world: Plenty) -> None:
    """The role becomes one of those that Identity Center keeps."""
    sql("UPDATE roles SET path = '/aws-reserved/' WHERE name = 'ops'")(world)


def delegate(world: Plenty) -> None:
    """A member account administers IAM for the organization."""
    organizations = world.client("root", "organizations")
    organizations.register_delegated_administrator(AccountId=world.member.id, ServicePrincipal="iam.amazonaws.com")


def consolidated(world: Plenty) -> None:
    world.akia.akia.store.connection.execute("UPDATE organizations SET features = 'CONSOLIDATED_BILLING'")


ROWS: dict[str, dict[str, Row]] = {
    "NoSuchEntity": {
        # users, and what is theirs
        **each(
            "AddUserToGroup AttachUserPolicy CreateAccessKey CreateLoginProfile CreateServiceSpecificCredential DeleteAccessKey "
            "DeleteLoginProfile DeleteUser DeleteUserPermissionsBoundary DetachUserPolicy GetLoginProfile GetUser ListAccessKeys "
            "ListAttachedUserPolicies ListGroupsForUser ListMFADevices ListSSHPublicKeys ListServiceSpecificCredentials "
            "ListSigningCertificates ListUserPolicies ListUserTags PutUserPermissionsBoundary PutUserPolicy RemoveUserFromGroup TagUser "
            "UntagUser UpdateLoginProfile UpdateUser UploadSSHPublicKey UploadSigningCertificate EnableMFADevice",
            **NO_USER,
        ),
        "CreateLoginProfile": row(**NO_USER, Password="Battery-9-staple"),
        "ChangePassword": Row(first=as_root("iam", "delete_login_profile", UserName="ann")),
        **each("GetUserPolicy DeleteUserPolicy GetGroupPolicy DeleteGroupPolicy GetRolePolicy DeleteRolePolicy", PolicyName=NOBODY),
        **each("UpdateAccessKey", AccessKeyId=NO_ID),
        **each("UpdateSigningCertificate DeleteSigningCertificate", CertificateId="A" * 24),
        **each("GetSSHPublicKey UpdateSSHPublicKey DeleteSSHPublicKey", SSHPublicKeyId=NO_ID),
        **each(
            "UpdateServiceSpecificCredential ResetServiceSpecificCredential DeleteServiceSpecificCredential",
            ServiceSpecificCredentialId=NO_ID,
        ),
        **each(
            "DeactivateMFADevice DeleteVirtualMFADevice GetMFADevice ListMFADeviceTags ResyncMFADevice TagMFADevice UntagMFADevice",
            SerialNumber=NO_SERIAL,
        ),
        # groups, roles, instance profiles
        **each(
            "AttachGroupPolicy DeleteGroup DetachGroupPolicy GetGroup ListAttachedGroupPolicies ListGroupPolicies PutGroupPolicy "
            "UpdateGroup",
            **NO_GROUP,
        ),
        **each(
            "AddRoleToInstanceProfile AttachRolePolicy DeleteRole DeleteRolePermissionsBoundary DeleteServiceLinkedRole DetachRolePolicy "
            "GetRole ListAttachedRolePolicies ListInstanceProfilesForRole ListRolePolicies ListRoleTags PutRolePermissionsBoundary "
            "PutRolePolicy TagRole UntagRole UpdateAssumeRolePolicy UpdateRole UpdateRoleDescription",
            **NO_ROLE,
        ),
        **each(
            "DeleteInstanceProfile GetInstanceProfile ListInstanceProfileTags RemoveRoleFromInstanceProfile TagInstanceProfile "
            "UntagInstanceProfile",
            InstanceProfileName=NOBODY,
        ),
        "GetServiceLinkedRoleDeletionStatus": row(DeletionTaskId=f"task/aws-service-role/ecs.amazonaws.com/{NOBODY}/{NO_JOB}"),
        # policies
        **each(
            "CreatePolicyVersion DeletePolicy GetPolicy ListEntitiesForPolicy ListPolicyTags ListPolicyVersions TagPolicy UntagPolicy",
            **NO_POLICY,
        ),
        **each("DeletePolicyVersion GetPolicyVersion SetDefaultPolicyVersion", VersionId="v99"),
        "CreateUser": row(PermissionsBoundary=NO_POLICY["PolicyArn"]),
        # what is known of somebody
        **each("GetContextKeysForPrincipalPolicy SimulatePrincipalPolicy", PolicySourceArn=f"{IAM}:user/{NOBODY}"),
        **each("GenerateServiceLastAccessedDetails ListPoliciesGrantingServiceAccess", Arn=f"{IAM}:user/{NOBODY}"),
        **each("GetServiceLastAccessedDetails GetServiceLastAccessedDetailsWithEntities GetOrganizationsAccessReport", JobId=NO_JOB),
        # the account
        "DeleteAccountAlias": row(AccountAlias=NOBODY),
        **of_everybody(Row(first=as_root("iam", "delete_account_password_policy")), "DeleteAccountPasswordPolicy GetAccountPasswordPolicy"),
        # certificates, providers, delegation
        **each(
            "DeleteServerCertificate GetServerCertificate ListServerCertificateTags TagServerCertificate UntagServerCertificate "
            "UpdateServerCertificate",
            ServerCertificateName=NOBODY,
        ),
        **each(
            "DeleteSAMLProvider GetSAMLProvider ListSAMLProviderTags TagSAMLProvider UntagSAMLProvider UpdateSAMLProvider",
            SAMLProviderArn=NO_PROVIDER,
        ),
        **each(
            "AddClientIDToOpenIDConnectProvider GetOpenIDConnectProvider ListOpenIDConnectProviderTags "
            "RemoveClientIDFromOpenIDConnectProvider TagOpenIDConnectProvider UntagOpenIDConnectProvider "
            "UpdateOpenIDConnectProviderThumbprint",
            OpenIDConnectProviderArn=NO_ISSUER,
        ),
        **each(DELEGATIONS, DelegationRequestId="dr-" + "0" * 32),
        "GetHumanReadableSummary": row(EntityArn=f"{IAM}:delegation-request/dr-{'0' * 32}"),
    },
    "EntityAlreadyExists": {
        "CreateAccountAlias": row(AccountAlias="plenty"),
        "CreateDelegationRequest": Row(by="partner", first=lambda world: world.partner.request(RequestorWorkflowId="workflow")),
        "CreateGroup": row(GroupName="TEAM"),
        "CreateInstanceProfile": row(InstanceProfileName="BOX"),
        "CreateLoginProfile": row(UserName="ann", Password="Battery-9-staple"),
        "CreateOpenIDConnectProvider": row(Url="https://idp.example.com/realms/ci"),
        "CreatePolicy": row(PolicyName="READER"),
        "CreateRole": row(RoleName="OPS"),
        "CreateSAMLProvider": row(Name="CORP"),
        "CreateUser": row(UserName="ANN"),
        "CreateVirtualMFADevice": row(VirtualMFADeviceName="worn"),
        "EnableMFADevice": row(SerialNumber=f"{IAM}:mfa/worn"),
        "UpdateGroup": row(NewGroupName="EMPTY"),
        "UpdateServerCertificate": Row(
            {"NewServerCertificateName": "OTHER"},
            first=lambda world: world.client("root", "iam").upload_server_certificate(
                ServerCertificateName="other", **{name: world.names["iam"][name] for name in ("CertificateBody", "PrivateKey")}
            ),
        ),
        "UpdateUser": row(NewUserName="BARE"),
        "UploadServerCertificate": row(ServerCertificateName="SITE"),
    },
    "DeleteConflict": {
        "DeleteGroup": row(GroupName="team"),
        "DeleteInstanceProfile": row(InstanceProfileName="box"),
        "DeletePolicy": row(PolicyArn=f"{IAM}:policy/reader"),
        "DeletePolicyVersion": row(VersionId="v2"),
        "DeleteRole": row(RoleName="ops"),
        "DeleteUser": row(UserName="ann"),
        "DeleteVirtualMFADevice": row(SerialNumber=f"{IAM}:mfa/worn"),
    },
    "UnmodifiableEntity": {
        **each(
            "AttachRolePolicy DeleteRole DeleteRolePermissionsBoundary DeleteRolePolicy DetachRolePolicy PutRolePermissionsBoundary "
            "PutRolePolicy UpdateAssumeRolePolicy UpdateRole AddRoleToInstanceProfile",
            **LINKED,
        ),
        "UpdateRole": row(**LINKED, MaxSessionDuration=3_600),
        "UpdateRoleDescription": Row(first=reserve),
    },
    "PolicyNotAttachable": {
        **each("PutUserPermissionsBoundary PutRolePermissionsBoundary", PermissionsBoundary=SERVICE_ROLE_POLICY),
        **each("AttachUserPolicy AttachGroupPolicy AttachRolePolicy", PolicyArn=SERVICE_ROLE_POLICY),
    },
    "MalformedPolicyDocument": {
        **each("CreatePolicy CreatePolicyVersion PutUserPolicy PutGroupPolicy PutRolePolicy UpdateAssumeRolePolicy", PolicyDocument="{}"),
        "CreateRole": row(AssumeRolePolicyDocument="{}"),
    },
    "InvalidInput": {
        **each(
            "CreateUser CreateRole CreatePolicy CreateInstanceProfile CreateVirtualMFADevice CreateOpenIDConnectProvider "
            "TagUser TagRole TagPolicy TagInstanceProfile TagMFADevice TagServerCertificate TagOpenIDConnectProvider "
            "UploadServerCertificate",
            Tags=RESERVED,
        ),
        **each("CreateUser TagUser CreateRole TagRole", Tags=TWICE),
        **each(
            "AttachUserPolicy AttachGroupPolicy AttachRolePolicy DetachUserPolicy DetachGroupPolicy DetachRolePolicy CreatePolicyVersion "
            "DeletePolicy DeletePolicyVersion GetPolicy GetPolicyVersion ListEntitiesForPolicy ListPolicyTags ListPolicyVersions "
            "SetDefaultPolicyVersion UntagPolicy",
            **NOT_A_POLICY,
        ),
        **each(
            "CreateSAMLProvider UpdateSAMLProvider",
            SAMLMetadataDocument="x" * 1_000,
        ),
        **each(
            "GetSAMLProvider DeleteSAMLProvider TagSAMLProvider UntagSAMLProvider ListSAMLProviderTags", SAMLProviderArn=f"{IAM}:role/ops"
        ),
        **each(
            "AddClientIDToOpenIDConnectProvider DeleteOpenIDConnectProvider GetOpenIDConnectProvider ListOpenIDConnectProviderTags "
            "RemoveClientIDFromOpenIDConnectProvider UntagOpenIDConnectProvider UpdateOpenIDConnectProviderThumbprint",
            OpenIDConnectProviderArn=f"{IAM}:role/ops",
        ),
        "CreateOpenIDConnectProvider": row(Url="http://idp.example.com"),
        "CreateServiceLinkedRole": row(AWSServiceName="nobody.amazonaws.com"),
        "GetServiceLinkedRoleDeletionStatus": row(DeletionTaskId="x"),
        **each("GetContextKeysForPrincipalPolicy SimulatePrincipalPolicy", PolicySourceArn="x" * 20),
        "GetContextKeysForCustomPolicy": row(PolicyInputList=["{}"]),
        "SimulateCustomPolicy": row(ActionNames=["nonsense"]),
        **each("GenerateServiceLastAccessedDetails ListPoliciesGrantingServiceAccess", Arn="x" * 20),
        "GetServiceLastAccessedDetailsWithEntities": row(ServiceNamespace="no_such-service"),
        "GetHumanReadableSummary": row(EntityArn="x" * 20),
        "PutAccountProperties": row(Properties={"x": "y"}),
        **each("UpdateAccessKey UpdateSigningCertificate UpdateSSHPublicKey", Status="Expired"),
        "CreateDelegationRequest": Row({"NotificationChannel": "x" * 20}, by="partner"),
        **of_everybody(delegation("owned"), "AssociateDelegationRequest SendDelegationToken"),
        "UpdateDelegationRequest": delegation("accepted"),
        "RejectDelegationRequest": delegation("sent"),
    },
    "LimitExceeded": {
        "CreateAccessKey": full(access_keys_per_user=0),
        "CreateUser": full(users_per_account=0),
        "CreateGroup": full(groups_per_account=0),
        "CreateRole": full(roles_per_account=0),
        "CreateInstanceProfile": full(instance_profiles_per_account=0),
        "AddRoleToInstanceProfile": row(InstanceProfileName="box", RoleName="spare"),
        "CreatePolicy": full(policies_per_account=0),
        "CreatePolicyVersion": full(versions_per_policy=2),
        "AttachUserPolicy": Row(LOOSE, quotas={"attached_policies_per_user": 0}),
        "AttachGroupPolicy": Row(LOOSE, quotas={"attached_policies_per_group": 0}),
        "AttachRolePolicy": Row(LOOSE, quotas={"attached_policies_per_role": 0}),
        "AddUserToGroup": Row({"GroupName": "empty"}, quotas={"groups_per_user": 0}),
        **each("PutUserPolicy PutGroupPolicy PutRolePolicy", PolicyDocument=LONG),
        "UpdateAssumeRolePolicy": row(PolicyDocument=LONG_TRUST),
        **of_everybody(
            full(tags_per_entity=0),
            "TagUser TagRole TagPolicy TagInstanceProfile TagMFADevice TagServerCertificate TagSAMLProvider TagOpenIDConnectProvider",
        ),
        "CreateVirtualMFADevice": full(virtual_mfa_devices_per_account=0),
        "EnableMFADevice": full(mfa_devices_per_user=0),
        "CreateOpenIDConnectProvider": full(openid_providers_per_account=0),
        "AddClientIDToOpenIDConnectProvider": Row({"ClientID": "another"}, quotas={"client_ids_per_openid_provider": 1}),
        "CreateSAMLProvider": full(saml_providers_per_account=0),
        "UpdateSAMLProvider": Row(
            lambda world: {"AddPrivateKey": world.names["iam"]["AddPrivateKey"]}, quotas={"private_keys_per_saml_provider": 0}
        ),
        "UploadServerCertificate": full(server_certificates_per_account=0),
        "UploadSigningCertificate": full(signing_certificates_per_user=0),
        "UploadSSHPublicKey": full(ssh_public_keys_per_user=0),
        "CreateServiceSpecificCredential": full(service_credentials_per_user=0),
        "CreateDelegationRequest": Row(by="partner", quotas={"delegation_requests_per_account": 0}),
    },
    # passwords and second factors
    "PasswordPolicyViolation": {
        **each("CreateLoginProfile UpdateLoginProfile", UserName="ann", Password="x"),
        "CreateLoginProfile": row(UserName="bare", Password="x"),
        "ChangePassword": row(NewPassword="x"),
    },
    "InvalidUserType": {"ChangePassword": Row(by="root")},
    "EntityTemporarilyUnmodifiable": {
        "ChangePassword": Row(first=lambda world: sql(f"UPDATE login_profiles SET failures = 100, failed = {int(world.clock.now)}")(world))
    },
    "InvalidAuthenticationCode": each("EnableMFADevice ResyncMFADevice", AuthenticationCode1="000000", AuthenticationCode2="000000"),
    "ReportNotPresent": {"GetCredentialReport": Row(by="outsider")},
    "ReportExpired": {"GetCredentialReport": Row(quotas={"credential_report_lifetime": -1})},
    # certificates and keys
    "MalformedCertificate": each("UploadServerCertificate UploadSigningCertificate", CertificateBody="x"),
    "InvalidCertificate": {"UploadSigningCertificate": Row(lambda _: {"CertificateBody": mint("over", begins=-2 * DAY, ends=-DAY).pem})},
    "DuplicateCertificate": {
        "UploadSigningCertificate": Row(
            quotas={"signing_certificates_per_user": 9},
            first=lambda world: world.client("ann", "iam").upload_signing_certificate(
                CertificateBody=world.names["iam"]["CertificateBody"]
            ),
        )
    },
    "KeyPairMismatch": {"UploadServerCertificate": Row(lambda _: {"PrivateKey": mint("another").key_pem})},
    "InvalidPublicKey": {"UploadSSHPublicKey": row(SSHPublicKeyBody="ssh-rsa AAAA")},
    "UnrecognizedPublicKeyEncoding": {"UploadSSHPublicKey": row(SSHPublicKeyBody="x")},
    "DuplicateSSHPublicKey": {
        "UploadSSHPublicKey": Row(
            first=lambda world: world.client("root", "iam").upload_ssh_public_key(
                UserName="ann", SSHPublicKeyBody=world.names["iam"]["SSHPublicKeyBody"]
            )
        )
    },
    "NotSupportedService": each("CreateServiceSpecificCredential ListServiceSpecificCredentials", ServiceName="nobody.amazonaws.com"),
    # federation
    "OpenIdIdpCommunicationError": {"CreateOpenIDConnectProvider": row(Url="https://nobody.example.com")},
    "FeatureEnabled": {"EnableOutboundWebIdentityFederation": row()},
    "FeatureDisabled": of_everybody(Row(by="outsider"), "DisableOutboundWebIdentityFederation GetOutboundWebIdentityFederationInfo"),
    # delegation
    "ConcurrentModification": {
        "AcceptDelegationRequest": Row(
            lambda world: {"DelegationRequestId": world.known("iam", "SendDelegationToken")["DelegationRequestId"]}
        )
    },
    # organizations
    "ReportGenerationLimitExceeded": {"GenerateOrganizationsAccessReport": full(access_reports_per_hour=0)},
    "OrganizationNotFoundException": of_everybody(Row(by="outsider"), ROOT_FEATURES),
    "OrganizationNotInAllFeaturesModeException": of_everybody(Row(first=consolidated), ROOT_FEATURES),
    "AccountNotManagementOrDelegatedAdministratorException": of_everybody(Row(by="leaver"), ROOT_FEATURES),
    "ServiceAccessNotEnabledException": of_everybody(
        Row(first=as_root("organizations", "disable_aws_service_access", ServicePrincipal="iam.amazonaws.com")), ROOT_FEATURES
    ),
    "CallerIsNotManagementAccountException": of_everybody(
        Row(by="member", first=delegate), "EnableOrganizationsRootCredentialsManagement EnableOrganizationsRootSessions"
    ),
}
"""By error, then by operation."""

NEVER: dict[str, list[Never]] = {
    "ServiceFailure": [Never("it is a 500: seeing one is a bug")],
    "PolicyEvaluation": [Never("it is a 500: policies that are stored or taken can be evaluated")],
    "ConcurrentModification": [Never("changes take turns, and each sees what the last one left")],
    "EntityTemporarilyUnmodifiable": [Never("a change is over when it is answered: nothing is unmodifiable for a while")],
    "LimitExceeded": [
        Never(
            "nothing that is counted becomes more",
            "ChangePassword CreateLoginProfile DeactivateMFADevice DeleteAccessKey DeleteAccountAlias DeleteAccountPasswordPolicy "
            "DeleteGroup DeleteGroupPolicy DeleteInstanceProfile DeleteLoginProfile DeletePolicy DeletePolicyVersion DeleteRole "
            "DeleteRolePolicy DeleteSAMLProvider DeleteServerCertificate DeleteServiceLinkedRole DeleteSigningCertificate "
            "DeleteUser DeleteUserPolicy DeleteVirtualMFADevice DetachGroupPolicy DetachRolePolicy DetachUserPolicy "
            "RemoveRoleFromInstanceProfile RemoveUserFromGroup ResyncMFADevice UpdateAccessKey UpdateAccountPasswordPolicy "
            "UpdateGroup UpdateLoginProfile UpdateServerCertificate UpdateSigningCertificate UpdateUser",
        ),
        Never("a second alias takes the place of the first", "CreateAccountAlias"),
        Never("roles of services are made beyond the quota of roles too", "CreateServiceLinkedRole"),
        Never("a default version takes the place of another", "SetDefaultPolicyVersion"),
        Never("reports may be made as often as one likes", "GenerateCredentialReport"),
    ],
    "NoSuchEntity": [
        Never("it names nothing that must be there already", "CreateGroup UpdateAccountPasswordPolicy"),
        Never("who owns nothing has an empty list", "ListDelegationRequests"),
        Never("a service that has no such role is InvalidInput", "CreateServiceLinkedRole"),
        Never("AWS documents that deleting what is not there succeeds", "DeleteOpenIDConnectProvider"),
    ],
    "EntityAlreadyExists": [
        Never("a second role, be it the same, is one too many (LimitExceeded)", "AddRoleToInstanceProfile"),
        Never("a certificate that is there is a DuplicateCertificate", "UploadSigningCertificate"),
    ],
    "DeleteConflict": [Never("no service here uses server certificates", "DeleteServerCertificate")],
    "InvalidInput": [
        Never("what the model's constraints let through is good", "GetAccountProperties ListDelegationRequests ListMFADeviceTags"),
        Never("what breaks them is a ValidationError", "ListAttachedGroupPolicies ListAttachedRolePolicies ListAttachedUserPolicies"),
        Never("a job that is not there is NoSuchEntity", "GetServiceLastAccessedDetails"),
        Never(
            "a boundary that is no policy is NoSuchEntity, one that is no ARN a ValidationError (P5.3-3)",
            "PutUserPermissionsBoundary PutRolePermissionsBoundary",
        ),
        Never("keys that are not there do not matter", "UntagInstanceProfile UntagMFADevice UntagServerCertificate"),
    ],
    "UnmodifiableEntity": [Never("a protected role is in no instance profile: it cannot be added", "RemoveRoleFromInstanceProfile")],
    "MalformedPolicyDocument": [Never("it takes no document", "UpdateAccountPasswordPolicy")],
    "UnrecognizedPublicKeyEncoding": [Never("the model enumerates both encodings", "GetSSHPublicKey")],
    "ReportInProgress": [Never("a report is made before its request is answered", "GetCredentialReport")],
}
"""By error: what cannot occur, and why."""

LEDGER = Ledger("iam", ROWS, NEVER)


@pytest.mark.parametrize(("operation", "error"), LEDGER.pairs())
def test_the_error_is_answered(plenty: Plenty, operation: str, error: str) -> None:
    LEDGER.provoke(plenty, operation, error)


def test_every_documented_error_is_provoked_or_excused(plenty: Plenty) -> None:
    """A new operation needs rows: add its name to a line of `ROWS`, or of `NEVER` with a reason."""
    assert LEDGER.unaccounted(plenty) == []
