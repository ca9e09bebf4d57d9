"""A closed period is where the next one starts: nothing of it is reshuffled, late arrivals are marked."""

from datetime import date

import pytest

from prisma_batch.base.errors import InvariantBroken, RecordsNotRight
from prisma_batch.receivables.invariants import check_chain
from tests.receivables.tables import (
    LAST_AS_OF,
    Row,
    Tree,
    applied,
    balances,
    closed,
    codes,
    decision,
    document,
    entry,
    kinds,
    left,
    moved,
    open_minor,
    refund,
    settled,
    states,
    tree,
    write_off,
)

INVOICE = document("INV-1", 34049)
PAID = entry("P-1", 34049, "INV-1", "2026-10-12")
DECIDED = decision("settle", 34049, on="2026-10-13", payment="P-1", account="ACME-001", document="INV-1")
DOLLARS = document("INV-1", 10000, currency="USD")
EUROS = entry("P-1", 9000, "thanks", "2026-10-12")

CLOSED_TREES = {
    "paid": tree(INVOICE, PAID),
    "paid short": tree(INVOICE, entry("P-1", 30000, "INV-1", "2026-10-12")),
    "paid too much": tree(INVOICE, entry("P-1", 35000, "INV-1", "2026-10-12")),
    "unidentified": tree(INVOICE, entry("P-1", 777, "hello", "2026-10-12")),
    "unique amount": tree(
        document("INV-0", 1), entry("P-0", 1, "INV-0", "2026-10-11"), INVOICE, entry("P-1", 34049, on="2026-10-12")
    ),
    "returned": tree(INVOICE, PAID, entry("R-1", -34049, "INV-1", "2026-10-13")),
    "returned short": tree(
        INVOICE, entry("P-1", 30000, "INV-1", "2026-10-12"), entry("R-1", -30000, "INV-1", "2026-10-13")
    ),
    "returned, too much": tree(
        INVOICE, entry("P-1", 35000, "INV-1", "2026-10-12"), entry("R-1", -35000, "INV-1", "2026-10-13")
    ),
    "returned with costs": tree(INVOICE, PAID, entry("R-1", -34549, "INV-1", "2026-10-13", reversal=True)),
    "returned in part": tree(INVOICE, PAID, entry("R-1", -10000, "INV-1", "2026-10-13", reversal=True)),
    "returned by hand": tree(
        *(INVOICE, PAID, entry("R-1", -34049, "x", "2026-10-13")),
        decisions=(decision("settle", -34049, on="2026-10-14", payment="R-1", account="ACME-001", document="INV-1"),),
    ),
    "returned by hand, quoting the same": tree(
        *(INVOICE, PAID, entry("R-1", -34049, "INV-1", "2026-10-13", reversal=True)),
        decisions=(decision("settle", -34049, on="2026-10-14", payment="R-1", account="ACME-001", document="INV-1"),),
    ),
    "returned by hand, with costs": tree(
        *(INVOICE, PAID, entry("R-1", -34549, "x", "2026-10-13")),
        decisions=(
            decision("settle", -34049, on="2026-10-14", payment="R-1", account="ACME-001", document="INV-1"),
            decision("not_receivable", -500, on="2026-10-14", payment="R-1"),
        ),
    ),
    "returned, settled by hand": tree(
        INVOICE,
        entry("P-1", 34049, "thanks", "2026-10-12"),
        entry("R-1", -34049, "thanks", "2026-10-14"),
        decisions=(DECIDED,),
    ),
    "returned, unapplied": tree(entry("P-1", 777, "x", "2026-10-12"), entry("R-1", -777, "x", "2026-10-13")),
    "returned and paid again": tree(
        INVOICE, PAID, entry("R-1", -34049, "INV-1", "2026-10-13"), entry("P-2", 34049, "INV-1", "2026-10-14")
    ),
    "settled by hand": tree(INVOICE, entry("P-1", 34049, "thanks", "2026-10-12"), decisions=(DECIDED,)),
    "settled in part by hand": tree(
        INVOICE,
        entry("P-1", 34999, "thanks", "2026-10-12"),
        decisions=(decision("settle", 30000, on="2026-10-13", payment="P-1", account="ACME-001", document="INV-1"),),
    ),
    "settled with a credit by hand": tree(
        *(INVOICE, document("CN-1", -5000), entry("P-1", 29049, "thanks", "2026-10-12")),
        decisions=(
            DECIDED,
            decision("settle", -5000, on="2026-10-13", payment="P-1", account="ACME-001", document="CN-1"),
        ),
    ),
    "undone by hand": tree(
        INVOICE,
        PAID,
        decisions=(
            DECIDED,
            decision("settle", -34049, on="2026-10-14", payment="P-1", account="ACME-001", document="INV-1"),
        ),
    ),
    "discount": tree(
        INVOICE,
        entry("P-1", 34000, "INV-1", "2026-10-12"),
        decisions=(decision("discount", 49, on="2026-10-13", payment="P-1", account="ACME-001", document="INV-1"),),
    ),
    "on account": tree(
        INVOICE, PAID, decisions=(decision("on_account", 34049, on="2026-10-13", payment="P-1", account="ACME-001"),)
    ),
    "no receivable": tree(
        INVOICE, PAID, decisions=(decision("not_receivable", 34049, on="2026-10-13", payment="P-1"),)
    ),
    "across currencies": tree(
        DOLLARS,
        EUROS,
        decisions=(
            decision(
                "settle",
                9000,
                on="2026-10-13",
                payment="P-1",
                account="ACME-001",
                document="INV-1",
                settles_minor=10000,
            ),
        ),
    ),
    "credit note": tree(
        INVOICE, document("CN-1", -4049, "2026-09-11", corrects="INV-1"), entry("P-1", 30000, "INV-1", "2026-10-12")
    ),
    "refunded": tree(
        *(document("INV-0", 1), entry("P-0", 1, "INV-0", "2026-10-11")),
        *(document("CN-1", -5000), entry("D-1", -5000, on="2026-10-12")),
        refunds=(refund("CN-1", 5000, "2026-10-12"),),
    ),
    "written off": tree(INVOICE, granted=(write_off("INV-1", 34049, "2026-10-13"),)),
}


