"""camt.053 bank-to-customer statements, versions 1 to 8: booked entries, batch details and balances.

Source: ISO 20022 camt.053.001.01 to .08; pages of a statement that come alone are refused, never added up.
"""

import re
from collections.abc import Iterable
from typing import Any

from prisma_batch.base.findings import Finding
from prisma_batch.readers.bank.amounts import Refused, currency_code
from prisma_batch.readers.bank.camt_details import entry_rows
from prisma_batch.readers.bank.camt_values import account_number, day, flag, required, signed_minor
from prisma_batch.readers.bank.result import BankInput, bank_input
from prisma_batch.readers.bank.xml_tree import Node, parsed
from prisma_batch.readers.csv_text import BOM, Refusal

_CAMT = re.compile(r"urn:iso:std:iso:20022:tech:xsd:camt\.(05[234])\.001\.[0-9]{2}")
_STATEMENTS = ("BkToCstmrStmt", "BkToCstmrStmtV01")
_NOT_BOOKED = {"PDNG", "INFO", "FUTR"}
_OPENING, _CLOSING = ("OPBD", "PRCD"), ("CLBD",)

_ASK = "ask the bank for a corrected file"
_OTHER_XML = Refusal("unknown-format", "the XML is not a camt.053 statement", "ask the bank for camt.053")
_REPORT = Refusal("not-a-statement", "camt.052 and camt.054 are no statements", "ask the bank for camt.053")
_NO_STATEMENT = Refusal("no-statement", "the message has no statement", "fetch the file from the bank again")
_NAMESPACE = Refusal("wrong-namespace", "an element is not in the message's namespace", _ASK)
_PAGE = Refusal("missing-page", "one page of several; the others are not in the file", "ask for the whole statement")
_STATUS = Refusal("unknown-status", "the entry's status is not known", _ASK)
_NO_ACCOUNT = Refusal("missing-element", "the account has no number", _ASK)


def sniff(content: bytes) -> bool:
    """Recognise XML, of which camt.053 is the only one that is read."""
    return content.removeprefix(BOM).lstrip()[:1] == b"<"


def read(source: str, content: bytes) -> BankInput:
    """Read every statement of a message; one error refuses the file.

    Returns:
        BANK_ENTRIES of booked entries, and a BANK_STATEMENTS row for each statement and currency.
    """
    root = parsed(source, content)
    if isinstance(root, Finding):
        return bank_input([], [], [root])
    refused = _message_refusal(root)
    if refused:
        return bank_input([], [], [refused.refusal.finding(source, line=refused.line)])
    message = required(root, *_STATEMENTS)
    reading = _Reading(source)
    for statement in message.all("Stmt"):
        reading.statement(statement)
    return bank_input(reading.entries, reading.statements, reading.findings)


class _Reading:
    """Collects the rows and findings of one message."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.entries: list[dict[str, Any]] = []
        self.statements: list[dict[str, Any]] = []
        self.findings: list[Finding] = []

    def statement(self, node: Node) -> None:
        rows = []
        for entry in node.all("Ntry"):
            try:
                rows += [row | self._place(entry) for row in _booked_rows(entry)]
            except Refused as refused:
                self._refuse(refused)
        try:
            identity = _identity(node)
            self.statements += _statement_rows(node, rows, identity | self._place(node))
        except Refused as refused:
            self._refuse(refused)
            return
        self.entries += [row | identity for row in rows]

    def _place(self, node: Node) -> dict[str, str]:
        return {"source": self.source, "pointer": str(node.line)}

    def _refuse(self, refused: Refused) -> None:
        self.findings.append(refused.refusal.finding(self.source, line=refused.line))


def _message_refusal(root: Node) -> Refused | None:
    kind = _CAMT.fullmatch(root.namespace)
    if not kind or root.name != "Document":
        return Refused(_OTHER_XML, root.line)
    foreign = next((node for node in root.descendants() if _is_foreign(node, root.namespace)), None)
    message = root.first(*_STATEMENTS)
    if kind[1] != "053":
        return Refused(_REPORT, root.line)
    if foreign:
        return Refused(_NAMESPACE, foreign.line)
    if message is None or not message.all("Stmt"):
        return Refused(_NO_STATEMENT, root.line)
    pages = [page for path in ("GrpHdr/MsgPgntn", "Stmt/StmtPgntn") for page in message.all(path)]
    alone = next((page for page in pages if page.text("PgNb") != "1" or not flag(page, "LastPgInd")), None)
    return Refused(_PAGE, alone.line) if alone else None


def _is_foreign(node: Node, namespace: str) -> bool:
    # Supplementary data is the one place where ISO 20022 lets other namespaces in.
    return node.namespace != namespace and not any(
        ancestor.tag == f"{{{namespace}}}SplmtryData" for ancestor in node.element.iterancestors()
    )


def _booked_rows(entry: Node) -> list[dict[str, Any]]:
    status = entry.text("Sts/Cd", "Sts")
    if status in _NOT_BOOKED:
        return []
    if status != "BOOK":
        raise Refused(_STATUS, entry.line)
    return entry_rows(entry, *signed_minor(entry))


def _identity(statement: Node) -> dict[str, str]:
    number = account_number(statement, "Acct")
    if not number:
        raise Refused(_NO_ACCOUNT, statement.line)
    return {"statement": required(statement, "Id").text(), "account_iban": number}


def _statement_rows(node: Node, rows: list[dict[str, Any]], identity: dict[str, str]) -> Iterable[dict[str, Any]]:
    main = _currency(node, rows)
    others = sorted({row["currency"] for row in rows} - {main})
    return [identity | _statement_row(node, rows, currency) for currency in (main, *others)]


def _currency(node: Node, rows: list[dict[str, Any]]) -> str:
    account = node.text("Acct/Ccy")
    if account:
        return currency_code(account)
    balance = _balance(node, _OPENING, "")
    if balance or not rows:
        balance = balance or _balance(node, _CLOSING, "")
        return signed_minor(balance)[1] if balance else ""
    return str(rows[0]["currency"])


def _statement_row(node: Node, rows: list[dict[str, Any]], currency: str) -> dict[str, Any]:
    own = [row for row in rows if row["currency"] == currency]
    opening, closing = _balance(node, _OPENING, currency), _balance(node, _CLOSING, currency)
    days = [row["booking_date"] for row in own]
    return {
        "currency": currency,
        "opened_on": _day_of(opening) or day(node, "FrToDt/FrDtTm") or min(days, default=None),
        "closed_on": _day_of(closing) or day(node, "FrToDt/ToDtTm") or max(days, default=None),
        "opening_minor": signed_minor(opening)[0] if opening else None,
        "closing_minor": signed_minor(closing)[0] if closing else None,
        "entries_minor": sum(row["amount_minor"] for row in own),
    }


def _balance(node: Node, kinds: Iterable[str], currency: str) -> Node | None:
    """Return the first balance of the first kind there is, in a currency unless it is ""."""
    balances = [(found.text("Tp/CdOrPrtry/Cd", "Tp/Cd"), found) for found in node.all("Bal")]
    fitting = [
        found
        for wanted in kinds
        for kind, found in balances
        if kind == wanted and currency in ("", required(found, "Amt").attribute("Ccy"))
    ]
    return fitting[0] if fitting else None


def _day_of(balance: Node | None) -> Any:
    return day(balance, "Dt/Dt", "Dt/DtTm") if balance else None
