"""How tests run months: copies of the example, the program in and out of this process, and what it published."""

import csv
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from click.testing import CliRunner, Result

from prisma_batch.cli.main import main

REPOSITORY = Path(__file__).parents[2]
RECORDS = ("agreements", "cases", "contacts", "invoices", "payments", "schemas", "usage")
SEPTEMBER, OCTOBER = "reports/2026-09", "reports/2026-10"


def copy_records(target: Path) -> Path:
    """Copy the example without what was published of it."""
    for folder in RECORDS:
        shutil.copytree(REPOSITORY / folder, target / folder)
    shutil.copy(REPOSITORY / "prisma.yaml", target)
    return target


def prisma_batch(workspace: Path, *arguments: str) -> Result:
    """Run a command in this process."""
    return CliRunner().invoke(main, ["-C", str(workspace), *arguments])


def published(workspace: Path, *arguments: str) -> str:
    """Run a command that must succeed, and return what it says."""
    result = prisma_batch(workspace, *arguments)
    assert result.exit_code == 0, result.output
    return result.stdout


def start(cwd: Path, *arguments: str, script: Path | None = None, **environment: str) -> subprocess.Popen[str]:
    """Start the program, or a script that does, in a process of its own."""
    program = [str(script)] if script else ["-m", "prisma_batch"]
    return subprocess.Popen(
        [sys.executable, *program, *arguments],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY), **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )


def finished(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    """Wait for a process; returns its exit status, stdout and stderr."""
    stdout, stderr = process.communicate(timeout=300)
    return process.returncode, stdout, stderr


def contents(folder: Path) -> dict[str, bytes]:
    """Return the bytes of every file below a folder; names with a leading dot are the tool's own."""
    files = (path for path in folder.rglob("*") if path.is_file())
    relative = {path.relative_to(folder).as_posix(): path for path in files}
    return {name: path.read_bytes() for name, path in relative.items() if not f"/{name}".count("/.")}


def rows(file: Path) -> list[dict[str, str]]:
    """Return the rows of a CSV file by column."""
    with file.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def cells(file: Path, *columns: str) -> list[tuple[str, ...]]:
    """Return some columns of a CSV file."""
    return [tuple(row[column] for column in columns) for row in rows(file)]


def edit(path: Path, old: str, new: str) -> None:
    """Replace a text that occurs in a file."""
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def write(workspace: Path, files: Mapping[str, str]) -> None:
    """Write files, with their folders."""
    for name, text in files.items():
        path = workspace / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="")


def bank_csv(*entries: str) -> str:
    """Return a canonical bank file of entries that are written as its lines."""
    header = (
        "payment,statement,account_iban,booking_date,value_date,amount,currency,counterparty_name,counterparty_iban,"
        "end_to_end_id,structured_reference,text"
    )
    return "\n".join([header, *entries]) + "\n"


def allocation(
    payment: str, account: str, document: str, amount: str, decided_on: str = "2026-11-14"
) -> dict[str, str]:
    """Return a decision that a payment settles a document, as a YAML record by its path."""
    text = f"""\
id: decision
decided_on: {decided_on}
decided_by: Finance
reason: Told by the customer
items:
  - {{payment: {payment}, account: {account}, document: {document}, amount: "{amount}", kind: settle}}
"""
    return {"payments/allocations/decision.yaml": text}


def invoice(account: str, number: str, issued_on: str, amount: str, **fields: str) -> str:
    """Return an invoice of one line without tax, as a YAML record."""
    month = fields.get("month", "2026-09")
    return f"""\
number: {number}
kind: invoice
account: {account}
issued_on: {issued_on}
due_on: {fields.get("due_on", "2026-12-31")}
currency: {fields.get("currency", "EUR")}
lines:
  - line: 1
    program: microsoft-spla
    sku: {fields.get("sku", "SETUP")}
    description: {fields.get("description", "Setup")}
    service_from: {month}-01
    service_to: {month}-28
    quantity: 1
    unit: piece
    unit_price: "{amount}"
    amount: "{amount}"
    tax: reverse_charge
taxes:
  - {{code: reverse_charge, rate: "0", base: "{amount}", amount: "0.00"}}
net: "{amount}"
tax: "0.00"
total: "{amount}"
"""


def customer(
    account: str, name: str = "New Customer Ltd", email: str = "ina.new@newcustomer.example"
) -> dict[str, str]:
    """Return the contact and agreement records of a customer of the Nordlicht partner, by path."""
    person = f"    - {{first_name: Ina, last_name: New, email: {email}}}\n"
    contacts = "".join(f"  {kind}:\n{person}" for kind in ("billing", "statement", "usage_reporting"))
    contact = f'account: "{account}"\nname: {name}\npartner: nordlicht\nlanguage: en\ncontacts:\n{contacts}'
    agreement = f"""\
account: "{account}"
bill_to: {{legal_name: {name}, address: [Street 1], country: DE}}
active_from: 2026-01-01
currency: EUR
payment_terms:
  - {{starts_on: 2026-01-01, net_days: 30}}
tax:
  - {{starts_on: 2026-01-01, code: reverse_charge, rate: "0"}}
rates: []
"""
    return {f"contacts/{account}.yaml": contact, f"agreements/{account}.yaml": agreement}