@pytest.mark.parametrize("situation", CLOSED_TREES)
def test_a_month_without_anything_new_changes_nothing(situation: str) -> None:
    """What the closed run found, the next one finds again: allocations, states, what is left, and no movement."""
    records = CLOSED_TREES[situation]
    then = settled(records, LAST_AS_OF, LAST_AS_OF)
    now = settled(records, recorded=closed(records))
    assert moved(now) == []
    assert states(now) == states(then)
    assert now.allocations.equals(then.allocations)
    assert left(now) == left(then)
    assert open_minor(now) == open_minor(then)
    assert now.adjustments.equals(then.adjustments)
    assert kinds(now) == kinds(then)
    check_chain(then.aging, now.balances)


@pytest.mark.parametrize("situation", CLOSED_TREES)
def test_the_first_run_and_the_records_give_the_same_opening(situation: str) -> None:
    records = CLOSED_TREES[situation]
    assert balances(settled(records)) == balances(settled(records, recorded=closed(records)))


LATE = entry("P-0", 34049, "INV-1", "2026-10-10")


def test_a_late_payment_never_takes_what_a_closed_period_applied() -> None:
    recorded = closed(tree(INVOICE, PAID))
    result = settled(tree(INVOICE, LATE, PAID), recorded=recorded)
    assert applied(result) == {("P-1", "INV-1", 34049, "exact_reference")}
    assert left(result) == {"P-0": ("ACME-001", 34049, "duplicate_payment")}
    without_record = settled(tree(INVOICE, LATE, PAID))
    assert applied(without_record) == {("P-0", "INV-1", 34049, "exact_reference")}


def test_a_late_payment_never_stands_in_for_the_one_that_came_back() -> None:
    """R-1 took P-1 back; P-0, which nobody knew then, is good money."""
    records = tree(INVOICE, entry("P-1", 34049, "INV-1", "2026-10-10"), entry("R-1", -34049, "INV-1", "2026-10-13"))
    result = settled(records.plus(entries=[entry("P-0", 34049, "INV-1", "2026-10-12")]), recorded=closed(records))
    assert {payment: state for payment, (_, state) in states(result).items()} == {
        "P-0": "applied",
        "P-1": "reversed",
        "R-1": "returned",
    }
    assert open_minor(result) == {}


def test_late_arrivals_keep_their_true_date_and_are_marked() -> None:
    recorded = closed(tree(INVOICE, PAID))
    late_invoice = document("INV-9", 500, "2026-10-01")
    result = settled(
        tree(INVOICE, late_invoice, LATE, PAID, entry("P-2", 500, "INV-9", "2026-11-01")), recorded=recorded
    )
    rows = result.movements[["kind", "reference", "amount_minor", "prior_period"]].assign(
        on=result.movements["on"].dt.date
    )
    assert rows.to_numpy().tolist() == [
        ["invoice", "INV-9", 500, True, date(2026, 10, 1)],
        ["payment", "P-0", -34049, True, date(2026, 10, 10)],
        ["payment", "P-2", -500, False, date(2026, 11, 1)],
    ]
    assert balances(result) == {("ACME-001", "EUR"): (0, -34049)}


@pytest.mark.parametrize(("on", "prior"), [("2026-10-15", True), ("2026-10-16", False)])
def test_the_closing_day_belongs_to_the_closed_period(on: str, prior: bool) -> None:
    result = settled(tree(INVOICE, entry("P-1", 34049, "INV-1", on)), recorded=closed(tree(INVOICE)))
    assert moved(result) == [("payment", "P-1", -34049, prior)]


