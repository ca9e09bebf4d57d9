"""Credits of invoice lines: none takes back more of a line than is left of it."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from pandas import DataFrame

from prisma_batch.base.money import from_minor, from_scaled, product, round_to_minor
from prisma_batch.records.corrections import Correction
from prisma_batch.records.documents import Document, Line
from prisma_batch.records.table import rows_of


class Credits:
    """The credits that are proposed, and what they and those issued leave of each line."""

    def __init__(self, lines: DataFrame, documents: Mapping[str, Document]) -> None:
        self._lines = lines
        self._documents = documents
        self._taken_minor: dict[tuple[str, int], int] = defaultdict(int)
        issued = lines[lines["kind"].eq("credit_note") & lines["corrects_line"].gt(0)]
        for row in rows_of(issued):
            self._taken_minor[row.corrects, row.corrects_line] -= int(row.amount_minor)

    def of_unit(self, row: Any, lines: Sequence[Any], amount_minor: int, quantity: Decimal) -> Iterator[Correction]:
        """Yield credits of an amount and a quantity: of the line that a discrepancy names, then of the last ones.

        Lines that are taken back whole take their own quantity with them; the last credit has the rest of it.
        """
        named = (row.invoice, row.line)
        billed = [line for line in lines if line.kind == "invoice" and line.amount_minor > 0]
        billed.sort(key=lambda line: ((line.document, str(line.line)) == named, line.document, line.line), reverse=True)
        for line in billed:
            take_minor = min(amount_minor, self._left_minor(line))
            if take_minor <= 0:
                continue
            amount_minor -= take_minor
            is_whole = take_minor == line.amount_minor
            part = _quantity(line) if amount_minor and is_whole else Decimal(0) if amount_minor else quantity
            quantity -= part
            yield self._credit(row, line, take_minor, part)

    def repeated(self, row: Any) -> Iterator[Correction]:
        """Yield the credit of a repeated line, or those of every line of a repeated invoice in its month."""
        own = self._lines[self._lines["document"].eq(row.invoice) & self._lines["period"].eq(row.period)]
        granted_minor = int(row.granted_minor)
        for line in rows_of(own):
            left_minor = self._left_minor(line)
            if row.line in ("", str(line.line)) and left_minor == line.amount_minor > 0:
                before_minor = min(granted_minor, left_minor)
                granted_minor -= before_minor
                words = "; ".join([row.message, *granted_words(before_minor, line.currency)])
                if left_minor > before_minor:
                    yield self._credit(row._replace(message=words), line, left_minor - before_minor, _quantity(line))

    def _left_minor(self, line: Any) -> int:
        return int(line.amount_minor) - self._taken_minor[line.document, line.line]

    def _credit(self, row: Any, billed: Any, amount_minor: int, quantity: Decimal) -> Correction:
        self._taken_minor[billed.document, billed.line] += amount_minor
        document = self._documents[billed.document]
        line = next(line for line in document.lines if line.line == billed.line)
        credited = replace(
            line,
            line=0,
            amount=from_minor(amount_minor, document.currency),
            quantity=quantity or None,
            unit=line.unit if quantity else None,
            unit_price=_price(line, quantity, amount_minor, document.currency),
            price_base_quantity=Decimal(1),
            discount_percent=Decimal(0),
            corrects_invoice=document.number,
            corrects_line=line.line,
        )
        return Correction(
            kind="credit_note",
            account=document.account,
            currency=document.currency,
            line=credited,
            reason=row.message,
            cause=row.fingerprint,
            period=row.period,
            group=document.number,
            tax=(line.tax, _tax_rate(document, line)),
        )


def granted_words(granted_minor: int, currency: str) -> list[str]:
    """Return what a correction says of money that was credited before it, in lines that name no program."""
    if not granted_minor:
        return []
    return [f"{from_minor(granted_minor, currency)} {currency} of it was credited before, without naming a program"]


def _quantity(line: Any) -> Decimal:
    return from_scaled(line.quantity_scaled, line.quantity_scale)


def _price(line: Line, quantity: Decimal, amount_minor: int, currency: str) -> Decimal | None:
    """Return the price of the line where it gives the amount of the credit."""
    if line.unit_price is None or line.price_base_quantity != 1 or line.discount_percent:
        return None
    value = round_to_minor(product(quantity, line.unit_price), currency)
    return line.unit_price if quantity and value == amount_minor else None


def _tax_rate(document: Document, line: Line) -> Decimal:
    """Return the rate at which a line was taxed: its own, or that of its code on the document."""
    rates = (group.rate for group in document.taxes if group.code == line.tax)
    return line.tax_rate if line.tax_rate is not None else next(rates, Decimal(0))
