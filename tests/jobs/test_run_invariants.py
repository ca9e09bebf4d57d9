"""Every invariant is checked in the run itself: one figure is spoiled where it is made, and nothing is published."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pandas import DataFrame

from prisma_batch.jobs import document_files, metered_usage, rated, reconcile, run_outputs, usage_side
from prisma_batch.receivables import settle
from prisma_batch.views.amounts import Money
from tests.jobs.recipes import contents, prisma_batch, published

Spoil = Callable[[Any], Any]


def add(column: str, amount: int, row: int = 0) -> Spoil:
    """Return what adds to one cell of a table."""

    def spoil(table: DataFrame) -> DataFrame:
        changed = table.copy()
        changed.loc[table.index[row], column] += amount
        return changed

    return spoil


def put(column: str, value: object, row: int = 0) -> Spoil:
    def spoil(table: DataFrame) -> DataFrame:
        changed = table.copy()
        changed.loc[table.index[row], column] = value
        return changed

    return spoil


def both(*spoils: Spoil) -> Spoil:
    def spoil(table: DataFrame) -> DataFrame:
        for one in spoils:
            table = one(table)
        return table

    return spoil


def without_last_row(table: DataFrame) -> DataFrame:
    return table.iloc[:-1]


def first_movement(amount: int) -> Spoil:
    return lambda tables: (add("amount_minor", amount)(tables[0]), tables[1])


def opening_for_movement(tables: tuple[DataFrame, DataFrame]) -> tuple[DataFrame, DataFrame]:
    """Move a cent from the opening balance to a movement, so that the closing balance stays right."""
    movements, balances = tables
    first = movements.iloc[0]
    row = list(balances["account"].eq(first["account"]) & balances["currency"].eq(first["currency"])).index(True)
    return add("amount_minor", -1)(movements), add("opening_minor", 1, row)(balances)


def another_closing(statements: Any) -> Any:
    first, *others = statements
    section, *rest = first.sections
    closing = Money(section.closing.minor + 1, section.currency)
    return (replace(first, sections=(replace(section, closing=closing), *rest)), *others)


def one_row_too_many(totalled: Any) -> Any:
    (first, facts), *others = totalled.facts.items()
    return replace(totalled, facts={first: replace(facts, rows_read=facts.rows_read + 1), **dict(others)})


def lost_usage(accepted: Any) -> Any:
    return replace(accepted, rows=without_last_row(accepted.rows))


def other_cents(content: bytes) -> bytes:
    return content.replace(b".00\n", b".01\n", 1).replace(b".00,EUR", b".01,EUR", 1)


# Where a figure is made, how it is spoiled there, and what the run says.
PRODUCERS: dict[str, tuple[Any, str, Spoil, str]] = {
    "unapplied": (settle, "unapplied_of", add("amount_minor", 1), "a payment is not applied + unapplied to the cent"),
    "payment": (settle, "payments_of", add("amount_minor", 1), "a payment is not applied + unapplied to the cent"),
    "allocation": (
        settle,
        "allocations_of",
        both(add("amount_minor", -1), add("settled_minor", -1)),
        "a payment is not applied + unapplied to the cent",
    ),
    "lost rest of a payment": (
        settle,
        "unapplied_of",
        without_last_row,
        "a payment is not applied + unapplied to the cent",
    ),
    "open beyond the document": (
        settle,
        "open_items_of",
        add("open_minor", 10_000_00),
        "more is open than the document is about",
    ),
    "open below nothing": (
        settle,
        "open_items_of",
        put("open_minor", -1),
        "more is open than the document is about, or less than nothing",
    ),
    "currency of an allocation": (
        settle,
        "allocations_of",
        put("currency", "CHF"),
        "an allocation is in another currency than its payment",
    ),
    "settled amount": (settle, "allocations_of", add("settled_minor", 1), "a settlement differs in one currency"),
    "movement": (settle, "movements_between", first_movement(1), "opening + movements is not closing"),
    "lost movement": (
        settle,
        "movements_between",
        lambda tables: (without_last_row(tables[0]), tables[1]),
        "opening + movements is not closing",
    ),
    "balance of the aging": (
        settle,
        "aging_of",
        both(add("not_due", 1), add("balance", 1)),
        "the aging does not sum to the balance",
    ),
    "account without aging": (settle, "aging_of", without_last_row, "the aging does not sum to the balance"),
    "bucket": (settle, "aging_of", add("not_due", 1), "aging buckets do not sum to the balance"),
    "unapplied in the aging": (
        settle,
        "aging_of",
        both(add("not_due", 1), add("unapplied", -1)),
        "aged items are not the open items",
    ),
    "chain": (
        settle,
        "movements_between",
        opening_for_movement,
        "the closing balance of the previous period is not the opening balance of this one",
    ),
    "usage in a charge": (rated, "price_usage", add("quantity_scaled", 1), "usage is not in exactly one charge"),
    "usage in no charge": (rated, "price_usage", without_last_row, "usage is not in exactly one charge"),
    "rows of a file": (metered_usage, "total_pieces", one_row_too_many, "accounted for"),
    "rows used": (usage_side, "accept_sources", lost_usage, "rows"),
    "statement": (reconcile, "build_statements", another_closing, "statements in EUR do not add up to the ledger"),
    "lost statement": (reconcile, "build_statements", lambda statements: statements[1:], "do not add up to the ledger"),
    "aging.csv": (run_outputs, "table_csv", other_cents, "does not add up to what was computed"),
}


def spoiled(function: Callable[..., Any], spoil: Spoil) -> Callable[..., Any]:
    return lambda *arguments, **named: spoil(function(*arguments, **named))


@pytest.mark.parametrize("name", PRODUCERS)
def test_spoiled_figure_publishes_nothing(
    workspace: Path, example: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    module, function, spoil, sentence = PRODUCERS[name]
    monkeypatch.setattr(module, function, spoiled(getattr(module, function), spoil))
    result = prisma_batch(workspace, "run", "2026-10")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("prisma-batch: ")
    assert result.stderr.count("\n") == 1
    assert sentence in result.stderr
    assert contents(workspace / "reports") == contents(example / "reports")


def test_run_after_a_refused_one(workspace: Path, example: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(run_outputs, "table_csv", spoiled(run_outputs.table_csv, other_cents))
        assert prisma_batch(workspace, "run", "2026-10").exit_code == 1
    published(workspace, "run", "2026-10")
    assert contents(workspace / "reports") == contents(example / "reports")


def test_more_applied_than_a_payment_holds(workspace: Path, example: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The rest of the payment hides it from the sum: 10.00 more is applied, 10.00 less than nothing is left."""
    payment = "PRB20261112005"

    def apply_more(table: DataFrame) -> DataFrame:
        row = table["payment"].tolist().index(payment)
        return both(add("amount_minor", 10_00, row), add("settled_minor", 10_00, row))(table)

    def leave_less(table: DataFrame) -> DataFrame:
        extra = table.iloc[[0]].assign(payment=payment, account="DELTA-001", amount_minor=-10_00, currency="EUR")
        return type(table)([*table.to_dict("records"), *extra.to_dict("records")]).astype(table.dtypes)

    monkeypatch.setattr(settle, "allocations_of", spoiled(settle.allocations_of, apply_more))
    monkeypatch.setattr(settle, "unapplied_of", spoiled(settle.unapplied_of, leave_less))
    result = prisma_batch(workspace, "run", "2026-10")
    assert result.stderr == "prisma-batch: more is applied than the payment holds: PRB20261112005\n"
    assert result.exit_code == 1
    assert contents(workspace / "reports") == contents(example / "reports")


