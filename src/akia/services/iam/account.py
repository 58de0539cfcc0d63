"""The account itself, its alias and its holdings: CreateAccountAlias, DeleteAccountAlias, ListAccountAliases, GetAccountSummary."""

from __future__ import annotations

from typing import TYPE_CHECKING

from akia.aws.errors import EntityAlreadyExists, NoSuchEntity, ValidationError
from akia.identity.managed_policy import AWS
from akia.operation import Access, Context, everything
from akia.services.iam import pages
from akia.services.iam._iam import iam
from akia.store.errors import NameTaken

if TYPE_CHECKING:
    from akia.identity.quotas import Quotas
    from akia.wire.shapes import iam as shapes


def _alias(ctx: Context) -> str | None:
    account = ctx.store.accounts.get(ctx.account)
    return account.alias if account else None


@iam.operation("CreateAccountAlias", access=Access.PERMISSIONS, resource=everything)
def create_account_alias(ctx: Context, request: shapes.CreateAccountAliasRequest) -> None:
    """An account has one alias: a new one takes the place of the old one, as in AWS.

    Raises EntityAlreadyExists if it is in use, be it by this account, and ValidationError for what looks like an account id.
    """
    alias = request["AccountAlias"]
    if len(alias) == 12 and alias.isdigit():
        raise ValidationError("The account alias must not be an account id: twelve digits.")
    if alias == _alias(ctx):
        raise EntityAlreadyExists(f"The account alias {alias} already exists.")
    try:
        ctx.store.accounts.set_alias(ctx.account, alias)
    except NameTaken:
        raise EntityAlreadyExists(f"The account alias {alias} already exists.") from None


@iam.operation("DeleteAccountAlias", access=Access.PERMISSIONS, resource=everything)
def delete_account_alias(ctx: Context, request: shapes.DeleteAccountAliasRequest) -> None:
    """Raises NoSuchEntity if the account's alias is another, so that an outdated name deletes nothing."""
    if request["AccountAlias"] != _alias(ctx):
        raise NoSuchEntity(f"The account alias with name {request['AccountAlias']} cannot be found.")
    ctx.store.accounts.set_alias(ctx.account, None)


@iam.operation("ListAccountAliases", access=Access.LIST, resource=everything)
def list_account_aliases(ctx: Context, request: shapes.ListAccountAliasesRequest) -> shapes.ListAccountAliasesResponse:
    """None or one. Raises ValidationError (marker)."""
    alias = _alias(ctx)
    shown, end = pages.window(request, "aliases").slice([alias] if alias else [])
    return {"AccountAliases": list(shown), **end}


@iam.operation("GetAccountSummary", access=Access.LIST, resource=everything)
def get_account_summary(ctx: Context, request: object) -> shapes.GetAccountSummaryResponse:
    """All keys of AWS's summary; of what akia does not keep there are none."""
    return {"SummaryMap": {**_holdings(ctx), **_quotas(ctx.authority.quotas), **_ABSENT}}


def _holdings(ctx: Context) -> dict[str, int]:
    store, account = ctx.store, ctx.account
    return {
        "Users": store.users.count(account),
        "Groups": store.groups.count(account),
        "Roles": store.roles.count(account),
        "Policies": store.managed_policies.count(account),
        "PolicyVersionsInUse": _versions_in_use(ctx),
        "Providers": store.openid_providers.count(account),
        "AccountAccessKeysPresent": int(bool(store.access_keys.of(account))),
    }


def _versions_in_use(ctx: Context) -> int:
    """All versions of the account's own policies, and one of each policy of AWS that is attached."""
    policies, account = ctx.store.managed_policies, ctx.account
    everything = 2**31
    own = sum(policies.version_count(policy.id) for policy in policies.page((account,), limit=everything))
    return own + len(policies.page((AWS,), attached_in=account, limit=everything))


def _quotas(quotas: Quotas) -> dict[str, int]:
    return {
        "UsersQuota": quotas.users_per_account,
        "GroupsQuota": quotas.groups_per_account,
        "RolesQuota": quotas.roles_per_account,
        "PoliciesQuota": quotas.policies_per_account,
        "PolicySizeQuota": quotas.managed_policy_length,
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
    }


_ABSENT = {
    "AccountMFAEnabled": 0,
    "AccountPasswordPresent": 0,
    "AccountSigningCertificatesPresent": 0,
    "GlobalEndpointTokenVersion": 1,
    "InstanceProfiles": 0,
    "InstanceProfilesQuota": 1_000,
    "MFADevices": 0,
    "MFADevicesInUse": 0,
    "PolicyVersionsInUseQuota": 10_000,
    "ServerCertificates": 0,
    "ServerCertificatesQuota": 20,
    "SigningCertificatesPerUserQuota": 2,
}
"""What there is none of, with AWS's default quotas (P5.4-6, P5.4-10, P5.4-11). Nothing enforces a quota of what cannot be made."""
