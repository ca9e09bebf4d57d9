"""The steps of the matcher one by one: what each applies, and what it leaves to a person."""

from decimal import Decimal
from typing import Any

import pytest

from prisma_batch.receivables.terms import Terms
from prisma_batch.records.settings import NotReceivableRule, PaymentTolerance
from tests.receivables.tables import (
    AS_OF,
    LAST_AS_OF,
    Row,
    applied,
    closed,
    decision,
    document,
    entry,
    kinds,
    left,
    open_minor,
    recorded_by,
    remittance,
    settled,
    states,
    suggested,
    tree,
)

# The payer is known by what it paid before.
KNOWN = (document("INV-0", 100), entry("P-0", 100, "INV-0", "2026-10-16"))
PAID = ("P-0", "INV-0", 100, "exact_reference")
FIRST, SECOND = document("INV-2026-00123", 34049), document("INV-2026-00124", 51177)
TWO_EUROS = Terms(
    tolerance=PaymentTolerance(amount={"EUR": Decimal("2.00")}, percent=Decimal(1), yearly_cap={"EUR": Decimal("3.00")})
)


def outcome(*rows: Row, **more: Any) -> set[tuple[str, str, int, str]]:
    return applied(settled(tree(*KNOWN, *rows, **more))) - {PAID}


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param(
            [FIRST, entry("P-1", 34049, "payment INV-2026-00123, thank you")],
            {("P-1", "INV-2026-00123", 34049, "text_reference")},
            id="in a sentence",
        ),
        pytest.param(
            [FIRST, entry("P-1", 34049, "2026-00123", iban="")],
            {("P-1", "INV-2026-00123", 34049, "text_reference")},
            id="bare digits and the exact amount, of a stranger",
        ),
        pytest.param([FIRST, entry("P-1", 30000, "2026-00123", iban="NL00NEW")], set(), id="bare digits alone"),
        pytest.param(
            [FIRST, entry("P-1", 30000, "part of INV-2026-00123")],
            {("P-1", "INV-2026-00123", 30000, "text_reference")},
            id="short, of its payer",
        ),
        pytest.param(
            [FIRST, entry("P-1", 30000, "part of INV-2026-00123", iban="NL00NEW")], set(), id="short, of a stranger"
        ),
        pytest.param(
            [FIRST, SECOND, entry("P-1", 51177, "INV-2026-00123 thanks")], set(), id="the amount of another document"
        ),
        pytest.param(
            [FIRST, SECOND, entry("P-1", 85226, "invoices 2026-00123, 2026-00124")],
            {
                ("P-1", "INV-2026-00123", 34049, "text_reference"),
                ("P-1", "INV-2026-00124", 51177, "text_reference"),
            },
            id="several",
        ),
        pytest.param(
            [FIRST, SECOND, entry("P-1", 51177, "INV-2026-00123 / INV-2026-00124")],
            {("P-1", "INV-2026-00124", 51177, "text_reference")},
            id="several, one of them paid",
        ),
        pytest.param(
            [FIRST, SECOND, entry("P-1", 90000, "INV-2026-00123 / INV-2026-00124")],
            {
                ("P-1", "INV-2026-00123", 34049, "text_reference"),
                ("P-1", "INV-2026-00124", 51177, "text_reference"),
            },
            id="several, and too much",
        ),
        pytest.param(
            [
                document("INV-2026-00123", 134049),
                document("INV-2026-00124", 251177),
                entry("P-1", 385226, "INV-2026-00123 a.o."),
            ],
            {
                ("P-1", "INV-2026-00123", 134049, "text_reference"),
                ("P-1", "INV-2026-00124", 251177, "account_subset"),
            },
            id="one is named, the others follow from the amount",
        ),
        pytest.param(
            [FIRST, document("CN-7", -4049), entry("P-1", 30000, "INV-2026-00123 less CN-7")],
            {("P-1", "INV-2026-00123", 34049, "text_reference"), ("P-1", "CN-7", -4049, "text_reference")},
            id="less a credit that is named",
        ),
        pytest.param(
            [FIRST, document("CN-7", -4049), entry("P-1", 30000, "INV-2026-00123")],
            {("P-1", "INV-2026-00123", 34049, "exact_reference"), ("P-1", "CN-7", -4049, "credit_netted")},
            id="less exactly the open credit",
        ),
        pytest.param(
            [FIRST, document("CN-7", -4049), document("CN-8", -4049), entry("P-1", 30000, "INV-2026-00123")],
            {("P-1", "INV-2026-00123", 30000, "exact_reference")},
            id="less one of two equal credits",
        ),
        pytest.param(
            [document("INV-2026-00123", 34049, account="BETA-002"), entry("P-1", 34049, "for INV-2026-00123")],
            set(),
            id="another customer's invoice",
        ),
        pytest.param(
            [FIRST, document("INV-2026-00125", 34049), entry("P-1", 34049, "invoice 125")],
            {("P-1", "INV-2026-00125", 34049, "text_reference")},
            id="of two equal ones the end of the number says which",
        ),
        pytest.param(
            [FIRST, document("INV-2026-00125", 34049), entry("P-1", 34049, "order 125")], set(), id="two equal ones"
        ),
        pytest.param(
            [FIRST, SECOND, entry("P-1", 85226)],
            {
                ("P-1", "INV-2026-00123", 34049, "account_subset"),
                ("P-1", "INV-2026-00124", 51177, "account_subset"),
            },
            id="a sum",
        ),
        pytest.param(
            [document("INV-1", 30000), document("INV-2", 20000), entry("P-1", 50000)],
            set(),
            id="a sum of round amounts is no proof",
        ),
        pytest.param(
            [FIRST, SECOND, document("INV-2026-00125", 34049), entry("P-1", 85226)], set(), id="two ways to add up"
        ),
    ],
)
def test_what_is_certain(rows: list[Row], expected: set[tuple[str, str, int, str]]) -> None:
    assert outcome(*rows) == expected


