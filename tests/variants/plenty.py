"""A world with one of everything, who may ask there, and the names of what is in it.

`known(service, operation)` says what a member of the operation's input should be for the request to mean something: `UserName` is the name
of a user. Most of it is true of every operation of a service (`names`); what makes or removes something has its own words (`_instead`).

Nothing that is asked of it lasts: each change is undone once its answer is written, so that the next request finds everything in its place.
"""

from __future__ import annotations

import json
import sqlite3
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from tests.conftest import Person, World, policy
from tests.delegation import TOPIC, Partner
from tests.openid import CLIENT, THUMBPRINT, Issuer, known_to, role, take
from tests.openid import trusting as openid_trust
from tests.organization import Account
from tests.organization import World as Organization
from tests.rotation.rotating import Shelf
from tests.saml import Idp, metadata, pair
from tests.services.akia.test_akia_security_keys import Authenticator
from tests.services.iam.minted import mint, rsa_key, ssh_text
from tests.signin import Clock, Device

from akia.aws.ids import new_guid
from akia.identity.alert import Alert
from akia.rotation_targets import NamedTarget, Targets
from akia.store.changes import EVERYTHING
from akia.store.founding import KeyPair, found_account
from akia.store.writer import Batch, Writer
from akia.testing.in_process import ACCOUNT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

OUTSIDER = "777788889999"
INVITED = "888899990000"
PASSWORD = "correct horse Battery 9 staple"
DOCUMENT = policy({"Action": "iam:Get*"})
_TAGS = [{"Key": "team", "Value": "blue"}, {"Key": "cost", "Value": "low"}]
_S3 = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}


def _arn(resource: str) -> str:
    return f"arn:aws:iam::{ACCOUNT}:{resource}"


