"""Money paid back: a debit is a refund only where a case granted it and a credit is open."""

from datetime import date

import pytest

from tests.receivables.tables import (
    Row,
    Tree,
    applied,
    closed,
    decision,
    document,
    entry,
    left,
    moved,
    open_minor,
    refund,
    remittance,
    settled,
    states,
    tree,
)

KNOWN = (document("INV-0", 100), entry("P-0", 100, "INV-0", "2026-10-16"))
CREDIT = document("CN-1", -5000, "2026-10-16")
PAID_OUT = entry("D-1", -5000, on="2026-10-20")


def refunded(*rows: Row, granted: tuple[Row, ...] = (refund("CN-1", 5000),)) -> Tree:
    return tree(*KNOWN, *rows, refunds=granted)


def test_a_granted_refund_closes_the_credit() -> None:
    result = settled(refunded(CREDIT, PAID_OUT))
    assert ("D-1", "CN-1", -5000, "refund") in applied(result)
    assert (open_minor(result), left(result)) == ({}, {})
    assert states(result)["D-1"] == ("ACME-001", "refunded")
    assert ("refund", "D-1", 5000, False) in moved(result)


@pytest.mark.parametrize(
    ("number", "text"), [("CN-1", "CN-1"), ("CN-1", "cn-1"), ("CN-1", "C N-1"), ("Cn/1", "CN/1"), ("CN 1", "cn 1")]
)
def test_a_reference_is_enough_to_know_the_payee(number: str, text: str) -> None:
    records = refunded(
        document(number, -5000, "2026-10-16"),
        entry("D-1", -5000, text, iban="NL00NEW"),
        granted=(refund(number, 5000),),
    )
    assert states(settled(records))["D-1"] == ("ACME-001", "refunded")


@pytest.mark.parametrize(
    ("rows", "granted"),
    [
        pytest.param([CREDIT, PAID_OUT], [], id="not granted"),
        pytest.param([CREDIT, PAID_OUT], [refund("CN-1", 5000, "2026-11-16")], id="granted after as-of"),
        pytest.param([CREDIT, PAID_OUT], [refund("CN-1", 4999)], id="another amount"),
        pytest.param([CREDIT, PAID_OUT], [refund("CN-1", 5000, account="BETA-002")], id="another account"),
        pytest.param([CREDIT, PAID_OUT], [refund("CN-1", 5000), refund("CN-1", 5000)], id="two that fit"),
        pytest.param([document("CN-1", -4999), PAID_OUT], [refund("CN-1", 5000)], id="less credit than refund"),
        pytest.param([document("INV-1", 5000), PAID_OUT], [refund("INV-1", 5000)], id="no credit at all"),
        pytest.param([document("CN-1", -5000, currency="USD"), PAID_OUT], [refund("CN-1", 5000)], id="currency"),
        pytest.param([CREDIT, entry("D-1", -5000, iban="NL00NEW")], [refund("CN-1", 5000)], id="unknown payee"),
    ],
)
def test_what_is_no_refund(rows: list[Row], granted: list[Row]) -> None:
    result = settled(refunded(*rows, granted=tuple(granted)))
    assert "D-1" in left(result)
    assert states(result)["D-1"][1] in ("unapplied", "unidentified")


def test_a_refund_of_a_document_of_after_as_of_waits() -> None:
    later = document("CN-1", -5000, "2026-11-20")
    result = settled(refunded(later, PAID_OUT))
    assert left(result) == {"D-1": ("ACME-001", -5000, "unapplied_cash")}
    again = settled(refunded(later, PAID_OUT), as_of=date(2026, 12, 15))
    assert states(again)["D-1"] == ("ACME-001", "refunded")


def test_a_refund_is_granted_once() -> None:
    result = settled(refunded(document("CN-1", -20000), PAID_OUT, entry("D-2", -5000, on="2026-10-21")))
    assert open_minor(result) == {"CN-1": -15000}
    assert left(result) == {"D-2": ("ACME-001", -5000, "unapplied_cash")}


def test_a_refund_of_a_closed_period_is_not_granted_again() -> None:
    records = refunded(document("CN-1", -20000), PAID_OUT)
    recorded = closed(records, date(2026, 10, 31))
    later = records.plus(entries=[entry("D-2", -5000, on="2026-11-05")])
    result = settled(later, last_as_of=date(2026, 10, 31), recorded=recorded)
    assert open_minor(result) == {"CN-1": -15000}
    assert left(result) == {"D-2": ("ACME-001", -5000, "unapplied_cash")}


def test_two_grants_pay_two_debits() -> None:
    rows = [document("CN-1", -20000), PAID_OUT, entry("D-2", -700, on="2026-10-21")]
    result = settled(refunded(*rows, granted=(refund("CN-1", 5000), refund("CN-1", 700))))
    assert open_minor(result) == {"CN-1": -14300}


CORRECTED = (
    document("INV-1", 20000),
    document("CN-1", -5000, "2026-10-25", corrects="INV-1"),
    entry("D-1", -5000, on="2026-10-30"),
)


def paid_on(day: str, *rows: Row, **more: Row) -> Tree:
    return refunded(*CORRECTED, entry("P-1", 20000, "INV-1", day), *rows).plus(**more)


