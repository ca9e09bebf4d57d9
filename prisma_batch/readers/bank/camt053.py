"""camt.053 bank-to-customer statements, versions 1 to 13: booked entries, batch details and balances.

Source: ISO 20022 camt.053.001.01 to .08, whose elements later versions keep. Pages of a statement that come alone are
refused, never added up.
"""

import re
from collections.abc import Iterator
from itertools import chain
from typing import Any

from lxml import etree

from prisma_batch.readers.bank.amounts import Refused
from prisma_batch.readers.bank.camt_statement import OpenStatement
from prisma_batch.readers.bank.camt_values import flag
from prisma_batch.readers.bank.result import BankInput, bank_input, bank_input_of
from prisma_batch.readers.bank.xml_tree import Element, Fields, Names, line_of, refused_xml, streamed
from prisma_batch.readers.csv_text import BOM, Refusal, RowFindings

NAME = "camt053"

_CAMT = re.compile(r"urn:iso:std:iso:20022:tech:xsd:camt\.(05[234])\.001\.(?:0[1-9]|1[0-3])")
_STATEMENTS = ("BkToCstmrStmt", "BkToCstmrStmtV01")

_ASK = "ask the bank for a corrected file"
_OTHER_XML = Refusal("unknown-format", "the XML is not a camt.053 statement", "ask the bank for camt.053")
_REPORT = Refusal("not-a-statement", "camt.052 and camt.054 are no statements", "ask the bank for camt.053")
_NO_STATEMENT = Refusal("no-statement", "the message has no statement", "fetch the file from the bank again")
_PAGE = Refusal("missing-page", "one page of several; the others are not in the file", "ask for the whole statement")
_OUTSIDE = Refusal("missing-element", "the entry stands in no statement", _ASK)


def sniff(content: bytes) -> bool:
    """Recognise XML, of which camt.053 is the only one that is read."""
    return content.removeprefix(BOM).lstrip()[:1] == b"<"


def read(source: str, content: bytes, encoding: str | None = None) -> BankInput:  # noqa: ARG001 - as every format
    """Read every statement of a message, entry by entry; one error refuses the file.

    Returns:
        BANK_ENTRIES of booked entries, and a BANK_STATEMENTS row for each statement and currency.
    """
    unsafe = refused_xml(source, content)
    if unsafe:
        return bank_input([], [], [unsafe])
    reading = _Reading(source)
    try:
        reading.message(streamed(content, ("Ntry", "Stmt")))
    except Refused as refused:
        return bank_input([], [], [refused.refusal.finding(source, line=refused.line)])
    return bank_input_of(reading.entries, reading.statements, reading.refusals.all())


class _Reading:
    """Collects the rows and refusals of one message; an element is let go of as soon as its rows are read."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.entries: list[tuple[Any, ...]] = []
        self.statements: list[dict[str, Any]] = []
        self.refusals = RowFindings(source, ())
        self._open: OpenStatement | None = None
        self._entry: Element | None = None

    def message(self, elements: Iterator[Element]) -> None:
        """Read everything; raises Refused where the message as a whole is refused."""
        first = next(elements)
        names = Names(_namespace(first.getroottree().getroot()))
        entry = names.tag("Ntry")
        for element in chain([first], elements):
            if element.tag == entry:
                self._read_entry(element, names)
            elif element.getparent() is None:
                _check_message(names.fields(element))
            else:
                self._read_statement(names.fields(element))
                element.clear()

    def _read_entry(self, element: Element, names: Names) -> None:
        parent = element.getparent()
        if parent is None or parent.tag != names.tag("Stmt"):
            raise Refused(_OUTSIDE, line_of(element))
        entry = names.fields(element)
        if self._open is None:
            # The number and the account of a statement stand before its entries.
            self._open = OpenStatement(self.source, names.fields(parent))
        elif self._entry is not None:
            # The one before, not this one: the parser still stands at it.
            parent.remove(self._entry)
        try:
            self.entries += self._open.rows(entry)
        except Refused as refused:
            self._refuse(refused)
        element.clear()
        self._entry = element

    def _read_statement(self, statement: Fields) -> None:
        _check_pages(statement, "StmtPgntn")
        begun = self._open or OpenStatement(self.source, statement)
        self._open = self._entry = None
        try:
            self.statements += begun.closed(statement)
        except Refused as refused:
            self._refuse(refused)

    def _refuse(self, refused: Refused) -> None:
        self.refusals.refuse("", [refused.line or 0], refused.refusal)


def _namespace(root: Element) -> str:
    name = etree.QName(root)
    kind = _CAMT.fullmatch(name.namespace or "")
    if not kind or name.localname != "Document":
        raise Refused(_OTHER_XML, line_of(root))
    if kind[1] != "053":
        raise Refused(_REPORT, line_of(root))
    return name.namespace or ""


def _check_message(root: Fields) -> None:
    message = next((found for name in _STATEMENTS for found in root.all(name)), None)
    if message is None or not message.has("Stmt"):
        raise Refused(_NO_STATEMENT, root.line)
    _check_pages(message, "GrpHdr/MsgPgntn")


def _check_pages(holder: Fields, path: str) -> None:
    for page in holder.all(path):
        if page.text("PgNb") != "1" or not flag(page, "LastPgInd"):
            raise Refused(_PAGE, page.line)
