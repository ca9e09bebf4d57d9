"""Amounts, days and accounts as camt messages carry them."""

import re
from datetime import date
from functools import lru_cache

from prisma_batch.readers.bank.amounts import Refused, amount_minor, calendar_day, currency_code
from prisma_batch.readers.bank.xml_tree import Fields
from prisma_batch.readers.csv_text import Refusal

_ASK = "ask the bank for a corrected file"
_SIGNS = {"CRDT": 1, "DBIT": -1}
_SIDE = Refusal("not-a-side", "CdtDbtInd is neither CRDT nor DBIT", _ASK)
_NEGATIVE = Refusal("not-a-number", "the amount carries a sign; CdtDbtInd says the side", _ASK)
# xs:date may carry a time zone and xs:dateTime always has a time: the day counts as the bank wrote it.
_AFTER_THE_DAY = re.compile(r"(T.*|Z|[+-][0-9]{2}:[0-9]{2})\Z")
_DAYS_REMEMBERED = 4096


def required(holder: Fields, path: str) -> str:
    """Return the text at a path; raises Refused where there is none."""
    text = holder.text(path)
    if not text:
        raise Refused(Refusal("missing-element", f"{path} is missing", _ASK), holder.line)
    return text


def signed_minor(holder: Fields, path: str = "Amt", side: str = "") -> tuple[int, str]:
    """Return an amount in minor units, negative for debits, and its currency.

    ``side`` stands in where the element has no CdtDbtInd of its own. Raises Refused, with the line.
    """
    amount = required(holder, path)
    side = holder.text("CdtDbtInd") or side
    try:
        currency = currency_code(holder.text(f"{path}@Ccy"))
        if amount.startswith("-"):
            raise Refused(_NEGATIVE)
        if side not in _SIGNS:
            raise Refused(_SIDE)
        return _SIGNS[side] * amount_minor(amount, currency), currency
    except Refused as refused:
        raise Refused(refused.refusal, holder.line) from None


def day(holder: Fields, *paths: str) -> date | None:
    """Return the day at the first path that has one, as written, or None; raises Refused, with the line."""
    text = holder.text(*paths)
    try:
        return _day(text) if text else None
    except Refused as refused:
        raise Refused(refused.refusal, holder.line) from None


@lru_cache(maxsize=_DAYS_REMEMBERED)
def _day(text: str) -> date:
    return calendar_day(_AFTER_THE_DAY.sub("", text))


def flag(holder: Fields, path: str) -> bool:
    """Return an xs:boolean; absent is false."""
    return holder.text(path) in ("true", "1")


def account_number(holder: Fields, path: str) -> str:
    """Return the IBAN of an account, else its other number, else ""."""
    return holder.text(f"{path}/Id/IBAN", f"{path}/Id/Othr/Id", f"{path}/Id/PrtryAcct/Id")
