"""OFX and QFX statements of banks and credit cards: SGML (1.x), whose values may stay unclosed, and XML (2.x).

Source: OFX 1.0.2 and 2.2, with what banks make of them: blank lines, missing headers, empty and unknown tags.
"""

import re
from datetime import date
from typing import Any

from prisma_batch.base.findings import Finding
from prisma_batch.readers.bank.amounts import Refused, amount_minor, calendar_day, currency_code
from prisma_batch.readers.bank.ofx_tree import Branch, ofx_tree
from prisma_batch.readers.bank.result import BLANK_ENTRY, BankInput, bank_input, statement_row
from prisma_batch.readers.bank.xml_tree import refused_xml
from prisma_batch.readers.csv_text import BOM, Refusal, RowFindings

NAME = "ofx"

_SNIFFED = re.compile(rb"\s*(<\?xml[^>]*\?>\s*)?(OFXHEADER|<\?OFX|<OFX>)", re.IGNORECASE)
_HEADER = re.compile(rb"(ENCODING|CHARSET):([A-Za-z0-9-]*?)(?=\s|COMPRESSION|CHARSET|$)")
_XML_ENCODING = re.compile(rb"""<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]+)""")
_LATIN = "cp1252"
_CHARSETS = {b"8859-1": "iso-8859-1", b"ISO-8859-1": "iso-8859-1"}
_XML_ENCODINGS = {b"utf-8": "utf-8", b"us-ascii": "ascii", b"iso-8859-1": "iso-8859-1", b"windows-1252": _LATIN}
_STATEMENTS = (
    "BANKMSGSRSV1/STMTTRNRS/STMTRS",
    "CREDITCARDMSGSRSV1/CCSTMTTRNRS/CCSTMTRS",
)
_ACCOUNTS = ("BANKACCTFROM/ACCTID", "CCACCTFROM/ACCTID")
_RETURNED = {"RETURN", "REVERSAL"}

_ASK = "ask the bank for a corrected file"
_ENCODING = Refusal("encoding", "the bytes are not in the encoding that the file declares", "declare it: bank_layouts")
_NO_STATEMENT = Refusal("no-statement", "the file has no statement", "fetch the file from the bank again")
_NO_ACCOUNT = Refusal("missing-element", "the account has no number", _ASK)
_CORRECTION = Refusal("unknown-status", "the entry replaces or deletes an earlier one", _ASK)


def sniff(content: bytes) -> bool:
    """Recognise the header of OFX 1 or 2, or an <OFX> without one, after blank lines."""
    return bool(_SNIFFED.match(content.removeprefix(BOM)))


def read(source: str, content: bytes, encoding: str | None = None) -> BankInput:
    """Read the statements of banks and credit cards; one refusal refuses the file.

    Args:
        encoding: what the workspace declares, where the file itself is wrong about it.
    Returns:
        BANK_ENTRIES, and a BANK_STATEMENTS row for each statement; OFX has no opening balance.
    """
    text = _decoded(source, content, encoding)
    if isinstance(text, Finding):
        return bank_input([], [], [text])
    refusals = RowFindings(source, ())
    entries: list[dict[str, Any]] = []
    statements: list[dict[str, Any]] = []
    try:
        found = _statements(text)
    except Refused as refused:
        return bank_input([], [], [refused.refusal.finding(source, line=refused.line)])
    for statement in found:
        try:
            own = _entries(source, statement, refusals)
            statements.append(_statement(source, statement, own))
            entries += own
        except Refused as refused:
            refusals.refuse("", [refused.line or statement.line or 1], refused.refusal)
    return bank_input(entries, statements, refusals.all())


def _decoded(source: str, content: bytes, encoding: str | None) -> str | Finding:
    unsafe = refused_xml(source, content)
    if unsafe and unsafe.code == "xml-dtd":
        return unsafe
    try:
        return content.decode(encoding or _declared_encoding(content))
    except UnicodeDecodeError as error:
        return _ENCODING.finding(source, line=content.count(b"\n", 0, error.start) + 1)


