"""Documents that are new in a request: what is a discrepancy of an issued document is still a mistake here."""

from collections.abc import Iterator

from prisma_batch.base.findings import Finding, pointer
from prisma_batch.base.money import (
    Rounding,
    divide,
    fits_minor,
    from_minor,
    last_rounding,
    minor_digits,
    to_minor,
    to_scaled,
)
from prisma_batch.records.agreements import Agreement
from prisma_batch.records.changes import Request
from prisma_batch.records.documents import Document, Line


def new_documents(request: Request) -> list[Document]:
    """Return the documents that the request adds."""
    added = (request.after[change.path].record for change in request.changes if _is_added(request, change.path))
    return [record for record in added if isinstance(record, Document)]


def check_line_amounts(request: Request) -> Iterator[Finding]:
    """Yield ``line-amount`` where a new document's line is not quantity ÷ base × price × (1 − discount), rounded.

    Rounded is half up, or as the account's agreement says for the program and SKU.
    FAIL: 3 × 10.00 = 30.01. PASS: 3 × 10.00 = 30.00; a line without quantity or price.
    Source: CONTRACT.md §2 (lines of a document); EN 16931 BR-CO-10.
    """
    for document in new_documents(request):
        agreement = request.agreements.get(document.account)
        for index, line in enumerate(document.lines):
            amounts = _amounts(line, document.currency, agreement)
            if amounts and fits_minor(line.amount, document.currency):
                if to_minor(line.amount, document.currency) in amounts:
                    continue
                computed = from_minor(amounts[0], document.currency)
                yield Finding(
                    code="line-amount",
                    message=f"quantity, price and discount of this line give {computed:f} {document.currency}",
                    remedy="correct the line before the document is issued",
                    source=document.source,
                    pointer=pointer("lines", index, "amount"),
                )


def _is_added(request: Request, path: str) -> bool:
    return path not in request.before and path in request.after


def _amounts(line: Line, currency: str, agreement: Agreement | None) -> list[int]:
    """Return the amounts that a line may have, in minor units; none where it has no price or quantity."""
    if line.quantity is None or line.unit_price is None or line.price_base_quantity <= 0:
        return []
    factors = [to_scaled(part) for part in (line.quantity, line.unit_price, 100 - line.discount_percent)]
    base, base_scale = to_scaled(line.price_base_quantity)
    numerator = 10 ** (minor_digits(currency) + base_scale)
    for scaled, _ in factors:
        numerator *= scaled
    denominator = 100 * base * 10 ** sum(scale for _, scale in factors)
    roundings: list[Rounding] = ["half_up"]
    roundings += [
        last_rounding(rate.rounding)
        for rate in (agreement.rates if agreement else ())
        if (rate.program, rate.sku) == (line.program, line.sku)
    ]
    return [divide(numerator, denominator, rounding) for rounding in roundings]
