"""What a person decided is applied first; what cannot hold is a finding."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from prisma_batch.base.errors import RecordsNotRight
from prisma_batch.receivables.inputs import decision_table
from prisma_batch.records.allocations import AllocationDecision, AllocationItem
from tests.receivables.tables import (
    Row,
    applied,
    balances,
    codes,
    decision,
    document,
    entry,
    kinds,
    left,
    moved,
    open_minor,
    settled,
    states,
    tree,
)

INVOICE, CREDIT = document("INV-1", 34049), document("CN-1", -5000)
PAID, PAID_OUT = entry("P-1", 34049, "thanks"), entry("D-1", -5000)


def about(kind: str, amount_minor: int, **row: Any) -> Row:
    given = {"payment": "P-1", "account": "ACME-001", "document": "INV-1"}
    return decision(kind, amount_minor, **given | row)


@pytest.mark.parametrize(
    ("rows", "decisions", "allocations", "rest", "still_open"),
    [
        pytest.param(
            [INVOICE, PAID], [about("settle", 34049)], {("P-1", "INV-1", 34049, "manual")}, {}, {}, id="settle"
        ),
        pytest.param(
            [INVOICE, entry("P-1", 34999, "thanks")],
            [about("settle", 30000)],
            {("P-1", "INV-1", 30000, "manual")},
            {"P-1": ("ACME-001", 4999, "unapplied_cash")},
            {"INV-1": 4049},
            id="settle a part",
        ),
        pytest.param(
            [INVOICE, document("INV-2", 49), PAID],
            [about("settle", 34000), about("settle", 49, document="INV-2")],
            {("P-1", "INV-1", 34000, "manual"), ("P-1", "INV-2", 49, "manual")},
            {},
            {"INV-1": 49},
            id="settle two",
        ),
        pytest.param(
            [INVOICE, CREDIT, entry("P-1", 29049, "thanks")],
            [about("settle", 34049), about("settle", -5000, document="CN-1")],
            {("P-1", "INV-1", 34049, "manual"), ("P-1", "CN-1", -5000, "manual")},
            {},
            {},
            id="settle with a credit netted",
        ),
        pytest.param(
            [INVOICE, CREDIT, entry("P-1", 29149, "thanks")],
            [about("settle", -5000, document="CN-1"), about("settle", 34049)],
            {("P-1", "INV-1", 34049, "manual"), ("P-1", "CN-1", -5000, "manual")},
            {"P-1": ("ACME-001", 100, "unapplied_cash")},
            {},
            id="the credit first, and a rest",
        ),
        pytest.param(
            [INVOICE, document("INV-2", 34049), entry("P-1", 34049, "INV-1")],
            [about("settle", 34049, document="INV-2")],
            {("P-1", "INV-2", 34049, "manual")},
            {},
            {"INV-1": 34049},
            id="a person beats the reference",
        ),
        pytest.param(
            [INVOICE, entry("P-1", 34049, "INV-1")],
            [about("on_account", 34049, document="")],
            set(),
            {"P-1": ("ACME-001", 34049, "on_account")},
            {"INV-1": 34049},
            id="on account, whatever it refers to",
        ),
        pytest.param(
            [INVOICE, entry("P-1", 34000, "INV-1")],
            [about("discount", 49)],
            {("P-1", "INV-1", 34000, "exact_reference")},
            {},
            {},
            id="a discount that the payment took",
        ),
        pytest.param(
            [INVOICE, entry("P-1", 34000, "INV-1")],
            [about("bank_fee", 49)],
            {("P-1", "INV-1", 34000, "exact_reference")},
            {},
            {},
            id="a bank's fee",
        ),
        pytest.param(
            [INVOICE], [about("write_off", 34049, payment="")], set(), {}, {}, id="a write-off without payment"
        ),
        pytest.param(
            [CREDIT, PAID_OUT],
            [about("refund", 5000, payment="D-1", document="CN-1")],
            {("D-1", "CN-1", -5000, "manual")},
            {},
            {},
            id="a refund of a credit",
        ),
        pytest.param(
            [CREDIT, PAID_OUT],
            [about("refund", 5000, payment="D-1", document="")],
            set(),
            {"D-1": ("ACME-001", -5000, "on_account")},
            {"CN-1": -5000},
            id="a refund on account",
        ),
        pytest.param(
            [INVOICE, entry("P-1", 34049, "INV-1")],
            [about("not_receivable", 34049, account="", document="")],
            set(),
            {},
            {"INV-1": 34049},
            id="not receivable",
        ),
        pytest.param(
            [INVOICE, PAID],
            [about("settle", 30000), about("not_receivable", 4049, account="", document="")],
            {("P-1", "INV-1", 30000, "manual")},
            {},
            {"INV-1": 4049},
            id="settle a part, the rest is no receivable",
        ),
        pytest.param(
            [INVOICE, PAID], [about("settle", 34049, on="2026-11-16")], set(),
            {"P-1": ("", 34049, "unidentified_payment")}, {"INV-1": 34049}, id="decided after as-of",
        ),
        pytest.param(
            [INVOICE, entry("P-1", 34049, on="2026-11-16")], [about("settle", 34049)], set(), {}, {"INV-1": 34049},
            id="the payment comes after as-of",
        ),
        pytest.param(
            [document("INV-1", 34049, "2026-11-16"), PAID], [about("settle", 34049)], set(),
            {"P-1": ("", 34049, "unidentified_payment")}, {}, id="the document comes after as-of",
        ),
    ],
)  # fmt: skip
def test_decisions(
    rows: list[Row],
    decisions: list[Row],
    allocations: set[tuple[str, str, int, str]],
    rest: dict[str, tuple[str, int, str]],
    still_open: dict[str, int],
) -> None:
    result = settled(tree(*rows, decisions=tuple(decisions)))
    assert applied(result) == allocations
    assert left(result) == rest
    assert open_minor(result) == still_open


def test_a_payment_of_which_everything_was_undone_is_unapplied() -> None:
    result = settled(tree(INVOICE, PAID, decisions=(about("settle", 34049), about("settle", -34049))))
    assert states(result) == {"P-1": ("ACME-001", "unapplied")}


def test_money_that_went_out_for_nothing_known_is_told_as_such() -> None:
    result = settled(tree(CREDIT, entry("D-1", -4999, "thanks")))
    told = "49.99 EUR went out: it meets no refund that was granted, and takes no payment back"
    assert result.discrepancies["message"].tolist() == [told]


def test_adjustments_are_no_money() -> None:
    decisions = tuple(about(kind, 100, payment="") for kind in ("discount", "bank_fee", "write_off"))
    result = settled(tree(INVOICE, decisions=decisions))
    rows = result.adjustments[["document", "account", "kind", "amount_minor", "currency", "approved_by"]]
    assert rows.to_numpy().tolist() == [
        ["INV-1", "ACME-001", kind, 100, "EUR", "finance@issuer.example"]
        for kind in ("bank_fee", "discount", "write_off")
    ]
    assert moved(result) == [(kind, "INV-1", -100, False) for kind in ("bank_fee", "discount", "write_off")]
    assert balances(result) == {("ACME-001", "EUR"): (34049, 33749)}


def test_money_that_is_no_receivable_is_on_no_statement() -> None:
    result = settled(tree(INVOICE, PAID, decisions=(about("not_receivable", 34049, account="", document=""),)))
    assert states(result) == {"P-1": ("", "not_receivable")}
    assert moved(result) == []
    assert kinds(result) == []


@pytest.mark.parametrize(
    ("rows", "decisions", "code"),
    [
        pytest.param([INVOICE], [about("settle", 1)], "unknown-payment", id="no bank file has the payment"),
        pytest.param(
            [document("INV-1", 99999), PAID], [about("settle", 34050)], "allocation-exceeds-payment", id="payment"
        ),
        pytest.param([INVOICE, entry("P-1", 99999)], [about("settle", 34050)], "allocation-exceeds-open", id="open"),
        pytest.param(
            [INVOICE, document("INV-2", 34049), PAID],
            [about("settle", 34049), about("settle", 1, document="INV-2")],
            "allocation-exceeds-payment",
            id="the same money twice",
        ),
        pytest.param(
            [INVOICE, PAID, entry("P-2", 34049)],
            [about("settle", 34049), about("settle", 1, payment="P-2")],
            "allocation-exceeds-open",
            id="the same debt twice",
        ),
        pytest.param([INVOICE, PAID], [about("settle", -1)], "allocation-exceeds-payment", id="nothing to undo"),
        *(
            pytest.param(
                [INVOICE, PAID], [about(kind, minor, document="")], "allocation-exceeds-payment", id=f"{kind} {minor}"
            )
            for kind in ("on_account", "refund")
            for minor in (34050, -34049, 0)
        ),
        pytest.param(
            [CREDIT, PAID_OUT],
            [about("refund", -5000, payment="D-1", document="")],
            "allocation-exceeds-payment",
            id="a refund with the sign of the debit",
        ),
        pytest.param(
            [INVOICE, CREDIT, entry("P-1", 29048)],
            [about("settle", 34049), about("settle", -5000, document="CN-1")],
            "allocation-exceeds-payment",
            id="more than payment and credit",
        ),
        pytest.param(
            [INVOICE, CREDIT, entry("P-1", 29048)],
            [about("settle", 34049), about("settle", -5001, document="CN-1")],
            "allocation-exceeds-open",
            id="more than the credit",
        ),
        pytest.param(
            [INVOICE, CREDIT, PAID],
            [about("settle", -5000, document="CN-1")],
            "allocation-exceeds-payment",
            id="a credit alone is no settlement",
        ),
        pytest.param(
            [INVOICE, document("CN-1", -5000, "2026-11-16"), entry("P-1", 29049)],
            [about("settle", 34049), about("settle", -5000, document="CN-1")],
            "allocation-exceeds-payment",
            id="the credit comes after as-of",
        ),
        pytest.param(
            [INVOICE, PAID], [about("discount", 34050)], "allocation-exceeds-open", id="discount beyond the debt"
        ),
        pytest.param(
            [INVOICE], [about("write_off", -1, payment="")], "allocation-exceeds-open", id="no write-off to undo"
        ),
        pytest.param([INVOICE, PAID], [about("refund", 100)], "allocation-exceeds-payment", id="money in is no refund"),
        pytest.param(
            [CREDIT, PAID_OUT],
            [about("refund", 5001, payment="D-1", document="CN-1")],
            "allocation-exceeds-payment",
            id="refund beyond the debit",
        ),
        pytest.param(
            [document("CN-1", -4999), PAID_OUT],
            [about("refund", 5000, payment="D-1", document="CN-1")],
            "allocation-exceeds-open",
            id="refund beyond the credit",
        ),
        pytest.param(
            [INVOICE, PAID],
            [about("not_receivable", 34048, account="", document="")],
            "not-the-whole-rest",
            id="a part is no receivable",
        ),
    ],
)
def test_what_cannot_hold_is_a_finding(rows: list[Row], decisions: list[Row], code: str) -> None:
    with pytest.raises(RecordsNotRight) as raised:
        settled(tree(*rows, decisions=tuple(decisions)))
    assert {*codes(raised.value.findings)} == {code}
    assert {(item.source, item.pointer) for item in raised.value.findings} == {
        ("payments/allocations/d.yaml", "/items/0")
    }


def test_every_decision_that_cannot_hold_is_told() -> None:
    decisions = (about("settle", 99999), about("settle", 1, payment="P-9"), about("not_receivable", 1))
    with pytest.raises(RecordsNotRight) as raised:
        settled(tree(INVOICE, PAID, decisions=decisions))
    assert codes(raised.value.findings) == ["allocation-exceeds-payment", "not-the-whole-rest", "unknown-payment"]


def test_a_decision_about_a_held_payment_waits() -> None:
    result = settled(tree(INVOICE, decisions=(about("settle", 1, payment="P-9"),), held=frozenset({"P-9"})))
    assert open_minor(result) == {"INV-1": 34049}


@pytest.mark.parametrize(
    ("rows", "decided", "undone", "allocations", "rest", "still_open"),
    [
        pytest.param(
            [INVOICE, entry("P-1", 34049, "INV-1")],
            about("settle", 34049),
            about("settle", -34049),
            {("P-1", "INV-1", 34049, "manual"), ("P-1", "INV-1", -34049, "manual")},
            {"P-1": ("ACME-001", 34049, "unapplied_cash")},
            {"INV-1": 34049},
            id="a settlement; the machine does not repeat it",
        ),
        pytest.param(
            [INVOICE, entry("P-1", 34049, "INV-1")],
            about("on_account", 34049, document=""),
            about("on_account", -34049, document=""),
            {("P-1", "INV-1", 34049, "exact_reference")},
            {},
            {},
            id="money on account is matched again",
        ),
        pytest.param(
            [INVOICE, entry("P-1", 34049, "INV-1")],
            about("not_receivable", 34049, account="", document=""),
            about("not_receivable", -34049, account="", document=""),
            {("P-1", "INV-1", 34049, "exact_reference")},
            {},
            {},
            id="no receivable after all a receivable",
        ),
        pytest.param(
            [INVOICE], about("write_off", 34049, payment=""), about("write_off", -34049, payment=""), set(), {},
            {"INV-1": 34049}, id="a write-off",
        ),
        pytest.param(
            [INVOICE, CREDIT, entry("P-1", 29049, "INV-1 CN-1")],
            (about("settle", 34049), about("settle", -5000, document="CN-1")),
            (about("settle", 5000, document="CN-1"), about("settle", -34049)),
            {
                *{("P-1", "INV-1", 34049, "manual"), ("P-1", "CN-1", -5000, "manual")},
                *{("P-1", "INV-1", -34049, "manual"), ("P-1", "CN-1", 5000, "manual")},
            },
            {"P-1": ("ACME-001", 29049, "unapplied_cash")},
            {"INV-1": 34049, "CN-1": -5000},
            id="a settlement with a credit netted",
        ),
        pytest.param(
            [CREDIT, PAID_OUT],
            about("refund", 5000, payment="D-1", document="CN-1"),
            about("refund", -5000, payment="D-1", document="CN-1"),
            {("D-1", "CN-1", -5000, "manual"), ("D-1", "CN-1", 5000, "manual")},
            {"D-1": ("ACME-001", -5000, "unapplied_cash")},
            {"CN-1": -5000},
            id="a refund",
        ),
    ],
)  # fmt: skip
def test_negative_amounts_undo(
    rows: list[Row],
    decided: Row,
    undone: Row,
    allocations: set[tuple[str, str, int, str]],
    rest: dict[str, tuple[str, int, str]],
    still_open: dict[str, int],
) -> None:
    decisions = [each if isinstance(each[0], tuple) else (each,) for each in (decided, undone)]
    result = settled(tree(*rows, decisions=(*decisions[0], *decisions[1])))
    assert applied(result) == allocations
    assert left(result) == rest
    assert open_minor(result) == still_open


def test_what_was_undone_is_there_for_another_payment() -> None:
    records = tree(
        INVOICE, PAID, entry("P-2", 34049, "INV-1"), decisions=(about("settle", 34049), about("settle", -34049))
    )
    rows = {("P-1", "INV-1", 34049, "manual"), ("P-1", "INV-1", -34049, "manual")}
    assert applied(settled(records)) == rows | {("P-2", "INV-1", 34049, "exact_reference")}


DOLLARS, EUROS = document("INV-1", 10000, currency="USD"), entry("P-1", 9000, "INV-1")


def test_a_settlement_across_currencies_is_two_exchange_adjustments() -> None:
    result = settled(tree(DOLLARS, EUROS, decisions=(about("settle", 9000, settles_minor=10000),)))
    assert applied(result) == {("P-1", "INV-1", 9000, "manual")}
    rows = result.adjustments[["document", "kind", "amount_minor", "currency", "source"]]
    assert sorted(rows.to_numpy().tolist()) == [
        ["INV-1", "exchange", -9000, "EUR", "P-1"],
        ["INV-1", "exchange", 10000, "USD", "P-1"],
    ]
    assert balances(result) == {("ACME-001", "EUR"): (0, 0), ("ACME-001", "USD"): (10000, 0)}
    assert open_minor(result) == {}


def test_a_part_settled_across_currencies() -> None:
    result = settled(tree(DOLLARS, EUROS, decisions=(about("settle", 8100, settles_minor=9000),)))
    assert open_minor(result) == {"INV-1": 1000}
    assert left(result)["P-1"][:2] == ("ACME-001", 900)
    assert balances(result) == {("ACME-001", "EUR"): (0, -900), ("ACME-001", "USD"): (10000, 1000)}


def test_undoing_a_settlement_across_currencies_undoes_both_sides() -> None:
    decisions = (about("settle", 9000, settles_minor=10000), about("settle", -9000, settles_minor=-10000))
    result = settled(tree(DOLLARS, EUROS, decisions=decisions))
    assert open_minor(result) == {"INV-1": 10000}
    assert result.adjustments.groupby("currency")["amount_minor"].sum().to_dict() == {"EUR": 0, "USD": 0}


def test_more_than_the_other_currency_owes_is_refused() -> None:
    with pytest.raises(RecordsNotRight) as raised:
        settled(tree(DOLLARS, EUROS, decisions=(about("settle", 9000, settles_minor=10001),)))
    assert codes(raised.value.findings) == ["allocation-exceeds-open"]


# The table of decisions.


def decided(*items: AllocationItem, on: date = date(2026, 10, 25), name: str = "d") -> AllocationDecision:
    return AllocationDecision(
        source=f"payments/allocations/{name}.yaml",
        id=name,
        decided_on=on,
        decided_by="finance@issuer.example",
        reason="by phone",
        items=items,
    )


def item(amount: str, **fields: Any) -> AllocationItem:
    return AllocationItem(amount=Decimal(amount), kind="settle", **{"payment": "P-1", "document": "INV-1"} | fields)


@pytest.mark.parametrize(
    ("fields", "paid_in", "owed_in", "amounts"),
    [
        ({}, "EUR", "EUR", (1000, 1000, "EUR")),
        ({"settles_amount": Decimal(1130)}, "EUR", "JPY", (1000, 1130, "EUR")),
        ({"payment": None}, "", "KWD", (10000, 10000, "KWD")),
        ({"document": None}, "JPY", "", (10, 10, "JPY")),
    ],
)
def test_amounts_are_in_their_currencies(
    fields: dict[str, Any], paid_in: str, owed_in: str, amounts: tuple[int, int, str]
) -> None:
    payments, documents = {"P-1": paid_in} if paid_in else {}, {"INV-1": owed_in} if owed_in else {}
    row = decision_table([decided(item("10", **fields))], payments, documents).iloc[0]
    assert (row["amount_minor"], row["settles_minor"], row["currency"]) == amounts


def test_decisions_are_sorted_by_day_and_file() -> None:
    decisions = [decided(item("3"), name="c", on=date(2026, 10, 26)), decided(item("1"), item("2"), name="b")]
    table = decision_table(decisions, {"P-1": "EUR"}, {"INV-1": "EUR"})
    assert table["amount_minor"].tolist() == [100, 200, 300]
    assert table["pointer"].tolist() == ["/items/0", "/items/1", "/items/0"]
    assert decision_table([], {}, {}).empty


def test_more_decimals_than_the_currency_are_refused() -> None:
    with pytest.raises(RecordsNotRight) as raised:
        decision_table([decided(item("1.00"), item("1.001"))], {"P-1": "EUR"}, {"INV-1": "EUR"})
    [finding] = raised.value.findings
    assert (finding.code, finding.pointer) == ("amount-precision", "/items/1/amount")
