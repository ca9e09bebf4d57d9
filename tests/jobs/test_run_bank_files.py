"""Bank files of several formats in one run: declared layouts, our own account numbers, statements that come twice."""

from pathlib import Path

from tests.jobs.recipes import OCTOBER, cells, edit, published, write

MT940 = "payments/2026-11/usd-account.sta"
DOLLARS = "NL76PRSM0800100300"
PAID = ("payment", "statement", "amount", "account", "state")
CSV = """Account statement of November

Booked;Paid out;Paid in;Balance;Customer;Their account;Reference
12/11/2026;;160,81;7.223,40;Harbor & Pine Data Inc.;000200731145;INV-2026-0205
"""
LAYOUT = f"""
bank_layouts:
  dollars:
    account: {DOLLARS}
    columns: {{booking_date: Booked, debit: Paid out, credit: Paid in, balance: Balance, counterparty_name: Customer,
      counterparty_iban: Their account, structured_reference: Reference}}
    fixed: {{currency: USD}}
    delimiter: ";"
    date_format: "%d/%m/%Y"
    decimal_mark: ","
    thousands_mark: "."
"""


def _paid(workspace: Path) -> list[tuple[str, ...]]:
    published(workspace, "run", "2026-10", "--tables-only")
    return cells(workspace / OCTOBER / "payments.csv", *PAID)


def test_a_number_of_our_own_account_is_the_account(workspace: Path) -> None:
    before = cells(workspace / OCTOBER / "payments.csv", *PAID)
    edit(workspace / MT940, DOLLARS, "0800100300/USD")
    edit(workspace / "prisma.yaml", f"iban: {DOLLARS},", f'iban: {DOLLARS}, number: "0800100300/USD",')
    assert _paid(workspace) == before
    found = cells(workspace / OCTOBER / "discrepancies.csv", "kind", "currency")
    assert ("statement_gap", "USD") not in found
    assert ("statement_gap", "GBP") in found


def test_a_declared_layout_is_read_and_a_statement_in_two_formats_counts_once(workspace: Path) -> None:
    before = cells(workspace / OCTOBER / "payments.csv", *PAID)
    settings = workspace / "prisma.yaml"
    settings.write_text(settings.read_text(encoding="utf-8") + LAYOUT, encoding="utf-8")
    write(workspace, {"payments/2026-11/dollars.csv": CSV})
    assert len(_paid(workspace)) == len(before)
    (workspace / MT940).unlink()
    columns = [row[2:] for row in before]
    assert sorted(row[2:] for row in _paid(workspace)) == sorted(columns)
