"""Random documents, payments and decisions: nothing breaks an invariant, the past stands, accounts stay apart."""

from collections import defaultdict
from dataclasses import replace
from datetime import date
from typing import Any

from beancount import loader
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from pandas import DataFrame
from pandas.testing import assert_frame_equal

from prisma_batch.base.errors import RecordsNotRight
from prisma_batch.receivables.invariants import check_chain
from prisma_batch.receivables.result import Receivables
from prisma_batch.records.table import rows_of
from tests.receivables.tables import Row, Tree, decision, document, entry, recorded_by, refund, settled, tree

# A run of the receivables takes a tenth of a second: shrinking an example would take minutes.
QUICK = settings(max_examples=10, deadline=None, derandomize=True, phases=[Phase.explicit, Phase.generate])
TABLES = ("payments", "allocations", "unapplied", "adjustments", "open_items", "aging", "movements", "balances")
FIRST, SECOND = date(2026, 10, 15), date(2026, 11, 15)
DAYS = ("2026-09-20", "2026-10-15", "2026-10-16", "2026-11-15", "2026-11-16")
AMOUNTS = (1000, 1000, 700, 300, 1300)

days = st.sampled_from(DAYS)
amounts = st.sampled_from(AMOUNTS)


@st.composite
def documents(draw: st.DrawFn, accounts: list[str], prefix: str) -> tuple[Row, ...]:
    made = []
    for index in range(draw(st.integers(1, 4))):
        credit = draw(st.integers(0, 3)) == 0
        row = {"account": draw(st.sampled_from(accounts)), "currency": draw(st.sampled_from(["EUR"] * 5 + ["USD"]))}
        corrects = draw(st.sampled_from(["", f"{prefix}0"])) if credit else ""
        debt = -draw(amounts) if credit else draw(amounts)
        made.append(document(f"{prefix}{index}", debt, draw(days), corrects=corrects, **row))
    return tuple(made)


@st.composite
def entries(draw: st.DrawFn, numbers: list[str], ibans: list[str], prefix: str) -> tuple[Row, ...]:
    made = []
    for index in range(draw(st.integers(1, 5))):
        sign = draw(st.sampled_from([1, 1, 1, -1]))
        references = {"end_to_end": draw(st.sampled_from(["", "", *numbers])), "iban": draw(st.sampled_from(ibans))}
        text = draw(st.sampled_from(["", *numbers, *numbers]))
        row = {**references, "currency": draw(st.sampled_from(["EUR"] * 5 + ["USD"])), "reversal": draw(st.booleans())}
        made.append(entry(f"{prefix}{index}", sign * draw(amounts), text, draw(days), **row))
    return tuple(made)


@st.composite
def decisions(draw: st.DrawFn, numbers: list[str], payments: list[Row]) -> tuple[Row, ...]:
    made = []
    for _ in range(draw(st.integers(0, 3))):
        payment = draw(st.sampled_from(payments))
        kind = draw(
            st.sampled_from(["settle", "settle", "on_account", "not_receivable", "discount", "write_off", "refund"])
        )
        of_document = kind not in ("on_account", "not_receivable")
        amount = draw(st.sampled_from([300, 300, 700, -300, abs(payment[6])]))
        made.append(
            decision(
                kind,
                amount,
                on=draw(days),
                payment=payment[-1],
                account="ACME-001",
                document=draw(st.sampled_from(numbers)) if of_document else "",
                settles_minor=draw(st.sampled_from([amount, amount, amount + 1])),
            )
        )
    return tuple(made)


@st.composite
def trees(draw: st.DrawFn, accounts: list[str], ibans: list[str], prefix: str = "A") -> Tree:
    owed = draw(documents(accounts, f"{prefix}-"))
    numbers = [row[0] for row in owed]
    paid = draw(entries(numbers, ibans, f"{prefix}P-"))
    granted = tuple(refund(row[0], -row[6], "2026-09-25", row[1]) for row in owed if row[6] < 0)[:1]
    links = draw(st.sampled_from([{}, {"BETA-002": "ACME-001"}]))
    decided = draw(decisions(numbers, list(paid))) if draw(st.booleans()) else ()
    return tree(*owed, *paid, decisions=_in_one_currency(decided, owed, paid), refunds=granted, links=links)


