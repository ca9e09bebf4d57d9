"""The exported ledger passes the checks of the tools it is for, with the same balances."""

import csv
import shutil
import subprocess
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from io import BytesIO, StringIO
from pathlib import Path

import pytest
from pyarrow import parquet

from benchmarks.matched_cases import receivables_input
from benchmarks.payment_cases import AS_OF, Generator
from prisma_batch.base.errors import UsageProblem
from prisma_batch.base.money import from_minor
from prisma_batch.base.periods import Period
from prisma_batch.jobs.export import export
from prisma_batch.receivables.settle import settle
from prisma_batch.records.table import rows_of
from prisma_batch.views.journal import Journal, build_journal
from prisma_batch.writers.journals import journal_bytes
from tests.receivables.tables import AS_OF as CLOSED_ON
from tests.receivables.tables import closed, decision, document, entry, settled, tree

HLEDGER = shutil.which("hledger")
needs_hledger = pytest.mark.skipif(HLEDGER is None, reason="hledger is not installed")
DOLLARS = decision(
    "settle", 9000, on="2026-10-26", payment="P-3", account="ACME-001", document="INV-3", settles_minor=10000
)
RECORDS = tree(
    *(document("INV-1", 34049), document('CN "1";|\\', -4049, "2026-10-20"), document("INV-2", 777, currency="JPY")),
    *(document("INV-3", 10000, currency="USD"), document("INV-4", 1234, account="9-B", currency="KWD")),
    document("INV-5", 12345, account="9-B", currency="CLF"),
    *(
        entry("P-1", 20000, "INV-1", value_on="2026-12-01"),
        entry("P-3", 9000),
        entry("R-1", -20000, "INV-1", "2026-10-25"),
    ),
    decisions=(decision("write_off", 49, document="INV-1", account="ACME-001"), DOLLARS),
)


def journal() -> Journal:
    return build_journal(settled(RECORDS), date(2026, 10, 16), CLOSED_ON)


def big_journal() -> tuple[Journal, dict[tuple[str, str], Decimal]]:
    result = settle(receivables_input(Generator(3).run(10_000)), AS_OF, date(2026, 8, 1), None)
    balances = {
        (row.account, row.currency): from_minor(row.closing_minor, row.currency)
        for row in rows_of(result.balances)
        if row.closing_minor
    }
    return build_journal(result, date(2026, 8, 2), AS_OF), balances


def beancount_balances(content: bytes, parent: str = "Assets:Receivables") -> dict[tuple[str, str], Decimal]:
    """The balances of accounts as Beancount adds them up; every assertion is checked on the way."""
    loader = pytest.importorskip("beancount.loader")
    from beancount.core import realization  # noqa: PLC0415 - as above

    entries, errors, _ = loader.load_string(content.decode())
    assert errors == []
    accounts = realization.get_or_create(realization.realize(entries), parent)
    return {
        (name, position.units.currency): position.units.number
        for name, account in accounts.items()
        for position in account.balance
        if position.units.number
    }


def hledger(content: bytes, *arguments: str) -> str:
    assert HLEDGER
    command = [HLEDGER, "-f", "-", *arguments]
    finished = subprocess.run(command, input=content, capture_output=True, check=False)
    assert finished.returncode == 0, finished.stderr.decode()
    return finished.stdout.decode()


def hledger_balances(content: bytes) -> dict[tuple[str, str], Decimal]:
    hledger(content, "check", "--strict")
    shown = hledger(content, "balance", "Assets:Receivables", "--flat", "--no-total", "-O", "csv", "--layout", "bare")
    rows: Iterable[list[str]] = list(csv.reader(StringIO(shown)))[1:]
    return {
        (account.rpartition(":")[2], currency): Decimal(amount) for account, currency, amount in rows if Decimal(amount)
    }


EXPECTED = {
    ("ACME-001", "EUR"): Decimal("299.51"),
    ("ACME-001", "JPY"): Decimal(777),
    ("9-B", "KWD"): Decimal("1.234"),
    ("9-B", "CLF"): Decimal("1.2345"),
}


def test_beancount_finds_the_same_balances() -> None:
    assert beancount_balances(journal_bytes(journal(), "beancount")) == EXPECTED


@needs_hledger
def test_hledger_finds_the_same_balances() -> None:
    assert hledger_balances(journal_bytes(journal(), "hledger")) == EXPECTED


def test_a_wrong_balance_is_refused_by_both() -> None:
    loader = pytest.importorskip("beancount.loader")
    made = journal()
    last = made.closings[-1]
    wrong = replace(made, closings=(replace(last, money=replace(last.money, minor=last.money.minor + 1)),))
    _, errors, _ = loader.load_string(journal_bytes(wrong, "beancount").decode())
    assert errors
    if HLEDGER:
        with pytest.raises(AssertionError):
            hledger(journal_bytes(wrong, "hledger"), "check")


