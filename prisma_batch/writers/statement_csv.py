"""Statements of account as CSV."""

from collections.abc import Iterator
from datetime import date

from prisma_batch.views.amounts import Money
from prisma_batch.views.statement_parts import Movement, OpenItem, Section, Statement
from prisma_batch.writers.csv_text import csv_bytes, guarded

_COLUMNS = (
    "account section currency date due_date kind reference description amount open_amount balance days_overdue bucket "
    "disputed_amount hold prior_period before now"
).split()


def statement_csv(statement: Statement) -> bytes:
    """Print a statement: a row for each balance, movement, open item, change, bucket and unapplied payment."""
    rows = [row for section in statement.sections for row in _rows(statement, section)]
    return csv_bytes(_COLUMNS, [[row.get(name, "") for name in _COLUMNS] for row in rows])


def _rows(statement: Statement, section: Section) -> Iterator[dict[str, str]]:
    span, common = statement.span, {"account": statement.account, "currency": section.currency}
    opened, closed = span.opened_on.isoformat(), span.as_of.isoformat()
    yield {**common, "section": "opening", "date": opened, "balance": section.opening.text}
    for movement in section.movements:
        yield {**common, "section": "movement", **_movement_cells(movement)}
    yield {**common, "section": "closing", "date": closed, "balance": section.closing.text}
    for item in section.open_items:
        yield {**common, "section": "open_item", **_open_item_cells(item)}
    for change in section.changes:
        about = {"date": closed, "kind": change.kind, "reference": guarded(change.document)}
        yield {**common, "section": "change", **about, "before": _value(change.before), "now": _value(change.now)}
    for bucket, money in section.aging.items():
        yield {**common, "section": "aging", "date": closed, "bucket": bucket, "amount": money.text}
    for payment in section.unapplied:
        cells = {"date": _iso(payment.value_date), "reference": guarded(payment.payment), "amount": payment.amount.text}
        yield {**common, "section": "unapplied", **cells}


def _movement_cells(movement: Movement) -> dict[str, str]:
    return {
        "date": movement.on.isoformat(),
        "kind": movement.kind,
        "reference": guarded(movement.reference),
        "description": guarded(movement.description),
        "amount": movement.amount.text,
        "balance": movement.balance.text,
        "prior_period": "yes" if movement.prior_period else "",
    }


def _open_item_cells(item: OpenItem) -> dict[str, str]:
    return {
        "date": _iso(item.issued_on),
        "due_date": _iso(item.due_on),
        "kind": item.kind,
        "reference": guarded(item.document),
        "description": guarded(item.installment),
        "amount": item.amount.text,
        "open_amount": item.open_amount.text,
        "days_overdue": str(item.days_overdue),
        "bucket": item.bucket,
        "disputed_amount": item.disputed.text,
        "hold": guarded(item.hold),
    }


def _value(value: Money | date | None) -> str:
    return value.text if isinstance(value, Money) else _iso(value)


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""
