"""Statements of account from the tables of a run."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from pandas import DataFrame

from prisma_batch.base.errors import InvariantBroken
from prisma_batch.receivables.result import Receivables
from prisma_batch.records.documents import Document
from prisma_batch.records.snapshot import Snapshot
from prisma_batch.records.table import rows_of
from prisma_batch.records.tables import BUCKETS
from prisma_batch.views.amounts import Money
from prisma_batch.views.parties import bank_accounts_for, bill_to, collected_by, customer_name, language_of
from prisma_batch.views.rows import AccountCurrency, Row, RowsByAccount, rows_by_account
from prisma_batch.views.statement_changes import changes_between
from prisma_batch.views.statement_parts import (
    Dues,
    Movement,
    OpenItem,
    Section,
    Statement,
    StatementSpan,
    UnappliedPayment,
)

__all__ = ["Section", "Statement", "StatementSpan", "build_statements"]

# On one day what raises the debt comes before what lowers it, so that the running balance reads as people expect.
_MOVEMENT_ORDER = ("opening_item", "invoice", "fee", "reversal", "refund", "credit_note", "payment")


@dataclass(frozen=True, kw_only=True, slots=True)
class _Grouped:
    """The tables of one run by account and currency, and what sections need of the records."""

    balances: RowsByAccount
    movements: RowsByAccount
    open_items: RowsByAccount
    last_items: RowsByAccount
    aging: RowsByAccount
    unapplied: RowsByAccount
    settled: Mapping[tuple[str, str], Sequence[str]]
    documents: Mapping[str, Document]
    snapshot: Snapshot


def build_statements(
    receivables: Receivables, snapshot: Snapshot, span: StatementSpan, last_items: DataFrame | None = None
) -> tuple[Statement, ...]:
    """Build the statement of every account with a balance, an open item, a movement or unapplied money.

    Accounts that want a statement of nothing get one, too. An account without records is named by its id.

    Args:
        last_items: the open items (OPEN_ITEMS) of the last statements, with which these are compared.
    Returns:
        Statements sorted by account, their sections by currency.
    Raises:
        InvariantBroken: opening and movements do not add up to the closing balance, or aging differs from it.
    """
    grouped = _Grouped(
        balances=rows_by_account(receivables.balances),
        movements=rows_by_account(receivables.movements),
        open_items=rows_by_account(receivables.open_items),
        last_items={} if last_items is None else rows_by_account(last_items),
        aging=rows_by_account(receivables.aging),
        unapplied=rows_by_account(receivables.unapplied),
        settled=_settled(receivables.allocations),
        documents={document.number: document for document in snapshot.documents},
        snapshot=snapshot,
    )
    currencies: dict[str, list[str]] = {}
    for account, currency in sorted({*_told(grouped), *_wanted_at_zero(snapshot, span)}):
        currencies.setdefault(account, []).append(currency)
    printed = replace(span, late_documents=frozenset())  # which may be those of thousands of other accounts
    return tuple(
        _statement(snapshot, printed, account, tuple(_section(grouped, (account, currency)) for currency in own))
        for account, own in currencies.items()
    )


def _told(grouped: _Grouped) -> Iterator[AccountCurrency]:
    for tables in (grouped.movements, grouped.open_items, grouped.unapplied):
        yield from tables
    for key, rows in grouped.balances.items():
        if any(row.opening_minor or row.closing_minor for row in rows):
            yield key


def _wanted_at_zero(snapshot: Snapshot, span: StatementSpan) -> Iterator[AccountCurrency]:
    for account, agreement in snapshot.agreements.items():
        active = agreement.active_from <= span.as_of and (agreement.closed_on or span.opened_on) >= span.opened_on
        if agreement.billing.send_zero_statement and active:
            yield account, agreement.currency


def _settled(allocations: DataFrame) -> Mapping[tuple[str, str], Sequence[str]]:
    """Return the documents that each payment of an account settled."""
    settled: dict[tuple[str, str], list[str]] = {}
    for row in rows_of(allocations):
        settled.setdefault((row.account, row.payment), []).append(row.document)
    return settled


def _statement(snapshot: Snapshot, span: StatementSpan, account: str, sections: tuple[Section, ...]) -> Statement:
    agreement = snapshot.agreements.get(account)
    return Statement(
        account=account,
        kind=agreement.billing.statement if agreement else "open_item",
        customer_name=customer_name(snapshot, account),
        bill_to=bill_to(snapshot, account),
        language=language_of(snapshot, account),
        span=span,
        issuer=snapshot.settings.issuer,
        contact_point=snapshot.settings.contact_point,
        sections=sections,
    )


def _section(grouped: _Grouped, key: AccountCurrency) -> Section:
    account, currency = key
    collected = collected_by(grouped.snapshot, account)
    opening, closing = _balances(currency, grouped.balances.get(key, ()))
    open_items = _open_items(grouped.open_items, grouped, key)
    section = Section(
        currency=currency,
        opening=opening,
        movements=tuple(_movements(grouped, key, opening)),
        closing=closing,
        open_items=open_items,
        changes=changes_between(_open_items(grouped.last_items, grouped, key), open_items),
        aging=(aging := _aging(currency, grouped.aging.get(key, ()))),
        unapplied=tuple(_unapplied(row) for row in grouped.unapplied.get(key, ())),
        dues=_dues(currency, open_items, -aging["unapplied"].minor),
        bank_accounts=bank_accounts_for(grouped.snapshot.settings.issuer.bank_accounts, currency),
        references=tuple(
            dict.fromkeys(
                item.payment_reference for item in open_items if item.is_payable and (item.is_overdue or not collected)
            )
        ),
        collected_by=collected,
    )
    _prove(section, account)
    return section


def _prove(section: Section, account: str) -> None:
    moved = section.movements[-1].balance if section.movements else section.opening
    place = f"account {account}, {section.currency}"
    if moved != section.closing:
        raise InvariantBroken(f"{place}: opening and movements do not make the closing balance")
    if section.aging["balance"] != section.closing:
        raise InvariantBroken(f"{place}: the balance in aging is not the closing balance")


def _balances(currency: str, rows: Iterable[Row]) -> tuple[Money, Money]:
    pairs = [(int(row.opening_minor), int(row.closing_minor)) for row in rows]
    opening, closing = (sum(pair[side] for pair in pairs) for side in (0, 1))
    return Money(opening, currency), Money(closing, currency)


def _open_items(rows: RowsByAccount, grouped: _Grouped, key: AccountCurrency) -> tuple[OpenItem, ...]:
    nothing = Money(0, key[1])  # one for all rows: most are not disputed
    items = (_open_item(row, grouped.documents.get(row.document), nothing) for row in rows.get(key, ()))
    return tuple(sorted(items, key=_by_due))


def _movements(grouped: _Grouped, key: AccountCurrency, opening: Money) -> Iterator[Movement]:
    balance = opening.minor
    for row in sorted(grouped.movements.get(key, ()), key=_by_day):
        balance += int(row.amount_minor)
        yield Movement(
            on=row.on,
            kind=row.kind,
            reference=row.reference,
            description=_description(grouped, row),
            amount=Money(int(row.amount_minor), opening.currency),
            balance=Money(balance, opening.currency),
            prior_period=bool(row.prior_period),
        )


def _by_day(row: Row) -> tuple[object, ...]:
    place = _MOVEMENT_ORDER.index(row.kind) if row.kind in _MOVEMENT_ORDER else len(_MOVEMENT_ORDER)
    return (row.on, place, row.reference, row.kind, row.amount_minor)


def _description(grouped: _Grouped, row: Row) -> str:
    settled = dict.fromkeys(grouped.settled.get((row.account, row.reference), ()))
    document = grouped.documents.get(row.reference)
    return ", ".join(settled) or (document and (document.reason or document.purchase_order)) or ""


def _open_item(row: Row, document: Document | None, nothing: Money) -> OpenItem:
    amount = Money(row.amount_minor, row.currency)
    return OpenItem(
        document=row.document,
        installment=row.installment,
        kind=row.kind,
        payment_reference=(document.payment_reference if document else None) or row.document,
        purchase_order=(document.purchase_order if document else None) or "",
        issued_on=row.issued_on,
        due_on=row.due_on,
        amount=amount,
        open_amount=amount if row.open_minor == row.amount_minor else Money(row.open_minor, row.currency),
        days_overdue=int(row.days_overdue),  # text in what was read back
        bucket=row.bucket,
        disputed=Money(row.disputed_minor, row.currency) if row.disputed_minor else nothing,
        hold=row.hold,
    )


def _by_due(item: OpenItem) -> tuple[object, ...]:
    return (item.due_on or date.min, item.issued_on or date.min, item.document, item.installment)


def _aging(currency: str, rows: Iterable[Row]) -> Mapping[str, Money]:
    # Named by position: itertuples renames columns such as 1_30.
    columns = (*BUCKETS, "unapplied", "balance")
    sums = [sum(int(row[2 + index]) for row in rows) for index in range(len(columns))]
    return {column: Money(minor, currency) for column, minor in zip(columns, sums, strict=True)}


def _unapplied(row: Row) -> UnappliedPayment:
    return UnappliedPayment(
        payment=row.payment, value_date=row.value_date, amount=Money(row.amount_minor, row.currency)
    )


def _dues(currency: str, items: tuple[OpenItem, ...], credit: int) -> Dues:
    overdue = [item for item in items if item.is_overdue]
    total = sum(item.open_amount.minor for item in overdue)
    disputed = sum(item.disputed.minor for item in overdue)
    held = sum(item.undisputed_minor for item in overdue if item.is_held)
    claimed = total - disputed - held
    next_by, next_total = _next_due(items)
    return Dues(
        overdue=Money(total, currency),
        disputed=Money(disputed, currency),
        held=Money(held, currency),
        credit=Money(credit, currency),
        pay_now=Money(max(0, claimed - credit), currency),
        pay_next=Money(max(0, next_total - max(0, credit - claimed)), currency),
        pay_next_by=next_by,
    )


def _next_due(items: Iterable[OpenItem]) -> tuple[date | None, int]:
    claims = [
        (item.due_on, item.undisputed_minor)
        for item in items
        if item.due_on and not item.is_overdue and item.undisputed_minor > 0
    ]
    first = min((due_on for due_on, _ in claims), default=None)
    return first, sum(minor for due_on, minor in claims if due_on == first)