def test_ten_thousand_payments() -> None:
    made, balances = big_journal()
    assert beancount_balances(journal_bytes(made, "beancount")) == balances
    if HLEDGER:
        assert hledger_balances(journal_bytes(made, "hledger")) == balances


def test_every_cent_of_every_payment_is_in_the_bank() -> None:
    """What nobody is known to have paid waits apart, and leaves when it is known."""
    rows = (document("INV-1", 34049), entry("P-1", 777, "hello", "2026-10-12"), entry("F-1", -250, "fee", "2026-10-12"))
    fee = decision("not_receivable", -250, payment="F-1", on="2026-10-12")
    start = closed(tree(*rows, decisions=(fee,)))
    known = decision("settle", 777, payment="P-1", account="ACME-001", document="INV-1", on="2026-10-20")
    now = settled(tree(*rows, entry("P-2", 100, "x", iban="NL00OTHER"), decisions=(fee, known)), recorded=start)
    content = journal_bytes(build_journal(now, date(2026, 10, 16), CLOSED_ON), "beancount")
    assert beancount_balances(content, "Liabilities") == {("Unidentified-Payments", "EUR"): Decimal("-1.00")}
    assert beancount_balances(content, "Equity") == {
        ("Not-Receivable", "EUR"): Decimal("2.50"),
        ("Opening-Balances", "EUR"): Decimal("-335.22"),
    }
    assert beancount_balances(content, "Assets") == {("Bank", "EUR"): Decimal("1.00")}
    assert (
        '2026-10-12 * "payment P-1" #prior-period\n    Liabilities:Unidentified-Payments  7.77 EUR' in content.decode()
    )
    if HLEDGER:
        hledger(journal_bytes(build_journal(now, date(2026, 10, 16), CLOSED_ON), "hledger"), "check", "--strict")


def test_late_arrivals_are_marked_and_keep_their_day() -> None:
    start = closed(tree(document("INV-1", 34049)))
    late = tree(document("INV-1", 34049), entry("P-1", 34049, "INV-1", "2026-10-12"))
    made = build_journal(settled(late, recorded=start), date(2026, 10, 16), CLOSED_ON)
    text = journal_bytes(made, "beancount").decode()
    assert '2026-10-12 * "payment P-1" #prior-period' in text
    assert beancount_balances(text.encode()) == {}
    assert "2026-10-12 * payment P-1  ; prior-period:" in journal_bytes(made, "hledger").decode()


def test_tables_have_every_row() -> None:
    made = journal()
    rows = list(csv.DictReader(StringIO(journal_bytes(made, "csv").decode())))
    table = parquet.read_table(BytesIO(journal_bytes(made, "parquet"))).to_pylist()
    assert [row["amount"] for row in rows] == [f"{Decimal(row['amount']):f}" for row in rows]
    assert [Decimal(row["amount"]) for row in rows] == [row["amount"] for row in table]
    assert {
        (row["account"], row["currency"]): row["amount"] for row in table if row["kind"] == "closing" and row["amount"]
    } == EXPECTED
    for key, closing in EXPECTED.items():
        moved = [
            row["amount"] for row in table if (row["account"], row["currency"]) == key and row["kind"] != "closing"
        ]
        assert sum(moved) == closing
    assert journal_bytes(made, "parquet") == journal_bytes(journal(), "parquet")


def test_an_empty_ledger_is_a_ledger() -> None:
    made = build_journal(settled(tree()), date(2026, 10, 16), CLOSED_ON)
    assert beancount_balances(journal_bytes(made, "beancount")) == {}
    assert journal_bytes(made, "csv").decode().splitlines() == [
        "account,currency,kind,reference,date,amount,prior_period"
    ]
    assert parquet.read_table(BytesIO(journal_bytes(made, "parquet"))).num_rows == 0


@pytest.mark.parametrize(("period", "euros"), [("2026-09", "8905.85"), ("2026-10", "")])
def test_the_example(repository: Path, period: str, euros: str) -> None:
    def content(journal_format: str) -> bytes:
        return export(repository, Period.parse(period), None, journal_format, lambda _doing: None)  # type: ignore[arg-type]

    balances = beancount_balances(content("beancount"))
    if HLEDGER:
        assert hledger_balances(content("hledger")) == balances
    if euros:
        assert sum(amount for (_, currency), amount in balances.items() if currency == "EUR") == Decimal(euros)


def test_outside_a_workspace(tmp_path: Path) -> None:
    with pytest.raises(UsageProblem, match="not a workspace"):
        export(tmp_path, Period.parse("2026-10"), None, "csv", lambda _doing: None)