def _declared_encoding(content: bytes) -> str:
    begin = content[: content.find(b"<OFX>")].upper()
    xml = _XML_ENCODING.match(content.removeprefix(BOM).lstrip())
    if xml:
        return _XML_ENCODINGS.get(xml[1].lower(), "ascii")
    header = dict(_HEADER.findall(begin))
    if content.startswith(BOM) or header.get(b"ENCODING") == b"UTF-8" or (not header and _is_utf8(content)):
        return "utf-8-sig"
    # The header calls the bytes USASCII, and CHARSET says which ones they really are; NONE says nothing.
    return _CHARSETS.get(header.get(b"CHARSET", b""), _LATIN)


def _is_utf8(content: bytes) -> bool:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _statements(text: str) -> list[Branch]:
    root = ofx_tree(text)
    found = [statement for path in _STATEMENTS for statement in root.all(path)]
    if not found:
        raise Refused(_NO_STATEMENT, root.line)
    return found


def _entries(source: str, statement: Branch, refusals: RowFindings) -> list[dict[str, Any]]:
    place = _place(source, statement)
    currency = currency_code(statement.text("CURDEF"))
    rows = []
    for entry in statement.all("BANKTRANLIST/STMTTRN"):
        try:
            rows.append({**BLANK_ENTRY, **place, **_row(entry, currency), "pointer": str(entry.line)})
        except Refused as refused:
            refusals.refuse("", [refused.line or entry.line or 1], refused.refusal)
    return rows


def _row(entry: Branch, currency: str) -> dict[str, Any]:
    if entry.has("CORRECTACTION"):
        raise Refused(_CORRECTION, entry.line)
    own = entry.text("CURRENCY/CURSYM") or currency
    booked_on = _day(entry.text("DTPOSTED"))
    kind = entry.text("TRNTYPE").upper()
    return {
        "bank_reference": entry.text("FITID"),
        "booking_date": booked_on,
        "value_date": _day(entry.text("DTAVAIL")) if entry.text("DTAVAIL") else booked_on,
        "amount_minor": _minor(entry.text("TRNAMT"), currency_code(own)),
        "currency": own,
        "counterparty_name": entry.text("NAME", "PAYEE/NAME"),
        "counterparty_iban": entry.text("BANKACCTTO/ACCTID", "CCACCTTO/ACCTID"),
        "end_to_end_id": entry.text("REFNUM"),
        "text": entry.text("MEMO"),
        "bank_code": kind,
        "reversal": kind in _RETURNED,
    }


def _place(source: str, statement: Branch) -> dict[str, str]:
    number = statement.text(*_ACCOUNTS)
    if not number:
        raise Refused(_NO_ACCOUNT, statement.line)
    days = [statement.text(f"BANKTRANLIST/{name}")[:8] for name in ("DTSTART", "DTEND")]
    return {"account_iban": number, "statement": "-".join(filter(None, days)), "source": source}


def _statement(source: str, statement: Branch, entries: list[dict[str, Any]]) -> dict[str, Any]:
    currency = currency_code(statement.text("CURDEF"))
    balance = statement.text("LEDGERBAL/BALAMT")
    opened_on, closed_on = (_maybe_day(statement.text(f"BANKTRANLIST/{name}")) for name in ("DTSTART", "DTEND"))
    closing = _minor(balance, currency) if balance else None
    place = _place(source, statement) | {"pointer": str(statement.line)}
    own = [entry for entry in entries if entry["currency"] == currency]
    return statement_row(place, currency, own, (opened_on, None), (closed_on, closing))


def _minor(text: str, currency: str) -> int:
    # OFX lets the bank choose between a point and a comma, and knows no thousands separators.
    return amount_minor(text.removeprefix("+").replace(",", ".", 1), currency)


def _day(text: str) -> date:
    return calendar_day(f"{text[:4]}-{text[4:6]}-{text[6:8]}")


def _maybe_day(text: str) -> date | None:
    try:
        return _day(text)
    except Refused:
        return None
