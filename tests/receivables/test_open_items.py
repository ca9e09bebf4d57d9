"""Open items, aging, disputes, holds and credit notes."""

from datetime import date, timedelta

import pytest

from tests.receivables.tables import AS_OF, Row, balances, day, document, entry, open_minor, settled, tree

BUCKETS = ["not_due", "1_30", "31_60", "61_90", "91_120", "over_120"]


@pytest.mark.parametrize(
    ("days", "days_overdue", "bucket"),
    [
        (-30, 0, "not_due"),
        (-1, 0, "not_due"),
        (0, 0, "not_due"),
        (1, 1, "1_30"),
        (30, 30, "1_30"),
        (31, 31, "31_60"),
        (60, 60, "31_60"),
        (61, 61, "61_90"),
        (90, 90, "61_90"),
        (91, 91, "91_120"),
        (120, 120, "91_120"),
        (121, 121, "over_120"),
        (4000, 4000, "over_120"),
    ],
)
def test_buckets(days: int, days_overdue: int, bucket: str) -> None:
    due_on = AS_OF - timedelta(days=days)
    result = settled(tree(document("INV-1", 1, "2015-01-01", str(due_on))))
    [item] = result.open_items.to_dict("records")
    assert (item["days_overdue"], item["bucket"]) == (days_overdue, bucket)
    [aged] = result.aging.to_dict("records")
    assert {name: aged[name] for name in BUCKETS} == dict.fromkeys(BUCKETS, 0) | {bucket: 1}
    assert (aged["unapplied"], aged["balance"]) == (0, 1)


def test_buckets_add_up_per_account_and_currency() -> None:
    rows: list[Row] = [
        document("A-1", 100, "2026-10-01", "2026-11-15"),
        document("A-2", 200, "2026-10-01", "2026-11-14"),
        document("A-3", 400, "2026-10-01", "2026-11-01"),
        document("A-4", 800, "2026-01-01", "2026-02-01", currency="USD"),
        document("A-5", -1600, "2026-01-01", "2026-02-01"),
        document("B-1", 3200, "2026-01-01", "2026-09-01", account="BETA-002"),
        entry("P-1", 7000, "A-2"),
    ]
    result = settled(tree(*rows))
    columns = ["account", "currency", *BUCKETS, "unapplied", "balance"]
    assert result.aging[columns].to_numpy().tolist() == [
        ["ACME-001", "EUR", 100, 400, 0, 0, 0, 0, -8400, -7900],
        ["ACME-001", "USD", 0, 0, 0, 0, 0, 800, 0, 800],
        ["BETA-002", "EUR", 0, 0, 0, 3200, 0, 0, 0, 3200],
    ]


def test_every_cent_of_large_amounts_is_kept() -> None:
    """Beyond 2^53 a binary float is a cent off."""
    huge = 2**53 + 1
    rows = [document("A-1", huge), document("B-1", 1, account="BETA-002", due_on="2026-12-01"), entry("P-1", huge, "?")]
    result = settled(tree(*rows))
    assert result.aging["balance"].tolist() == [huge, 1]
    assert result.unapplied["amount_minor"].tolist() == [huge]


def test_credits_are_not_aged() -> None:
    [item] = settled(tree(document("CN-1", -500, "2026-01-01", "2026-01-01"))).open_items.to_dict("records")
    assert (item["days_overdue"], item["bucket"], item["open_minor"], item["amount_minor"]) == (
        0,
        "unapplied",
        -500,
        -500,
    )


def test_items_keep_their_amount_and_show_what_is_open() -> None:
    rows = [document("INV-1", 1000), document("INV-2", 300), entry("P-1", 400, "INV-1"), entry("P-2", 300, "INV-2")]
    items = settled(tree(*rows)).open_items
    assert items[["document", "amount_minor", "open_minor"]].to_numpy().tolist() == [["INV-1", 1000, 600]]


def test_documents_of_after_as_of_are_not_open_yet() -> None:
    rows = [document("INV-1", 1, "2026-11-15"), document("INV-2", 2, "2026-11-16")]
    assert open_minor(settled(tree(*rows))) == {"INV-1": 1}


def test_nothing_at_all() -> None:
    result = settled(tree())
    for name in ("payments", "allocations", "unapplied", "adjustments", "open_items", "aging", "movements", "balances"):
        assert getattr(result, name).empty, name


@pytest.mark.parametrize(
    ("disputes", "disputed"),
    [
        ([], 0),
        ([("INV-1", 250, "CASE-1")], 250),
        ([("INV-1", 250, "CASE-1"), ("INV-1", 100, "CASE-2")], 350),
        ([("INV-1", 600, "CASE-1")], 600),
        ([("INV-1", 601, "CASE-1")], 600),
        ([("INV-1", 500, "CASE-1"), ("INV-1", 500, "CASE-2")], 600),
        ([("INV-2", 500, "CASE-1")], 0),
    ],
)
def test_a_dispute_is_at_most_what_is_open(disputes: list[Row], disputed: int) -> None:
    records = tree(
        document("INV-1", 1000), document("CN-1", -300), entry("P-1", 400, "INV-1"), disputes=tuple(disputes)
    )
    items = settled(records).open_items.set_index("document")
    assert items["disputed_minor"].to_dict() == {"INV-1": disputed, "CN-1": 0}


