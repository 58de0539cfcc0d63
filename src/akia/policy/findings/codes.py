"""The findings that ValidatePolicy knows: code, type and text, one row each (P5.5-2 to P5.5-5), and the ones for RCPs (P1.6-3)."""

from __future__ import annotations

from typing import NamedTuple

from akia.policy.findings.finding import FindingType

_PAGE = (
    "https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html#access-analyzer-reference-policy-checks"
)
_SECTION = {
    FindingType.ERROR: "error",
    FindingType.WARNING: "general-warning",
    FindingType.SECURITY_WARNING: "security-warning",
    FindingType.SUGGESTION: "suggestion",
}


class Code(NamedTuple):
    """A row. `text` has blanks in braces."""

    name: str
    type: FindingType
    text: str

    @property
    def link(self) -> str:
        """AWS's page on this code."""
        return f"{_PAGE}-{_SECTION[self.type]}-{self.name.lower().replace('_', '-')}"


_ERRORS = {
    "ARN_ACCOUNT_NOT_ALLOWED": "Resource ARNs of the service {service} have no account ID. Remove it.",
    "ARN_REGION_NOT_ALLOWED": "Resource ARNs of the service {service} have no Region. Remove it.",
    "DATA_TYPE_MISMATCH": "The JSON data type is not the expected one: {expected}.",
    "DUPLICATE_KEYS_WITH_DIFFERENT_CASE": "The condition key {key} stands more than once, in different capitalization, in the same"
    " condition block. Remove the duplicates.",
    "EMPTY_VARIABLE": "The policy variable is empty. Remove the ${{ }} or name a variable in it.",
    "FEDERATED_PRINCIPAL_NOT_SUPPORTED": "This type of policy does not support a federated identity provider as principal."
    " Use a supported principal.",
    "INVALID_ACTION": "The action {action} does not exist.{hint}",
    "INVALID_ARN_ACCOUNT": "The account ID {account} of the resource ARN is not valid. Provide a 12-digit account ID.",
    "INVALID_ARN_PREFIX": "A resource ARN starts with the prefix arn. Add it.",
    "INVALID_ARN_REGION": "The Region {region} is not valid for this resource. Update the resource ARN with a supported Region.",
    "INVALID_ARN_RESOURCE": "The resource ARN does not have the form of any resource of {service}. Update the resource part of the ARN.",
    "INVALID_ARN_SERVICE_CASE": "Write the service name {service} of the resource ARN in lowercase letters.",
    "INVALID_CONDITION_DATA_TYPE": "The values of the condition key have different JSON data types. Use values of one type.",
    "INVALID_CONDITION_KEY_FORMAT": "The condition key {key} does not have the format service:keyname.",
    "INVALID_CONDITION_MULTIPLE_BOOLEAN": "The condition key {key} takes one Boolean value, not several.",
    "INVALID_CONDITION_OPERATOR": "The condition operator {operator} is not valid. Use a valid one.",
    "INVALID_EFFECT": "The effect {effect} is not valid. Use Allow or Deny.",
    "INVALID_FEDERATED_PRINCIPAL_SYNTAX_IN_ROLE_TRUST_POLICY": "The federated principal does not have the expected format."
    " Use a domain name or the ARN of a SAML provider.",
    "INVALID_GLOBAL_CONDITION_KEY": "The condition key {key} does not exist. Use a valid condition key.",
    "INVALID_PARTITION": "The resource ARN does not support the partition {partition}. Use one of: {partitions}.",
    "INVALID_POLICY_ELEMENT": "The policy element {element} is not valid.",
    "INVALID_PRINCIPAL_FORMAT": "The contents of the Principal element are not valid. Give a key-value pair with a valid principal.",
    "INVALID_PRINCIPAL_KEY": "The principal key {key} is not valid.",
    "INVALID_REGION": "The Region {region} is not valid. Update the condition value to a supported Region.",
    "INVALID_SERVICE": "The service {service} does not exist. Use a valid service name.",
    "INVALID_SERVICE_CONDITION_KEY": "The condition key {key} does not exist in the service {service}. Use a valid condition key.",
    "INVALID_SERVICE_IN_ACTION": "The service {service} of the action does not exist.{hint}",
    "INVALID_SERVICE_PRINCIPAL_FORMAT": "The service principal does not have the expected format. Use the format {format}.",
    "INVALID_VARIABLE_FOR_OPERATOR": "Policy variables work with String and ARN operators only.",
    "INVALID_VERSION": "The version {version} is not valid. Use one of: {versions}.",
    "INVALID_VPC_FORMAT": "The VPC identifier is not valid. Use the prefix 'vpc-' and 8 or 17 alphanumeric characters after it.",
    "INVALID_VPCE_FORMAT": "The VPC endpoint identifier is not valid. Use the prefix 'vpce-' and 8 or 17 alphanumeric characters after it.",
    "JSON_SYNTAX_ERROR": "Fix the JSON syntax error at index {index} line {line} column {column}.",
    "MISMATCHED_ACTION_FOR_PRINCIPAL": "The action {action} is not valid with the principal(s) {principals}. Use a SAML provider with"
    " sts:AssumeRoleWithSAML, an OIDC provider with sts:AssumeRoleWithWebIdentity, both under the key Federated.",
    "MISSING_ACTION": "Add an Action or NotAction element to the policy statement.",
    "MISSING_ACTION_FOR_CONDITION_KEY": "Only with the action {action} in the action block can values be set for the condition key {key}."
    " Add {action}.",
    "MISSING_ACTION_FOR_ROLES_ANYWHERE_TRUST_POLICY": "The service principal rolesanywhere.amazonaws.com needs sts:AssumeRole,"
    " sts:SetSourceIdentity and sts:TagSession to assume a role. Add the missing ones.",
    "MISSING_ARN_FIELD": "A resource ARN has at least {fields} fields: arn:partition:service:region:account:resource",
    "MISSING_ARN_REGION": "Add a Region to the {service} resource ARN.",
    "MISSING_BRACE_IN_VARIABLE": "The policy variable lacks its closing curly brace. Add }} after the variable text.",
    "MISSING_EFFECT": "Add an Effect element with the value Allow or Deny to the policy statement.",
    "MISSING_PRINCIPAL": "Add a Principal element to the policy statement.",
    "MISSING_QUALIFIER": "The request context key {key} has multiple values. Use the qualifier ForAllValues or ForAnyValue.",
    "MISSING_QUOTE_IN_VARIABLE": "The default value of a policy variable begins and ends with a single quote. Add the missing quote.",
    "MISSING_RESOURCE": "Add a Resource or NotResource element to the policy statement.",
    "MISSING_STATEMENT": "Add a statement to the policy",
    "MISSING_TAG_KEY_IN_CONDITION": "The condition key {key} must include a tag key. Use the format {key}tag-key.",
    "NULL_WITH_IF_EXISTS": "The condition operator Null cannot have the suffix IfExists. Update the operator or the suffix.",
    "POLICY_SIZE_EXCEEDS_SCP_QUOTA": "The {size} characters of the service control policy (SCP) exceed the maximum of {quota} characters."
    " Use several smaller policies.",
    "PRIVATE_IP_ADDRESS": "The values of aws:SourceIp are private IP addresses only, but the key holds public ones: the condition never"
    " matches. Use public IP addresses.",
    "PRIVATE_NOT_IP_ADDRESS": "The values of aws:SourceIp are private IP addresses only, but the key holds public ones: the condition has"
    " no effect. Use public IP addresses.",
    "ROLE_TRUST_POLICY_SYNTAX_ERROR_NOTPRINCIPAL": "Role trust policies do not support NotPrincipal. Use Principal instead.",
    "ROLE_TRUST_POLICY_SYNTAX_ERROR_RESOURCE": "A role trust policy is about the role that it is attached to."
    " Remove the Resource or NotResource element.",
    "ROLE_TRUST_POLICY_UNSUPPORTED_WILDCARD_IN_PRINCIPAL": '"Principal": "*" is not supported in a role trust policy.'
    " Replace the wildcard with a valid principal.",
    "SCP_SYNTAX_ERROR_ACTION_WILDCARD": "Wildcards (*) stand only at the end of an action of an SCP. Update {action}.",
    "SCP_SYNTAX_ERROR_ALLOW_CONDITION": "SCPs do not support Condition with the effect Allow.",
    "SCP_SYNTAX_ERROR_ALLOW_NOTACTION": "SCPs do not support NotAction with the effect Allow.",
    "SCP_SYNTAX_ERROR_ALLOW_RESOURCE": "SCPs do not support Resource with the effect Allow.",
    "SCP_SYNTAX_ERROR_NOTRESOURCE": "SCPs do not support NotResource.",
    "SCP_SYNTAX_ERROR_PRINCIPAL": "SCPs do not name principals. Remove the Principal or NotPrincipal element.",
    "UNIQUE_SIDS_REQUIRED": "This type of policy does not support duplicate statement IDs. Update the Sid value.",
    "UNSUPPORTED_ACTION_FOR_CONDITION_KEY": "The actions {actions} are not supported by the condition key {key}: it is not in their"
    " requests. Move these actions to a statement without this key.",
    "UNSUPPORTED_ACTION_IN_POLICY": "The action {action} is not supported in the policy of a resource of type {resource_type}.",
    "UNSUPPORTED_CONDITION_KEY_FOR_SERVICE_PRINCIPAL": "These condition keys are not supported with a service principal: {keys}.",
    "UNSUPPORTED_ELEMENT_COMBINATION": "The elements {one} and {other} cannot stand in the same statement. Remove one of them.",
    "UNSUPPORTED_GLOBAL_CONDITION_KEY": "The condition key aws:ARN is not supported. Use aws:PrincipalArn or aws:SourceArn instead.",
    "UNSUPPORTED_PRINCIPAL": "The policy type {type} does not support the Principal element. Remove it.",
    "UNSUPPORTED_RESOURCE_ARN_IN_POLICY": "The resource ARN is not supported in the policy of a resource of type {resource_type}.",
    "UNSUPPORTED_SID": "Use only these characters in the Sid element: [a-z, A-Z, 0-9]",
    "UNSUPPORTED_SPACE_IN_VARIABLE": "A space is not supported in the name of a policy variable. Remove it.",
    "UNSUPPORTED_WILDCARD_IN_PRINCIPAL": "Wildcards (*, ?) are not supported with the principal key {key}."
    " Replace the wildcard with a valid principal.",
    "VARIABLE_UNSUPPORTED_IN_ELEMENT": "Policy variables work in the Resource and Condition elements. Remove {variable} from this element.",
    "VARIABLE_UNSUPPORTED_IN_VERSION": "Policy variables need the policy version 2012-10-17 or later.",
    "POLICY_SIZE_EXCEEDS_RCP_QUOTA": "The {size} characters of the resource control policy (RCP) exceed the maximum of {quota} characters."
    " Use several smaller policies.",
    "RCP_SYNTAX_ERROR_ACTION": "RCPs bind some services only; {action} is of none of them.",
    "RCP_SYNTAX_ERROR_ALLOW": "Customers' RCPs only deny. Use the effect Deny.",
    "RCP_SYNTAX_ERROR_NOTACTION": "RCPs do not support the NotAction element. Use the Action element.",
    "RCP_SYNTAX_ERROR_PRINCIPAL": 'RCPs support "*" in the Principal element and nothing else, and no NotPrincipal element.',
}
_SLR = "can allow the creation of service-linked roles that nobody intended, since it allows iam:CreateServiceLinkedRole"
_WARNINGS = {
    "CREATE_SLR_WITH_NOT_ACTION_AND_NOT_RESOURCE": f"NotAction with NotResource {_SLR} on many resources. Name the resource ARNs instead.",
    "CREATE_SLR_WITH_NOT_RESOURCE": "The action iam:CreateServiceLinkedRole with NotResource can allow the creation of service-linked roles"
    " that nobody intended. Name the resource ARNs instead.",
    "CREATE_SLR_WITH_STAR_IN_ACTION_AND_NOT_RESOURCE": f"An action with a wildcard (*) and NotResource {_SLR} on many resources."
    " Name the resource ARNs instead.",
    "CREATE_SLR_WITH_STAR_IN_ACTION_AND_RESOURCE": f"Wildcards (*) in the action and the resource {_SLR} on all resources."
    " Name the resource ARNs instead.",
    "CREATE_SLR_WITH_STAR_IN_RESOURCE": "The action iam:CreateServiceLinkedRole with a wildcard (*) in the resource can allow the creation"
    " of service-linked roles that nobody intended. Name the resource ARNs instead.",
    "CREATE_SLR_WITH_STAR_IN_RESOURCE_AND_NOT_ACTION": f"NotAction with a wildcard (*) in the resource {_SLR} on all resources."
    " Name the resource ARNs instead.",
    "DEPRECATED_GLOBAL_CONDITION_KEY": "The condition key {key} is deprecated. Use {newer} instead.",
    "INVALID_DATE_VALUE": "The date {value} is read as seconds since 1970, which may not be what it looks like. Use the YYYY-MM-DD format.",
    "INVALID_ROLE_REFERENCE": "The Principal element has the ID {id} of an IAM role. Use the ARN of the role instead.",
    "INVALID_USER_REFERENCE": "The Principal element has the ID {id} of an IAM user. Use the ARN of the user instead.",
    "MISSING_VERSION": "Give the Version element: without it newer features of the policy language do not work.",
    "POLICY_SIZE_EXCEEDS_IDENTITY_POLICY_QUOTA": "The {size} characters of the identity policy, white space not counted, exceed the maximum"
    " of {inline} characters for inline and {managed} for managed policies. Use several smaller policies.",
    "POLICY_SIZE_EXCEEDS_RESOURCE_POLICY_QUOTA": "The {size} characters of the resource policy exceed the maximum of {quota} characters for"
    " resource policies. Use several smaller policies.",
    "POLICY_SIZE_EXCEEDS_ROLE_TRUST_POLICY_QUOTA": "The {size} characters of the role trust policy, white space not counted, exceed the"
    " maximum of {quota} characters. Ask for a larger quota, unless you have.",
    "SPECIFIC_GITHUB_REPO_AND_BRANCH_RECOMMENDED": "A wildcard (*) in token.actions.githubusercontent.com:sub can let in more sources than"
    " intended. Name the repository and the branch.",
    "TYPE_MISMATCH": "Use an operator of type {expected} instead of {operator} for the condition key {key}.",
    "TYPE_MISMATCH_BOOLEAN": "Give the condition operator {operator} a Boolean value, true or false.",
    "TYPE_MISMATCH_DATE": "The date condition operator has a value that is no date. Use YYYY-MM-DD or another ISO 8601 format.",
    "TYPE_MISMATCH_IP_RANGE": "The condition operator {operator} has a value that is no IP range. Use the CIDR format.",
    "TYPE_MISMATCH_NUMBER": "Give the condition operator {operator} a numeric value.",
    "TYPE_MISMATCH_STRING": "Give the condition operator {operator} a base64-encoded value.",
    "UNIQUE_SIDS_RECOMMENDED": "Use statement IDs that are unique in the policy. Update the Sid value.",
    "WILDCARD_WITHOUT_LIKE_OPERATOR": "The condition value includes a * or ? character. If it is meant as a wildcard, use an operator with"
    " Like.",
}
_PASS = "can be overly permissive, since it allows iam:PassRole"  # noqa: S105 - no password
_NAME_ROLES = "Name the resource ARNs instead."
_NAME_ROLES_OR_SERVICE = "Name the resource ARNs or add the condition key iam:PassedToService."
_SECURITY_WARNINGS = {
    "ALLOW_WITH_NOT_PRINCIPAL": "Allow with NotPrincipal can be overly permissive. Use Principal instead.",
    "DENY_NOTACTION_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE": "Deny with NotAction and the tag condition key {key} can be overly"
    " permissive: actions that do not support the key are not denied. Use Action instead of NotAction.",
    "DENY_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE": "Deny with the tag condition key {key} can be overly permissive with actions of"
    " services with these prefixes: {services}. They are not denied. Move them to a statement without this key.",
    "FORALLVALUES_WITH_SINGLE_VALUED_KEY": "The qualifier ForAllValues with the single-valued condition key {key} can be overly permissive."
    " Remove ForAllValues:.",
    "MISSING_CONDITION_KEY_FOR_OIDC_PRINCIPAL": "An OpenID Connect principal without a condition can be overly permissive. Add condition"
    " keys with the prefix of the provider, so that only the intended identities assume the role.",
    "MISSING_GITHUB_REPO_CONDITION_KEY": "A federated GitHub principal without a condition can let more sources assume the role than"
    " intended. Add the condition key token.actions.githubusercontent.com:sub with the repository and the branch.",
    "MISSING_PAIRED_CONDITION_KEYS": "The condition key {key} can be overly permissive without: {pairs}."
    " Add the related condition keys to the same condition block.",
    "PASS_ROLE_WITH_NOT_ACTION_AND_NOT_RESOURCE": f"NotAction with NotResource {_PASS} on many resources. {_NAME_ROLES}",
    "PASS_ROLE_WITH_NOT_RESOURCE": f"The action iam:PassRole with NotResource can be overly permissive. {_NAME_ROLES}",
    "PASS_ROLE_WITH_STAR_IN_ACTION_AND_NOT_RESOURCE": f"An action with a wildcard (*) and NotResource {_PASS} on many resources."
    f" {_NAME_ROLES}",
    "PASS_ROLE_WITH_STAR_IN_ACTION_AND_RESOURCE": f"Wildcards (*) in the action and the resource {_PASS} on all resources."
    f" {_NAME_ROLES_OR_SERVICE}",
    "PASS_ROLE_WITH_STAR_IN_RESOURCE": "The action iam:PassRole with a wildcard (*) in the resource can be overly permissive."
    f" {_NAME_ROLES_OR_SERVICE}",
    "PASS_ROLE_WITH_STAR_IN_RESOURCE_AND_NOT_ACTION": f"NotAction with a wildcard (*) in the resource {_PASS} on all resources."
    f" {_NAME_ROLES_OR_SERVICE}",
    "RESTRICT_ACCESS_TO_SERVICE_PRINCIPAL": "Granting access to a service principal without a source is overly permissive."
    " Use the condition key aws:SourceArn, aws:SourceAccount, aws:SourceOrgID or aws:SourceOrgPaths.",
}
_SUGGESTIONS = {
    "ALLOW_NOTACTION_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE": "Allow with NotAction and the tag condition key {key} allows only"
    " actions that support the key. Use Action instead of NotAction.",
    "ALLOW_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE": "Allow with the tag condition key {key} does nothing for actions of services"
    " with these prefixes: {services}. They are not allowed. Move them to a statement without this key.",
    "CONFIRM_AUDIENCE_CLAIM_TYPE": 'The claim "{key}" (audience) names whom a token is meant for.'
    " If the claim has a single value, use no qualifier.",
    "EMPTY_ARRAY_ACTION": "This statement has no actions and does not affect the policy. Specify actions.",
    "EMPTY_ARRAY_CONDITION": "The condition key {key} has no values. Specify values.",
    "EMPTY_ARRAY_CONDITION_FORALLVALUES": "With ForAllValues and no values the condition on {key} matches only if the key is missing."
    " To ask for that, use the operator Null with the value true.",
    "EMPTY_ARRAY_CONDITION_FORANYVALUE": "With ForAnyValue and no values the condition on {key} never matches. Specify values.",
    "EMPTY_ARRAY_CONDITION_IFEXISTS": "With IfExists and no values the condition on {key} matches only if the key is missing."
    " To ask for that, use the operator Null with the value true.",
    "EMPTY_ARRAY_PRINCIPAL": "This statement has no principals and does not affect the policy. Specify principals.",
    "EMPTY_ARRAY_RESOURCE": "This statement has no resources and does not affect the policy. Specify resources.",
    "EMPTY_OBJECT_CONDITION": "This condition block is empty and does not affect the policy. Specify conditions.",
    "EMPTY_OBJECT_PRINCIPAL": "This statement has no principals and does not affect the policy. Specify principals.",
    "EMPTY_SID_VALUE": "Add a value to the empty string in the Sid element.",
    "IMPROVE_IP_RANGE": "The bits of the IP address behind the mask are ignored. Replace {address} with {network}.",
    "IRRELEVANT_CONDITION_KEY_IN_POLICY": "The condition key {key} is not relevant in the policy of a resource of type {resource_type}."
    " Use it in identity-based policies.",
    "NULL_WITH_QUALIFIER": "Do not use the operator Null with ForAllValues or ForAnyValue: it is then always true or always false.",
    "PRIVATE_IP_ADDRESS_SUBSET": "The values of aws:SourceIp mix private and public IP addresses. The private ones never match."
    " For private IP ranges use aws:VpcSourceIp.",
    "PRIVATE_NOT_IP_ADDRESS_SUBSET": "The values of aws:SourceIp mix private and public IP addresses. The private ones have no effect."
    " For private IP ranges use aws:VpcSourceIp.",
    "RECOMMENDED_CONDITION_KEY_FOR_SERVICE_PRINCIPAL": "To restrict the access of the service principal {service}, aws:SourceArn,"
    " aws:SourceAccount, aws:SourceOrgID or aws:SourceOrgPaths is better than {key}.",
    "REDUNDANT_ACTION": "The {count} action(s) are redundant, since others cover them. Remove them, for example: {example}.",
    "REDUNDANT_CONDITION_VALUE_NUM": "Several values of {key} are redundant. One is enough: {value}.",
    "REDUNDANT_PRINCIPAL_IN_ROLE_TRUST_POLICY": "The assumed-role principal {session} is redundant with its role {role}. Remove it.",
    "REDUNDANT_RESOURCE": "The {count} resource ARN(s) are redundant, since others cover them. Review the use of wildcards (*)",
    "REDUNDANT_STATEMENT": "The statements are redundant, since they say the same. Remove one of them.",
    "WILDCARD_IN_SERVICE_NAME": "Do not use wildcards (*, ?) in the service name: they may mean services that nobody intended.",
}

CODES = {
    name: Code(name, kind, text)
    for kind, texts in (
        (FindingType.ERROR, _ERRORS),
        (FindingType.WARNING, _WARNINGS),
        (FindingType.SECURITY_WARNING, _SECURITY_WARNINGS),
        (FindingType.SUGGESTION, _SUGGESTIONS),
    )
    for name, text in texts.items()
}
"""By name."""

_FULL_LANGUAGE = "since September 2025 SCPs take the full policy language (P1.6-2)"
CANNOT_OCCUR = {
    "SCP_SYNTAX_ERROR_ACTION_WILDCARD": _FULL_LANGUAGE,
    "SCP_SYNTAX_ERROR_ALLOW_CONDITION": _FULL_LANGUAGE,
    "SCP_SYNTAX_ERROR_ALLOW_NOTACTION": _FULL_LANGUAGE,
    "SCP_SYNTAX_ERROR_ALLOW_RESOURCE": _FULL_LANGUAGE,
    "SCP_SYNTAX_ERROR_NOTRESOURCE": _FULL_LANGUAGE,
}
"""Documented codes that no rule reports, and why."""
