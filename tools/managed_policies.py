"""Write src/akia/aws/data/managed_policies.json: the AWS managed policies that akia ships.

    python tools/managed_policies.py SOURCE

SOURCE holds the facts: a JSON object, or a Python file with such an object in a string constant, of the form
`{name: {"Path", "DefaultVersionId", "CreateDate", "UpdateDate", "Document"}}`; every policy of it is taken. The source has no descriptions:
those of the policies that everybody uses are ours, below.
Elements are put in the order in which AWS prints them; one policy a line, so that a change of AWS's shows as one changed line.
"""

from __future__ import annotations

import argparse
import ast
import json
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from akia.aws.managed_policies import policies_in

if TYPE_CHECKING:
    from collections.abc import Mapping

TARGET = Path(__file__).parents[1] / "src/akia/aws/data/managed_policies.json"
ELEMENTS = ["Version", "Id", "Statement", "Sid", "Effect", "Principal", "NotPrincipal"]
ELEMENTS += ["Action", "NotAction", "Resource", "NotResource", "Condition"]

DESCRIPTIONS = {
    "AdministratorAccess": "Everything, in every service.",
    "PowerUserAccess": "Everything except the administration of users, groups, the organization and the account.",
    "ReadOnlyAccess": "Reads of every service.",
    "ViewOnlyAccess": "Lists and descriptions of resources, without the data in them.",
    "SecurityAudit": "Reads of the configuration that matters to security.",
    "AWSDenyAll": "Denies everything.",
    "IAMFullAccess": "Everything in IAM.",
    "IAMReadOnlyAccess": "Reads of IAM.",
    "IAMUserChangePassword": "A user changes the own password.",
    "IAMUserSSHKeys": "A user manages the own SSH keys.",
    "IAMSelfManageServiceSpecificCredentials": "A user manages the own service-specific credentials.",
    "IAMAccessAdvisorReadOnly": "Reads of the times at which services were last used.",
    "IAMAccessAnalyzerFullAccess": "Everything in IAM Access Analyzer.",
    "IAMAccessAnalyzerReadOnlyAccess": "Reads of IAM Access Analyzer.",
    "IAMAuditRootUserCredentials": "Root task: look for credentials of a member account's root user.",
    "IAMCreateRootUserPassword": "Root task: let a member account's root user set a password anew.",
    "IAMDeleteRootUserCredentials": "Root task: remove the credentials of a member account's root user.",
    "AWSCompromisedKeyQuarantine": "Denies what thieves of access keys do first.",
    "AWSCompromisedKeyQuarantineV2": "Denies what thieves of access keys do first (second edition).",
    "AWSCompromisedKeyQuarantineV3": "Denies what thieves of access keys do first (third edition).",
    "AmazonS3FullAccess": "Everything in S3.",
    "AmazonS3ReadOnlyAccess": "Reads of S3.",
    "AmazonSSMFullAccess": "Everything in Systems Manager.",
    "AmazonSSMReadOnlyAccess": "Reads of Systems Manager, parameters included.",
    "AmazonSSMManagedInstanceCore": "What an instance needs to be managed by Systems Manager.",
    "SecretsManagerReadWrite": "Everything in Secrets Manager, and what its console needs of other services.",
    "AWSSecretsManagerClientReadOnlyAccess": "Reads of secrets, and the decryption that belongs to it.",
    "AWSKeyManagementServicePowerUser": "Creation, listing and description of KMS keys.",
    "AWSCloudTrail_FullAccess": "Everything in CloudTrail.",
    "AWSCloudTrail_ReadOnlyAccess": "Reads of CloudTrail.",
    "AWSConfigUserAccess": "Use of AWS Config: reads, tags and queries.",
    "AWSConfigRulesExecutionRole": "What the function behind a custom Config rule needs.",
    "AWSOrganizationsFullAccess": "Everything in Organizations.",
    "AWSOrganizationsReadOnlyAccess": "Reads of Organizations.",
    "AWSAccountManagementFullAccess": "Everything in Account Management.",
    "AWSAccountManagementReadOnlyAccess": "Reads of Account Management.",
    "AWSSSOMasterAccountAdministrator": "Administration of IAM Identity Center in the management account.",
    "AWSSSOMemberAccountAdministrator": "Administration of IAM Identity Center in a member account.",
    "AWSSSOReadOnly": "Reads of IAM Identity Center's configuration.",
    "AWSSSODirectoryAdministrator": "Administration of IAM Identity Center's directory.",
    "AWSSSODirectoryReadOnly": "Reads of IAM Identity Center's directory.",
    "AWSIAMIdentityCenterAllowListForIdentityContext": "Denies what sessions with an identity context may not do.",
    "AWSRolesAnywhereFullAccess": "Everything in IAM Roles Anywhere.",
    "AWSRolesAnywhereReadOnly": "Reads of IAM Roles Anywhere.",
    "SignInLocalDevelopmentAccess": "Sign-in of command-line tools through the browser.",
    "AWSSupportAccess": "Everything in Support.",
    "Billing": "Job function: bills, payments and cost tools.",
    "DatabaseAdministrator": "Job function: set-up and upkeep of databases.",
    "DataScientist": "Job function: data analysis.",
    "NetworkAdministrator": "Job function: set-up and upkeep of networks.",
    "SupportUser": "Job function: finding and solving problems.",
    "SystemAdministrator": "Job function: set-up and upkeep of resources for development.",
}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("source", type=Path)
    options = parser.parse_args()
    facts = read(options.source)
    records = [record(name, facts[name]) for name in sorted(facts)]
    policies_in(records)  # refuses what the loader would refuse
    lines = ",\n".join(json.dumps(one, separators=(",", ":")) for one in records)
    text = f"[\n{lines}\n]\n"
    TARGET.write_text(text, "utf-8")
    TARGET.with_suffix(".edition").write_text(sha256(text.encode()).hexdigest()[:16] + "\n", "ascii")
    print(f"{TARGET.name}: {len(records)} policies, {TARGET.stat().st_size} bytes")


def read(source: Path) -> Mapping[str, Any]:
    """The facts in `source`. Nothing of a Python file is executed: its longest string constant is parsed."""
    text = source.read_text("utf-8")
    if source.suffix == ".py":
        constants = (node.value for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Constant))
        text = max((value for value in constants if isinstance(value, str)), key=len)
    facts: Mapping[str, Any] = json.loads(text)
    return facts


def record(name: str, facts: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "PolicyName": name,
        "Path": facts["Path"],
        "DefaultVersionId": facts["DefaultVersionId"],
        "Description": DESCRIPTIONS.get(name, ""),
        "CreateDate": moment(facts["CreateDate"]),
        "UpdateDate": moment(facts["UpdateDate"]),
        "Document": in_order(facts["Document"]),
    }


def moment(text: str) -> str:
    return datetime.fromisoformat(text).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def in_order(document: Mapping[str, Any]) -> dict[str, Any]:
    """`document` with its elements, and those of its statements, in AWS's order; conditions stay as they are."""
    statements = document["Statement"]
    arranged = [arrange(one) for one in ([statements] if isinstance(statements, dict) else statements)]
    return arrange({**document, "Statement": arranged})


def arrange(elements: Mapping[str, Any]) -> dict[str, Any]:
    return {name: elements[name] for name in sorted(elements, key=ELEMENTS.index)}


if __name__ == "__main__":
    main()
