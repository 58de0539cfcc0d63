"""XML from strangers: no document types, no entities, no network, UTF-8 only, and never too much of it.

Whoever writes a document type can have files read (XXE) or a few bytes grow into gigabytes (billion laughs), so none is parsed at all.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lxml import etree

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.etree import _Element as Element

SAML = "{urn:oasis:names:tc:SAML:2.0:assertion}"
SAMLP = "{urn:oasis:names:tc:SAML:2.0:protocol}"
MD = "{urn:oasis:names:tc:SAML:2.0:metadata}"
DS = "{http://www.w3.org/2000/09/xmldsig#}"
XENC = "{http://www.w3.org/2001/04/xmlenc#}"

ID_ATTRIBUTES = ("ID", "Id", "id", "{http://www.w3.org/XML/1998/namespace}id")
"""Whatever a reference might be resolved by."""

_ENCODING = re.compile(rb"""<\?xml[^>]*?encoding\s*=\s*["']([^"']*)["']""")
_DOCTYPE = b"<!DOCTYPE"


class Unreadable(ValueError):
    """It is not XML, or XML that is not read. The message quotes nothing of it."""


def parse(text: bytes) -> Element:
    """The root element of `text`. Raises Unreadable."""
    declared = _ENCODING.match(text[:200])
    if declared is not None and declared[1].lower() not in (b"utf-8", b"us-ascii"):
        raise Unreadable("an encoding other than UTF-8")  # else what is searched here would not be what is parsed
    if _DOCTYPE in text or b"<!ENTITY" in text:
        raise Unreadable("a document type")
    try:
        text.decode("utf-8")
        root = etree.fromstring(text, _parser())
    except (ValueError, etree.XMLSyntaxError):
        raise Unreadable("not well-formed") from None
    if root.getroottree().docinfo.internalDTD is not None or next(root.iter(etree.Entity), None) is not None:
        raise Unreadable("a document type or an entity")
    return root


def _parser() -> etree.XMLParser:
    return etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        load_dtd=False,
        dtd_validation=False,
        no_network=True,
        huge_tree=False,
        remove_blank_text=False,
    )


def elements(parent: Element) -> Iterator[Element]:
    """The child elements, without comments and processing instructions."""
    return (child for child in parent if isinstance(child.tag, str))


def only(parent: Element, tag: str) -> Element | None:
    """The one child called `tag`, None if there is none. Raises Unreadable for several: which of them is meant must not be a guess."""
    found = parent.findall(tag)
    if len(found) > 1:
        raise Unreadable(f"more than one {etree.QName(tag).localname}")
    return found[0] if found else None


def text_of(element: Element) -> str:
    """All text in `element`, comments cut out. Raises Unreadable if elements are in it.

    Taking the text up to the first comment for the whole is how `admin<!-- -->@evil.example` became `admin` elsewhere (CVE-2017-11427).
    """
    if next(elements(element), None) is not None:
        raise Unreadable("elements where text is expected")
    return "".join([element.text or "", *(child.tail or "" for child in element)])


def require_distinct_ids(root: Element) -> None:
    """Raises Unreadable if two elements go by one id: a reference to it would mean either."""
    seen: set[str] = set()
    for element in root.iter(etree.Element):
        own = {element.get(name) for name in ID_ATTRIBUTES} - {None}
        if not seen.isdisjoint(own):
            raise Unreadable("one id for two elements")
        seen.update(name for name in own if name is not None)
