"""The ledger: opening + movements = closing, per account and currency."""

from dataclasses import replace
from datetime import date

import pytest

from prisma_batch.base.errors import AmountOverflow
from prisma_batch.receivables.ledger import by_account_and_currency, ledger_entries, movements_between
from prisma_batch.records.tables import ADJUSTMENTS, ALLOCATIONS, DOCUMENTS, LEDGER_ENTRIES, PAYMENTS
from tests.receivables.tables import (
    Row,
    balances,
    decision,
    document,
    entry,
    moved,
    refund,
    settled,
    tree,
    write_off,
)

OLD = document("OLD-1", 1000, "2026-09-01")


@pytest.mark.parametrize(
    ("rows", "more", "movement"),
    [
        ([document("INV-1", 500, "2026-11-01")], {}, ("invoice", "INV-1", 500)),
        ([document("FEE-1", 40, "2026-11-01", kind="fee")], {}, ("fee", "FEE-1", 40)),
        ([document("CN-1", -50, "2026-11-01")], {}, ("credit_note", "CN-1", -50)),
        ([document("OP-1", 70, "2026-11-01", kind="opening_item")], {}, ("opening_item", "OP-1", 70)),
        ([entry("P-1", 300, "OLD-1", "2026-11-01")], {}, ("payment", "P-1", -300)),
        ([entry("P-1", 1300, "OLD-1", "2026-11-01")], {}, ("payment", "P-1", -1300)),
        ([], {"granted": (write_off("OLD-1", 20),)}, ("write_off", "OLD-1", -20)),
        ([], {"decisions": (decision("discount", 20, document="OLD-1"),)}, ("discount", "OLD-1", -20)),
    ],
)
def test_what_moves_a_balance(
    rows: list[Row], more: dict[str, tuple[Row, ...]], movement: tuple[str, str, int]
) -> None:
    result = settled(tree(OLD, *rows, **more))
    assert moved(result) == [(*movement, False)]
    assert balances(result) == {("ACME-001", "EUR"): (1000, 1000 + movement[2])}


def test_a_whole_month() -> None:
    """1000 + 500 + 40 − 50 − 1000 + 1000 (came back) + 30 (paid out) − 20 = 1500."""
    records = tree(
        *(OLD, document("INV-1", 500, "2026-11-01"), document("FEE-1", 40, "2026-11-02", kind="fee")),
        document("CN-1", -50, "2026-11-03"),
        *(entry("P-1", 1000, "OLD-1", "2026-11-04"), entry("R-1", -1000, "OLD-1", "2026-11-05")),
        entry("D-1", -30, "CN-1", "2026-11-06"),
        granted=(write_off("INV-1", 20, "2026-11-07"),),
        refunds=(refund("CN-1", 30, "2026-11-05"),),
    )
    result = settled(records)
    assert moved(result) == [
        ("invoice", "INV-1", 500, False),
        ("fee", "FEE-1", 40, False),
        ("credit_note", "CN-1", -50, False),
        ("payment", "P-1", -1000, False),
        ("reversal", "R-1", 1000, False),
        ("refund", "D-1", 30, False),
        ("write_off", "INV-1", -20, False),
    ]
    assert balances(result) == {("ACME-001", "EUR"): (1000, 1500)}


def test_a_payment_counts_in_the_account_whose_debt_it_settles() -> None:
    records = tree(
        *(document("INV-A", 100), document("INV-B", 200, account="BETA-002")),
        entry("P-1", 300, "INV-A", end_to_end="INV-B"),
    )
    result = settled(records)
    rows = result.movements[["account", "kind", "reference", "amount_minor"]].to_numpy().tolist()
    assert rows == [["ACME-001", "payment", "P-1", -100], ["BETA-002", "payment", "P-1", -200]]


def test_currencies_are_never_netted() -> None:
    records = tree(document("INV-1", 100), document("INV-2", -100, currency="USD"))
    assert balances(settled(records)) == {("ACME-001", "EUR"): (100, 100), ("ACME-001", "USD"): (-100, -100)}


def test_an_account_that_was_settled_keeps_its_row() -> None:
    assert balances(settled(tree(OLD, entry("P-1", 1000, "OLD-1")))) == {("ACME-001", "EUR"): (1000, 0)}


@pytest.mark.parametrize(
    ("on", "prior"), [(date(2026, 10, 14), True), (date(2026, 10, 15), True), (date(2026, 10, 16), False)]
)
def test_prior_period_is_what_is_dated_up_to_the_start(on: date, prior: bool) -> None:
    now = LEDGER_ENTRIES.of([("ACME-001", "EUR", "invoice", "INV-1", on, 100)])
    movements, sums = movements_between(LEDGER_ENTRIES.of([]), now, date(2026, 10, 15))
    assert movements["prior_period"].tolist() == [prior]
    assert sums[["opening_minor", "closing_minor"]].to_numpy().tolist() == [[0, 100]]


def test_what_did_not_change_does_not_move() -> None:
    row = ("ACME-001", "EUR", "invoice", "INV-1", date(2026, 10, 1), 100)
    start = LEDGER_ENTRIES.of([row, ("ACME-001", "EUR", "payment", "P-1", date(2026, 10, 2), -30)])
    now = LEDGER_ENTRIES.of([row, ("ACME-001", "EUR", "payment", "P-1", date(2026, 10, 2), -40)])
    movements, sums = movements_between(start, now, date(2026, 10, 15))
    assert movements[["reference", "amount_minor"]].to_numpy().tolist() == [["P-1", -10]]
    assert sums[["opening_minor", "closing_minor"]].to_numpy().tolist() == [[70, 60]]


def test_money_that_is_nobodys_is_in_no_ledger() -> None:
    payments = PAYMENTS.of(
        ("P-1", "bank.csv", "2", "S-1", date(2026, 10, 20), date(2026, 10, 20), 100, "EUR", account, state)
        for account, state in [("", "unidentified"), ("ACME-001", "not_receivable")]
    )
    entries = ledger_entries(DOCUMENTS.of([]), payments.iloc[:1], ALLOCATIONS.of([]), ADJUSTMENTS.of([]))
    assert entries.empty
    assert ledger_entries(DOCUMENTS.of([]), payments.iloc[1:], ALLOCATIONS.of([]), ADJUSTMENTS.of([])).empty


def test_sums_leave_zeros_out_and_stay_exact() -> None:
    rows = [("A", "EUR", 2**53), ("A", "EUR", 1), ("B", "EUR", 5), ("B", "EUR", -5), ("NA", "USD", 3)]
    table = LEDGER_ENTRIES.of((account, currency, "", "", None, minor) for account, currency, minor in rows)
    assert by_account_and_currency(table, "amount_minor") == {("A", "EUR"): 2**53 + 1, ("NA", "USD"): 3}


def test_sums_that_leave_int64_are_refused() -> None:
    huge = 2**63 - 1
    with pytest.raises(AmountOverflow):
        settled(tree(document("INV-1", huge), document("INV-2", huge)))


def test_the_start_of_the_first_run_is_what_the_records_say() -> None:
    records = tree(OLD, entry("P-0", 400, "OLD-1", "2026-10-15"), entry("P-1", 600, "OLD-1", "2026-10-16"))
    assert balances(settled(records)) == {("ACME-001", "EUR"): (600, 0)}
    assert moved(settled(records)) == [("payment", "P-1", -600, False)]
    assert balances(settled(replace(records, entries=()))) == {("ACME-001", "EUR"): (1000, 1000)}
