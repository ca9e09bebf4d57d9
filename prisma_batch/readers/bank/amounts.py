"""Amounts, currencies and days as bank files write them."""

import re
from datetime import date

from prisma_batch.base.money import MINOR_DIGITS_MAX, is_currency, minor_digits
from prisma_batch.readers.csv_text import Refusal

_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DIGITS_MAX = 15
_MINOR_DIGITS_MAX = 18  # still far inside 64 bits, sums included

_NOT_A_NUMBER = Refusal(
    "not-a-number", "not a plain decimal number", "write digits with a point: no thousands separators or exponents"
)
_PRECISION = Refusal("amount-precision", "more decimals than the currency has", "ask the bank for a corrected file")
_TOO_LARGE = Refusal("number-too-large", "the amount is too large", "ask the bank for a corrected file")
_NOT_A_CURRENCY = Refusal("not-a-currency", "not a currency of ISO 4217", "write its three letters, such as EUR")
_NOT_A_DATE = Refusal("not-a-date", "not a calendar day", "write it as YYYY-MM-DD")


class Refused(Exception):
    """One cell or element is not accepted; caught where its row or entry is read and made a finding."""

    def __init__(self, refusal: Refusal, line: int | None = None) -> None:
        super().__init__(refusal.code)
        self.refusal = refusal
        self.line = line


def amount_minor(text: str, currency: str) -> int:
    """Read an amount as minor units; decimals count as they are written, since 1.000 may mean a thousand.

    Raises:
        Refused: not a number, more decimals than the currency has, or too large.
    """
    whole, _, decimals = decimal_number(text).partition(".")
    digits = minor_digits(currency)
    if len(decimals) > digits:
        raise Refused(_PRECISION)
    if len(whole.lstrip("-0")) + digits > _MINOR_DIGITS_MAX:
        raise Refused(_TOO_LARGE)
    return int(whole + decimals.ljust(digits, "0"))


def decimal_number(text: str) -> str:
    """Return the text of a plain decimal number.

    Raises:
        Refused: not a number, or too large or too fine for any currency.
    """
    if not _NUMBER.fullmatch(text):
        raise Refused(_NOT_A_NUMBER)
    whole, _, decimals = text.lstrip("-").partition(".")
    if len(decimals) > MINOR_DIGITS_MAX:
        raise Refused(_PRECISION)
    if len(whole.lstrip("0")) > _DIGITS_MAX:
        raise Refused(_TOO_LARGE)
    return text


def currency_code(text: str) -> str:
    """Return a currency code, or raise Refused."""
    if not is_currency(text):
        raise Refused(_NOT_A_CURRENCY)
    return text


def calendar_day(text: str) -> date:
    """Read ``YYYY-MM-DD``, or raise Refused."""
    if not _DAY.fullmatch(text):
        raise Refused(_NOT_A_DATE)
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Refused(_NOT_A_DATE) from None
