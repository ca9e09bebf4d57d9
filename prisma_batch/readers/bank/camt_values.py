"""Amounts, days and accounts as camt messages carry them."""

import re
from datetime import date

from prisma_batch.readers.bank.amounts import Refused, amount_minor, calendar_day, currency_code
from prisma_batch.readers.bank.xml_tree import Node
from prisma_batch.readers.csv_text import Refusal

_ASK = "ask the bank for a corrected file"
_SIGNS = {"CRDT": 1, "DBIT": -1}
_SIDE = Refusal("not-a-side", "CdtDbtInd is neither CRDT nor DBIT", _ASK)
_NEGATIVE = Refusal("not-a-number", "the amount carries a sign; CdtDbtInd says the side", _ASK)
# xs:date may carry a time zone and xs:dateTime always has a time: the day counts as the bank wrote it.
_AFTER_THE_DAY = re.compile(r"(T.*|Z|[+-][0-9]{2}:[0-9]{2})\Z")


def required(node: Node, *paths: str) -> Node:
    """Return the first element at the paths; raises Refused where there is none."""
    found = node.first(*paths)
    if found is None:
        raise Refused(Refusal("missing-element", f"{paths[0]} is missing", _ASK), node.line)
    return found


def signed_minor(holder: Node, path: str = "Amt", side: str = "") -> tuple[int, str]:
    """Return an amount in minor units, negative for debits, and its currency.

    ``side`` stands in where the element has no CdtDbtInd of its own. Raises Refused, with the line.
    """
    amount = required(holder, path)
    side = holder.text("CdtDbtInd") or side
    try:
        currency = currency_code(amount.attribute("Ccy"))
        if amount.text().startswith("-"):
            raise Refused(_NEGATIVE)
        if side not in _SIGNS:
            raise Refused(_SIDE)
        return _SIGNS[side] * amount_minor(amount.text(), currency), currency
    except Refused as refused:
        raise Refused(refused.refusal, amount.line) from None


def day(node: Node, *paths: str) -> date | None:
    """Return the day at the first path that has one, as written, or None; raises Refused, with the line."""
    found = node.first(*paths)
    if found is None:
        return None
    try:
        return calendar_day(_AFTER_THE_DAY.sub("", found.text()))
    except Refused as refused:
        raise Refused(refused.refusal, found.line) from None


def flag(node: Node, path: str) -> bool:
    """Return an xs:boolean; absent is false."""
    return node.text(path) in ("true", "1")


def account_number(node: Node, path: str) -> str:
    """Return the IBAN of an account, else its other number, else ""."""
    return node.text(f"{path}/Id/IBAN", f"{path}/Id/Othr/Id", f"{path}/Id/PrtryAcct/Id")
