"""Exact references and unique amounts: what is certain is applied, what is not is only suggested."""

from itertools import permutations

import pytest

from tests.receivables.tables import (
    Row,
    applied,
    document,
    entry,
    kinds,
    left,
    open_minor,
    settled,
    states,
    suggested,
    tree,
)

INVOICE = document("INV-1", 34049)
KNOWN = (document("INV-0", 100), entry("P-0", 100, "INV-0", "2026-10-16"))


@pytest.mark.parametrize(
    "payment",
    [
        entry("P-1", 34049, "INV-1"),
        entry("P-1", 34049, "inv-1"),
        entry("P-1", 34049, " INV -1 "),
        entry("P-1", 34049, end_to_end="INV-1"),
        entry("P-1", 34049, structured="RF18 5390 0754 7034"),
        entry("P-1", 34049, "anything", structured="rf18539007547034"),
        entry("P-1", 34049, "INV-1", end_to_end="INV-1", structured="RF18539007547034"),
        entry("P-1", 34049, "INV-1", iban=""),
    ],
    ids=["number", "small letters", "blanks", "end to end", "grouped", "structured", "all three", "no payer account"],
)
def test_a_reference_settles_its_document(payment: Row) -> None:
    result = settled(tree(document("INV-1", 34049, reference="RF18539007547034"), payment))
    assert applied(result) == {("P-1", "INV-1", 34049, "exact_reference")}
    assert (open_minor(result), left(result), kinds(result)) == ({}, {}, [])
    assert states(result) == {"P-1": ("ACME-001", "applied")}


@pytest.mark.parametrize(
    ("reference", "written"),
    [
        ("RF18539007547034", "RF18\t5390 0754\u00a07034"),
        ("RF18539007547034", "rf18\n539007547034"),
        ("RF18539007547034", "RF18 5390\u00a00754\u00a07034"),
        ("RF18539007547034", "RF180539007547034"),
        ("090933755493", "+++090/9337/55493+++"),
        ("090933755493", "***090/9337/55493***"),
        ("210000000003139471430009017", "21 00000 00003 13947 14300 09017"),
        ("3139471430009018", "00 00000 00003 13947 14300 09018"),
        ("Größe-7", "GRÖSSE-7"),
    ],
)
def test_a_reference_is_known_however_it_is_written(reference: str, written: str) -> None:
    result = settled(tree(document("INV-1", 34049, reference=reference), entry("P-1", 34049, written)))
    assert applied(result) == {("P-1", "INV-1", 34049, "exact_reference")}


@pytest.mark.parametrize("text", ["INV-10", "PO 1 thanks", "1", "", "INV-1A"])
def test_what_is_not_the_reference_settles_nothing(text: str) -> None:
    result = settled(tree(INVOICE, entry("P-1", 34049, text)))
    assert applied(result) == set()
    assert left(result) == {"P-1": ("", 34049, "unidentified_payment")}
    assert states(result) == {"P-1": ("", "unidentified")}


