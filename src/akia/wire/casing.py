"""Lower camel case, as AWS's validation errors and events spell member names."""

from __future__ import annotations


def lower_camel(name: str) -> str:
    """`UserName` -> `userName`, `SAMLAssertion` -> `sAMLAssertion`: only the first letter is lowered (AC1.3)."""
    return name[:1].lower() + name[1:]
