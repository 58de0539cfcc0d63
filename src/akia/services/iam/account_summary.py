"""What an account has, and how much of it it may have: GetAccountSummary (AC10.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from akia.identity.managed_policy import AWS
from akia.operation import Access, Context, everything
from akia.services.iam._iam import iam

if TYPE_CHECKING:
    from akia.identity.quotas import Quotas
    from akia.store.store import Store
    from akia.wire.shapes import iam as shapes


@iam.operation("GetAccountSummary", access=Access.LIST, resource=everything)
def get_account_summary(ctx: Context, request: object) -> shapes.GetAccountSummaryResponse:
    """All keys of AWS's summary: what there is now, and the quotas that are in force."""
    version = ctx.store.account_settings.token_version(ctx.account)
    holdings = {**_holdings(ctx.store, ctx.account), **_sign_in_holdings(ctx.store, ctx.account)}
    return {"SummaryMap": {**holdings, **_quotas(ctx.authority.quotas), "GlobalEndpointTokenVersion": version}}


def _holdings(store: Store, account: str) -> dict[str, int]:
    return {
        "Users": store.users.count(account),
        "Groups": store.groups.count(account),
        "Roles": store.roles.count(account),
        "InstanceProfiles": store.instance_profiles.count(account),
        "Policies": store.managed_policies.count(account),
        "PolicyVersionsInUse": _versions_in_use(store, account),
        "ServerCertificates": store.server_certificates.count(account),
        "AccountAccessKeysPresent": int(bool(store.access_keys.of(account))),
        "AccountSigningCertificatesPresent": int(bool(store.signing_certificates.of(account))),
    }


def _versions_in_use(store: Store, account: str) -> int:
    """All versions of the account's own policies, and one of each policy of AWS that is attached."""
    policies = store.managed_policies
    everything = 2**31
    own = sum(policies.version_count(policy.id) for policy in policies.page((account,), limit=everything))
    return own + len(policies.page((AWS,), attached_in=account, limit=everything))


def _sign_in_holdings(store: Store, account: str) -> dict[str, int]:
    """Passwords, second factors and identity providers."""
    devices = store.mfa_devices
    return {
        "AccountMFAEnabled": int(account in devices.owners(account)),
        "AccountPasswordPresent": int(store.login_profiles.of(account) is not None),
        "MFADevices": devices.count(account),
        "MFADevicesInUse": devices.count_in_use(account),
        "Providers": store.saml_providers.count(account) + store.openid_providers.count(account),
    }


def _quotas(quotas: Quotas) -> dict[str, int]:
    return {
        "UsersQuota": quotas.users_per_account,
        "GroupsQuota": quotas.groups_per_account,
        "RolesQuota": quotas.roles_per_account,
        "InstanceProfilesQuota": quotas.instance_profiles_per_account,
        "PoliciesQuota": quotas.policies_per_account,
        "PolicySizeQuota": quotas.managed_policy_length,
        "PolicyVersionsInUseQuota": quotas.policy_versions_in_use,
        "VersionsPerPolicyQuota": quotas.versions_per_policy,
        "UserPolicySizeQuota": quotas.user_inline_length,
        "GroupPolicySizeQuota": quotas.group_inline_length,
        "RolePolicySizeQuota": quotas.role_inline_length,
        "AssumeRolePolicySizeQuota": quotas.trust_policy_length,
        "GroupsPerUserQuota": quotas.groups_per_user,
        "AccessKeysPerUserQuota": quotas.access_keys_per_user,
        "AttachedPoliciesPerUserQuota": quotas.attached_policies_per_user,
        "AttachedPoliciesPerGroupQuota": quotas.attached_policies_per_group,
        "AttachedPoliciesPerRoleQuota": quotas.attached_policies_per_role,
        "ServerCertificatesQuota": quotas.server_certificates_per_account,
        "SigningCertificatesPerUserQuota": quotas.signing_certificates_per_user,
    }
