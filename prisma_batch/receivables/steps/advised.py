"""A payment with a remittance advice: its lines say what it settles, in the payer's own spelling."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from prisma_batch.receivables.book import AdviceLine, Book
from prisma_batch.receivables.look_alikes import context_of
from prisma_batch.receivables.payments import Payment
from prisma_batch.receivables.quotes import TextIndex
from prisma_batch.receivables.references import normal, spellings
from prisma_batch.receivables.settlement import gap_kind
from prisma_batch.receivables.steps.unique_amount import short_number


def step(book: Book, payment: Payment) -> None:
    """Apply the lines of an advice that add up to the payment and whose documents are found, each with its amount.

    A reference is looked up among all documents that the payer may pay, then in short (``Invoice #20``) or as a
    purchase order among its own. A deduction goes with the document that it names.
    """
    lines = book.advices.get(payment.payment, ())
    if payment.amount_minor < 0 or sum(line.amount_minor for line in lines) != book.left_minor[payment.payment]:
        return
    amounts, evidence = _found(book, payment, lines)
    for document, amount in sorted(amounts.items(), key=lambda item: item[1], reverse=True):
        still_open = book.open_minor[document]
        if 0 < amount <= still_open or still_open <= amount < 0:
            how = ("remittance", f"certain: the advice says {evidence[document]}")
            book.apply(payment, document, (amount, amount), how)
            _let_go(book, payment, document)


def _found(book: Book, payment: Payment, lines: Sequence[AdviceLine]) -> tuple[dict[str, int], dict[str, str]]:
    """Return amount and reference of each document; what is deducted without one comes off the largest amount."""
    amounts: dict[str, int] = defaultdict(int)
    evidence: dict[str, str] = {}
    deducted = 0
    for line in lines:
        document = document_of(book, payment, line)
        if document:
            amounts[document] += line.amount_minor
            evidence.setdefault(document, line.reference)
        else:
            deducted += min(0, line.amount_minor)
    if deducted and amounts:
        amounts[max(amounts, key=lambda name: (amounts[name], name))] += deducted
    return amounts, evidence


def document_of(book: Book, payment: Payment, line: AdviceLine) -> str:
    """Return the one document that a line means; nothing where it means none or may mean several."""
    whole = {name for spelling in spellings(line.reference) for name, _ in book.by_reference.get(spelling, ())}
    found = [name for name in whole if _may_take(book, payment, name)]
    if found:
        return found[0] if len(found) == 1 else ""
    items = {name: minor for name, minor in book.own_items(payment).items() if minor * line.amount_minor > 0}
    for meant in (_by_text(book, items, line), _by_order(book, items, line), _by_short_number(items, line)):
        exact = [name for name in meant if items[name] == line.amount_minor]
        if meant:
            return next(iter(exact if len(exact) == 1 else meant if len(meant) == 1 else []), "")
    return ""


def _may_take(book: Book, payment: Payment, document: str) -> bool:
    return (
        book.documents[document].currency == payment.currency
        and book.may_pay(payment, document)
        and (payment.payment, document) not in book.barred
    )


def _by_text(book: Book, items: Mapping[str, int], line: AdviceLine) -> list[str]:
    index = TextIndex.of((name, ref) for name in items for ref in (name, book.documents[name].payment_reference) if ref)
    return [quote.document for quote in index.quotes(line.reference)]


def _by_short_number(items: Mapping[str, int], line: AdviceLine) -> list[str]:
    wanted, written = short_number(line.reference), line.reference.upper()
    if not wanted or context_of(written, written.rindex(wanted)) == "other":
        return []
    return [name for name in items if short_number(name) == wanted]


def _by_order(book: Book, items: Mapping[str, int], line: AdviceLine) -> list[str]:
    wanted = normal(line.reference)
    return [name for name in items if wanted and normal(book.documents[name].purchase_order) == wanted]


def _let_go(book: Book, payment: Payment, document: str) -> None:
    gap = book.open_minor[document]
    if gap <= 0:
        return
    owed = book.documents[document]
    earned = gap == owed.discount_minor and payment.value_date <= owed.discount_until
    kind = "discount" if earned else gap_kind(book, payment, document, gap, owed.debt_minor)
    if kind:
        book.adjust(payment, document, kind, gap)