def _document(**statement: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow"} | statement]})


class _Undone(Batch):
    """A write transaction whose commit undoes it."""

    def commit(self) -> None:
        self.abandon()
        self.changed.clear()
        self.generation = self.store.changes.latest()


class _Rehearsing(Writer):
    def open(self) -> Batch:
        return _Undone(self._store, self._slots)


class Plenty:
    """The world. Time stands still in it, so that codes of second factors stay good."""

    def __init__(self) -> None:
        self._patch = pytest.MonkeyPatch()
        self.clock = Clock.of(self._patch)
        self.akia = World(ACCOUNT)
        self.names: dict[str, dict[str, Any]] = {}
        self._iam()
        self._devices()
        self._federation()
        self._organization()
        self._delegation()
        self._access_analyzer()
        self._drafts()
        self._access_keys()
        self._denial()
        self._clients: dict[str, dict[str, Any]] = {}
        self._keys = {
            "administrator": self.akia.admin,
            "root": self.akia.root,
            "ann": self.ann.key,
            "member": self.member.root,
            "invited": self.invited.root,
            "outsider": self.outsider.root,
            "partner": self.partner.root,
            "leaver": self.leaver.root,
        }

    def rehearse(self) -> None:
        """From now on nothing lasts."""
        direct = self.akia._direct
        direct._writer = _Rehearsing(direct._writer._store, direct._writer._slots)

    @contextmanager
    def lasting(self) -> Iterator[None]:
        """What is done inside lasts until the end of it; then everything is as it was before."""
        direct, akia = self.akia._direct, self.akia.akia
        rehearsing, driver = direct._writer, akia.store.connection._driver
        before = sqlite3.connect(":memory:")
        driver.backup(before)
        direct._writer = Writer(rehearsing._store, rehearsing._slots)
        try:
            yield
        finally:
            direct._writer = rehearsing
            before.backup(driver)
            akia.authority.applied([EVERYTHING], akia.store.changes.latest())

    def close(self) -> None:
        self.akia.close()
        self._patch.undo()

    def known(self, service: str, operation: str) -> dict[str, Any]:
        """Members of the operation's input that mean something."""
        return self.names[service] | self.names["all"] | self.names.get(f"{service}.{operation}", {})

    def client(self, name: str, service: str) -> Any:
        """A client of whoever is called `name`; it sends whatever it is given."""
        clients = self._clients.setdefault(name, {})
        if service not in clients:
            key, token = self.session if name == "session" else (self._keys[name], None)
            clients[service] = self.akia.client(service, key, token=token, config=Config(parameter_validation=False))
        return clients[service]

    def _iam(self) -> None:
        iam = self.akia.client("iam")
        self.ann: Person = self.akia.person("ann", {"Action": "*"})
        trust = _document(
            Action=["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"], Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
        )
        for name in ("reader", "loose"):
            iam.create_policy(PolicyName=name, PolicyDocument=DOCUMENT, Tags=_TAGS)
        iam.create_policy_version(PolicyArn=_arn("policy/reader"), PolicyDocument=DOCUMENT, SetAsDefault=True)
        iam.create_user(UserName="bare")
        for name in ("ops", "spare"):
            iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)
        iam.create_group(GroupName="team")
        iam.create_group(GroupName="empty")
        iam.add_user_to_group(GroupName="team", UserName="ann")
        for kind, thing in (("user", "ann"), ("group", "team"), ("role", "ops")):
            named = {f"{kind.title()}Name": thing}
            getattr(iam, f"put_{kind}_policy")(**named, PolicyName="inline", PolicyDocument=DOCUMENT)
            getattr(iam, f"attach_{kind}_policy")(**named, PolicyArn=_arn("policy/reader"))
        iam.tag_user(UserName="ann", Tags=_TAGS)
        iam.tag_role(RoleName="ops", Tags=_TAGS)
        for name in ("box", "crate"):
            iam.create_instance_profile(InstanceProfileName=name, Tags=_TAGS)
        iam.add_role_to_instance_profile(InstanceProfileName="box", RoleName="ops")
        site, other, third = mint("site"), mint("other"), mint("third")
        iam.upload_server_certificate(ServerCertificateName="site", CertificateBody=site.pem, PrivateKey=site.key_pem, Tags=_TAGS)
        signing = iam.upload_signing_certificate(UserName="ann", CertificateBody=other.pem)["Certificate"]
        ssh = iam.upload_ssh_public_key(UserName="ann", SSHPublicKeyBody=ssh_text(rsa_key()))["SSHPublicKey"]
        secret = iam.create_service_specific_credential(UserName="ann", ServiceName="codecommit.amazonaws.com")
        linked = iam.create_service_linked_role(AWSServiceName="ecs.amazonaws.com")["Role"]["RoleName"]
        iam.create_service_linked_role(AWSServiceName="autoscaling.amazonaws.com")
        deletion = iam.delete_service_linked_role(RoleName="AWSServiceRoleForAutoScaling")["DeletionTaskId"]
        iam.create_account_alias(AccountAlias="plenty")
        iam.create_login_profile(UserName="ann", Password=PASSWORD)
        iam.update_account_password_policy(AllowUsersToChangePassword=True)
        iam.generate_credential_report()
        job = iam.generate_service_last_accessed_details(Arn=self.ann.arn)["JobId"]
        for caller in ("ann",):
            self.ann.client("iam").get_user()
            assert caller
        self.names["iam"] = {
            "UserName": "ann",
            "GroupName": "team",
            "RoleName": "ops",
            "PolicyArn": _arn("policy/reader"),
            "PolicyName": "inline",
            "InstanceProfileName": "box",
            "PolicyDocument": DOCUMENT,
            "AssumeRolePolicyDocument": trust,
            "PermissionsBoundary": _arn("policy/loose"),
            "AccessKeyId": self.ann.key.access_key_id,
            "AccountAlias": "plenty",
            "PathPrefix": "/",
            **dict.fromkeys(("Path", "NewPath"), "/path/"),
            **dict.fromkeys(("Arn", "PolicySourceArn", "CallerArn"), self.ann.arn),
            "NewUserName": "renamed",
            "NewGroupName": "renamed",
            "NewServerCertificateName": "renamed",
            "ServerCertificateName": "site",
            "CertificateBody": third.pem,
            "CertificateChain": mint("authority").pem,
            "PrivateKey": third.key_pem,
            "CertificateId": signing["CertificateId"],
            "SSHPublicKeyId": ssh["SSHPublicKeyId"],
            "SSHPublicKeyBody": ssh_text(rsa_key(number=1)),
            "ServiceName": "codecommit.amazonaws.com",
            "ServiceSpecificCredentialId": secret["ServiceSpecificCredential"]["ServiceSpecificCredentialId"],
            "JobId": job,
            "ServiceNamespace": "iam",
            "ServiceNamespaces": ["iam"],
            "DeletionTaskId": deletion,
            "AWSServiceName": "elasticloadbalancing.amazonaws.com",
            "VersionId": "v1",
            "ActionNames": ["iam:GetUser"],
            "ResourceArns": [self.ann.arn],
            "PolicyInputList": [DOCUMENT],
            "PermissionsBoundaryPolicyInputList": [DOCUMENT],
            "ResourcePolicy": _document(Action="iam:GetUser", Resource="*", Principal="*"),
            "ResourceOwner": f"arn:aws:iam::{ACCOUNT}:root",
            "Status": "Active",
            "Password": PASSWORD + "!",
            "OldPassword": PASSWORD,
            "NewPassword": PASSWORD + "!",
        }
        self.names["all"] = {}
        fresh = {"Path": "/path/"}
        instead: dict[str, dict[str, Any]] = {
            "CreateUser": {"UserName": "fresh"},
            "CreateGroup": {"GroupName": "fresh"},
            "CreateRole": {"RoleName": "fresh"},
            "CreatePolicy": {"PolicyName": "fresh"} | fresh,
            "CreateInstanceProfile": {"InstanceProfileName": "fresh"},
            "CreateAccountAlias": {"AccountAlias": "fresh"},
            "UploadServerCertificate": {"ServerCertificateName": "fresh"},
            "AddRoleToInstanceProfile": {"InstanceProfileName": "crate"},
            "DeleteUser": {"UserName": "bare"},
            "DeleteGroup": {"GroupName": "empty"},
            "DeleteRole": {"RoleName": "spare"},
            "DeletePolicy": {"PolicyArn": _arn("policy/loose")},
            "DeleteInstanceProfile": {"InstanceProfileName": "crate"},
            "UpdateAssumeRolePolicy": {"PolicyDocument": trust},
            "DeleteServiceLinkedRole": {"RoleName": linked},
            "CreateLoginProfile": {"UserName": "bare"},
            "CreateServiceSpecificCredential": {"UserName": "bare"},
        }
        self._instead("iam", instead)

    def _devices(self) -> None:
        iam = self.akia.client("iam")
        worn, loose = Device(iam, "worn", self.clock), Device(iam, "loose", self.clock)
        iam.enable_mfa_device(UserName="ann", SerialNumber=worn.serial, **worn.pair())
        self.names["iam"] |= {"SerialNumber": worn.serial}
        instead: dict[str, dict[str, Any]] = {
            "CreateVirtualMFADevice": {"VirtualMFADeviceName": "fresh"},
            "DeleteVirtualMFADevice": {"SerialNumber": loose.serial},
            "EnableMFADevice": {"SerialNumber": loose.serial, **loose.pair()},
            "ResyncMFADevice": worn.pair(steps=2),
        }
        self._instead("iam", instead)

    def _federation(self) -> None:
        iam = self.akia.client("iam")
        document = metadata(pair("idp"))
        provider = iam.create_saml_provider(Name="corp", SAMLMetadataDocument=document, Tags=_TAGS)["SAMLProviderArn"]
        trust = _document(Action=["sts:AssumeRoleWithSAML", "sts:TagSession"], Principal={"Federated": provider})
        guest = iam.create_role(RoleName="guest", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
        idp = self.idp = Idp(pair("idp"), roles=(f"{guest},{provider}",))
        self.names["iam"] |= {
            "SAMLProviderArn": provider,
            "SAMLMetadataDocument": document,
            "Name": "fresh",
            "AddPrivateKey": pair("sp").pem,
        }
        self.names["sts"] = {
            "RoleArn": _arn("role/ops"),
            "RoleSessionName": "session",
            "Name": "federated",
            "Policy": DOCUMENT,
            "PolicyArns": [{"arn": _arn("policy/reader")}],
            "AccessKeyId": self.ann.key.access_key_id,
            "DurationSeconds": 900,
            "TransitiveTagKeys": ["team"],
            "Tags": _TAGS,
        }
        self._instead("sts", {"AssumeRoleWithSAML": {"RoleArn": guest, "PrincipalArn": provider, "SAMLAssertion": idp.response()}})
        self._openid()

    def _openid(self) -> None:
        """A provider, a role for the bearers of its tokens, and tokens of the account's own."""
        issuer, fresh, iam = Issuer(), Issuer("https://fresh.example.com"), self.akia.client("iam")
        where = f"{fresh.url}/.well-known/openid-configuration"
        issuer.documents[where] = fresh.get(where).body
        self.issuer = issuer
        provider = known_to(self.akia, issuer)
        iam.tag_open_id_connect_provider(OpenIDConnectProviderArn=provider, Tags=_TAGS)
        iam.enable_outbound_web_identity_federation()
        self.names["iam"] |= {
            "OpenIDConnectProviderArn": provider,
            "ClientID": CLIENT,
            "ClientIDList": [CLIENT],
            "ThumbprintList": [THUMBPRINT],
            "Url": fresh.url,
        }
        self.names["sts"] |= {"Audience": [CLIENT], "SigningAlgorithm": "RS256"}
        deployer = role(self.akia, "deployer", openid_trust(provider))
        self._instead("sts", {"AssumeRoleWithWebIdentity": {"RoleArn": deployer, "WebIdentityToken": issuer.token()}})
        made = take(self.akia, deployer, issuer.token(), DurationSeconds=900)["Credentials"]
        self.session = KeyPair(made["AccessKeyId"], made["SecretAccessKey"]), made["SessionToken"]

    def _organization(self) -> None:
        organization = self.organization = Organization(self.akia)
        client = organization.client
        self.member: Account = organization.account("dev")
        spare = self.leaver = organization.account("spare")
        organization.enable()
        unit, loose = organization.unit("unit"), organization.unit("loose")
        client.move_account(AccountId=spare.id, SourceParentId=organization.root, DestinationParentId=unit)
        attached, free = organization.policy("attached", Action="s3:*"), organization.policy("free", Action="s3:*")
        client.attach_policy(PolicyId=attached, TargetId=unit)
        client.tag_resource(ResourceId=unit, Tags=_TAGS)
        for service in ("access-analyzer.amazonaws.com", "config.amazonaws.com", "iam.amazonaws.com"):
            client.enable_aws_service_access(ServicePrincipal=service)
        client.register_delegated_administrator(AccountId=self.member.id, ServicePrincipal="access-analyzer.amazonaws.com")
        resource_policy = _document(
            Action="organizations:ListRoots", Resource="*", Principal={"AWS": f"arn:aws:iam::{self.member.id}:root"}
        )
        client.put_resource_policy(Content=resource_policy)
        self.outsider, self.invited = self._account(OUTSIDER), self._account(INVITED)
        invitation = client.invite_account_to_organization(Target={"Id": INVITED, "Type": "ACCOUNT"})["Handshake"]["Id"]
        created = client.list_create_account_status()["CreateAccountStatuses"][0]["Id"]
        iam = self.akia.client("iam")
        iam.enable_organizations_root_sessions()
        iam.enable_organizations_root_credentials_management()
        path = f"{organization.id}/{organization.root}"
        report = iam.generate_organizations_access_report(EntityPath=path)["JobId"]
        self.names["organizations"] = {
            "AccountId": self.member.id,
            "AccountName": "fresh",
            "Email": "fresh@example.com",
            "ChildId": self.member.id,
            "Content": _document(Effect="Deny", Action="s3:*", Resource="*"),
            "CreateAccountRequestId": created,
            "DestinationParentId": unit,
            "HandshakeId": invitation,
            "Name": "fresh",
            "OrganizationalUnitId": unit,
            "ParentId": organization.root,
            "PolicyId": attached,
            "ResourceId": unit,
            "RootId": organization.root,
            "ServicePrincipal": "access-analyzer.amazonaws.com",
            "SourceParentId": organization.root,
            "TagKeys": ["team"],
            "Tags": _TAGS,
            "Target": {"Id": OUTSIDER, "Type": "ACCOUNT"},
            "TargetId": unit,
            **dict.fromkeys(("Type", "Filter", "PolicyType"), "SERVICE_CONTROL_POLICY"),
        }
        self._instead(
            "organizations",
            {
                "AttachPolicy": {"PolicyId": free},
                "DeletePolicy": {"PolicyId": free},
                "DisableAWSServiceAccess": {"ServicePrincipal": "config.amazonaws.com"},
                "DeleteOrganizationalUnit": {"OrganizationalUnitId": loose},
                "EnablePolicyType": {"PolicyType": "RESOURCE_CONTROL_POLICY"},
                "PutResourcePolicy": {"Content": resource_policy},
                "RegisterDelegatedAdministrator": {"AccountId": spare.id},
                "RemoveAccountFromOrganization": {"AccountId": spare.id},
                "CloseAccount": {"AccountId": spare.id},
                "ListHandshakesForAccount": {"Filter": {"ActionType": "INVITE"}},
                "ListHandshakesForOrganization": {"Filter": {"ActionType": "INVITE"}},
            },
        )
        self._instead("iam", {"GenerateOrganizationsAccessReport": {"EntityPath": path}, "GetOrganizationsAccessReport": {"JobId": report}})
        task = {"arn": "arn:aws:iam::aws:policy/root-task/IAMAuditRootUserCredentials"}
        self._instead("sts", {"AssumeRoot": {"TargetPrincipal": self.member.id, "TaskPolicyArn": task}})

    def _account(self, account: str) -> Account:
        store = self.akia.akia.store
        store.connection.begin_immediate()
        found_account(store, account, 0)
        store.connection.commit()
        return self.organization.key_of(account)

    def _delegation(self) -> None:
        """Requests of a partner: one for each step that can be taken."""
        self.partner = Partner(self.akia)
        iam = self.akia.client("iam", self.akia.admin)
        template = self.partner.template(_S3)
        fresh, owned, accepted, sent = (self.partner.request(template, OwnerAccountId=ACCOUNT) for _ in range(4))
        for request in (owned, accepted, sent):
            iam.associate_delegation_request(DelegationRequestId=request)
        for request in (accepted, sent):
            iam.accept_delegation_request(DelegationRequestId=request)
        iam.send_delegation_token(DelegationRequestId=sent)
        self.delegations = {"fresh": fresh, "owned": owned, "accepted": accepted, "sent": sent}
        self.names["iam"] |= {
            "DelegationRequestId": owned,
            "EntityArn": _arn(f"delegation-request/{owned}"),
            "OwnerAccountId": ACCOUNT,
            "OwnerId": ACCOUNT,
            "Permissions": {"PolicyTemplateArn": template, "Parameters": []},
            "NotificationChannel": TOPIC,
            "RequestorWorkflowId": "workflow",
            "SessionDuration": 3_600,
            "Properties": {"RoleManager/Enabled": "true"},
        }
        self._instead(
            "iam",
            {
                "AssociateDelegationRequest": {"DelegationRequestId": fresh},
                "SendDelegationToken": {"DelegationRequestId": accepted},
            },
        )
        self._instead("sts", {"GetDelegatedAccessToken": {"TradeInToken": self.partner.told(sent)["TradeInToken"]}})
        self.names["akia"] = {"DelegationRequestId": sent}

    def _access_analyzer(self) -> None:
        client = self.akia.client("accessanalyzer")
        idle = self.akia.person("idle", {"Action": "*"})  # whoever asks for findings uses something: they are about somebody else
        store = self.akia.akia.store
        for table in ("users", "roles"):
            store.connection.execute(f"UPDATE {table} SET created = created - 8640000")
        arn = client.create_analyzer(analyzerName="unused", type="ACCOUNT_UNUSED_ACCESS", tags={"team": "blue"})["arn"]
        findings = client.list_findings_v2(analyzerArn=arn)["findings"]
        finding = next(each["id"] for each in findings if (each["findingType"], each["resource"]) == ("UnusedPermission", idle.arn))
        job = client.start_policy_generation(policyGenerationDetails={"principalArn": self.ann.arn})["jobId"]
        allow = policy({"Action": "s3:GetObject"})
        self.names["accessanalyzer"] = {
            "analyzerName": "unused",
            "analyzerArn": arn,
            "resourceArn": arn,
            "id": finding,
            "jobId": job,
            "principalArn": self.ann.arn,
            "policyGenerationDetails": {"principalArn": self.ann.arn},
            **dict.fromkeys(("policyDocument", "newPolicyDocument", "existingPolicyDocument"), allow),
            "policyType": "IDENTITY_POLICY",
            "resourceType": "AWS::S3::Bucket",
            "access": [{"actions": ["s3:PutObject"]}],
            "configuration": {"unusedAccess": {"unusedAccessAge": 30}},
            "maxResults": 10,
            "tagKeys": ["team"],
            "tags": {"team": "blue"},
            "type": "ACCOUNT_UNUSED_ACCESS",
        }
        resource = _document(Action="s3:GetObject", Resource="arn:aws:s3:::b/*", Principal={"AWS": ACCOUNT})
        self._instead("accessanalyzer", {"CreateAnalyzer": {"analyzerName": "fresh"}, "CheckNoPublicAccess": {"policyDocument": resource}})

    def _drafts(self) -> None:
        own = self.akia.client("akia")
        own.put_limit(Scope="ACCOUNT_OPERATION", Action="iam:CreateUser", Rate=1_000)
        own.attach_shadow_policy(TargetArn=self.ann.arn, Name="shadow", PolicyDocument=policy({"Effect": "Deny", "Action": "iam:List*"}))
        self.ann.client("iam").list_users()
        start = datetime.now(UTC) - timedelta(days=1)
        draft = policy({"Effect": "Deny", "Action": "iam:List*"})
        replay = own.start_replay(PolicyDocument=draft, PrincipalArn=self.ann.arn, StartTime=start)["ReplayId"]
        mine, key = self.ann.client("akia"), Authenticator()
        registered = mine.begin_security_key_registration(Name="key")
        device = mine.complete_security_key_registration(
            RegistrationId=registered["RegistrationId"], Credential=key.created(registered["Options"])
        )
        self._instead("iam", {"GetMFADevice": {"SerialNumber": device["SerialNumber"]}})
        fresh = Authenticator(credential=b"another")
        self.akia.client("iam").create_user(UserName="holder")
        other = self.akia.client("iam").create_access_key(UserName="holder")["AccessKey"]["AccessKeyId"]
        tomorrow = datetime.now(UTC).replace(microsecond=0) + timedelta(days=1)
        own.put_key_lifetime(Target=other, Lifetime={"Mode": "WARN", "Days": 90})
        begun = mine.begin_security_key_registration(Name="another")
        self.names["akia"] |= {
            "AccessKeyId": other,
            "Target": other,
            "Regions": ["eu-west-1"],
            "Networks": ["192.0.2.0/24"],
            "Services": ["iam"],
            "Policy": draft,
            "ExpiresAt": tomorrow + timedelta(days=1),
            "GraceUntil": tomorrow + timedelta(days=2),
            "NotBefore": tomorrow,
            "TargetArn": self.ann.arn,
            "PrincipalArn": self.ann.arn,
            "UserName": "ann",
            "Name": "shadow",
            "PolicyDocument": draft,
            "PolicyArn": _arn("policy/reader"),
            "ReplayId": replay,
            "Replaces": _arn("policy/reader"),
            "StartTime": start,
            "EndTime": datetime.now(UTC) + timedelta(days=1),
            "RegistrationId": begun["RegistrationId"],
            "Credential": fresh.created(begun["Options"]),
            "Scope": "ACCOUNT_OPERATION",
            "Action": "iam:CreateUser",
            "Rate": 1_000.0,
        }
        self._instead("akia", {"PutLimit": {"Scope": "ADDRESS"}})
        self._rotations()
        self._instead("akia", {"AttachShadowPolicy": {"Name": "fresh", "PolicyArn": _arn("policy/reader"), "Replaces": "inline"}})

    def _rotations(self) -> None:
        """An open rotation, keys that could be rotated, and targets that would take them."""
        own, iam = self.akia.client("akia"), self.akia.client("iam")
        users, shelf = ("keeper", "rotating", "rotating-too"), Shelf()
        targets = {name: NamedTarget(name, ACCOUNT, users, shelf) for name in ("shelf", "board")}
        self.akia.akia.authority.rotation_targets = Targets(targets)
        for user in users:
            iam.create_user(UserName=user)
            key = iam.create_access_key(UserName=user)["AccessKey"]["AccessKeyId"]
            if user == "keeper":
                self.names["akia"] |= {"RotationId": own.start_key_rotation(AccessKeyId=key)["Rotation"]["RotationId"]}
        own.put_rotation_policy(Mode="REMIND", EveryDays=90)
        self._instead(
            "akia", {"StartKeyRotation": {"AccessKeyId": key, "Targets": sorted(targets)}, "ListKeyRotations": {"UserName": "keeper"}}
        )

    def _access_keys(self) -> None:
        """Keys that say what they are for, and one that has called this and that; a naming rule that silence does not break."""
        own, worker = self.akia.client("akia"), self.akia.person("worker", {"Action": "*"})
        worker.client("iam").list_users(), worker.client("iam").list_groups()
        said = {"Description": "export", "Owner": "data", "Purpose": "export", "Environment": "prod", "Ticket": "OPS-7"}
        own.update_access_key_attributes(AccessKeyId=worker.key.access_key_id, Attributes=said)
        own.tag_access_key(AccessKeyId=worker.key.access_key_id, Tags=_TAGS)
        allowed = [{"Attribute": "Environment", "Values": ["prod", "test"]}]
        own.put_key_naming_rule(AllowedValues=allowed)
        victim = self.akia.person("victim")
        reported = own.report_compromised_key(AccessKeyId=victim.key.access_key_id)["Report"]
        self.names["akia"] |= {
            "ReportId": reported["ReportId"],
            "RoleName": "ops",
            "IssuedBefore": datetime(2026, 1, 1, tzinfo=UTC),
            "AccessKeyId": worker.key.access_key_id,
            "Attributes": said,
            "Tags": _TAGS,
            "TagKeys": ["team"],
            "Tag": _TAGS[0],
            "AllowedValues": allowed,
            "DescriptionPattern": "[a-z]+",
            "StartDay": "2026-01-01",
            "EndDay": "2999-12-31",
        }

    def _denial(self) -> None:
        """A refused request, and what tells of it."""
        nobody = self.akia.person("nobody", {"Effect": "Deny", "Action": "iam:ListUsers"})
        with pytest.raises(ClientError) as caught:
            nobody.client("iam").list_users()
        told = caught.value.response["ResponseMetadata"]
        request_id = told["RequestId"].replace("-", "")
        toolbox = self.akia.client("iam-toolbox")
        uri = toolbox.get_request_authorization_details(authorizationId=request_id)["policies"][0]["uri"]
        self.names["iam-toolbox"] = {"authorizationId": request_id, "policyUri": uri}
        self.names["cloudtrail"] = {}
        self._trail()
        self._event_data_store()
        self._channel()
        self._imports()
        self._dashboard()
        self.names["akia"]["AlertId"] = self.alert()
        self.names["sts"] |= {"EncodedMessage": told["HTTPHeaders"]["x-akia-encoded-authorization-message"]}

    def _trail(self) -> None:
        """A trail that delivers to a directory."""
        client = self.akia.client("cloudtrail")
        trail = client.create_trail(Name="trail", S3BucketName="logs", TagsList=_TAGS)
        client.put_insight_selectors(TrailName="trail", InsightSelectors=[{"InsightType": "ApiCallRateInsight"}])
        self.names["cloudtrail"] |= {
            "Name": "trail",
            "TrailName": "trail",
            "trailNameList": ["trail"],
            "S3BucketName": "logs",
            "ResourceId": trail["TrailARN"],
            "ResourceIdList": [trail["TrailARN"]],
            "TagsList": _TAGS,
            "EventSelectors": [{"ReadWriteType": "All", "IncludeManagementEvents": True}],
            "InsightSelectors": [{"InsightType": "ApiCallRateInsight"}],
        }
        self._instead("cloudtrail", {"CreateTrail": {"Name": "fresh"}})

    def _event_data_store(self) -> None:
        """An event data store, a query of it, and others in other states."""
        client = self.akia.client("cloudtrail")
        arn, doomed, gone, idle = (
            client.create_event_data_store(Name=name, TerminationProtectionEnabled=False, TagsList=_TAGS)["EventDataStoreArn"]
            for name in ("store", "doomed", "gone", "idle")
        )
        client.delete_event_data_store(EventDataStore=gone)
        client.stop_event_data_store_ingestion(EventDataStore=idle)
        statement = f"SELECT x FROM {arn[-36:]} RIGHT JOIN (VALUES (1), (2), (3)) t (x) ON true"
        self.names["cloudtrail"] |= {
            "EventDataStore": arn,
            "QueryId": client.start_query(QueryStatement=statement)["QueryId"],
            "QueryStatement": statement,
            "SearchPhrase": "access key",
            "BillingMode": "EXTENDABLE_RETENTION_PRICING",
            "RetentionPeriod": 100,
        }
        self._instead(
            "cloudtrail",
            {
                "CreateEventDataStore": {"Name": "fresh"},
                "UpdateEventDataStore": {"Name": "store"},
                "DeleteEventDataStore": {"EventDataStore": doomed},
                "RestoreEventDataStore": {"EventDataStore": gone},
                "StartEventDataStoreIngestion": {"EventDataStore": idle},
                "StopEventDataStoreIngestion": {"EventDataStore": doomed},
            },
        )

    def _channel(self) -> None:
        """A channel, with a resource policy, into a store of its own; insights to ask for; a delegated administrator."""
        client = self.akia.client("cloudtrail")
        self.akia.client("organizations").enable_aws_service_access(ServicePrincipal="cloudtrail.amazonaws.com")
        client.register_organization_delegated_admin(MemberAccountId=self.member.id)
        outside = [{"FieldSelectors": [{"Field": "eventCategory", "Equals": ["ActivityAuditLog"]}]}]
        store = client.create_event_data_store(Name="outside", AdvancedEventSelectors=outside)["EventDataStoreArn"]
        destinations = [{"Type": "EVENT_DATA_STORE", "Location": store}]
        channel = client.create_channel(Name="channel", Source="Custom", Destinations=destinations, Tags=_TAGS)["ChannelArn"]
        document = _document(Action="cloudtrail-data:PutAuditEvents", Resource=channel, Principal={"AWS": ACCOUNT})
        client.put_resource_policy(ResourceArn=channel, ResourcePolicy=document)
        event = {
            "version": "1", "userIdentity": {"type": "x", "principalId": "y"}, "eventSource": "partner.example", "eventName": "OpenDoor",
            "eventTime": "2026-01-02T03:04:05Z", "UID": "one", "recipientAccountId": ACCOUNT,
        }  # fmt: skip
        self.names["cloudtrail"] |= {
            "Channel": channel,
            "Source": "Custom",
            "Tags": _TAGS,
            "ResourceArn": channel,
            "ResourcePolicy": document,
            "InsightSource": self.names["cloudtrail"]["ResourceId"],
            "EventSource": "iam.amazonaws.com",
            "EventName": "CreateUser",
            "InsightType": "ApiErrorRateInsight",
            "ErrorCode": "AccessDenied",
            "MemberAccountId": self.leaver.id,
            "DelegatedAdminAccountId": self.member.id,
        }
        self.names["cloudtrail-data"] = {
            "channelArn": channel,
            "auditEvents": [{"id": "one", "eventData": json.dumps(event)}],
        }
        call_rate = {"InsightType": "ApiCallRateInsight", "EventSource": "iam.amazonaws.com", "EventName": "CreateUser"}
        self._instead(
            "cloudtrail",
            {
                "CreateChannel": {"Name": "fresh", "Destinations": destinations},
                "UpdateChannel": {"Name": "channel", "Destinations": destinations},
                "ListInsightsMetricData": call_rate,
            },
        )

    def _imports(self) -> None:
        """An import that has ended."""
        client = self.akia.client("cloudtrail")
        role = self.names["iam"]["RoleName"]
        source = {"S3": {"S3LocationUri": "s3://logs/", "S3BucketRegion": "us-east-1", "S3BucketAccessRoleArn": _arn(f"role/{role}")}}
        into: dict[str, Any] = {"Destinations": [self.names["cloudtrail"]["EventDataStore"]], "ImportSource": source}
        started = client.start_import(**into)["ImportId"]
        client.stop_import(ImportId=started)
        self.names["cloudtrail"] |= {"ImportId": started, "Destination": into["Destinations"][0], "ImportStatus": "INITIALIZING"}
        self._instead("cloudtrail", {"StartImport": into})

    def _dashboard(self) -> None:
        """A dashboard with a widget."""
        client = self.akia.client("cloudtrail")
        statement = f"SELECT eventName FROM {self.names['cloudtrail']['EventDataStore'][-36:]} WHERE eventTime > ?"
        widgets = [{"QueryStatement": statement, "QueryParameters": ["$StartTime$"], "ViewProperties": {"Height": "2"}}]
        client.create_dashboard(Name="dashboard", Widgets=widgets, TagsList=_TAGS)
        schedule = {"Frequency": {"Unit": "HOURS", "Value": 6}, "Status": "DISABLED"}
        self.names["cloudtrail"] |= {
            "DashboardId": "dashboard",
            "Widgets": widgets,
            "RefreshSchedule": schedule,
            "QueryParameterValues": {"$StartTime$": "2026-01-01T00:00:00"},
        }
        self._instead("cloudtrail", {"CreateDashboard": {"Name": "fresh"}, "ListDashboards": {"NamePrefix": "dash"}})

    def alert(self, number: int = 1) -> str:
        """The id of a new alert."""
        store, made = (
            self.akia.akia.store,
            Alert(new_guid(), ACCOUNT, "root-used", "root", str(number), "HIGH", "Root was used.", 1, 2, "[]"),
        )
        store.connection.begin_immediate()
        store.alerts.add(made)
        store.connection.commit()
        return made.id

    def _instead(self, service: str, words: Mapping[str, Mapping[str, Any]]) -> None:
        """The words of operations for which those of the service do not do."""
        for operation, known in words.items():
            self.names.setdefault(f"{service}.{operation}", {}).update(known)


@contextmanager
def rehearsing() -> Iterator[Plenty]:
    """Such a world, in which nothing lasts."""
    plenty = Plenty()
    plenty.rehearse()
    try:
        yield plenty
    finally:
        plenty.close()
