"""Issued documents: what must agree inside one document. What it merely got wrong is a discrepancy of the run."""

from collections.abc import Iterator
from decimal import Decimal
from itertools import chain

from prisma_batch.base.findings import Finding, pointer
from prisma_batch.base.money import fits_minor, from_minor, to_minor
from prisma_batch.records.documents import Document


def check_amount_precision(document: Document) -> Iterator[Finding]:
    """Yield ``amount-precision`` for amounts finer than the currency's minor unit.

    FAIL: ``total: "10.005"`` in EUR. PASS: ``total: "10.00"`` in EUR, ``total: "10.005"`` in KWD.
    Source: ISO 4217 (minor units).
    """
    if _all_fit(document):
        return
    for amount, at in _amounts(document):
        if not fits_minor(amount, document.currency):
            yield Finding(
                code="amount-precision",
                message=f"this amount is finer than the smallest unit of {document.currency}",
                remedy="write it as it was issued, without further decimals",
                source=document.source,
                pointer=at,
            )


def check_lines_net(document: Document) -> Iterator[Finding]:
    """Yield ``document-lines-net`` where the lines do not add up to the net.

    FAIL: lines of 10.00 and 5.00, ``net: "15.01"``. PASS: ``net: "15.00"``.
    Source: EN 16931 BR-CO-10.
    """
    if _can_be_added(document):
        difference = sum(_minor(line.amount, document) for line in document.lines) - _minor(document.net, document)
        if difference:
            yield _sum_finding("document-lines-net", "the lines and the net", difference, document, pointer("net"))


def check_total(document: Document) -> Iterator[Finding]:
    """Yield ``document-total`` where net and tax do not add up to the total.

    FAIL: ``net: "10.00"``, ``tax: "2.10"``, ``total: "12.00"``. PASS: ``total: "12.10"``.
    Source: EN 16931 BR-CO-15.
    """
    if _can_be_added(document):
        difference = _minor(document.net, document) + _minor(document.tax, document) - _minor(document.total, document)
        if difference:
            yield _sum_finding("document-total", "net and tax, and the total", difference, document, pointer("total"))


def check_tax_sum(document: Document) -> Iterator[Finding]:
    """Yield ``document-tax-sum`` where the taxes do not add up to the tax, or their bases to the net.

    FAIL: one tax with ``amount: "2.10"``, ``tax: "2.00"``. PASS: ``tax: "2.10"``.
    Source: EN 16931 BR-CO-14.
    """
    if not _can_be_added(document):
        return
    amounts = sum(_minor(group.amount, document) for group in document.taxes)
    if difference := amounts - _minor(document.tax, document):
        yield _sum_finding("document-tax-sum", "the taxes and the tax", difference, document, pointer("tax"))
    bases = sum(_minor(group.base, document) for group in document.taxes)
    if difference := bases - _minor(document.net, document):
        yield _sum_finding("document-tax-sum", "the bases and the net", difference, document, pointer("taxes"))


def check_document_dates(document: Document) -> Iterator[Finding]:
    """Yield ``document-dates`` where something ends before it begins.

    FAIL: ``issued_on: 2026-11-10``, ``due_on: 2026-11-09``. PASS: both on one day.
    """
    if document.due_on < document.issued_on:
        yield _date_finding("the document is due before it was issued", document, pointer("due_on"))
    for index, line in enumerate(document.lines):
        if line.service_from and line.service_to and line.service_to < line.service_from:
            at = pointer("lines", index, "service_to")
            yield _date_finding("the service ends before it begins", document, at)


def check_line_numbers(document: Document) -> Iterator[Finding]:
    """Yield ``line-number-duplicate`` where two lines have one number.

    FAIL: lines 1 and 1. PASS: lines 1 and 3.
    """
    seen: set[int] = set()
    for index, line in enumerate(document.lines):
        if line.line in seen:
            yield Finding(
                code="line-number-duplicate",
                message=f"line {line.line} is already there",
                remedy="give each line a number of its own",
                source=document.source,
                pointer=pointer("lines", index, "line"),
            )
        seen.add(line.line)


def _amounts(document: Document) -> Iterator[tuple[Decimal, str]]:
    for name in ("net", "tax", "total", "open_amount"):
        yield getattr(document, name), pointer(name)
    for index, line in enumerate(document.lines):
        yield line.amount, pointer("lines", index, "amount")
    for index, group in enumerate(document.taxes):
        yield group.base, pointer("taxes", index, "base")
        yield group.amount, pointer("taxes", index, "amount")


def _all_fit(document: Document) -> bool:
    """Say whether every amount is a whole number of minor units: nearly always, and so without their places."""
    groups = ((group.base, group.amount) for group in document.taxes)
    own = (document.net, document.tax, document.total, document.open_amount)
    amounts = chain(own, (line.amount for line in document.lines), chain.from_iterable(groups))
    return all(fits_minor(amount, document.currency) for amount in amounts)


def _can_be_added(document: Document) -> bool:
    return document.kind != "opening_item" and _all_fit(document)


def _minor(amount: Decimal, document: Document) -> int:
    return to_minor(amount, document.currency)


def _sum_finding(code: str, what: str, difference_minor: int, document: Document, at: str) -> Finding:
    difference = from_minor(abs(difference_minor), document.currency)
    return Finding(
        code=code,
        message=f"{what} differ by {difference:f} {document.currency}",
        remedy="compare with the document as it was issued",
        source=document.source,
        pointer=at,
    )


def _date_finding(message: str, document: Document, at: str) -> Finding:
    remedy = "compare with the document as it was issued; both days are included"
    return Finding(code="document-dates", message=message, remedy=remedy, source=document.source, pointer=at)
