"""The services of this endpoint, as far as routing must know them before it loads a model (W2.1). A test compares with the models."""

from __future__ import annotations

from typing import NamedTuple


class Entry(NamedTuple):
    """One service."""

    name: str
    """Of the model."""

    protocol: str
    api_version: str
    signing_name: str
    """The service in the credential scope of its requests."""

    target_prefix: str | None = None
    """Of `X-Amz-Target`; json services only."""

    open_paths: bool = False
    """Whether some of its requests come without a credential scope and are known by their path alone (W3.8 rows b-j)."""


SERVED = (
    Entry("iam", "query", "2010-05-08", "iam"),
    Entry("sts", "query", "2011-06-15", "sts"),
    Entry("cloudtrail", "json", "2013-11-01", "cloudtrail", "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101"),
    Entry("cloudtrail-data", "rest-json", "2021-08-11", "cloudtrail-data"),
    Entry("config", "json", "2014-11-12", "config", "StarlingDoveService"),
    Entry("secretsmanager", "json", "2017-10-17", "secretsmanager", "secretsmanager"),
    Entry("ssm", "json", "2014-11-06", "ssm", "AmazonSSM"),
    Entry("sso", "rest-json", "2019-06-10", "awsssoportal", open_paths=True),
    Entry("sso-oidc", "rest-json", "2019-06-10", "sso-oauth", open_paths=True),
    Entry("sso-admin", "json", "2020-07-20", "sso", "SWBExternalService"),
    Entry("identitystore", "json", "2020-06-15", "identitystore", "AWSIdentityStore"),
    Entry("signin", "rest-json", "2023-01-01", "signin", open_paths=True),
    Entry("organizations", "json", "2016-11-28", "organizations", "AWSOrganizationsV20161128"),
    Entry("accessanalyzer", "rest-json", "2019-11-01", "access-analyzer"),
    Entry("rolesanywhere", "rest-json", "2018-05-10", "rolesanywhere"),
    Entry("iam-toolbox", "rest-json", "2018-05-10", "iam"),
    Entry("account-access-runtime", "rest-json", "2018-05-10", "account-access", open_paths=True),
)

PREFERENCE = ("json", "rest-json", "query")
"""Which protocol is taken of several that a model declares: botocore's order, among those spoken here (W2.3)."""
