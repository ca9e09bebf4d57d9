"""Money that went back: the debt is open again, both rows show, and a later payment settles it."""

from typing import Any

import pytest

from tests.receivables.tables import (
    Row,
    applied,
    balances,
    decision,
    document,
    entry,
    kinds,
    left,
    moved,
    open_minor,
    settled,
    states,
    suggested,
    tree,
)

INVOICE, PAID = document("INV-1", 34049), entry("P-1", 34049, "INV-1")
TAKEN_BACK = {("P-1", "INV-1", 34049, "exact_reference"), ("R-1", "INV-1", -34049, "returned")}


@pytest.mark.parametrize(
    "back",
    [
        entry("R-1", -34049, "INV-1", "2026-10-25"),
        entry("R-1", -34049, "inv-1 ", "2026-10-25", iban=""),
        entry("R-1", -34049, "", "2026-10-25", reversal=True),
        entry("R-1", -34049, "R-transaction AC04", "2026-10-25", reversal=True),
    ],
    ids=["same reference", "same reference, no payer", "reversal of the payer", "reversal with a reason"],
)
def test_a_return_opens_the_debt_again(back: Row) -> None:
    result = settled(tree(INVOICE, PAID, back))
    assert applied(result) == TAKEN_BACK
    assert open_minor(result) == {"INV-1": 34049}
    assert {payment: state for payment, (_, state) in states(result).items()} == {"P-1": "reversed", "R-1": "returned"}
    assert kinds(result) == [("returned_payment", "R-1", 0, -34049)]
    assert left(result) == {}
    assert moved(result) == [("payment", "P-1", -34049, False), ("reversal", "R-1", 34049, False)]


@pytest.mark.parametrize(
    "back",
    [
        entry("R-1", -34049, "", "2026-10-25"),
        entry("R-1", -34049, "", "2026-10-25", reversal=True, iban="NL00OTHER"),
        entry("R-1", -34049, "", "2026-10-25", reversal=True, iban=""),
        entry("R-1", -34048, "INV-1", "2026-10-25"),
        entry("R-1", -34549, "thanks", "2026-10-25", reversal=True),
        entry("R-1", -34549, "INV-1", "2026-10-25", reversal=True, iban="NL00OTHER"),
        entry("R-1", -34549, "INV-1", "2026-10-25", reversal=True, bank="NL02OTHERBANK"),
        entry("R-1", -34549, "INV-1", "2026-10-25", reversal=True, currency="USD"),
        entry("R-1", -34549, "INV-1", "2026-10-19", reversal=True),
        entry("R-1", -34049, "INV-1", "2026-10-25", bank="NL02OTHERBANK"),
        entry("R-1", -34049, "INV-1", "2026-10-25", currency="USD"),
        entry("R-1", -34049, "INV-1", "2026-10-19"),
        entry("R-1", 34049, "INV-1", "2026-10-25", reversal=True),
    ],
    ids=[
        *("no mark of a return", "another payer", "no payer", "another amount without a mark"),
        *("another amount, no reference", "another amount and payer", "another amount and bank account"),
        *("another amount and currency", "another amount, before the payment", "another bank account"),
        *("another currency", "before the payment", "money in"),
    ],
)
def test_what_is_no_return(back: Row) -> None:
    result = settled(tree(INVOICE, PAID, back))
    assert applied(result) == {("P-1", "INV-1", 34049, "exact_reference")}
    assert open_minor(result) == {}
    assert "R-1" in left(result)


def test_two_entries_that_name_nobody_have_no_payer_in_common() -> None:
    nobody = entry("P-1", 34049, "one", iban="")
    result = settled(tree(INVOICE, nobody, entry("R-1", -34049, "two", "2026-10-25", iban="", reversal=True)))
    assert [reason for *_, reason in left(result).values()] == ["unidentified_payment"] * 2


def test_a_later_payment_settles_again() -> None:
    again = entry("P-2", 34049, "INV-1", "2026-11-02")
    result = settled(tree(INVOICE, PAID, entry("R-1", -34049, "INV-1", "2026-10-25"), again))
    assert applied(result) == TAKEN_BACK | {("P-2", "INV-1", 34049, "exact_reference")}
    assert open_minor(result) == {}
    assert kinds(result) == [("returned_payment", "R-1", 0, -34049)]


def test_a_return_takes_back_every_document() -> None:
    paid = entry("P-1", 35000, "INV-1", end_to_end="INV-2")
    back = entry("R-1", -35000, "INV-2", "2026-10-25")
    result = settled(tree(INVOICE, document("INV-2", 951), paid, back))
    assert open_minor(result) == {"INV-1": 34049, "INV-2": 951}
    assert balances(result) == {("ACME-001", "EUR"): (35000, 35000)}


def test_a_short_payment_that_came_back_is_no_short_payment() -> None:
    result = settled(tree(INVOICE, entry("P-1", 30000, "INV-1"), entry("R-1", -30000, "INV-1", "2026-10-25")))
    assert kinds(result) == [("returned_payment", "R-1", 0, -30000)]


def test_an_over_payment_comes_back_whole() -> None:
    result = settled(tree(INVOICE, entry("P-1", 35000, "INV-1"), entry("R-1", -35000, "INV-1", "2026-10-25")))
    assert open_minor(result) == {"INV-1": 34049}
    assert left(result) == {"P-1": ("ACME-001", 951, "returned"), "R-1": ("ACME-001", -951, "returned")}
    assert balances(result) == {("ACME-001", "EUR"): (34049, 34049)}


def test_unidentified_money_that_went_back_is_nobodys() -> None:
    result = settled(tree(entry("P-1", 777, "hello"), entry("R-1", -777, "hello", "2026-10-25")))
    assert left(result) == {"P-1": ("", 777, "returned"), "R-1": ("", -777, "returned")}
    assert kinds(result) == [("returned_payment", "R-1", 0, -777)]