@pytest.mark.parametrize("name", ["payments", "allocations", "unapplied", "adjustments", "open_items", "rated_usage"])
def test_every_table_with_money_is_added_up_again(
    workspace: Path, example: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    table_csv = run_outputs.table_csv

    def lose_a_row(table: DataFrame, file: Any) -> bytes:
        content: bytes = table_csv(table, file)
        return content[: content.rstrip(b"\n").rindex(b"\n") + 1] if file.name == f"{name}.csv" else content

    monkeypatch.setattr(run_outputs, "table_csv", lose_a_row)
    result = prisma_batch(workspace, "run", "2026-10", "--tables-only")
    assert result.stderr == f"prisma-batch: {name}.csv does not add up to what was computed\n"
    assert result.exit_code == 1
    assert contents(workspace / "reports") == contents(example / "reports")


def test_statements_as_written_add_up(workspace: Path, example: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sum of the statements is the ledger's in the files as well, not only in the views they are made of."""
    misprint = spoiled(document_files.statement_csv, lambda content: content.replace(b"468.64", b"468.65"))
    monkeypatch.setattr(document_files, "statement_csv", misprint)
    result = prisma_batch(workspace, "run", "2026-10")
    assert result.exit_code == 1
    assert "statements" in result.stderr
    assert contents(workspace / "reports") == contents(example / "reports")
