"""The errors of Organizations' model. All have status 400 and the code of their shape (W7.4). A test compares them with the model."""

from __future__ import annotations

from typing import ClassVar

from akia.aws.errors import AwsError


class OrganizationError(AwsError):
    """Named after its shape; `text` is what it says when there is nothing special to say."""

    status = 400
    text: ClassVar[str] = ""

    def __init_subclass__(cls) -> None:
        cls.code = f"{cls.__name__}Exception"

    def __init__(self, message: str = "", *, detail: str = "") -> None:
        super().__init__(message or self.text, detail=detail)


class _WithReason(OrganizationError):
    """`reason` is a value of the model's enumeration."""

    def __init__(self, reason: str, message: str = "") -> None:
        super().__init__(message)
        self.more = {"Reason": reason}


class ConstraintViolation(_WithReason):
    text = "You have exceeded a limit of the organization, or the operation would violate one."


class HandshakeConstraintViolation(_WithReason):
    text = "The requested operation would violate a constraint on handshakes."


class InvalidInput(_WithReason):
    text = "You specified an invalid value."


class AWSOrganizationsNotInUse(OrganizationError):
    text = "Your account is not a member of an organization."


class AlreadyInOrganization(OrganizationError):
    text = "The AWS account is already a member of an organization."


class OrganizationNotEmpty(OrganizationError):
    text = "To delete an organization you must first remove all member accounts (except the management account)."


class MasterCannotLeaveOrganization(OrganizationError):
    text = "The management account cannot be removed from its organization."


class AccountNotFound(OrganizationError):
    text = "You specified an account that doesn't exist."


class AccountAlreadyClosed(OrganizationError):
    text = "The account is already closed."


class DuplicateAccount(OrganizationError):
    text = "That account is already present in the specified destination."


class SourceParentNotFound(OrganizationError):
    text = "You specified a source parent that doesn't exist or doesn't hold the account."


class DestinationParentNotFound(OrganizationError):
    text = "You specified a destination parent that doesn't exist."


class CreateAccountStatusNotFound(OrganizationError):
    text = "You specified a create account request that doesn't exist."


class RootNotFound(OrganizationError):
    text = "You specified a root that doesn't exist."


class ParentNotFound(OrganizationError):
    text = "You specified parent that doesn't exist."


class ChildNotFound(OrganizationError):
    text = "You specified a child that doesn't exist."


class OrganizationalUnitNotFound(OrganizationError):
    text = "You specified an organizational unit that doesn't exist."


class OrganizationalUnitNotEmpty(OrganizationError):
    text = "The organizational unit must be empty: move or delete its accounts and child units first."


class DuplicateOrganizationalUnit(OrganizationError):
    text = "An OU with the same name already exists."


class PolicyNotFound(OrganizationError):
    text = "You specified a policy that doesn't exist."


class PolicyInUse(OrganizationError):
    text = "The policy is attached to one or more entities. Detach it before you delete it."


class DuplicatePolicy(OrganizationError):
    text = "A policy with the same name already exists."


class MalformedPolicyDocument(OrganizationError):
    text = "The provided policy document does not meet the requirements of the specified policy type."


class PolicyTypeNotAvailableForOrganization(OrganizationError):
    text = "You can't use the specified policy type with the feature set currently enabled for this organization."


class PolicyTypeNotEnabled(OrganizationError):
    text = "This operation can be performed only for enabled policy types."


class PolicyTypeAlreadyEnabled(OrganizationError):
    text = "The specified policy type is already enabled."


class TargetNotFound(OrganizationError):
    text = "You specified a target that doesn't exist."


class DuplicatePolicyAttachment(OrganizationError):
    text = "The selected policy is already attached to the specified target."


class PolicyNotAttached(OrganizationError):
    text = "The policy isn't attached to the specified target in the specified root."


class HandshakeNotFound(OrganizationError):
    text = "You specified a handshake that doesn't exist."


class HandshakeAlreadyInState(OrganizationError):
    text = "The specified handshake is already in the requested state."


class InvalidHandshakeTransition(OrganizationError):
    text = "You can't perform the operation on the handshake in its current state."


class DuplicateHandshake(OrganizationError):
    text = "A handshake with the same action and target already exists."


class AccountAlreadyRegistered(OrganizationError):
    text = "The specified account is already a delegated administrator for this AWS service."


class AccountNotRegistered(OrganizationError):
    text = "The specified account is not a delegated administrator for this AWS service."


class ResourcePolicyNotFound(OrganizationError):
    text = "The organization has no resource policy."
