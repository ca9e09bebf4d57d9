"""Hardened XML: no document types, no entities, no network; elements are found within one namespace."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

from lxml import etree

from prisma_batch.base.findings import Finding
from prisma_batch.readers.csv_text import BOM, Refusal

_DECLARED_ENCODING = re.compile(rb"""^\s*<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]+)""")
# Each of them writes "<!DOCTYPE" in the same bytes, so that the search below cannot be evaded.
_ASCII_LIKE = {b"utf-8", b"us-ascii", b"ascii", b"iso-8859-1", b"iso-8859-15", b"windows-1252"}
_ENCODING = Refusal("encoding", "the file is not UTF-8 or Latin text", "ask the bank for UTF-8")
_DTD = Refusal("xml-dtd", "document types and entities are not accepted", "ask the bank for a file without them")
_BROKEN = Refusal("broken-xml", "the XML is truncated or not well-formed", "fetch the file from the bank again")


@dataclass(frozen=True, slots=True)
class Node:
    """An element, with look-ups by local names in its own namespace."""

    element: "etree._Element"

    @property
    def line(self) -> int | None:
        return cast("int | None", self.element.sourceline)  # the stubs leave its type out

    @property
    def name(self) -> str:
        return etree.QName(self.element).localname

    @property
    def namespace(self) -> str:
        return etree.QName(self.element).namespace or ""

    def all(self, path: str) -> "list[Node]":
        """Return every element at a path such as ``Refs/EndToEndId``."""
        steps = "/".join(f"{{{self.namespace}}}{step}" for step in path.split("/"))
        return [Node(found) for found in self.element.findall(steps)]

    def first(self, *paths: str) -> "Node | None":
        """Return the first element at the first path that has one."""
        return next((found for path in paths for found in self.all(path)), None)

    def text(self, *paths: str) -> str:
        """Return the trimmed text at the first path that has any, else ""; without paths the element's own."""
        if not paths:
            return " ".join((self.element.text or "").split())
        return next((text for path in paths for found in self.all(path) if (text := found.text())), "")

    def attribute(self, name: str) -> str:
        return (self.element.get(name) or "").strip()

    def descendants(self) -> "Iterator[Node]":
        """Yield the element and all below it, without comments and processing instructions."""
        return (Node(found) for found in self.element.iter("*"))


def parsed(source: str, content: bytes) -> Node | Finding:
    """Parse XML that has no document type; a finding for what is refused before or while parsing."""
    declared = _DECLARED_ENCODING.match(content.removeprefix(BOM))
    if b"\0" in content or (declared and declared[1].lower() not in _ASCII_LIKE):
        return _ENCODING.finding(source)
    at = min((place for mark in (b"<!DOCTYPE", b"<!ENTITY") if (place := content.find(mark)) >= 0), default=-1)
    if at >= 0:
        return _DTD.finding(source, line=content.count(b"\n", 0, at) + 1)
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        return Node(etree.fromstring(content, parser))
    except etree.XMLSyntaxError as error:
        return _BROKEN.finding(source, line=error.lineno or None)
