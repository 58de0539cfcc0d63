"""Tags of all that has tags in IAM, kind by kind: Tag<Kind>, Untag<Kind> and List<Kind>Tags. What they do stands in `tagging`.

All raise NoSuchEntity; tagging raises InvalidInput and LimitExceeded as well (P5.4-12), listing ValidationError (marker).
"""

from __future__ import annotations

from hashlib import sha256

from akia.services.iam import tags
from akia.services.iam._iam import policy_arn, role_arn, role_conditions, role_named, user_arn, user_conditions, user_named
from akia.services.iam.instance_profiles import about_profile, profile_arn, profile_conditions, profile_named
from akia.services.iam.mfa_devices import device_numbered, event_devices
from akia.services.iam.openid_providers import about_provider as about_openid_provider
from akia.services.iam.openid_providers import openid_provider
from akia.services.iam.openid_providers import provider_arn as openid_provider_arn
from akia.services.iam.openid_providers import provider_conditions as openid_provider_conditions
from akia.services.iam.policy_references import about_policy, own_policy, policy_conditions, policy_named
from akia.services.iam.protected_roles import taggable_role
from akia.services.iam.saml_providers import about_provider as about_saml_provider
from akia.services.iam.saml_providers import provider_arn as saml_provider_arn
from akia.services.iam.saml_providers import provider_conditions as saml_provider_conditions
from akia.services.iam.saml_providers import provider_named as saml_provider_named
from akia.services.iam.server_certificates import about_certificate, certificate_arn, certificate_conditions, certificate_named
from akia.services.iam.tagging import Tagged
from akia.services.iam.trust_policies import about_role
from akia.services.iam.users import event_users
from akia.services.iam.virtual_mfa_devices import device_arn, device_conditions

Tagged(
    kind="User",
    arn=user_arn,
    conditions=user_conditions,
    event_resources=event_users,
    found=lambda ctx, request: user_named(ctx, request["UserName"]),
    keep=lambda ctx, user: ctx.store.users.replace(user),
    list_name=lambda user: user.id,
    same=tags.without_case,
).register()

# Service-linked roles may be tagged, roles of Identity Center may not: tagging and untagging raise UnmodifiableEntity (P1.2-6).
Tagged(
    kind="Role",
    arn=role_arn,
    conditions=role_conditions,
    event_resources=about_role,
    found=lambda ctx, request: role_named(ctx, request["RoleName"]),
    changeable=lambda ctx, request, action: taggable_role(ctx, request["RoleName"]),
    keep=lambda ctx, role: ctx.store.roles.replace(role),
    list_name=lambda role: role.id,
    same=tags.without_case,
).register()

# Policies of AWS are not tagged: AccessDenied (P1.2-6).
Tagged(
    kind="Policy",
    arn=policy_arn,
    conditions=policy_conditions,
    event_resources=about_policy,
    found=policy_named,
    changeable=own_policy,
    keep=lambda ctx, policy: ctx.store.managed_policies.replace(policy),
    list_name=lambda policy: policy.id,
).register()

Tagged(
    kind="InstanceProfile",
    arn=profile_arn,
    conditions=profile_conditions,
    event_resources=about_profile,
    found=lambda ctx, request: profile_named(ctx, request["InstanceProfileName"]),
    keep=lambda ctx, profile: ctx.store.instance_profiles.replace(profile),
    list_name=lambda profile: profile.id,
).register()

Tagged(
    kind="ServerCertificate",
    arn=certificate_arn,
    conditions=certificate_conditions,
    event_resources=about_certificate,
    found=lambda ctx, request: certificate_named(ctx, request["ServerCertificateName"]),
    keep=lambda ctx, certificate: ctx.store.server_certificates.replace(certificate),
    list_name=lambda certificate: certificate.id,
).register()

# Virtual ones; security keys have no tags.
Tagged(
    kind="MFADevice",
    arn=device_arn,
    conditions=device_conditions,
    event_resources=event_devices,
    found=lambda ctx, request: device_numbered(ctx, request["SerialNumber"]),
    keep=lambda ctx, device: ctx.store.mfa_devices.replace(device),
    list_name=lambda device: device.serial[-142:],  # markers are too short for every serial number
    same=tags.without_case,
).register()

# What is no provider's ARN is InvalidInput, too.
Tagged(
    kind="SAMLProvider",
    arn=saml_provider_arn,
    conditions=saml_provider_conditions,
    event_resources=about_saml_provider,
    found=lambda ctx, request: saml_provider_named(ctx, request["SAMLProviderArn"]),
    keep=lambda ctx, provider: ctx.store.saml_providers.replace(provider),
    list_name=lambda provider: provider.uuid,
).register()

# What is no ARN is ValidationError, what is no provider's ARN InvalidInput.
Tagged(
    kind="OpenIDConnectProvider",
    arn=openid_provider_arn,
    conditions=openid_provider_conditions,
    event_resources=about_openid_provider,
    found=openid_provider,
    keep=lambda ctx, provider: ctx.store.openid_providers.replace(provider),
    list_name=lambda provider: sha256(str(provider.arn).encode()).hexdigest()[:32],  # markers are too short for every ARN
).register()