@pytest.mark.parametrize(
    ("documents", "payment", "allocations", "rest", "still_open", "found"),
    [
        pytest.param(
            [INVOICE],
            entry("P-1", 30000, "INV-1"),
            {("P-1", "INV-1", 30000, "exact_reference")},
            {},
            {"INV-1": 4049},
            [("short_payment", "P-1", 34049, 30000)],
            id="short",
        ),
        pytest.param(
            [INVOICE],
            entry("P-1", 35000, "INV-1"),
            {("P-1", "INV-1", 34049, "exact_reference")},
            {"P-1": ("ACME-001", 951, "over_payment")},
            {},
            [("over_payment", "P-1", 34049, 35000)],
            id="over",
        ),
        pytest.param(
            [document("INV-1", 34049, currency="USD")],
            entry("P-1", 34049, "INV-1"),
            set(),
            {"P-1": ("", 34049, "payment_currency_mismatch")},
            {"INV-1": 34049},
            [("payment_currency_mismatch", "P-1", 0, 34049)],
            id="another currency",
        ),
        pytest.param(
            [INVOICE, document("INV-2", 951)],
            entry("P-1", 35000, "INV-1", end_to_end="INV-2"),
            {("P-1", "INV-1", 34049, "exact_reference"), ("P-1", "INV-2", 951, "exact_reference")},
            {},
            {},
            [],
            id="several, to the cent",
        ),
        pytest.param(
            [INVOICE, document("INV-2", 951)],
            entry("P-1", 34999, "INV-1", end_to_end="INV-2"),
            set(),
            {"P-1": ("", 34999, "unidentified_payment")},
            {"INV-1": 34049, "INV-2": 951},
            [("unidentified_payment", "P-1", 0, 34999)],
            id="several, a cent short: which one is not guessed",
        ),
        pytest.param(
            [document("INV-1", 34049, reference="SAME"), document("INV-2", 34049, reference="SAME")],
            entry("P-1", 34049, "SAME"),
            set(),
            {"P-1": ("", 34049, "unidentified_payment")},
            {"INV-1": 34049, "INV-2": 34049},
            [("unidentified_payment", "P-1", 0, 34049)],
            id="one reference, two documents",
        ),
        pytest.param(
            [document("CN-1", -34049)],
            entry("P-1", 34049, "CN-1"),
            set(),
            {"P-1": ("", 34049, "unidentified_payment")},
            {"CN-1": -34049},
            [("unidentified_payment", "P-1", 0, 34049)],
            id="a credit is not paid",
        ),
        pytest.param(
            [document("INV-1", 34049, "2026-11-16", "2026-12-16")],
            entry("P-1", 34049, "INV-1"),
            set(),
            {"P-1": ("", 34049, "unidentified_payment")},
            {},
            [("unidentified_payment", "P-1", 0, 34049)],
            id="a document of after as-of",
        ),
        pytest.param(
            [INVOICE], entry("P-1", 34049, "INV-1", "2026-11-16"), set(), {}, {"INV-1": 34049}, [], id="paid later"
        ),
        pytest.param(
            [INVOICE],
            entry("P-1", 34049, "INV-1", "2026-11-15", value_on="2026-12-01"),
            {("P-1", "INV-1", 34049, "exact_reference")},
            {},
            {},
            [],
            id="the booking date counts, not the value date",
        ),
    ],
)
def test_references(
    documents: list[Row],
    payment: Row,
    allocations: set[tuple[str, str, int, str]],
    rest: dict[str, tuple[str, int, str]],
    still_open: dict[str, int],
    found: list[tuple[str, str, int, int]],
) -> None:
    result = settled(tree(*documents, payment))
    assert applied(result) == allocations
    assert left(result) == rest
    assert open_minor(result) == still_open
    assert kinds(result) == found


def test_money_left_over_of_known_payers_shows_in_the_aging() -> None:
    result = settled(tree(INVOICE, document("INV-2", 500), entry("P-1", 35000, "INV-1")))
    [row] = result.aging.to_dict("records")
    assert (row["31_60"], row["unapplied"], row["balance"]) == (500, -951, -451)


def test_unidentified_money_is_in_no_account() -> None:
    result = settled(tree(INVOICE, entry("P-1", 999, "hello")))
    assert result.aging[["account", "balance"]].to_numpy().tolist() == [["ACME-001", 34049]]
    assert "P-1" not in result.movements["reference"].tolist()


def test_the_second_payment_of_the_same_is_a_duplicate() -> None:
    result = settled(tree(INVOICE, entry("P-1", 34049, "INV-1"), entry("P-2", 34049, "INV-1", "2026-10-21")))
    assert applied(result) == {("P-1", "INV-1", 34049, "exact_reference")}
    assert left(result) == {"P-2": ("ACME-001", 34049, "duplicate_payment")}
    assert kinds(result) == [("duplicate_payment", "P-2", 0, 34049)]


def test_a_second_payment_of_another_amount_is_unapplied_cash() -> None:
    result = settled(tree(INVOICE, entry("P-1", 34049, "INV-1"), entry("P-2", 500, "INV-1", "2026-10-21")))
    assert left(result) == {"P-2": ("ACME-001", 500, "unapplied_cash")}