def test_a_disputed_credit_holds_nothing() -> None:
    records = tree(document("CN-1", -300), disputes=(("CN-1", 100, "CASE-1"),))
    assert settled(records).open_items["disputed_minor"].tolist() == [0]


def test_holds_name_their_reasons() -> None:
    records = tree(
        *(document("A-1", 1), document("A-2", 2), document("B-1", 3, account="BETA-002")),
        disputes=(("A-1", 1, "CASE-1"),),
        holds=(
            ("ACME-001", "", "hold", date(2026, 12, 1), "CASE-2"),
            ("ACME-001", "A-2", "case", None, "CASE-3"),
            ("BETA-002", "", "promise", date(2026, 11, 20), "CASE-4"),
        ),
    )
    items = settled(records).open_items
    assert dict(zip(items["document"], items["hold"], strict=True)) == {
        "A-1": "dispute CASE-1; until 2026-12-01 CASE-2",
        "A-2": "case CASE-3; until 2026-12-01 CASE-2",
        "B-1": "promise until 2026-11-20 CASE-4",
    }


@pytest.mark.parametrize(
    ("notes", "still_open"),
    [
        pytest.param([document("CN-1", -300, corrects="INV-1")], {"INV-1": 700}, id="a part"),
        pytest.param([document("CN-1", -1000, corrects="INV-1")], {}, id="all of it"),
        pytest.param([document("CN-1", -1001, corrects="INV-1")], {"CN-1": -1}, id="never below zero"),
        pytest.param(
            [document("CN-1", -600, corrects="INV-1"), document("CN-2", -600, "2026-09-11", corrects="INV-1")],
            {"CN-2": -200},
            id="two, the first first",
        ),
        pytest.param([document("CN-1", -300)], {"INV-1": 1000, "CN-1": -300}, id="goodwill corrects nothing"),
        pytest.param([document("CN-1", -300, corrects="INV-9")], {"INV-1": 1000, "CN-1": -300}, id="an unknown one"),
        pytest.param(
            [document("CN-1", -300, corrects="INV-1", account="BETA-002")], {"INV-1": 1000, "CN-1": -300}, id="account"
        ),
        pytest.param(
            [document("CN-1", -300, corrects="INV-1", currency="USD")], {"INV-1": 1000, "CN-1": -300}, id="currency"
        ),
        pytest.param(
            [document("CN-0", -300), document("CN-1", -100, corrects="CN-0")],
            {"INV-1": 1000, "CN-0": -300, "CN-1": -100},
            id="a credit corrects no credit",
        ),
        pytest.param([document("CN-1", -300, "2026-11-16", corrects="INV-1")], {"INV-1": 1000}, id="after as-of"),
    ],
)
def test_credit_notes_reduce_what_they_correct(notes: list[Row], still_open: dict[str, int]) -> None:
    assert open_minor(settled(tree(document("INV-1", 1000), *notes))) == still_open


def test_netting_moves_no_balance() -> None:
    result = settled(tree(document("INV-1", 1000), document("CN-1", -300, "2026-11-01", corrects="INV-1")))
    assert balances(result) == {("ACME-001", "EUR"): (1000, 700)}
    assert result.allocations.empty


def test_money_after_a_credit_note_is_too_much() -> None:
    records = tree(document("INV-1", 1000), document("CN-1", -300, corrects="INV-1"), entry("P-1", 1000, "INV-1"))
    result = settled(records)
    assert open_minor(result) == {}
    assert result.unapplied[["amount_minor", "reason"]].to_numpy().tolist() == [[300, "over_payment"]]


@pytest.mark.parametrize(("paid_on", "still_open"), [("2026-10-19", {"CN-1": -1000}), ("2026-10-20", {})])
def test_what_was_paid_before_a_credit_note_stays_paid(paid_on: str, still_open: dict[str, int]) -> None:
    note = document("CN-1", -1000, "2026-10-20", corrects="INV-1")
    result = settled(tree(document("INV-1", 1000), note, entry("P-1", 1000, "INV-1", paid_on)))
    assert open_minor(result) == still_open
    assert len(result.unapplied) == (not still_open)


def test_opening_items_and_fees_are_debts() -> None:
    records = tree(document("OP-1", 500, kind="opening_item"), document("FEE-1", 40, kind="fee"))
    items = settled(records, last_as_of=day("2026-01-01"))
    assert items.open_items[["kind", "open_minor"]].to_numpy().tolist() == [["fee", 40], ["opening_item", 500]]
    assert items.movements[["kind", "amount_minor"]].to_numpy().tolist() == [["fee", 40], ["opening_item", 500]]
