"""Hardened XML, streamed: no document types, no entities, no network; elements of one namespace become branches."""

import re
from collections.abc import Iterator
from functools import cache
from io import BytesIO
from typing import TypeAlias

from lxml import etree

from prisma_batch.base.findings import Finding
from prisma_batch.readers.bank.amounts import Refused
from prisma_batch.readers.csv_text import BOM, Refusal

Element: TypeAlias = "etree._Element"  # noqa: SLF001 - lxml's only name for it

_DECLARED_ENCODING = re.compile(rb"""^\s*<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]+)""")
# Each of them writes "<!DOCTYPE" in the same bytes, so that the search below cannot be evaded.
_ASCII_LIKE = {b"utf-8", b"us-ascii", b"ascii", b"iso-8859-1", b"iso-8859-15", b"windows-1252"}
_ENCODING = Refusal("encoding", "the file is not UTF-8 or Latin text", "ask the bank for UTF-8")
_DTD = Refusal("xml-dtd", "document types and entities are not accepted", "ask the bank for a file without them")
_BROKEN = Refusal("broken-xml", "the XML is truncated or not well-formed", "fetch the file from the bank again")
_NAMESPACE = Refusal(
    "wrong-namespace", "an element is not in the message's namespace", "ask the bank for a corrected file"
)
# Supplementary data is the one place where ISO 20022 lets other namespaces in; addresses are long and not needed.
_UNREAD = {"SplmtryData", "PstlAdr", "CtctDtls"}
_WITH_CURRENCY = {"Amt", "TtlChrgsAndTaxAmt"}


class Branch:
    """An element with children: by local name the texts and branches below it, and the line it begins on.

    The currency of an amount ``Amt`` is the text ``Amt@Ccy``. Addresses and supplementary data are left out.
    """

    __slots__ = ("children", "line")

    def __init__(self, line: int | None, children: "dict[str, list[str | Branch]]") -> None:
        self.line = line
        self.children = children

    def all(self, path: str) -> "list[Branch]":
        """Return every element at a path such as ``NtryDtls/TxDtls``, those without children too."""
        return [found if isinstance(found, Branch) else Branch(self.line, {}) for found in self._at(path)]

    def first(self, *paths: str) -> "Branch | None":
        """Return the first element at the first path that has one."""
        return next((found for path in paths for found in self.all(path)), None)

    def has(self, path: str) -> bool:
        return bool(self._at(path))

    def texts(self, path: str) -> list[str]:
        """Return the trimmed texts at a path, without empty ones."""
        return [text for found in self._at(path) if isinstance(found, str) and (text := " ".join(found.split()))]

    def text(self, *paths: str) -> str:
        """Return the trimmed text at the first path that has any, else ""."""
        for path in paths:
            for found in self._at(path):
                if isinstance(found, str) and (text := " ".join(found.split())):
                    return text
        return ""

    def _at(self, path: str) -> "list[str | Branch]":
        steps, last = _steps(path)
        holder = self
        for step in steps:
            found = holder.children.get(step, _NOTHING)
            if len(found) != 1:
                return self._at_all(steps, last) if found else []
            if isinstance(found[0], str):
                return []
            holder = found[0]
        return holder.children.get(last, [])

    def _at_all(self, steps: tuple[str, ...], last: str) -> "list[str | Branch]":
        holders = [self]
        for step in steps:
            found = [below for holder in holders for below in holder.children.get(step, ())]
            holders = [below for below in found if isinstance(below, Branch)]
        return [below for holder in holders for below in holder.children.get(last, ())]


_NOTHING: "list[str | Branch]" = []


@cache
def _steps(path: str) -> tuple[tuple[str, ...], str]:
    *steps, last = path.split("/")
    return tuple(steps), last


def refused_xml(source: str, content: bytes) -> Finding | None:
    """Refuse, before anything is parsed, document types, entities and encodings that could hide them."""
    declared = _DECLARED_ENCODING.match(content.removeprefix(BOM))
    if b"\0" in content or (declared and declared[1].lower() not in _ASCII_LIKE):
        return _ENCODING.finding(source)
    at = min((place for mark in (b"<!DOCTYPE", b"<!ENTITY") if (place := content.find(mark)) >= 0), default=-1)
    return _DTD.finding(source, line=content.count(b"\n", 0, at) + 1) if at >= 0 else None


def streamed(content: bytes, names: tuple[str, ...]) -> Iterator[Element]:
    """Yield elements of these local names as they end, and at last the root.

    Raises:
        Refused: the XML is broken, when the parser gets there.
    """
    events = etree.iterparse(
        BytesIO(content),
        events=("end",),
        tag=[f"{{*}}{name}" for name in names],
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        for _, element in events:
            yield element
    except etree.XMLSyntaxError as error:
        raise Refused(_BROKEN, error.lineno or None) from None
    yield events.root


class Names:
    """The local names of a message's namespace, remembered by tag."""

    def __init__(self, namespace: str) -> None:
        self._prefix = f"{{{namespace}}}"
        self._known: dict[str, str] = {}

    def tag(self, name: str) -> str:
        """Return the full name of an element."""
        return self._prefix + name

    def branch(self, element: Element) -> Branch:
        """Return an element and everything below it; raises Refused where that is in another namespace."""
        children: dict[str, list[str | Branch]] = {}
        known = self._known
        for child in element:
            name = known.get(child.tag) or self._name(child)
            if name in _UNREAD:
                continue
            found = self.branch(child) if len(child) else child.text or ""
            if name in children:
                children[name].append(found)
            else:
                children[name] = [found]
            if name in _WITH_CURRENCY:
                children.setdefault(f"{name}@Ccy", []).append(child.get("Ccy") or "")
        return Branch(element.sourceline, children)  # type: ignore[arg-type]  # as in line_of

    def _name(self, element: Element) -> str:
        if not element.tag.startswith(self._prefix):
            raise Refused(_NAMESPACE, line_of(element))
        name = element.tag.removeprefix(self._prefix)
        self._known[element.tag] = name
        return name


def line_of(element: Element) -> int | None:
    """Return the line that an element begins on."""
    return element.sourceline  # type: ignore[return-value]  # the stubs leave its type out