def test_every_allocation_says_on_what_it_rests() -> None:
    rows = [FIRST, SECOND, entry("P-1", 34049, "for 2026-00123"), entry("P-2", 51177)]
    confidence = settled(tree(*KNOWN, *rows)).allocations["confidence"].tolist()
    assert confidence == [
        "certain: the text is INV-0",
        "certain: the text quotes 2026-00123",
        "unique: the payer's only open item of this amount",
    ]


DISCOUNTED = document("INV-1", 34049, discount=(681, "2026-10-20"))


@pytest.mark.parametrize(
    ("rows", "adjusted", "still_open"),
    [
        pytest.param(
            [DISCOUNTED, entry("P-1", 33368, "INV-1")], [("INV-1", "discount", 681)], {}, id="quoted, in time"
        ),
        pytest.param([DISCOUNTED, entry("P-1", 33368)], [("INV-1", "discount", 681)], {}, id="not quoted, in time"),
        pytest.param(
            [DISCOUNTED, entry("P-1", 20000, "INV-1", "2026-10-18"), entry("P-2", 13368, "INV-1", "2026-10-19")],
            [],
            {"INV-1": 681},
            id="in two parts",
        ),
        pytest.param([DISCOUNTED, entry("P-1", 33368, "INV-1", "2026-10-21")], [], {"INV-1": 681}, id="a day late"),
        pytest.param(
            [DISCOUNTED, entry("P-1", 33368, "INV-1", "2026-10-22", value_on="2026-10-20")],
            [("INV-1", "discount", 681)],
            {},
            id="the value date counts",
        ),
        pytest.param(
            [DISCOUNTED, SECOND, entry("P-1", 33368 + 51177, "INV-1 INV-2026-00124")],
            [("INV-1", "discount", 681)],
            {},
            id="with another",
        ),
        pytest.param(
            [FIRST, entry("P-1", 33849, "INV-2026-00123")], [("INV-2026-00123", "tolerance", 200)], {}, id="limit"
        ),
        pytest.param([FIRST, entry("P-1", 33848, "INV-2026-00123")], [], {"INV-2026-00123": 201}, id="a cent beyond"),
        pytest.param(
            [document("INV-1", 1000), entry("P-1", 989, "INV-1")], [], {"INV-1": 11}, id="within amount, not percent"
        ),
        pytest.param(
            [document("INV-1", 1060), entry("P-1", 1049, "INV-1")], [], {"INV-1": 11}, id="a percent is rounded down"
        ),
        pytest.param(
            [FIRST, entry("P-1", 33999, "INV-2026-00123 bank charges")],
            [("INV-2026-00123", "bank_fee", 50)],
            {},
            id="a bank's fee",
        ),
        pytest.param(
            [FIRST, document("INV-9", 33999), entry("P-1", 33999, "INV-2026-00123")],
            [],
            {"INV-2026-00123": 34049, "INV-9": 33999},
            id="quoted, but exactly another one",
        ),
        pytest.param([FIRST, entry("P-1", 33999)], [("INV-2026-00123", "tolerance", 50)], {}, id="not quoted"),
        pytest.param(
            [FIRST, document("INV-9", 34050), entry("P-1", 33999)],
            [],
            {"INV-2026-00123": 34049, "INV-9": 34050},
            id="not quoted, two could be meant",
        ),
        pytest.param(
            [FIRST, SECOND, entry("P-1", 33849, "INV-2026-00123"), entry("P-2", 51077, "INV-2026-00124", "2026-10-21")],
            [("INV-2026-00123", "tolerance", 200), ("INV-2026-00124", "tolerance", 100)],
            {},
            id="up to the yearly cap",
        ),
        pytest.param(
            [FIRST, SECOND, entry("P-1", 33849, "INV-2026-00123"), entry("P-2", 51076, "INV-2026-00124", "2026-10-21")],
            [("INV-2026-00123", "tolerance", 200)],
            {"INV-2026-00124": 101},
            id="a cent beyond the yearly cap",
        ),
    ],
)
def test_what_is_let_go(rows: list[Row], adjusted: list[tuple[str, str, int]], still_open: dict[str, int]) -> None:
    result = settled(tree(*KNOWN, *rows, terms=TWO_EUROS))
    found = result.adjustments[["document", "kind", "amount_minor"]].to_numpy().tolist()
    assert (sorted(map(tuple, found)), open_minor(result)) == (adjusted, still_open)


