"""Which of a principal's policies a simulation leaves out: `PolicyExclusionList` of SimulatePrincipalPolicy."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from akia.aws.arn import Arn
from akia.aws.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Sequence

    from akia.services.iam.policy_sources import Source
    from akia.wire.shapes import iam as shapes

BOUNDARY, SCP = "permission-boundary", "scp"
_INLINE = "inline"
_HOLDERS = frozenset({"user", "group", "role"})
"""The types of sources that are inline policies, by what they stand on."""


@dataclass(frozen=True, slots=True)
class Exclusions:
    """`types` are AWS's words for kinds of policies, `arns` patterns of managed policies, `inline` type and id of inline ones as in Source.

    What matches no policy does not matter.
    """

    types: frozenset[str]
    arns: tuple[re.Pattern[str], ...]
    inline: frozenset[tuple[str, str]]

    def leaves_out(self, source: Source) -> bool:
        """Whether this identity-based policy is left out."""
        if source.type in _HOLDERS:
            return _INLINE in self.types or (source.type, source.id) in self.inline
        return source.type in self.types or any(pattern.fullmatch(source.id) for pattern in self.arns)


def exclusions_of(identifiers: Sequence[shapes.PolicyIdentifier]) -> Exclusions:
    """Raises InvalidInput for an ARN that is not a managed policy's, or that has wildcards where it must not."""
    inline = [each["InlinePolicyIdentifier"] for each in identifiers if "InlinePolicyIdentifier" in each]
    return Exclusions(
        frozenset(each["PolicyType"] for each in identifiers if "PolicyType" in each),
        tuple(_pattern(each["PolicyArn"]) for each in identifiers if "PolicyArn" in each),
        frozenset((each["AttachmentType"], f"{each['AttachmentName']}/{each['PolicyName']}") for each in inline),
    )


def _pattern(arn: str) -> re.Pattern[str]:
    """In the policy's name there may be one `*` and any number of `?`, elsewhere none."""
    try:
        parsed = Arn.parse(arn)
    except ValueError:
        raise InvalidInput(f"Invalid policy identifier: {arn}") from None
    before, _, name = arn.rpartition("/")
    if parsed.service != "iam" or not parsed.resource.startswith("policy/") or set(before) & set("*?") or name.count("*") > 1:
        raise InvalidInput(f"Invalid policy identifier: {arn}")
    return re.compile(re.escape(arn).replace(r"\*", ".*").replace(r"\?", "."))