def test_two_parts_settle_one_document() -> None:
    result = settled(tree(INVOICE, entry("P-1", 30000, "INV-1"), entry("P-2", 4049, "INV-1", "2026-10-21")))
    assert open_minor(result) == {}
    assert kinds(result) == []


def test_a_paid_document_among_several_references_is_passed_over() -> None:
    records = tree(
        *(INVOICE, document("INV-2", 951), entry("P-1", 34049, "INV-1")),
        entry("P-2", 951, "INV-1", "2026-10-21", end_to_end="INV-2"),
    )
    assert ("P-2", "INV-2", 951, "exact_reference") in applied(settled(records))


@pytest.mark.parametrize(
    ("documents", "payment", "document_settled"),
    [
        pytest.param([INVOICE, document("INV-2", 951)], entry("P-1", 34049), "INV-1", id="the only one of this amount"),
        pytest.param([INVOICE], entry("P-1", 34048), "", id="a cent less"),
        pytest.param([INVOICE, document("INV-2", 34049)], entry("P-1", 34049), "", id="two of this amount"),
        pytest.param([document("INV-1", 34049, currency="USD")], entry("P-1", 34049), "", id="another currency"),
        pytest.param([document("INV-1", 34049, account="BETA-002")], entry("P-1", 34049), "", id="another account"),
        pytest.param([INVOICE], entry("P-1", 34049, iban="NL00OTHER"), "", id="an unknown payer"),
        pytest.param([INVOICE], entry("P-1", 34049, iban=""), "", id="no payer"),
        pytest.param([INVOICE], entry("P-1", 34049, "INV-0"), "", id="a reference to something else"),
        pytest.param([INVOICE], entry("P-1", 34049, "invoice of October"), "INV-1", id="words that are no reference"),
        pytest.param([INVOICE], entry("P-1", -34049), "", id="money that leaves"),
    ],
)
def test_amounts_of_known_payers(documents: list[Row], payment: Row, document_settled: str) -> None:
    result = settled(tree(*KNOWN, *documents, payment))
    expected = {("P-1", document_settled, 34049, "account_amount")} if document_settled else set()
    assert applied(result) - {("P-0", "INV-0", 100, "exact_reference")} == expected


def test_equal_amounts_are_suggested_both() -> None:
    result = settled(tree(*KNOWN, INVOICE, document("INV-2", 34049), entry("P-1", 34049)))
    assert suggested(result) == {"P-1": "INV-1 (same amount); INV-2 (same amount)"}
    assert left(result) == {"P-1": ("ACME-001", 34049, "unapplied_cash")}


def test_an_equal_amount_never_takes_what_a_later_reference_names() -> None:
    records = tree(*KNOWN, INVOICE, entry("P-1", 34049), entry("P-2", 34049, "INV-1", "2026-10-30"))
    result = settled(records)
    assert ("P-2", "INV-1", 34049, "exact_reference") in applied(result)
    assert left(result) == {"P-1": ("ACME-001", 34049, "unapplied_cash")}


def test_the_payer_may_become_known_by_a_later_payment() -> None:
    result = settled(
        tree(INVOICE, document("INV-2", 500), entry("P-1", 34049), entry("P-2", 500, "INV-2", "2026-10-30"))
    )
    assert ("P-1", "INV-1", 34049, "account_amount") in applied(result)


def test_any_order_of_rows_gives_the_same_result() -> None:
    rows = [
        *(INVOICE, document("INV-2", 500), document("INV-3", 500, account="BETA-002")),
        *(entry("P-1", 34049), entry("P-2", 500, "INV-2", "2026-10-30"), entry("P-3", 700, "INV-3", iban="NL00BETA")),
    ]
    first = settled(tree(*rows))
    for documents, entries in zip(permutations(rows[:3]), permutations(rows[3:]), strict=True):
        again = settled(tree(*documents, *entries))
        for name in ("payments", "allocations", "unapplied", "open_items", "aging", "movements", "discrepancies"):
            assert getattr(again, name).equals(getattr(first, name)), name