@pytest.mark.parametrize("with_a_run_between", [False, True])
def test_what_was_paid_before_it_was_credited_is_refunded(with_a_run_between: bool) -> None:
    """The invoice was settled, so the whole note is there to be paid out, however many runs were missed."""
    records = paid_on("2026-10-20")
    recorded = closed(records, date(2026, 10, 22)) if with_a_run_between else None
    result = settled(records, recorded=recorded)
    assert {("P-1", "INV-1", 20000), ("D-1", "CN-1", -5000)} <= {row[:3] for row in applied(result)}
    assert (open_minor(result), left(result)) == ({}, {})


@pytest.mark.parametrize(
    "records",
    [
        pytest.param(paid_on("2026-10-25"), id="paid when it was credited"),
        pytest.param(
            paid_on("2026-10-20", document("INV-2", 20000)).plus(
                decisions=[decision("settle", 20000, payment="P-1", account="ACME-001", document="INV-2")]
            ),
            id="a person says what for",
        ),
        pytest.param(
            paid_on("2026-10-20").plus(remittances=[remittance("P-1", "INV-1", 15000)]), id="an advice says otherwise"
        ),
    ],
)
def test_what_is_not_surely_paid_before_is_credited_first(records: Tree) -> None:
    assert open_minor(settled(records)).get("CN-1", 0) == 0


OWED = document("INV-1", 34049)
BACK = entry("D-1", -5951, "thank you", on="2026-10-30")


@pytest.mark.parametrize("with_a_run_between", [False, True])
@pytest.mark.parametrize(
    "paid",
    [
        pytest.param([entry("P-1", 40000, "INV-1", "2026-10-20")], id="too much"),
        pytest.param(
            [entry("P-1", 34049, "INV-1", "2026-10-20"), entry("P-2", 5951, "INV-1", "2026-10-21")], id="twice"
        ),
    ],
)
def test_what_was_paid_too_much_is_given_back(*, with_a_run_between: bool, paid: list[Row]) -> None:
    records = refunded(OWED, *paid, BACK, granted=(refund("INV-1", 5951),))
    recorded = closed(records, date(2026, 10, 22)) if with_a_run_between else None
    result = settled(records, recorded=recorded)
    assert {("D-1", "INV-1", -5951, "refund"), (paid[-1][-1], "INV-1", 5951, "refund")} <= applied(result)
    assert (left(result), open_minor(result)) == ({}, {})
    assert states(result)["D-1"] == ("ACME-001", "refunded")
    assert ("refund", "D-1", 5951, False) in moved(result)
    assert result.discrepancies.empty


@pytest.mark.parametrize(
    ("rows", "granted"),
    [
        pytest.param([entry("P-1", 40000, "INV-1", "2026-10-20")], [], id="not granted"),
        pytest.param([entry("P-1", 39999, "INV-1", "2026-10-20")], [refund("INV-1", 5951)], id="less was too much"),
        pytest.param([entry("P-1", 34049, "INV-1", "2026-10-20")], [refund("INV-1", 5951)], id="nothing was too much"),
        pytest.param(
            [*(entry(f"P-{n}", 40000 - 34049 * (n > 1), "INV-1", "2026-10-20") for n in (1, 2))],
            [refund("INV-1", 5951)],
            id="two that brought so much",
        ),
        pytest.param(
            [entry("P-1", 40000, "INV-1", "2026-10-20")], [refund("INV-1", 5951, account="BETA-002")], id="account"
        ),
    ],
)
def test_what_gives_nothing_back(rows: list[Row], granted: list[Row]) -> None:
    result = settled(refunded(OWED, *rows, BACK, granted=tuple(granted)))
    assert left(result)["D-1"] == ("ACME-001", -5951, "unapplied_cash")


def test_an_excess_is_given_back_to_its_own_account() -> None:
    """The transfer quotes the document, but the case is of another account."""
    back = entry("D-1", -5951, "INV-1", on="2026-10-30", iban="NL00NEW")
    paid = entry("P-1", 40000, "INV-1", "2026-10-20")
    result = settled(refunded(OWED, paid, back, granted=(refund("INV-1", 5951, account="BETA-002"),)))
    assert set(left(result)) == {"P-1", "D-1"}
    own = settled(refunded(OWED, paid, back, granted=(refund("INV-1", 5951),)))
    assert left(own) == {}


def test_what_a_person_left_of_a_payment_is_given_back() -> None:
    decided = decision("settle", 34049, payment="P-1", account="ACME-001", document="INV-1")
    records = refunded(OWED, entry("P-1", 40000, "thanks"), BACK, granted=(refund("INV-1", 5951),))
    assert left(settled(records.plus(decisions=(decided,)))) == {}


def test_an_excess_is_given_back_once() -> None:
    records = refunded(
        *(OWED, entry("P-1", 60000, "INV-1", "2026-10-20"), BACK, entry("D-2", -5951, "again", on="2026-10-31")),
        granted=(refund("INV-1", 5951),),
    )
    result = settled(records, recorded=closed(records, date(2026, 10, 30)))
    assert set(left(result)) == {"P-1", "D-2"}
