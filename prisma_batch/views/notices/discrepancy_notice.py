"""``discrepancy_notice``: what the issuer's finance has to look at; a customer hears of it only through a case."""

from collections.abc import Iterator
from typing import Any

from pandas import NA

from prisma_batch.records.table import rows_of
from prisma_batch.views.amounts import Money
from prisma_batch.views.notices.layout import Label, Notice, NoticeTable, Value, say
from prisma_batch.views.notices.state import NoticeState, Planned


def plan(state: NoticeState) -> Iterator[Planned]:
    """Yield one message about the discrepancies that wait for a decision, where there are any."""
    table = state.discrepancies
    waiting = table[table["state"].isin(["open", "reopened"])]
    if len(waiting):
        period, finance = state.span.period, state.snapshot.settings.issuer.finance_email
        body = Notice(
            subject=say("Discrepancies of %(month)s to look at: %(count)s", count=len(waiting), month=period),
            title=say("Discrepancies to look at"),
            action=(say("Please decide on each: correct the document, open a case, or accept it in a case."),),
            facts=((say("As of"), state.span.as_of),),
            tables=(
                NoticeTable(
                    headings=(say("Discrepancy"), say("Kind"), say("Account"), say("Document"), say("Difference")),
                    rows=tuple(_row(row) for row in rows_of(waiting)),
                ),
            ),
            substance=[(row.id, row.fingerprint) for row in rows_of(waiting)],
        )
        yield Planned(key=f"discrepancy_notice.{period}", account="", body=body, to=finance)


def _row(row: Any) -> tuple[Value, ...]:
    known = row.currency and row.difference_minor is not NA
    difference: Value = Money(int(row.difference_minor), row.currency) if known else ""
    return row.id, Label(row.kind), row.account, row.invoice or row.payment, difference
