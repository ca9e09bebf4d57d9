"""Fees and interest of reminders that were sent, as lines to propose: once a level, owed only when somebody issues it.

Interest is counted to the day of the reminder, on what is still open of the documents that reached its level.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal

from prisma_batch.base.identifiers import file_stem
from prisma_batch.base.money import divide, from_minor, plain, to_minor, to_scaled
from prisma_batch.base.periods import Period
from prisma_batch.receivables.debts import AccountDebts, Debt
from prisma_batch.receivables.dunning import KIND
from prisma_batch.records.corrections import Correction
from prisma_batch.records.documents import Document, Line
from prisma_batch.records.journal import JournalRow
from prisma_batch.records.policies import Dunning, DunningLevel

_OUTSIDE = ("outside_scope", Decimal(0))  # compensation for late payment is no consideration for a supply
_DAYS_OF_A_YEAR = 365


def late_fees(
    sent: Iterable[JournalRow], owed: Mapping[str, AccountDebts], documents: Iterable[Document], dunning: Dunning | None
) -> Iterator[Correction]:
    """Yield the fee and the interest of each reminder that was sent and for which no fee has been issued.

    A fee that was issued names the reminder in its reason, as it was proposed.

    Args:
        sent: the last rows of messages.
        owed: what each account owes now.
    """
    documents = tuple(documents)
    currencies = {file_stem(document.number): document.currency for document in documents}
    issued = " ".join(document.reason or "" for document in documents if document.kind == "fee")
    for row in sent:
        if row.kind != KIND or row.state != "sent" or f"({row.key})" in issued:
            continue
        _, account, level, cause = row.key.split(".", 3)
        if dunning and 0 < int(level) <= len(dunning.levels) and cause in currencies:
            debts = owed[account].debts if account in owed else ()
            yield from _lines(
                row, (account, currencies[cause]), dunning.levels[int(level) - 1], _reached(row, level, debts)
            )


def _reached(row: JournalRow, level: str, debts: Iterable[Debt]) -> list[Debt]:
    """Return what is open of the documents that reached the level with a reminder."""
    stems = {stem for stem, _, own in (about.rpartition("=") for about in row.about) if own == level}
    return [debt for debt in debts if file_stem(debt.document) in stems and not debt.plan]


def _lines(row: JournalRow, payer: tuple[str, str], level: DunningLevel, debts: Iterable[Debt]) -> Iterator[Correction]:
    account, currency = payer
    on = row.at.date()
    reason = f"{level.name or 'Reminder'} of {on} ({row.key})"
    fee = level.fee.get(currency)
    if fee:
        yield _correction((account, currency), row, reason, (f"Fee: {level.name or 'reminder'} of {on}", fee))
    for debt in debts:
        minor = _interest_minor(debt, level.interest_percent or Decimal(0), on)
        if minor > 0:
            words = f"Interest on {debt.document}: {from_minor(debt.claim_minor, debt.currency):f} {debt.currency}"
            terms = f"{plain(level.interest_percent or Decimal(0))} % a year for {(on - debt.due_on).days} days"
            line = (f"{words}, {terms}", from_minor(minor, debt.currency))
            yield _correction((account, debt.currency), row, reason, line)


def _interest_minor(debt: Debt, percent: Decimal, on: date) -> int:
    """Return yearly interest for the days overdue, rounded once to the minor unit."""
    scaled, scale = to_scaled(percent)
    days = max(0, (on - debt.due_on).days)
    return divide(debt.claim_minor * scaled * days, 100 * 10**scale * _DAYS_OF_A_YEAR)


def _correction(payer: tuple[str, str], row: JournalRow, reason: str, line: tuple[str, Decimal]) -> Correction:
    account, currency = payer
    description, amount = line
    on = row.at.date()
    amount = from_minor(to_minor(amount, currency), currency)
    return Correction(
        kind="fee",
        account=account,
        currency=currency,
        line=Line(line=1, description=description, amount=amount, tax="", service_from=on, service_to=on),
        reason=reason,
        cause=row.key,
        period=str(Period.of(on)),
        group=row.key,
        tax=_OUTSIDE,
    )
