"""What an assertion says, read from an element whose signature holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from akia.federation.saml_time import instant, optional
from akia.federation.saml_xml import SAML, Unreadable, elements, only, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from lxml.etree import _Element as Element

_BEARER = "urn:oasis:names:tc:SAML:2.0:cm:bearer"
_UNSPECIFIED = "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified"
_FORMATS = "urn:oasis:names:tc:SAML:2.0:nameid-format:"
_NO_LIMIT = 1 << 62
LONGEST_ID, LONGEST_SUBJECT = 256, 1_024


@dataclass(frozen=True, slots=True)
class Assertion:
    """An assertion. Times are in epoch seconds.

    `subject` is the NameID, "" if there is none, and `subject_type` its format as STS tells it; `recipient` is where it may be presented,
    `not_on_or_after` until when. `audiences` has one set for each restriction: one of each must be us. `session_ends` is when the session
    at the provider does (SessionNotOnOrAfter). `attributes` maps names to values, in the assertion's order.
    """

    id: str
    issuer: str
    issued: int
    subject: str
    subject_type: str
    recipient: str
    not_before: int
    not_on_or_after: int
    audiences: tuple[frozenset[str], ...]
    session_ends: int | None
    attributes: Mapping[str, tuple[str, ...]]


def read_assertion(assertion: Element) -> Assertion:
    """What `assertion` says. Raises Unreadable if it lacks what a bearer assertion must have (SAML profiles 4.1.4.2)."""
    subject = _required(assertion, "Subject")
    name = only(subject, f"{SAML}NameID")
    conditions = _required(assertion, "Conditions")
    confirmation = _confirmation(subject)
    own_id = assertion.get("ID", "")
    if assertion.get("Version") != "2.0" or not 1 <= len(own_id) <= LONGEST_ID:
        raise Unreadable("not an assertion of SAML 2.0")
    return Assertion(
        id=own_id,
        issuer=text_of(_required(assertion, "Issuer")).strip(),
        issued=instant(assertion.get("IssueInstant", "")),
        subject=_subject(name) if name is not None else "",
        subject_type=name.get("Format", _UNSPECIFIED).removeprefix(_FORMATS) if name is not None else "",
        recipient=confirmation.get("Recipient", ""),
        not_before=max(optional(each.get("NotBefore")) or 0 for each in (conditions, confirmation)),
        not_on_or_after=min(instant(confirmation.get("NotOnOrAfter", "")), _until(conditions)),
        audiences=tuple(_audiences(conditions)),
        session_ends=_session_ends(assertion),
        attributes=_attributes(assertion),
    )


def _subject(name: Element) -> str:
    """As it stands: " admin" is somebody else than "admin" (NT-35)."""
    text = text_of(name)
    if len(text) > LONGEST_SUBJECT or not text.isprintable():
        raise Unreadable("not a name")
    return text


def _confirmation(subject: Element) -> Element:
    """The data of the one confirmation, which must be of the kind that whoever bears the assertion confirms it."""
    confirmation = only(subject, f"{SAML}SubjectConfirmation")
    if confirmation is None or confirmation.get("Method") != _BEARER:
        raise Unreadable("not exactly one bearer confirmation")
    return _required(confirmation, "SubjectConfirmationData")


def _until(conditions: Element) -> int:
    until = optional(conditions.get("NotOnOrAfter"))
    return _NO_LIMIT if until is None else until


def _audiences(conditions: Element) -> Iterator[frozenset[str]]:
    """Of each AudienceRestriction. OneTimeUse holds for all of them here; what is unknown or meant for proxies is not a condition on us."""
    for child in elements(conditions):
        if child.tag == f"{SAML}AudienceRestriction":
            yield frozenset(text_of(audience).strip() for audience in child.findall(f"{SAML}Audience"))
        elif child.tag not in (f"{SAML}OneTimeUse", f"{SAML}ProxyRestriction"):
            raise Unreadable("an unknown condition")  # SAML core 2.5.1.1: then its validity cannot be told


def _session_ends(assertion: Element) -> int | None:
    """The earliest end that an authentication statement sets."""
    statements = assertion.findall(f"{SAML}AuthnStatement")
    ends = [end for end in (optional(statement.get("SessionNotOnOrAfter")) for statement in statements) if end is not None]
    return min(ends) if ends else None


def _attributes(assertion: Element) -> Mapping[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for statement in assertion.findall(f"{SAML}AttributeStatement"):
        for attribute in statement.findall(f"{SAML}Attribute"):
            name = attribute.get("Name", "")
            found[name] = found.get(name, ()) + tuple(_values(attribute))
    return found


def _values(attribute: Element) -> Iterator[str]:
    """Its values that are text; eduPersonTargetedID holds a NameID instead. What has another structure has no text to be compared."""
    for value in attribute.findall(f"{SAML}AttributeValue"):
        children = list(elements(value))
        if not children:
            yield text_of(value)
        elif len(children) == 1 and children[0].tag == f"{SAML}NameID":
            yield text_of(children[0])


def _required(parent: Element, name: str) -> Element:
    found = only(parent, f"{SAML}{name}")
    if found is None:
        raise Unreadable(f"no {name}")
    return found
