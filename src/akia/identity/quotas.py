"""How many of each thing there may be (P5.4). All are settings in AWS's sense: one frozen value, its defaults those of 2023 (PX-16)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Quotas:
    """Counts are of things; lengths are of characters, white space not counted where AWS does not count it."""

    access_keys_per_user: int = 2
    signing_certificates_per_user: int = 2
    ssh_public_keys_per_user: int = 5
    service_credentials_per_user: int = 2  # for each service
    mfa_devices_per_user: int = 8
    virtual_mfa_devices_per_account: int = 5_000
    groups_per_user: int = 10
    attached_policies_per_user: int = 10
    attached_policies_per_role: int = 10
    attached_policies_per_group: int = 10
    policies_per_account: int = 1_500
    versions_per_policy: int = 5
    users_per_account: int = 5_000
    groups_per_account: int = 300
    roles_per_account: int = 1_000
    instance_profiles_per_account: int = 1_000
    policy_versions_in_use: int = 10_000
    server_certificates_per_account: int = 20
    tags_per_entity: int = 50
    credential_report_seconds: int = 0
    """How old a credential report is before a new one is made; AWS waits four hours."""
    credential_report_lifetime: int = 4 * 3_600
    """Seconds after which a report can be read no more."""
    trust_policy_length: int = 2_048
    managed_policy_length: int = 6_144
    user_inline_length: int = 2_048
    group_inline_length: int = 5_120
    role_inline_length: int = 10_240
    session_policy_length: int = 2_048
    accounts_per_organization: int = 10_000
    units_per_organization: int = 1_000
    unit_depth: int = 5
    control_policies_per_organization: int = 1_000
    control_policies_per_target: int = 5
    control_policy_length: int = 5_120
    shadow_policies_per_target: int = 5
    limits_per_account: int = 1_000
    replays_per_account: int = 100
    delegated_policy_length: int = 2_048
    delegation_requests_per_account: int = 1_000
    access_reports_per_hour: int = 100
    saml_providers_per_account: int = 100
    private_keys_per_saml_provider: int = 2
    openid_providers_per_account: int = 100
    client_ids_per_openid_provider: int = 100
    thumbprints_per_openid_provider: int = 5
    trails_per_region: int = 5
    trail_administrators: int = 3
    channels_per_region: int = 25
    event_data_stores_per_region: int = 10
    queries_at_once: int = 10