def _in_one_currency(decided: tuple[Row, ...], owed: tuple[Row, ...], paid: tuple[Row, ...]) -> tuple[Row, ...]:
    """Settle the same amount where the currencies are the same: the table of decisions comes like that."""
    owed_in = {row[0]: row[5] for row in owed}
    paid_in = {row[-1]: row[7] for row in paid}
    rows = []
    for day_, payment, account, number, kind, amount, settles, _, *place in decided:
        same = owed_in.get(number, paid_in[payment]) == paid_in[payment]
        rows.append(
            (day_, payment, account, number, kind, amount, amount if same else settles, paid_in[payment], *place)
        )
    return tuple(rows)


MIXED = trees(["ACME-001", "BETA-002"], ["NL00ACME", "NL00BETA", ""])


def until(records: Tree, as_of: date) -> Tree:
    """What the tree held on a day; payments that came later are known to exist, so that decisions wait for them."""
    return replace(
        records,
        documents=tuple(row for row in records.documents if row[3] <= as_of),
        entries=tuple(row for row in records.entries if row[4] <= as_of),
        decisions=tuple(row for row in records.decisions if row[0] <= as_of),
        held=frozenset(row[-1] for row in records.entries),
    )


def attempted(records: Tree, *run: Any) -> Receivables | list[str]:
    """The result, or the findings of decisions that cannot hold."""
    try:
        return settled(records, *run)
    except RecordsNotRight as error:
        return [f"{finding.code} {finding.message}" for finding in error.findings]


def assert_same(one: Any, other: Any) -> None:
    if isinstance(one, list):
        assert one == other
        return
    for name in TABLES:
        assert getattr(one, name).equals(getattr(other, name)), name


@QUICK
@given(MIXED)
def test_no_records_break_an_invariant_in_two_periods(records: Tree) -> None:
    """The second run starts from what the first recorded, and opens with what that closed."""
    known = until(records, FIRST)
    first = attempted(known, FIRST, FIRST)
    if isinstance(first, list):
        return
    second = attempted(records, SECOND, FIRST, recorded_by(known, first, FIRST))
    if not isinstance(second, list):
        check_chain(first.aging, second.balances)
        assert_kept(first.allocations, second.allocations)


def assert_kept(before: DataFrame, after: DataFrame) -> None:
    """Each allocation of the closed period is still there, as often as it was."""
    rows = [list(map(tuple, table.astype(str).to_numpy())) for table in (before, after)]
    assert all(rows[1].count(row) >= rows[0].count(row) for row in rows[0])


@QUICK
@given(MIXED)
def test_a_month_without_anything_new_only_matches_what_was_left(records: Tree) -> None:
    """A second look may find more (ambiguity can be gone by then), but changes nothing that was found."""
    known = until(records, FIRST)
    then = attempted(known, FIRST, FIRST)
    if isinstance(then, list):
        return
    now = settled(known, SECOND, FIRST, recorded_by(known, then, FIRST))
    was_left = sorted(then.unapplied["payment"])
    assert set(now.movements["reference"]) <= set(was_left)
    assert_kept(then.allocations, now.allocations)
    assert now.adjustments.equals(then.adjustments)
    before, after = (result.payments[~result.payments["payment"].isin(was_left)] for result in (then, now))
    assert after.equals(before)


@QUICK
@given(MIXED)
def test_what_comes_later_never_changes_an_earlier_as_of(records: Tree) -> None:
    assert_same(attempted(until(records, SECOND), SECOND, FIRST), attempted(records, SECOND, FIRST))


@QUICK
@given(trees(["ACME-001"], ["NL00ACME", ""]), trees(["GAMMA-003"], ["NL00GAMMA"], "G"))
def test_another_account_leaves_the_rows_of_this_one_alone(records: Tree, others: Tree) -> None:
    both = records.plus(documents=others.documents, entries=others.entries)
    alone, with_others = attempted(records), attempted(both)
    if isinstance(alone, list) or isinstance(with_others, list):
        assert alone == with_others
        return
    payments = [row[-1] for row in records.entries]
    for name in TABLES:
        table = getattr(with_others, name)
        ours = table["payment"].isin(payments) if "payment" in table else table["account"].eq("ACME-001")
        assert_frame_equal(accounted(table[ours]), accounted(getattr(alone, name)))


