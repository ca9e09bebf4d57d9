"""``payment_received``: thanks for payments that nobody was thanked for yet, in one message an account."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from prisma_batch.base.identifiers import file_stem
from prisma_batch.records.table import rows_of
from prisma_batch.views.amounts import Money
from prisma_batch.views.notices.layout import Notice, NoticeTable, say
from prisma_batch.views.notices.state import NoticeState, Planned
from prisma_batch.views.parties import customer_name


def plan(state: NoticeState) -> Iterator[Planned]:
    """Yield a message for each account whose payments were booked in the span; money that came back is none."""
    told = state.told("payment_received")
    settled: dict[tuple[str, str], list[str]] = defaultdict(list)
    for row in rows_of(state.receivables.allocations):
        settled[row.account, row.payment].append(row.document)
    news: dict[str, list[Any]] = defaultdict(list)
    for row in rows_of(state.receivables.payments):
        received = row.amount_minor > 0 and row.account and row.state in {"applied", "partly_applied", "unapplied"}
        if received and state.is_news(row.booking_date.date()) and file_stem(row.payment) not in told:
            news[row.account].append(row)
    for account, payments in sorted(news.items()):
        payments.sort(key=lambda row: (row.booking_date, row.payment))
        yield Planned(
            key=f"payment_received.{account}.{file_stem(payments[-1].payment)}",
            account=account,
            body=_body(state, account, payments, settled),
            about=tuple(file_stem(row.payment) for row in payments),
        )


def _body(state: NoticeState, account: str, payments: list[Any], settled: dict[tuple[str, str], list[str]]) -> Notice:
    last = payments[-1]
    rows = tuple(
        (
            row.value_date.date(),
            Money(int(row.amount_minor), row.currency),
            ", ".join(dict.fromkeys(settled.get((account, row.payment), ()))) or say("kept as credit"),
        )
        for row in payments
    )
    amount = Money(int(last.amount_minor), last.currency)
    more = len(payments) > 1
    subject = (
        say("We have received your payments for account %(account)s", account=account)
        if more
        else say("We have received %(amount)s for account %(account)s", amount=amount, account=account)
    )
    return Notice(
        subject=subject,
        title=say("Thank you for your payment"),
        action=(say("There is nothing for you to do."),),
        facts=((say("Account"), f"{account}, {customer_name(state.snapshot, account)}"),),
        tables=(NoticeTable(headings=(say("Received"), say("Amount"), say("Used for")), rows=rows),),
        closing=(say("If it was meant for something else, tell us."),),
    )
