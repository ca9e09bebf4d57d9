"""Hardened XML, streamed: no document types, no entities, no network; the fields of elements by their paths."""

import re
from collections.abc import Iterator
from io import BytesIO
from typing import NamedTuple, TypeAlias

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
# Elements that may come several times, or that are asked for themselves.
_GROUPS = {
    "BkToCstmrStmt",
    "BkToCstmrStmtV01",
    "Stmt",
    "MsgPgntn",
    "StmtPgntn",
    "Bal",
    "TxDtls",
    "Chrgs",
    "Rcrd",
    "RtrInf",
}


class Fields:
    """An element as the texts below it, looked up by path, and elements that are kept apart as groups of their own.

    The currency of an amount ``Amt`` is the text ``Amt@Ccy``. Addresses and supplementary data are left out.
    """

    __slots__ = ("_groups", "_texts", "line")

    def __init__(
        self, line: int | None, texts: "dict[str, str | list[str]]", groups: "dict[str, list[Fields]]"
    ) -> None:
        self.line = line
        self._texts = texts
        self._groups = groups

    def all(self, path: str) -> "list[Fields]":
        """Return every group at a path such as ``NtryDtls/TxDtls``."""
        return self._groups.get(path, [])

    def has(self, path: str) -> bool:
        return path in self._texts or path in self._groups

    def texts(self, path: str) -> list[str]:
        """Return the trimmed texts at a path, without empty ones."""
        found = self._texts.get(path)
        if not found:
            return []
        every = [found] if isinstance(found, str) else found
        return [text for one in every if (text := " ".join(one.split()))]

    def text(self, *paths: str) -> str:
        """Return the trimmed text at the first path that has any, else ""."""
        for path in paths:
            found = self._texts.get(path)
            if isinstance(found, str):
                if text := " ".join(found.split()):
                    return text
            elif found and (several := self.texts(path)):
                return several[0]
        return ""


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


class _Step(NamedTuple):
    """What is known of a tag below a path: where it leads, and what is done with it."""

    path: str
    is_unread: bool
    is_group: bool
    has_currency: bool
    below: "dict[str, _Step]"


class Names:
    """The names of a message's namespace; what follows from a tag at a path is worked out once."""

    def __init__(self, namespace: str) -> None:
        self._prefix = f"{{{namespace}}}"
        self._steps: dict[str, _Step] = {}

    def tag(self, name: str) -> str:
        """Return the full name of an element."""
        return self._prefix + name

    def fields(self, element: Element) -> Fields:
        """Return an element and everything below it; raises Refused where that is in another namespace."""
        texts: dict[str, str | list[str]] = {}
        groups: dict[str, list[Fields]] = {}
        self._walk(element, self._steps, "", (texts, groups))
        return Fields(line_of(element), texts, groups)

    def _walk(
        self,
        element: Element,
        steps: dict[str, _Step],
        path: str,
        found: tuple[dict[str, str | list[str]], dict[str, list[Fields]]],
    ) -> None:
        texts = found[0]
        for child in element:
            step = steps.get(child.tag) or self._step(child, steps, path)
            own_path, is_unread, is_group, has_currency, below = step
            if is_unread:
                continue
            if is_group:
                found[1].setdefault(own_path, []).append(self.fields(child))
            elif len(child):
                self._walk(child, below, own_path, found)
            elif own_path in texts:
                _add(texts, own_path, child.text or "")
            else:
                texts[own_path] = child.text or ""
                if has_currency:
                    texts[own_path + "@Ccy"] = child.get("Ccy") or ""

    def _step(self, element: Element, steps: dict[str, _Step], path: str) -> _Step:
        if not element.tag.startswith(self._prefix):
            raise Refused(_NAMESPACE, line_of(element))
        name = element.tag.removeprefix(self._prefix)
        step = _Step(
            path=f"{path}/{name}" if path else name,
            is_unread=name in _UNREAD,
            is_group=name in _GROUPS,
            has_currency=name in _WITH_CURRENCY,
            below={},
        )
        return steps.setdefault(element.tag, step)


def _add(texts: dict[str, str | list[str]], path: str, text: str) -> None:
    before = texts[path]
    texts[path] = [*before, text] if isinstance(before, list) else [before, text]


def line_of(element: Element) -> int | None:
    """Return the line that an element begins on."""
    return element.sourceline  # type: ignore[return-value]  # the stubs leave its type out