def accounted(table: DataFrame) -> DataFrame:
    """The rows; what is suggested for nobody's money may be a document of any account."""
    if "suggestion" in table:
        table = table.assign(suggestion=table["suggestion"].where(table["account"].ne(""), "").astype("str"))
    return table.reset_index(drop=True)


# The balances a second time, without the book: with plain sums, and with Beancount.


def expected_balances(records: Tree, result: Receivables) -> dict[tuple[str, str], int]:
    """Documents, less money that is an account's, less adjustments: read off the rows as they came."""
    sums: dict[tuple[str, str], int] = defaultdict(int)
    for row in records.documents:
        if row[3] <= SECOND:
            sums[row[1], row[5]] += row[6]
    left = {row[-1]: row[6] for row in records.entries}
    for row in rows_of(result.allocations):
        sums[row.account, row.currency] -= row.amount_minor
        left[row.payment] -= row.amount_minor
    for row in rows_of(result.payments):
        if row.account and row.state != "not_receivable":
            sums[row.account, row.currency] -= left[row.payment]
    for row in rows_of(result.adjustments):
        sums[row.account, row.currency] -= row.amount_minor
    return {key: total for key, total in sums.items() if total}


@QUICK
@given(MIXED)
def test_balances_are_plain_sums(records: Tree) -> None:
    result = attempted(records)
    if not isinstance(result, list):
        aging = result.aging[result.aging["balance"].ne(0)]
        assert {(row.account, row.currency): row.balance for row in rows_of(aging)} == expected_balances(
            records, result
        )


LEDGER = tree(
    *(document("INV-1", 34049), document("INV-2", 12000, "2026-11-01"), document("CN-1", -4049, corrects="INV-1")),
    *(document("INV-3", 80000, currency="USD"), document("INV-4", 777, account="BETA-002", currency="JPY")),
    *(entry("P-1", 20000, "INV-1"), entry("P-2", 15000, "INV-2", "2026-11-02"), entry("P-3", 70000, on="2026-11-03")),
    *(entry("R-1", -20000, "INV-1", "2026-11-04"), entry("P-4", 777, "INV-4", currency="JPY", iban="NL00BETA")),
    decisions=(
        decision(
            "settle", 70000, on="2026-11-04", payment="P-3", account="ACME-001", document="INV-3", settles_minor=80000
        ),
        decision("discount", 49, on="2026-11-05", account="ACME-001", document="INV-1"),
    ),
)


def test_balances_are_those_of_beancount() -> None:
    """Each movement as a transaction of its own; Beancount adds up and checks every assertion of a closing balance."""
    result = settled(LEDGER, SECOND, date(2026, 9, 1))
    names = ["Income:Sales", "Assets:Bank", "Expenses:Adjustments"]
    lines = ['option "operating_currency" "EUR"', *(f"2026-01-01 open {name}" for name in names)]
    lines += [f"2026-01-01 open Assets:Receivables:{account}" for account in ("ACME-001", "BETA-002")]
    for row in LEDGER.documents:
        lines += transaction(str(row[3]), row[1], "Income:Sales", row[6], row[5])
    for payment, account, amount, currency in [
        *(("P-1", "ACME-001", -20000, "EUR"), ("P-2", "ACME-001", -15000, "EUR"), ("P-3", "ACME-001", -70000, "EUR")),
        *(("R-1", "ACME-001", 20000, "EUR"), ("P-4", "BETA-002", -777, "JPY")),
    ]:
        on = next(str(row[4]) for row in LEDGER.entries if row[-1] == payment)
        lines += transaction(on, account, "Assets:Bank", amount, currency)
    adjusted = [("2026-11-05", -49, "EUR"), ("2026-11-04", 70000, "EUR"), ("2026-11-04", -80000, "USD")]
    for on, amount, currency in adjusted:
        lines += transaction(on, "ACME-001", "Expenses:Adjustments", amount, currency)
    for row in rows_of(result.balances):
        lines.append(f"2026-12-01 balance Assets:Receivables:{row.account} {row.closing_minor} {row.currency}")
    entries_read, errors, _ = loader.load_string("\n".join(lines))
    assert errors == []
    assert sum(type(item).__name__ == "Balance" for item in entries_read) == len(result.balances) == 3


def transaction(on: str, account: str, other: str, amount_minor: int, currency: str) -> list[str]:
    return [f'{on} * "x"', f"  Assets:Receivables:{account}  {amount_minor} {currency}", f"  {other}"]
