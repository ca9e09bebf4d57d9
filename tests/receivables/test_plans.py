"""Payment plans and extensions: what is due when, what was missed, and what comes back then."""

from datetime import date
from typing import Any

import pytest

from prisma_batch.receivables.result import Receivables
from prisma_batch.records.table import rows_of
from tests.receivables.tables import Tree, document, entry, settled, tree, write_off

GRANTED = date(2026, 11, 20)
# Two invoices of September, 340.49 and 100.00, in three installments from December on, with five days of grace.
DUES = (("CASE-1#0", 1, date(2026, 12, 15), 150_00), ("CASE-1#0", 2, date(2027, 1, 15), 150_00))
PLAN = tree(
    document("INV-1", 340_49),
    document("INV-2", 100_00, due_on="2026-10-20"),
    plans=tuple(("CASE-1#0", "CASE-1", number, GRANTED) for number in ("INV-1", "INV-2")),
    installments=(*DUES, ("CASE-1#0", 3, date(2027, 2, 15), 140_49)),
    grace_days=5,
)


def on(day: str, records: Tree = PLAN, *paid: tuple[int, str]) -> Receivables:
    entries = tuple(entry(f"P-{n}", minor, "INV-1", value_on) for n, (minor, value_on) in enumerate(paid))
    return settled(records.plus(entries=entries), as_of=date.fromisoformat(day))


def items(result: Receivables) -> list[tuple[Any, ...]]:
    table = result.open_items
    return [(row.document, row.installment, str(row.due_on.date()), row.open_minor) for row in rows_of(table)]


def state(result: Receivables) -> tuple[str, int]:
    [row] = rows_of(result.plans)
    return row.state, row.missed


def test_installments_replace_due_dates_from_the_day_of_the_plan() -> None:
    assert items(on("2026-11-19")) == [("INV-1", "", "2026-10-10", 340_49), ("INV-2", "", "2026-10-20", 100_00)]
    result = on("2026-11-20")
    assert items(result) == [
        ("INV-1", "1 of 3", "2026-12-15", 150_00),
        ("INV-1", "2 of 3", "2027-01-15", 150_00),
        ("INV-1", "3 of 3", "2027-02-15", 40_49),
        ("INV-2", "3 of 3", "2027-02-15", 100_00),
    ]
    assert set(result.open_items["hold"]) == {"plan CASE-1"}
    assert result.aging[["not_due", "balance"]].to_numpy().tolist() == [[440_49, 440_49]]


@pytest.mark.parametrize(
    ("day", "expected"),
    [("2026-12-15", 0), ("2026-12-16", 1), ("2026-12-20", 5)],
)
def test_within_grace_a_plan_holds(day: str, expected: int) -> None:
    result = on(day)
    assert state(result) == ("on_time", 0)
    assert result.open_items["days_overdue"].max() == expected


def test_a_missed_installment_brings_the_original_due_dates_back() -> None:
    result = on("2026-12-21")
    assert state(result) == ("broken", 1)
    [row] = rows_of(result.plans)
    assert row.broken_on.date() == date(2026, 12, 21)
    assert items(result) == [("INV-1", "", "2026-10-10", 340_49), ("INV-2", "", "2026-10-20", 100_00)]
    assert set(result.open_items["hold"]) == {""}


@pytest.mark.parametrize(
    ("paid", "day", "expected"),
    [
        ([(150_00, "2026-12-20")], "2026-12-21", ("on_time", 0)),
        ([(150_00, "2026-12-21")], "2026-12-31", ("broken", 1)),  # a day too late, and it stays so
        ([(149_99, "2026-12-20")], "2026-12-21", ("broken", 1)),
        ([(150_00, "2026-12-10")], "2027-01-21", ("broken", 2)),
        ([(150_00, "2026-12-10"), (150_00, "2027-01-18")], "2027-02-20", ("on_time", 0)),
    ],
)
def test_in_time_is_judged_by_value_dates(paid: list[tuple[int, str]], day: str, expected: tuple[str, int]) -> None:
    assert state(on(day, PLAN, *paid)) == expected


def test_payments_count_for_the_first_installments_whichever_document_they_settle() -> None:
    records = PLAN.plus(entries=(entry("P-9", 100_00, "INV-2", "2026-12-01"),))
    assert items(on("2026-12-15", records)) == [
        ("INV-1", "1 of 3", "2026-12-15", 50_00),
        ("INV-1", "2 of 3", "2027-01-15", 150_00),
        ("INV-1", "3 of 3", "2027-02-15", 140_49),
    ]


def test_a_credit_note_does_not_mend_a_plan_that_was_broken_before_it() -> None:
    credited = PLAN.plus(documents=(document("CN-1", -150_00, "2026-12-28", corrects="INV-1"),))
    assert state(on("2026-12-27", credited)) == state(on("2026-12-31", credited)) == ("broken", 1)
    in_time = PLAN.plus(documents=(document("CN-1", -150_00, "2026-12-20", corrects="INV-1"),))
    assert state(on("2026-12-31", in_time)) == ("on_time", 0)


def test_a_credit_note_is_for_what_the_installments_leave_out() -> None:
    records = tree(*PLAN.documents, plans=PLAN.plans, installments=DUES, grace_days=5).plus(
        documents=(document("CN-1", -140_49, "2026-12-28", corrects="INV-1"),)
    )
    paid = on("2026-12-31", records, (150_00, "2026-12-15"))
    assert (state(paid), [row[1::2] for row in items(paid)]) == (
        ("on_time", 0),
        [("2 of 2", 50_00), ("2 of 2", 100_00)],
    )
    assert state(on("2026-12-31", records, (149_99, "2026-12-15"))) == ("broken", 1)


