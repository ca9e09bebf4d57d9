"""What a statement says has changed since the last one."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from prisma_batch.views.amounts import Money
from prisma_batch.views.statement import build_statements
from prisma_batch.views.statement_changes import changes_between
from prisma_batch.views.statement_parts import Change, OpenItem
from tests.views.sample_run import SPAN, receivables, snapshot

DUE = date(2026, 10, 10)


def money(minor: int) -> Money:
    return Money(minor, "EUR")


def item(installment: str = "", open_minor: int = 10_000, **fields: Any) -> OpenItem:
    values: dict[str, Any] = {
        "document": "INV-1",
        "kind": "invoice",
        "payment_reference": "INV-1",
        "purchase_order": "",
        "issued_on": date(2026, 9, 10),
        "due_on": DUE,
        "amount": money(10_000),
        "days_overdue": 0,
        "bucket": "not_due",
        "disputed": money(0),
        "hold": "",
    }
    return OpenItem(**{**values, "installment": installment, "open_amount": money(open_minor), **fields})


def change(kind: str, before: Any = None, now: Any = None) -> Change:
    return Change(document="INV-1", kind=kind, before=before, now=now)


OTHER_DAY = date(2026, 11, 30)


@pytest.mark.parametrize(
    ("before", "now", "changes"),
    [
        ([item()], [item()], []),
        ([], [item()], []),
        ([item()], [], [change("settled", money(10_000), money(0))]),
        ([item()], [item(open_minor=2_500)], [change("open", money(10_000), money(2_500))]),
        ([item()], [item(due_on=OTHER_DAY)], [change("due_on", DUE, OTHER_DAY)]),
        ([item()], [item(days_overdue=5)], [change("overdue", now=DUE)]),
        ([item(days_overdue=5)], [item(days_overdue=36)], []),
        ([item()], [item(disputed=money(5_675))], [change("disputed", money(0), money(5_675))]),
        ([item()], [item(hold="until 2026-12-01 CASE-1")], [change("hold_began")]),
        ([item(hold="promise until 2026-10-20 CASE-1")], [item()], [change("hold_ended")]),
        ([item(hold="dispute CASE-1")], [item()], []),  # its amount says it
        (
            [item()],
            [item("1 of 2", 5_000, due_on=OTHER_DAY), item("2 of 2", 5_000, due_on=date(2026, 12, 31))],
            [change("due_on", DUE, OTHER_DAY)],
        ),
        (
            [item("1 of 2", 5_000), item("2 of 2", 5_000, due_on=OTHER_DAY)],
            [item("2 of 2", 5_000, due_on=OTHER_DAY)],
            [change("open", money(10_000), money(5_000))],
        ),
    ],
)
def test_changes(before: list[OpenItem], now: list[OpenItem], changes: list[Change]) -> None:
    assert changes_between(before, now) == tuple(changes)


def test_changes_are_those_of_the_section_alone() -> None:
    """The last statement had a euro invoice of this account, and a dollar invoice of another."""
    table = receivables().open_items
    last = table[table["document"].eq("INV-2026-00081")].assign(open_minor=80_000, days_overdue="5")
    foreign = last.assign(account="OTHER-1", currency="USD")
    for before, expected in ((last, [Change(document="INV-2026-00081", kind="open", **figures())]), (foreign, [])):
        sections = build_statements(receivables(), snapshot(), SPAN, before)[0].sections
        assert [list(section.changes) for section in sections] == [expected, []]


def figures() -> dict[str, Any]:
    return {"before": money(80_000), "now": money(76_230)}


def test_sums_of_movements_lead_from_opening_to_closing() -> None:
    for statement in build_statements(receivables(), snapshot(), SPAN):
        for section in statement.sections:
            moved = sum(total.minor for _, total in section.sums)
            assert section.opening.minor + moved == section.closing.minor


def test_the_agreement_says_what_a_statement_lists() -> None:
    records = snapshot()
    agreement = records.agreements["ACME-001"]
    activity = replace(agreement, billing=replace(agreement.billing, statement="activity"))
    built = build_statements(
        receivables(), replace(records, agreements={**records.agreements, "ACME-001": activity}), SPAN
    )
    assert {statement.account: statement.kind for statement in built} == {
        "ACME-001": "activity",
        "LOST-009": "open_item",
        "ZERO-002": "open_item",
    }