def test_a_payer_who_becomes_known_brings_his_earlier_money() -> None:
    unknown = entry("P-1", 777, "hello", "2026-10-12")
    recorded = closed(tree(INVOICE, unknown))
    result = settled(tree(INVOICE, unknown, entry("P-2", 34049, "INV-1", "2026-11-02")), recorded=recorded)
    assert moved(result) == [("payment", "P-1", -777, True), ("payment", "P-2", -34049, False)]
    assert balances(result) == {("ACME-001", "EUR"): (34049, -777)}


@pytest.mark.parametrize(
    ("records", "added", "still_open", "movements"),
    [
        pytest.param(
            CLOSED_TREES["paid"],
            {"decisions": [decision("settle", -34049, payment="P-1", account="ACME-001", document="INV-1")]},
            {"INV-1": 34049},
            [],
            id="undone by a negative amount: the money stays, unapplied",
        ),
        pytest.param(
            CLOSED_TREES["settled by hand"],
            {"decisions": [decision("settle", -4049, payment="P-1", account="ACME-001", document="INV-1")]},
            {"INV-1": 4049},
            [],
            id="undone in part",
        ),
        pytest.param(
            CLOSED_TREES["discount"],
            {"decisions": [decision("discount", -49, account="ACME-001", document="INV-1")]},
            {"INV-1": 49},
            [("discount", "INV-1", 49, False)],
            id="a discount taken back",
        ),
        pytest.param(
            CLOSED_TREES["paid"],
            {"entries": [entry("R-1", -34049, "INV-1", "2026-11-03")]},
            {"INV-1": 34049},
            [("reversal", "R-1", 34049, False)],
            id="a payment of a closed period comes back",
        ),
        pytest.param(
            CLOSED_TREES["returned"],
            {"entries": [entry("P-2", 34049, "INV-1", "2026-11-03")]},
            {},
            [("payment", "P-2", -34049, False)],
            id="paid again after a return",
        ),
        pytest.param(
            CLOSED_TREES["paid"],
            {"documents": [document("CN-1", -4049, "2026-11-03", corrects="INV-1")]},
            {"CN-1": -4049},
            [("credit_note", "CN-1", -4049, False)],
            id="a credit note on a paid invoice stays open",
        ),
        pytest.param(
            CLOSED_TREES["paid short"],
            {"documents": [document("CN-1", -5000, "2026-11-03", corrects="INV-1")]},
            {"CN-1": -951},
            [("credit_note", "CN-1", -5000, False)],
            id="a credit note takes what is still open",
        ),
        pytest.param(
            CLOSED_TREES["paid short"],
            {"granted": [write_off("INV-1", 4049, "2026-11-03")]},
            {},
            [("write_off", "INV-1", -4049, False)],
            id="the rest is written off",
        ),
    ],
)
def test_what_comes_after_a_closed_period(
    records: Tree, added: dict[str, list[Row]], still_open: dict[str, int], movements: list[tuple[str, str, int, bool]]
) -> None:
    result = settled(records.plus(**added), recorded=closed(records))
    assert open_minor(result) == still_open
    assert moved(result) == movements


def test_a_write_off_of_what_was_paid_is_a_finding() -> None:
    """A person can put it right: it must not look like a fault of the totals."""
    records = CLOSED_TREES["paid"]
    with pytest.raises(RecordsNotRight) as raised:
        settled(records.plus(granted=[write_off("INV-1", 100, "2026-11-03")]), recorded=closed(records))
    assert codes(raised.value.findings) == ["allocation-exceeds-open"]


def test_three_months_in_a_row() -> None:
    september, october, november = date(2026, 9, 30), date(2026, 10, 31), date(2026, 11, 30)
    first = tree(document("INV-1", 1000, "2026-09-05"), entry("P-1", 400, "INV-1", "2026-09-20"))
    second = first.plus(
        documents=[document("INV-2", 2000, "2026-10-05")], entries=[entry("P-2", 600, "INV-1", "2026-10-20")]
    )
    third = second.plus(entries=[entry("R-2", -600, "INV-1", "2026-11-02"), entry("P-3", 2000, "INV-2", "2026-11-20")])
    one = closed(first, september)
    two = closed(second, october, one)
    result = settled(third, november, october, two)
    assert balances(result) == {("ACME-001", "EUR"): (2000, 600)}
    assert moved(result) == [("reversal", "R-2", 600, False), ("payment", "P-3", -2000, False)]
    assert open_minor(result) == {"INV-1": 600}
    check_chain(settled(second, october, september, one).aging, result.balances)


def test_a_broken_chain_is_told() -> None:
    records = CLOSED_TREES["paid short"]
    recorded_balances = settled(records, LAST_AS_OF, LAST_AS_OF).aging.assign(balance=4050)
    sentence = "the closing balance of the previous period is not the opening balance of this one: ACME-001 EUR"
    with pytest.raises(InvariantBroken, match=sentence):
        check_chain(recorded_balances, settled(records, recorded=closed(records)).balances)