@pytest.mark.parametrize(("day", "told"), [("2026-12-31", []), ("2027-01-21", ["short_payment"])])
def test_an_installment_is_no_short_payment_while_the_plan_holds(day: str, told: list[str]) -> None:
    assert on(day, PLAN, (150_00, "2026-12-15")).discrepancies["kind"].tolist() == told


@pytest.mark.parametrize(("day", "methods"), [("2026-11-19", []), ("2026-11-20", ["installment"])])
def test_an_installment_may_come_from_the_day_of_the_plan_on(day: str, methods: list[str]) -> None:
    records = PLAN.plus(entries=(entry("P-1", 150_00, "first of INV-1", day),))
    assert on("2026-11-20", records).allocations["method"].tolist() == methods


def test_a_plan_that_is_paid_is_kept() -> None:
    records = PLAN.plus(granted=(write_off("INV-2", 100_00, "2026-12-01"),))
    result = on("2027-06-01", records, (340_49, "2026-12-02"))
    assert (state(result), items(result)) == (("kept", 0), [])


def test_what_the_installments_leave_out_is_due_as_before() -> None:
    records = tree(*PLAN.documents, plans=PLAN.plans, installments=DUES, grace_days=5)
    assert items(on("2026-11-20", records)) == [
        ("INV-1", "", "2026-10-10", 40_49),
        ("INV-2", "", "2026-10-20", 100_00),
        ("INV-1", "1 of 2", "2026-12-15", 150_00),
        ("INV-1", "2 of 2", "2027-01-15", 150_00),
    ]


def test_the_last_plan_of_a_document_is_the_one() -> None:
    again = date(2026, 12, 28)
    records = PLAN.plus(
        plans=[("CASE-2#0", "CASE-2", number, again) for number in ("INV-1", "INV-2")],
        installments=[("CASE-2#0", 1, date(2027, 3, 1), 440_49)],
    )
    assert state(on("2026-12-27", records)) == ("broken", 1)
    assert state(on("2026-12-28", records)) == ("on_time", 0)


@pytest.mark.parametrize(("day", "due_on"), [("2026-11-01", "2026-10-10"), ("2026-11-02", "2026-11-30")])
def test_an_extension_sets_another_day(day: str, due_on: str) -> None:
    granted = ("INV-1", date(2026, 11, 30), date(2026, 11, 2), "CASE-1")
    result = on(day, tree(document("INV-1", 100), extensions=(granted,)))
    assert items(result) == [("INV-1", "", due_on, 100)]


def test_a_dispute_counts_for_the_first_installments() -> None:
    records = tree(
        *PLAN.documents, plans=PLAN.plans, installments=PLAN.installments, disputes=(("INV-1", 200_00, "C"),)
    )
    table = on("2026-11-20", records).open_items
    assert table["disputed_minor"].tolist() == [150_00, 50_00, 0, 0]


TEXTS = pytest.mark.parametrize("text", ["INV-1 INV-2", "INV-2", "", "installment, thank you"])


@TEXTS
def test_an_installment_paid_to_the_cent_is_applied(text: str) -> None:
    """Whatever the payer writes, and whichever document it quotes: the plan holds."""
    known = entry("P-0", 5_00, "INV-0", "2026-11-01")
    paid = (entry(f"P-{number}", 150_00, text, on) for number, on in ((1, "2026-12-14"), (2, "2027-01-15")))
    records = PLAN.plus(documents=[document("INV-0", 5_00)], entries=(known, *paid))
    result = settled(records, as_of=date(2027, 2, 1))
    assert state(result) == ("on_time", 0)
    assert {item[1] for item in items(result)} == {"3 of 3"}
    assert sum(item[3] for item in items(result)) == 140_49
    assert "installment" in {row.method for row in rows_of(result.allocations) if row.payment == "P-1"}


@pytest.mark.parametrize(
    ("minor", "text", "on", "applied"),
    [
        pytest.param(300_00, "INV-1 INV-2", "2026-12-14", True, id="two at once"),
        pytest.param(150_01, "INV-1 INV-2", "2026-12-14", False, id="a cent more"),
        pytest.param(150_00, "INV-1 INV-2", "2026-11-19", False, id="before it was granted"),
        pytest.param(150_00, "INV-1 INV-3", "2026-12-14", False, id="for something else too"),
        pytest.param(70_00, "", "2026-12-14", False, id="no installment"),
    ],
)
def test_what_is_no_installment_is_left(minor: int, text: str, on: str, applied: bool) -> None:
    others = [document("INV-0", 5_00), document("INV-3", 81_00, due_on="2026-12-20")]
    paid = (entry("P-0", 5_00, "INV-0", "2026-11-01"), entry("P-1", minor, text, on))
    result = settled(PLAN.plus(documents=others, entries=paid), as_of=date(2026, 12, 20))
    assert {row.method for row in rows_of(result.allocations) if row.payment == "P-1"} == (
        {"installment"} if applied else set()
    )


def test_between_an_installment_and_another_item_of_the_amount_nothing_is_guessed() -> None:
    others = [document("INV-0", 5_00), document("INV-3", 150_00, due_on="2026-12-20")]
    paid = (entry("P-0", 5_00, "INV-0", "2026-11-01"), entry("P-1", 150_00, "", "2026-12-14"))
    result = settled(PLAN.plus(documents=others, entries=paid), as_of=date(2026, 12, 20))
    assert not [row for row in rows_of(result.allocations) if row.method == "installment"]


def test_a_stranger_pays_no_installment_of_an_account_by_its_amount() -> None:
    paid = entry("P-1", 150_00, "", "2026-12-14", iban="NL00STRANGER")
    assert settled(PLAN.plus(entries=[paid]), as_of=date(2026, 12, 20)).allocations.empty
