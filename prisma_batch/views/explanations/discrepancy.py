"""A discrepancy id: both sides of the difference, down to usage rows, lines, documents and payments."""

from collections.abc import Iterator

from pandas import NA, NaT

from prisma_batch.base.findings import pointer
from prisma_batch.base.money import plain
from prisma_batch.records.documents import Document
from prisma_batch.records.table import rows_of
from prisma_batch.views.amounts import Money
from prisma_batch.views.explanations.basis import Basis
from prisma_batch.views.explanations.document import total_step
from prisma_batch.views.explanations.findings import difference
from prisma_batch.views.explanations.payment import use_step
from prisma_batch.views.explanations.usage import Unit, compared_steps, invoiced_step, line_step
from prisma_batch.views.rows import Row
from prisma_batch.views.trace import Place, Step, Trace, summed

KIND, EXAMPLE = "discrepancy", "1f0c2a9be4d07735"

# Where quantity and price both differ, the one is valued at the agreed rate and the other is what remains.
_AT_AGREED_RATE = "the invoiced quantity at the agreed rate"
_EXPECTED = {"price_mismatch": _AT_AGREED_RATE, "rounding_difference": _AT_AGREED_RATE}
_INVOICED = {"quantity_mismatch": _AT_AGREED_RATE}
_MONEY = ("received", "claimed")
_BALANCES = ("the balance found", "the balance expected")
_OF_STATEMENTS = ("statement_gap", "statement_unbalanced")


def ids(basis: Basis) -> Iterator[str]:
    """Yield the ids of the month's discrepancies."""
    yield from basis.discrepancies["id"]


def explain(basis: Basis, identifier: str) -> Trace:
    """Explain a discrepancy: the difference, and everything that both of its sides are made of."""
    row = next(iter(rows_of(basis.discrepancies[basis.discrepancies["id"].eq(identifier)])))
    place = Place(source=row.source, pointer=row.pointer) if row.source else None
    found = Step(text=f"found as {row.kind}: severity {row.severity}, state {row.state}", place=place)
    about = ", ".join(filter(None, (row.account, row.program, row.sku, row.period)))
    steps = [*_difference(row), found, *_usage(basis, row), *_documents(basis, row), *_payment(basis, row)]
    fingerprint = Step(text=f"fingerprint {row.fingerprint}: it changes when what it was computed from does")
    return basis.trace(
        identifier, KIND, f"{row.kind} ({about}): {row.message}", [*steps, *_reports(basis, row), fingerprint]
    )


def _difference(row: Row) -> Iterator[Step]:
    total = difference(row)
    if total and row.payment:
        yield _sides(row, total, _BALANCES if row.kind in _OF_STATEMENTS else _MONEY)
    elif total:
        sides = (_INVOICED.get(row.kind, "invoiced"), _EXPECTED.get(row.kind, "expected"))
        yield _sides(row, total, sides)
        if row.granted_minor:
            text = "of it was credited before, in lines that name no program: the proposed correction leaves it out"
            yield Step(text=text, figure=Money(int(row.granted_minor), row.currency))
    elif row.expected_minor is not NA:
        yield Step(text="expected", figure=Money(int(row.expected_minor), row.currency))
    elif row.invoiced_minor is not NA:
        yield Step(text="invoiced", figure=Money(int(row.invoiced_minor), row.currency))


def _sides(row: Row, total: Money, words: tuple[str, str]) -> Step:
    plus, minus = (Money(int(minor), row.currency) for minor in (row.invoiced_minor, -row.expected_minor))
    steps = (Step(text=words[0], figure=plus), Step(text=f"less {words[1]}", figure=minus))
    return summed("the difference", total, steps)


def _usage(basis: Basis, row: Row) -> Iterator[Step]:
    if not row.sku:
        return
    yield from compared_steps(basis, Unit(row.account, row.program, row.sku, row.period, row.currency))
    lines = basis.lines
    elsewhere = lines["document"].eq(row.invoice) & lines["line"].astype(str).eq(row.line)
    for line in rows_of(lines[elsewhere & lines["period"].ne(row.period)]):
        yield line_step(line)


def _documents(basis: Basis, row: Row) -> Iterator[Step]:
    document = basis.documents.get(row.invoice)
    if not document or row.sku or row.payment:
        return
    yield total_step(document)
    yield from _agreed(basis, row, document)
    for credit in basis.documents.values():
        if document.number in credit.corrects:
            yield total_step(credit)
    if row.kind == "duplicate_invoice":
        lines = basis.lines[basis.lines["document"].eq(row.invoice)]
        for line in rows_of(lines):
            unit = Unit(line.service_account, line.program, line.sku, line.period, line.currency)
            yield invoiced_step(basis, unit)


def _agreed(basis: Basis, row: Row, document: Document) -> Iterator[Step]:
    """Yield what the agreement says of the tax or the due date of a document, where that is what differs."""
    agreement = basis.snapshot.agreements.get(document.account)
    if agreement and row.kind == "tax_mismatch":
        tax = agreement.tax_on(document.issued_on)
        if tax:
            place = Place(source=agreement.source, pointer=pointer("tax", agreement.tax.index(tax)))
            yield Step(text=f"agreed tax: {tax.code} {plain(tax.rate)} %", place=place)
    if agreement and row.kind == "due_date_mismatch":
        terms = agreement.terms_on(document.issued_on)
        if terms:
            place = Place(
                source=agreement.source, pointer=pointer("payment_terms", agreement.payment_terms.index(terms))
            )
            yield Step(text=f"agreed terms: issued on {document.issued_on}, {terms.net_days} days to pay", place=place)


def _payment(basis: Basis, row: Row) -> Iterator[Step]:
    payments = basis.receivables.payments
    for payment in rows_of(payments[payments["payment"].eq(row.payment)]):
        yield use_step(basis, payment)


def _reports(basis: Basis, row: Row) -> Iterator[Step]:
    table = basis.usage_reports
    mine = table["account"].eq(row.account) & table["program"].eq(row.program) & table["period"].eq(row.period)
    for state in rows_of(table[mine] if not row.sku else table.head(0)):
        submitted = "" if state.submitted_on is NaT else f", submitted on {state.submitted_on.date()}"
        place = Place(source=state.source) if state.source else None
        yield Step(text=f"usage report {state.state}: due on {state.due_on.date()}{submitted}", place=place)