def test_of_equal_payments_the_last_one_before_comes_back() -> None:
    rows: list[Row] = [
        *(INVOICE, document("INV-2", 34049), PAID, entry("P-2", 34049, "INV-2", "2026-10-22")),
        *(entry("R-1", -34049, on="2026-10-25", reversal=True), entry("R-2", -34049, on="2026-10-26", reversal=True)),
    ]
    one = settled(tree(*rows[:5]))
    assert open_minor(one) == {"INV-2": 34049}
    both = settled(tree(*rows))
    assert open_minor(both) == {"INV-1": 34049, "INV-2": 34049}
    assert {state for _, state in states(both).values()} == {"reversed", "returned"}


def test_a_payment_comes_back_once() -> None:
    back: list[dict[str, Any]] = [{"payment": "R-1", "on": "2026-10-25"}, {"payment": "R-2", "on": "2026-10-26"}]
    result = settled(tree(INVOICE, PAID, *(entry(amount_minor=-34049, text="INV-1", **row) for row in back)))
    assert applied(result) == TAKEN_BACK
    assert left(result) == {"R-2": ("ACME-001", -34049, "unapplied_cash")}


def test_what_a_person_allocated_comes_back_too() -> None:
    decided = decision("settle", 34049, payment="P-1", account="ACME-001", document="INV-1", on="2026-10-21")
    paid, back = entry("P-1", 34049, "thanks"), entry("R-1", -34049, on="2026-10-25", reversal=True)
    result = settled(tree(INVOICE, paid, back, decisions=(decided,)))
    assert open_minor(result) == {"INV-1": 34049}


@pytest.mark.parametrize(
    "back",
    [
        entry("R-1", -34549, "return INV-1 costs 5.00", "2026-10-25", reversal=True),
        entry("R-1", -34549, "", "2026-10-25", reversal=True, end_to_end="E2E-1", iban=""),
    ],
    ids=["the document", "the end-to-end id"],
)
def test_the_costs_of_a_return_are_nobodys_debt(back: Row) -> None:
    paid = entry("P-1", 34049, "INV-1", end_to_end="E2E-1")
    result = settled(tree(INVOICE, paid, back))
    assert applied(result) == TAKEN_BACK
    assert open_minor(result) == {"INV-1": 34049}
    assert {payment: state for payment, (_, state) in states(result).items()} == {"P-1": "reversed", "R-1": "returned"}
    assert left(result) == {"R-1": ("", -500, "returned")}
    assert balances(result) == {("ACME-001", "EUR"): (34049, 34049)}
    [told] = result.discrepancies.itertuples()
    assert (told.kind, told.account, told.invoice) == ("returned_payment", "ACME-001", "INV-1")
    assert told.message == "payment P-1 came back; INV-1 is open again; costs of 5.00 EUR were taken with it"


def test_a_part_that_comes_back_opens_that_part() -> None:
    result = settled(tree(INVOICE, PAID, entry("R-1", -10000, "INV-1", "2026-10-25", reversal=True)))
    assert applied(result) == {("P-1", "INV-1", 34049, "exact_reference"), ("R-1", "INV-1", -10000, "returned")}
    assert open_minor(result) == {"INV-1": 10000}
    assert left(result) == {}
    [told] = result.discrepancies["message"]
    assert told == "payment P-1 came back; INV-1 is open again by 100.00 EUR"


def test_a_person_links_a_return_with_its_costs() -> None:
    """What the machine settles first, the decision opens again; the costs of the bank are no receivable."""
    about = {"payment": "R-1", "account": "ACME-001", "document": "INV-1"}
    taken_back = decision("settle", -34049, **about, on="2026-10-26")
    costs = decision("not_receivable", -500, payment="R-1", on="2026-10-26")
    rows = (INVOICE, PAID, entry("R-1", -34549, "RETURN 4711", "2026-10-25"))
    result = settled(tree(*rows, decisions=(taken_back, costs)))
    assert applied(result) == {("P-1", "INV-1", 34049, "exact_reference"), ("R-1", "INV-1", -34049, "manual")}
    assert (left(result), open_minor(result)) == ({}, {"INV-1": 34049})
    assert balances(result) == {("ACME-001", "EUR"): (34049, 34049)}
    exact = settled(tree(*rows[:2], entry("R-1", -34049, "INV-1", "2026-10-25"), decisions=(taken_back,)))
    assert states(exact) == {"P-1": ("ACME-001", "applied"), "R-1": ("ACME-001", "returned")}


@pytest.mark.parametrize(
    "rows",
    [
        (document("INV-2", 951), entry("P-1", 35000, "INV-1 INV-2")),
        (entry("P-1", 35000, "INV-1"),),
        (PAID, entry("P-2", 500, "INV-1")),
    ],
    ids=["of which document?", "of what is left?", "of which payment?"],
)
def test_a_part_that_could_mean_several_is_only_suggested(rows: tuple[Row, ...]) -> None:
    result = settled(tree(INVOICE, *rows, entry("R-1", -10000, "INV-1", "2026-10-25", reversal=True)))
    assert "R-1" not in {payment for payment, *_ in applied(result)}
    assert left(result)["R-1"] == ("ACME-001", -10000, "unapplied_cash")
    assert "P-1 (same reference: it may have come back)" in suggested(result)["R-1"]


def test_a_debit_without_a_mark_is_only_suggested() -> None:
    result = settled(tree(INVOICE, PAID, entry("R-1", -34549, "INV-1", "2026-10-25")))
    assert suggested(result) == {"R-1": "P-1 (same reference: it may have come back)"}
