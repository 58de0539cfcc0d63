"""What an account wants its access keys to say of themselves (B6)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from akia.identity.safe_pattern import SafePattern

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from akia.identity.key_attributes import KeyAttributes


@dataclass(frozen=True, slots=True)
class KeyNamingRule:
    """`pattern` is what the description must be like, whole ("": like anything). `required` are attributes that must say something.
    `allowed` has, by attribute, the values that it may have if it says something."""

    account: str
    pattern: str = ""
    required: tuple[str, ...] = ()
    allowed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def violations(self, attributes: KeyAttributes) -> Iterator[str]:
        """What is wrong with these attributes, each in a phrase."""
        said = attributes.said()
        for name in self.required:
            if name not in said:
                yield f"{name.capitalize()} is required"
        if self.pattern and not SafePattern(self.pattern).matches(attributes.description):
            yield f"Description must match {self.pattern}"
        for name, values in self.allowed.items():
            if name in said and said[name] not in values:
                yield f"{name.capitalize()} must be one of {', '.join(values)}"
