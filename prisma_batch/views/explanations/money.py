"""Steps of balances: where a movement stands in the records."""

from pandas import DataFrame

from prisma_batch.base.findings import pointer
from prisma_batch.records.table import rows_of
from prisma_batch.views.amounts import Money
from prisma_batch.views.explanations.basis import Basis
from prisma_batch.views.labels import LABELS
from prisma_batch.views.statement import Section, Statement
from prisma_batch.views.statement_parts import Movement, OpenItem, UnappliedPayment
from prisma_batch.views.trace import Place, Step, summed


def payment_place(basis: Basis, payment: str) -> Place | None:
    """Return where a payment stands in its bank file."""
    return _first_place(basis.receivables.payments, "payment", payment)


def document_place(basis: Basis, number: str) -> Place | None:
    """Return where a document says what it is about."""
    document = basis.documents.get(number)
    amount = "open_amount" if document and document.kind == "opening_item" else "total"
    return Place(source=document.source, pointer=pointer(amount)) if document else None


def moved_step(basis: Basis, section: Section) -> Step:
    """Return the closing balance of a section: the opening balance and every movement since."""
    place = Place(source=basis.opening_source) if basis.opening_source else None
    opened = Step(text=f"balance before {basis.span.opened_on}", figure=section.opening, place=place)
    movements = (_movement_step(basis, movement) for movement in section.movements)
    return summed(f"balance in {section.currency} on {basis.span.as_of}", section.closing, (opened, *movements))


def open_step(basis: Basis, section: Section) -> Step:
    """Return the balance of a section as what it consists of: open items less credit that is not used yet."""
    items = (_item_step(basis, item) for item in section.open_items)
    unapplied = (_unapplied_step(basis, payment) for payment in section.unapplied)
    return summed(
        f"balance in {section.currency} on {basis.span.as_of}: what is open", section.closing, (*items, *unapplied)
    )


def due_step(section: Section) -> Step:
    """Return what is asked for now: what is overdue, less what is disputed, held or covered by credit."""
    dues = section.dues
    parts = (("overdue", dues.overdue), ("disputed", dues.disputed), ("held", dues.held), ("credit", dues.credit))
    text = ", ".join(f"{word} {money.text}" for word, money in parts)
    return Step(text=f"to pay now: overdue less disputed, held and credit ({text})", figure=dues.pay_now)


def statement_of(basis: Basis, account: str) -> Statement | None:
    """Return the statement of an account, where it has one."""
    return next((statement for statement in basis.statements if statement.account == account), None)


def _movement_step(basis: Basis, movement: Movement) -> Step:
    late = ", of an earlier period and known only now" if movement.prior_period else ""
    about = f" ({movement.description})" if movement.description else ""
    words = LABELS.get(movement.kind, movement.kind).lower()
    return Step(
        text=f"{movement.on} {words} {movement.reference}{about}{late}",
        figure=movement.amount,
        place=_movement_place(basis, movement),
    )


def _movement_place(basis: Basis, movement: Movement) -> Place | None:
    payment = payment_place(basis, movement.reference)
    if payment or movement.kind == "exchange":
        return payment
    if movement.kind in ("invoice", "credit_note", "fee", "opening_item"):
        return document_place(basis, movement.reference)
    adjustments = basis.receivables.adjustments
    return _first_place(adjustments[adjustments["kind"].eq(movement.kind)], "document", movement.reference)


def _first_place(table: DataFrame, column: str, value: str) -> Place | None:
    row = next(iter(rows_of(table[table[column].eq(value)])), None)
    return Place(source=row.source, pointer=row.pointer) if row and row.source else None


def _item_step(basis: Basis, item: OpenItem) -> Step:
    overdue = f", {item.days_overdue} days overdue" if item.is_overdue else ""
    return Step(
        text=f"{item.document}, due on {item.due_on}{overdue}",
        figure=item.open_amount,
        place=document_place(basis, item.document),
    )


def _unapplied_step(basis: Basis, payment: UnappliedPayment) -> Step:
    return Step(
        text=f"payment {payment.payment} of {payment.value_date}, not used yet",
        figure=Money(-payment.amount.minor, payment.amount.currency),
        place=payment_place(basis, payment.payment),
    )
