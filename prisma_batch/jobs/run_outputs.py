"""The files of a run: its tables, its documents and its messages, each made of the same views."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from pandas import DataFrame

from prisma_batch.base.errors import InvariantBroken
from prisma_batch.base.money import to_minor
from prisma_batch.jobs.line_numbers import line_numbers
from prisma_batch.jobs.month import Month
from prisma_batch.rating.corrections import Billing, corrections
from prisma_batch.rating.penalties import agreed_penalties
from prisma_batch.receivables.late_fees import late_fees
from prisma_batch.views.figures import RunFigures
from prisma_batch.views.proposals import build_proposals
from prisma_batch.views.summary import build_summary, summary_json
from prisma_batch.writers.csv_text import csv_rows
from prisma_batch.writers.document_text import document_text
from prisma_batch.writers.html import Renderer
from prisma_batch.writers.table_files import TABLE_FILES
from prisma_batch.writers.tables import read_totals, table_csv

# The money column of each table that is added up again from the staged files.
_CONTROL_COLUMNS = {
    "payments.csv": "amount_minor",
    "allocations.csv": "amount_minor",
    "unapplied.csv": "amount_minor",
    "adjustments.csv": "amount_minor",
    "open_items.csv": "open_minor",
    "aging.csv": "balance",
    "rated_usage.csv": "amount_minor",
    "credited_lines.csv": "amount_minor",
}


_SOURCE_COLUMNS = {"rated_usage.csv": "rate_source"}


def result_tables(root: Path, month: Month) -> dict[str, DataFrame]:
    """Return the table of each CSV file but the outbox, with sources written as ``file:line``."""
    receivables = month.receivables
    charges = month.charges[month.charges["amount_minor"].notna()]
    tables = {
        "discrepancies.csv": month.discrepancies,
        "rated_usage.csv": charges.drop(columns="pointer").rename(columns={"rate_pointer": "pointer"}),
        "credited_lines.csv": month.credited_lines,
        "payments.csv": receivables.payments,
        "allocations.csv": receivables.allocations,
        "unapplied.csv": receivables.unapplied,
        "adjustments.csv": receivables.adjustments,
        "open_items.csv": receivables.open_items,
        "aging.csv": receivables.aging,
        "account_status.csv": month.care.status,
        "usage_reports.csv": month.usage_reports,
    }
    return {name: with_lines(root, table, _SOURCE_COLUMNS.get(name, "source")) for name, table in tables.items()}


def table_files(tables: Mapping[str, DataFrame]) -> Iterator[tuple[str, bytes]]:
    """Yield the CSV file of each table."""
    for name, table in tables.items():
        yield name, table_csv(table, TABLE_FILES[name])


def summary_files(figures: RunFigures, renderer: Renderer) -> Iterator[tuple[str, bytes]]:
    """Yield ``summary.md`` and ``summary.json``."""
    yield "summary.md", renderer.render_summary(build_summary(figures)).encode()
    yield "summary.json", json_bytes(summary_json(figures))


def proposal_files(month: Month) -> Iterator[tuple[str, bytes]]:
    """Yield the documents that a month calls for, as records; dated the day after its as-of day."""
    snapshot = month.snapshot
    billing = Billing(
        charges=month.all_charges,
        lines=month.lines,
        documents={document.number: document for document in snapshot.documents},
        agreements=snapshot.agreements,
        penalties=agreed_penalties(snapshot.settings),
    )
    owed = {subject.owed.account: subject.owed for subject in month.care.subjects}
    fees = late_fees(month.care.sent, owed, snapshot.documents, snapshot.settings.policies.dunning)
    proposed = [*corrections(month.discrepancies, billing), *fees]
    for document in build_proposals(proposed, snapshot.agreements, month.as_of + timedelta(days=1)):
        yield document.source, document_text(document).encode()


def check_staged(stage: Path, tables: Mapping[str, DataFrame]) -> None:
    """Add up the staged files again and compare with the tables that they were made of.

    Raises:
        InvariantBroken: a file does not hold what the run computed.
    """
    for name, column in _CONTROL_COLUMNS.items():
        computed = tables[name].groupby("currency")[column].sum()
        staged = read_totals((stage / name).read_bytes(), TABLE_FILES[name], column)
        if staged != {str(currency): int(total) for currency, total in computed.items()}:
            raise InvariantBroken(f"{name} does not add up to what was computed")
    if (stage / "statements").is_dir():
        ledger = read_totals((stage / "aging.csv").read_bytes(), TABLE_FILES["aging.csv"], "balance")
        if _printed_balances(stage / "statements") != {currency: total for currency, total in ledger.items() if total}:
            raise InvariantBroken("statements do not add up to the ledger")


def _printed_balances(statements: Path) -> dict[str, int]:
    printed: Counter[str] = Counter()
    for statement in statements.glob("*.csv"):
        header, *rows = csv_rows(statement.read_bytes())
        for cells in rows:
            row = dict(zip(header, cells, strict=True))
            if row["section"] == "closing":
                printed[row["currency"]] += to_minor(Decimal(row["balance"]), row["currency"])
    return {currency: total for currency, total in printed.items() if total}


def json_bytes(content: dict[str, Any]) -> bytes:
    """Print JSON for people and programs: indented, in the order of its keys, with a final newline."""
    return (json.dumps(content, indent=2, ensure_ascii=False) + "\n").encode()


def with_lines(root: Path, table: DataFrame, column: str) -> DataFrame:
    """Return the table with sources as ``file:line``; each record that is named is read once more to find its lines."""
    if "pointer" not in table:
        return table
    pairs = list(zip(table[column], table["pointer"], strict=True))
    lines = line_numbers(root, pairs)
    return table.assign(
        **{column: [f"{source}:{line}" if (line := lines[source, pointer]) else source for source, pointer in pairs]}
    )
