"""Each invariant of the receivables is broken by a corruption of its own, and says so."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest
from pandas import DataFrame

from prisma_batch.base.errors import InvariantBroken
from prisma_batch.receivables.invariants import check_chain, check_receivables
from prisma_batch.receivables.result import Receivables
from tests.receivables.tables import Tree, decision, document, entry, settled, tree

# An invoice paid in part, one across currencies, an open credit, money left over, unknown, and nobody's.
RECORDS = tree(
    *(document("INV-1", 1000), document("INV-2", 500, due_on="2026-12-01"), document("CN-1", -300)),
    *(document("INV-3", 800, currency="USD"), document("INV-4", 70, account="BETA-002")),
    *(entry("P-1", 400, "INV-1"), entry("P-2", 900), entry("P-3", 90, "INV-4", iban="NL00BETA")),
    *(entry("P-4", 33, iban="NL00WHO"), entry("P-5", 44, iban="NL00TAX")),
    decisions=(
        decision("settle", 700, payment="P-2", account="ACME-001", document="INV-3", settles_minor=800),
        decision("not_receivable", 44, payment="P-5"),
    ),
)


def with_cell(table: DataFrame, key: str, column: str, value: object) -> DataFrame:
    """The table with one cell changed, in the row whose first columns hold the key."""
    row = table.index[table.astype(str).eq(key).any(axis="columns")][0]
    changed = table.copy()
    changed.loc[row, column] = value
    return changed


def without_row(table: DataFrame, key: str) -> DataFrame:
    return table[~table.astype(str).eq(key).any(axis="columns")].reset_index(drop=True)


def with_row_twice(table: DataFrame, key: str) -> DataFrame:
    return pd.concat([table, table[table.astype(str).eq(key).any(axis="columns")]], ignore_index=True)


CORRUPTIONS: list[tuple[str, Callable[[Receivables], dict[str, DataFrame]], str]] = [
    (
        "a cent more applied",
        lambda result: {"allocations": with_cell(result.allocations, "P-1", "amount_minor", 401)},
        "a payment is not applied + unapplied to the cent: P-1",
    ),
    (
        "a cent less unapplied",
        lambda result: {"unapplied": with_cell(result.unapplied, "P-4", "amount_minor", 32)},
        "a payment is not applied + unapplied to the cent: P-4",
    ),
    (
        "a cent less apart",
        lambda result: {"apart_balances": with_cell(result.apart_balances, "not_receivable", "closing_minor", -43)},
        "money is on no account, and not apart: EUR",
    ),
    (
        "a movement apart is lost",
        lambda result: {"apart_movements": without_row(result.apart_movements, "P-4")},
        "opening + movements of money on no account is not closing: unidentified EUR",
    ),
    (
        "another amount received",
        lambda result: {"payments": with_cell(result.payments, "P-3", "amount_minor", 91)},
        "a payment is not applied + unapplied to the cent: P-3",
    ),
    (
        "an allocation of an unknown payment",
        lambda result: {"allocations": with_cell(result.allocations, "P-3", "payment", "P-9")},
        "a payment is not applied + unapplied to the cent: P-3, P-9",
    ),
    (
        "an allocation that got lost",
        lambda result: {"allocations": without_row(result.allocations, "P-1")},
        "a payment is not applied + unapplied to the cent: P-1",
    ),
    (
        "a payment that is a receivable after all",
        lambda result: {"payments": with_cell(result.payments, "P-5", "state", "unidentified")},
        "a payment is not applied + unapplied to the cent: P-5",
    ),
    (
        "a payment that counts twice",
        lambda result: {"payments": with_row_twice(result.payments, "P-4")},
        "a payment counts twice: P-4",
    ),
    (
        "a document that counts twice",
        lambda result: {"open_items": with_row_twice(result.open_items, "INV-2")},
        "a document counts twice: INV-2",
    ),
    (
        "more applied than received, balanced by less than nothing unapplied",
        lambda result: {
            "allocations": with_cell(result.allocations, "P-3", "amount_minor", 91),
            "unapplied": with_cell(result.unapplied, "P-3", "amount_minor", -1),
        },
        "more is applied than the payment holds: P-3",
    ),
    (
        "less than nothing applied",
        lambda result: {
            "allocations": with_cell(result.allocations, "P-3", "amount_minor", -1),
            "unapplied": with_cell(result.unapplied, "P-3", "amount_minor", 91),
        },
        "more is applied than the payment holds: P-3",
    ),
    (
        "more open than the document is about",
        lambda result: {"open_items": with_cell(result.open_items, "INV-1", "open_minor", 1001)},
        "more is open than the document is about, or less than nothing: INV-1",
    ),
    (
        "a debt turned into a credit",
        lambda result: {"open_items": with_cell(result.open_items, "INV-2", "open_minor", -1)},
        "more is open than the document is about, or less than nothing: INV-2",
    ),
    (
        "a credit turned into a debt",
        lambda result: {"open_items": with_cell(result.open_items, "CN-1", "open_minor", 300)},
        "more is open than the document is about, or less than nothing: CN-1",
    ),
    (
        "an allocation in another currency",
        lambda result: {"allocations": with_cell(result.allocations, "P-1", "currency", "USD")},
        "an allocation is in another currency than its payment: P-1",
    ),
    (
        "a settlement that differs in one currency",
        lambda result: {"allocations": with_cell(result.allocations, "P-1", "settled_minor", 399)},
        "a settlement differs in one currency: P-1",
    ),
    (
        "a movement of a cent",
        lambda result: {"movements": with_cell(result.movements, "P-1", "amount_minor", -401)},
        "opening + movements is not closing: ACME-001 EUR",
    ),
    (
        "a movement of another currency",
        lambda result: {"movements": with_cell(result.movements, "P-1", "currency", "USD")},
        "opening + movements is not closing: ACME-001 EUR, ACME-001 USD",
    ),
    (
        "another opening balance",
        lambda result: {"balances": with_cell(result.balances, "BETA-002", "opening_minor", 71)},
        "opening + movements is not closing: BETA-002 EUR",
    ),
    (
        "a balance in the aging",
        lambda result: {"aging": with_cell(result.aging, "BETA-002", "balance", -21)},
        "the aging does not sum to the balance: BETA-002 EUR",
    ),
    (
        "an account that the aging lost",
        lambda result: {"aging": without_row(result.aging, "BETA-002")},
        "the aging does not sum to the balance: BETA-002 EUR",
    ),
    (
        "a bucket of the aging",
        lambda result: {"aging": with_cell(result.aging, "ACME-001", "31_60", 601)},
        "aging buckets do not sum to the balance: ACME-001",
    ),
    (
        "an open item",
        lambda result: {"open_items": with_cell(result.open_items, "INV-1", "open_minor", 599)},
        "aged items are not the open items: ACME-001 EUR",
    ),
    (
        "an open item of another account",
        lambda result: {"open_items": with_cell(result.open_items, "INV-2", "account", "BETA-002")},
        "aged items are not the open items: ACME-001 EUR, BETA-002 EUR",
    ),
    (
        "an open credit",
        lambda result: {"open_items": with_cell(result.open_items, "CN-1", "open_minor", -299)},
        "ACME-001 EUR",
    ),
    (
        "whose money is left over",
        lambda result: {"unapplied": with_cell(result.unapplied, "P-3", "account", "ACME-001")},
        "ACME-001 EUR, BETA-002 EUR",
    ),
    (
        "an exchange adjustment",
        lambda result: {"adjustments": with_cell(result.adjustments, "800", "amount_minor", 801)},
        "exchange adjustments are not what was settled across currencies: ACME-001 USD",
    ),
    (
        "a settlement across currencies",
        lambda result: {"allocations": with_cell(result.allocations, "P-2", "settled_minor", 799)},
        "exchange adjustments are not what was settled across currencies: ACME-001 USD",
    ),
]


def test_the_records_are_right() -> None:
    result = settled(RECORDS)
    check_receivables(result, RECORDS.tables().documents)
    check_chain(result.aging, result.balances.assign(opening_minor=result.balances["closing_minor"]))


@pytest.mark.parametrize(
    ("corrupted", "sentence"), [row[1:] for row in CORRUPTIONS], ids=[row[0] for row in CORRUPTIONS]
)
def test_a_corruption_is_named(corrupted: Callable[[Receivables], dict[str, DataFrame]], sentence: str) -> None:
    result = settled(RECORDS)
    changed: Any = corrupted(result)
    with pytest.raises(InvariantBroken) as raised:
        check_receivables(replace(result, **changed), RECORDS.tables().documents)
    assert sentence in str(raised.value)


@pytest.mark.parametrize(("column", "value"), [("debt_minor", 599), ("debt_minor", -1000), ("document", "INV-9")])
def test_documents_that_do_not_fit_are_told(column: str, value: object) -> None:
    """600 of INV-1 are open: no longer between nothing and what the document is about."""
    documents = with_cell(RECORDS.tables().documents, "INV-1", column, value)
    with pytest.raises(InvariantBroken, match="more is open than the document is about, or less than nothing: INV-1"):
        check_receivables(settled(RECORDS), documents)


def test_only_the_first_five_are_named() -> None:
    records: Tree = tree(*(document(f"INV-{number}", 100) for number in range(1, 8)))
    result = settled(records)
    beyond = replace(result, open_items=result.open_items.assign(open_minor=101))
    with pytest.raises(InvariantBroken, match=r": INV-1, INV-2, INV-3, INV-4, INV-5 …$"):
        check_receivables(beyond, records.tables().documents)
