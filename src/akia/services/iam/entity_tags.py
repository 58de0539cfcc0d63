"""Tags of all that has tags in IAM, kind by kind: TagUser, UntagUser and ListUserTags, and so on. What they do stands in `tagging`.

All raise NoSuchEntity; tagging raises InvalidInput and LimitExceeded as well (P5.4-12), listing ValidationError (marker).
"""

from __future__ import annotations

from hashlib import sha256

from akia.services.iam import openid_providers, saml_providers, tags
from akia.services.iam.identities import ROLES, USERS
from akia.services.iam.instance_profiles import PROFILES
from akia.services.iam.mfa_devices import device_numbered, event_devices
from akia.services.iam.policy_references import about_policy, own_policy, policy_arn, policy_conditions, policy_named
from akia.services.iam.protected_roles import taggable_role
from akia.services.iam.server_certificates import CERTIFICATES
from akia.services.iam.tagging import TagOperations, of_named
from akia.services.iam.virtual_mfa_devices import device_arn, device_conditions

of_named("User", USERS, same=tags.without_case).register()

# Service-linked roles may be tagged, roles of Identity Center may not: tagging and untagging raise UnmodifiableEntity (P1.2-6).
of_named("Role", ROLES, same=tags.without_case, changeable=lambda ctx, request, action: taggable_role(ctx, request["RoleName"])).register()

of_named("InstanceProfile", PROFILES).register()
of_named("ServerCertificate", CERTIFICATES).register()

# Policies of AWS are not tagged: AccessDenied (P1.2-6).
TagOperations(
    kind="Policy",
    arn=policy_arn,
    conditions=policy_conditions,
    event_resources=about_policy,
    found=policy_named,
    changeable=own_policy,
    keep=lambda ctx, policy: ctx.store.managed_policies.replace(policy),
    list_name=lambda policy: policy.id,
).register()

# Virtual ones; security keys have no tags.
TagOperations(
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
TagOperations(
    kind="SAMLProvider",
    arn=saml_providers.provider_arn,
    conditions=saml_providers.provider_conditions,
    event_resources=saml_providers.about_provider,
    found=lambda ctx, request: saml_providers.provider_named(ctx, request["SAMLProviderArn"]),
    keep=lambda ctx, provider: ctx.store.saml_providers.replace(provider),
    list_name=lambda provider: provider.uuid,
).register()

# What is no ARN is ValidationError, what is no provider's ARN InvalidInput.
TagOperations(
    kind="OpenIDConnectProvider",
    arn=openid_providers.provider_arn,
    conditions=openid_providers.provider_conditions,
    event_resources=openid_providers.about_provider,
    found=openid_providers.openid_provider,
    keep=lambda ctx, provider: ctx.store.openid_providers.replace(provider),
    list_name=lambda provider: sha256(str(provider.arn).encode()).hexdigest()[:32],  # markers are too short for every ARN
).register()