def test_what_was_let_go_says_who_allowed_it_and_comes_back_with_the_payment() -> None:
    paid = tree(*KNOWN, FIRST, entry("P-1", 33999, "INV-2026-00123"), terms=TWO_EUROS)
    [row] = settled(paid).adjustments.to_dict("records")
    assert (row["approved_by"], row["source"]) == ("policies.tolerances", "P-1")
    back = paid.plus(entries=[entry("R-1", -33999, "INV-2026-00123", "2026-10-25")])
    assert settled(back).adjustments["amount_minor"].tolist() == [50, -50]
    assert open_minor(settled(back)) == {"INV-2026-00123": 34049}


def test_a_closed_period_keeps_what_it_let_go_and_set_apart() -> None:
    rule = NotReceivableRule(name="Bank fees", text_contains="account fee")
    terms = Terms(tolerance=TWO_EUROS.tolerance, not_receivable=(rule,))
    rows = (FIRST, entry("P-1", 33999, "INV-2026-00123", "2026-10-12"), entry("F-1", -990, "Account fee", "2026-10-13"))
    then = tree(*rows, terms=terms)
    now = settled(tree(*rows), recorded=closed(then))
    assert now.adjustments.equals(settled(then, LAST_AS_OF, LAST_AS_OF).adjustments)
    assert states(now) == {"P-1": ("ACME-001", "applied"), "F-1": ("", "not_receivable")}
    assert len(now.movements) == 0


RULES = {
    "text": NotReceivableRule(name="Fees", text_contains="account FEE"),
    "account": NotReceivableRule(name="Own", counterparty_iban="NL00 own"),
    "code": NotReceivableRule(name="Charges", bank_code="NCHG"),
    "both": NotReceivableRule(name="Own fees", text_contains="account fee", counterparty_iban="NL00OWN"),
}


@pytest.mark.parametrize(
    ("rule", "row", "apart"),
    [
        ("text", entry("E-1", -990, "monthly Account Fee"), True),
        ("text", entry("E-1", -990, "accounts"), False),
        ("account", entry("E-1", 99000, "transfer", iban="NL00OWN"), True),
        ("account", entry("E-1", 99000, "transfer"), False),
        ("both", entry("E-1", -990, "account fee"), False),
        ("both", entry("E-1", -990, "account fee", iban="NL00OWN"), True),
        ("text", entry("E-1", 34049, "INV-2026-00123", end_to_end="account fee"), False),
    ],
)
def test_rules_set_entries_apart(rule: str, row: Row, apart: bool) -> None:
    result = settled(tree(FIRST, row, terms=Terms(not_receivable=(RULES[rule],))))
    assert (states(result)["E-1"][1] == "not_receivable") is apart
    assert ("E-1" in left(result) or bool(applied(result))) is not apart


def test_a_person_decides_before_a_rule() -> None:
    paid = entry("P-1", 34049, "account fee")
    decided = decision("settle", 34049, payment="P-1", account="ACME-001", document="INV-2026-00123")
    result = settled(tree(FIRST, paid, decisions=(decided,), terms=Terms(not_receivable=(RULES["text"],))))
    assert applied(result) == {("P-1", "INV-2026-00123", 34049, "manual")}


ORDERED = document("INV-2026-00020", 51177, order="PO-77")


