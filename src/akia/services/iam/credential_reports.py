"""Who has which credentials, and how old they are: GenerateCredentialReport, GetCredentialReport (AC9)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from akia.aws.errors import ReportExpired, ReportNotPresent
from akia.identity.account import root_arn
from akia.identity.credential_report import ROOT, CredentialFacts, CredentialReport, PasswordFacts, to_csv
from akia.operation import Access, Context, everything
from akia.services.iam._iam import iam, utc

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from akia.wire.shapes import iam as shapes

COMPLETE = "COMPLETE"
_EVERYBODY = 2**31


def _with_last_uses(ctx: Context, request: object) -> None:
    """Calls that changed nothing wait in the journals until somebody asks when a key was last used."""
    ctx.authority.drain_journals()


@iam.operation("GenerateCredentialReport", access=Access.READ, resource=everything, writes=True, gather=_with_last_uses)
def generate_credential_report(ctx: Context, _: None) -> shapes.GenerateCredentialReportResponse:
    """A new report, made at once, unless the one at hand is younger than `credential_report_seconds` (AC9.1)."""
    held = ctx.store.credential_reports.get(ctx.account)
    if held is None or ctx.now - held.generated >= ctx.authority.quotas.credential_report_seconds:
        ctx.store.credential_reports.put(CredentialReport(ctx.account, ctx.now, to_csv(_lines(ctx))))
    return {"State": COMPLETE}


@iam.operation("GetCredentialReport", access=Access.READ, resource=everything)
def get_credential_report(ctx: Context, request: object) -> shapes.GetCredentialReportResponse:
    """Raises ReportNotPresent if none was ever made, ReportExpired if the last one is too old to go by."""
    report = ctx.store.credential_reports.get(ctx.account)
    if report is None:
        raise ReportNotPresent("No report exists. Generate a report first.")
    if ctx.now - report.generated > ctx.authority.quotas.credential_report_lifetime:
        raise ReportExpired("The report has expired. Generate a new report.")
    return {"Content": report.content.encode(), "ReportFormat": "text/csv", "GeneratedTime": utc(report.generated)}


def _lines(ctx: Context) -> Iterator[CredentialFacts]:
    """Everybody's, the root user's first (AC9.4), as the store of this transaction has them."""
    store, account = ctx.store, ctx.account
    keys, certificates = store.credential_reports.keys(account), store.credential_reports.certificates(account)
    passwords, with_mfa = _passwords(ctx), store.mfa_devices.owners(account)

    def facts(owner: str, name: str, arn: str, created: int) -> CredentialFacts:
        counted = [(ctx.authority.as_it_counts(key, store, ctx.now), used) for key, used in keys.get(owner, ())]
        held = counted, certificates.get(owner, ())
        return CredentialFacts(name, arn, created, passwords.get(owner), owner in with_mfa, *held)

    found = store.accounts.get(account)
    yield facts(account, ROOT, str(root_arn(account)), found.created if found is not None else 0)
    for user in store.users.page(account, limit=_EVERYBODY):
        yield facts(user.id, user.name, str(user.arn), user.created)


def _passwords(ctx: Context) -> Mapping[str, PasswordFacts]:
    """By owner, the root user by the account's id."""
    policy = ctx.store.password_policies.get(ctx.account)
    return {
        owner: PasswordFacts(profile.changed, profile.used, policy.expires(profile.changed) if policy is not None else None)
        for owner, profile in ctx.store.login_profiles.all(ctx.account).items()
    }