@pytest.mark.parametrize(
    ("amount", "lines", "expected"),
    [
        (34049, [("INV-2026-00123", 34049)], {("INV-2026-00123", 34049)}),
        (51177, [("Invoice #20", 51177)], {("INV-2026-00020", 51177)}),
        (51177, [("po-77", 51177)], {("INV-2026-00020", 51177)}),
        (85226, [("2026-00123", 34049), ("PO-77", 51177)], {("INV-2026-00123", 34049), ("INV-2026-00020", 51177)}),
        (40000, [("#20", 30000), ("#123", 10000)], {("INV-2026-00020", 30000), ("INV-2026-00123", 10000)}),
        (51000, [("#20", 51177), ("bank fee", -177)], {("INV-2026-00020", 51000)}),
        (51000, [("#20", 51177), ("#20", -177)], {("INV-2026-00020", 51000)}),
        (30000, [("#123", 34049), ("CN-7", -4049)], {("INV-2026-00123", 34049), ("CN-7", -4049)}),
        (50000, [("#20", 40000), ("who knows", 10000)], {("INV-2026-00020", 40000)}),
        (50000, [("#20", 40000)], set()),
        (10000, [("who knows", 10000)], set()),
        (60000, [("#20", 60000)], set()),
        (77, [("PO-123", 77)], set()),
    ],
)
def test_advices(amount: int, lines: list[tuple[str, int]], expected: set[tuple[str, int]]) -> None:
    told = tuple(remittance("P-1", reference, minor) for reference, minor in lines)
    records = tree(
        *KNOWN, FIRST, ORDERED, document("CN-7", -4049), entry("P-1", amount, "see advice"), remittances=told
    )
    assert outcome_of(settled(records)) == {("P-1", *row, "remittance") for row in expected}


def outcome_of(result: Any) -> set[tuple[str, str, int, str]]:
    return applied(result) - {PAID}


def test_an_advice_about_another_amount_is_a_suggestion() -> None:
    paid = document("INV-9", 500), entry("P-9", 500, "INV-9", "2026-10-02")
    told = tuple(remittance("P-1", reference, minor) for reference, minor in (("#123", 34049), ("INV-9", 500)))
    rows = (*KNOWN, *paid, FIRST, entry("P-1", 60000, "see advice"))
    text = "INV-2026-00123 (its advice names it, but adds up to 345.49)"
    assert suggested(settled(tree(*rows, remittances=told))) == {"P-1": text}
    assert suggested(settled(tree(*rows, remittances=(*told, remittance("P-1", "?", 25451))))) == {"P-1": ""}


def test_an_advice_in_short_needs_a_known_payer() -> None:
    told = (remittance("P-1", "#20", 51177),)
    assert applied(settled(tree(ORDERED, entry("P-1", 51177), remittances=told))) == set()


@pytest.mark.parametrize(
    ("rows", "text"),
    [
        (
            [FIRST, SECOND, entry("P-1", 51177, "INV-2026-00123 x")],
            "INV-2026-00123 (quoted); INV-2026-00124 (same amount)",
        ),
        (
            [document("INV-1", 30000), document("INV-2", 30000), entry("P-1", 30000)],
            "INV-1 (same amount); INV-2 (same amount)",
        ),
        (
            [FIRST, entry("P-1", 34049, iban="NL00NEW", name="ACME Hosting")],
            "INV-2026-00123 (same amount, similar name)",
        ),
        ([FIRST, entry("P-1", 34049, iban="NL00NEW")], "INV-2026-00123 (same amount, owed by ACME-001)"),
        ([FIRST, entry("P-1", 777, iban="NL00NEW", name="Acme-Hosting BV")], "INV-2026-00123 (similar name)"),
        ([document("INV-1", 500, currency="USD"), entry("P-1", 500, "INV-1")], "INV-1 (quoted, but in USD)"),
        ([FIRST, entry("P-1", 777)], ""),
        ([FIRST, SECOND, entry("P-1", 777, "inv 124")], "INV-2026-00124 (the text gives the end of its number)"),
    ],
)
def test_suggestions_come_with_reasons(rows: list[Row], text: str) -> None:
    names = {"ACME-001": "Acme Hosting B.V.", "BETA-002": "Beta Cloud GmbH"}
    assert suggested(settled(tree(*KNOWN, *rows, terms=Terms(names=names))))["P-1"] == text


def test_a_short_payment_in_a_text_is_told() -> None:
    result = settled(tree(*KNOWN, FIRST, entry("P-1", 30000, "part of INV-2026-00123")))
    assert kinds(result) == [("short_payment", "P-1", 34049, 30000)]


def test_a_stranger_is_known_once_another_payment_named_him() -> None:
    """The short payment comes first, yet the exact one of the same account number says whose it is."""
    early, late = entry("P-1", 30000, "part of INV-2026-00123"), entry("P-2", 51177, "INV-2026-00124", "2026-10-25")
    assert applied(settled(tree(FIRST, SECOND, early, late))) == {
        ("P-1", "INV-2026-00123", 30000, "text_reference"),
        ("P-2", "INV-2026-00124", 51177, "exact_reference"),
    }


def test_a_subset_never_reshuffles_a_closed_period() -> None:
    records = tree(*KNOWN, FIRST, SECOND, entry("P-1", 85226, on="2026-10-18"))
    then = settled(records)
    more = records.plus(documents=[document("INV-2026-00125", 34049, "2026-09-01")])
    now = settled(more, AS_OF.replace(day=30), AS_OF, recorded_by(records, then, AS_OF))
    assert applied(now) == applied(then)
