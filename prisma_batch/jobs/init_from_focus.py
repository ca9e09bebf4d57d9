"""Start a workspace from a FOCUS export: its records drafted, validated, and put in place whole or not at all."""

from pathlib import Path

from prisma_batch.base.errors import RecordsNotRight, UsageProblem
from prisma_batch.base.findings import Finding, errors_in
from prisma_batch.base.identifiers import file_stem
from prisma_batch.checks.addresses import check_emails
from prisma_batch.jobs.findings import placed
from prisma_batch.jobs.focus_draft import draft_workspace
from prisma_batch.jobs.init import Started, furnish, write_texts
from prisma_batch.jobs.validate import validate
from prisma_batch.readers.files import read_input
from prisma_batch.readers.usage.focus import FocusCharge
from prisma_batch.readers.usage.focus_charges import read_charges
from prisma_batch.readers.usage.registry import read_usage
from prisma_batch.readers.usage.result import UsageNames
from prisma_batch.records.contacts import Contact, Customer
from prisma_batch.writers.new_folder import new_folder

_GZIP_MAGIC, _PARQUET_MAGIC = b"\x1f\x8b", b"PAR1"


def start_from_focus(target: Path, file: Path, email: str) -> Started:
    """Start a workspace whose records are drafted from a FOCUS export, which is copied into its usage folder.

    Args:
        file: CSV, gzipped CSV or Parquet.
        email: the contact of every drafted account.
    Raises:
        UsageProblem: the target exists and is not an empty folder; the address is none; the export has no rows.
        RecordsNotRight: the export cannot be used, or holds what no record can hold; nothing is written.
    """
    _refuse_email(email)
    with new_folder(target) as folder:
        content, charges = _charges(file)
        draft = draft_workspace(charges, email)
        write_texts(folder, draft.files)
        usage = folder / "usage" / str(draft.months[0])
        usage.mkdir(parents=True)
        (usage / usage_name(file.name, content)).write_bytes(content)
        furnish(folder)
        errors = errors_in(validate(folder, (), draft.months[-1].last_day).findings)
        if errors:
            raise RecordsNotRight(placed(folder, errors))
    return Started(notes=draft.notes, periods=tuple(map(str, draft.months)))


def usage_name(name: str, content: bytes) -> str:
    """Return the name under which a usage file is found: its own, with the suffix of what it holds."""
    suffix = ".csv.gz" if content.startswith(_GZIP_MAGIC) else ".csv"
    suffix = ".parquet" if content.startswith(_PARQUET_MAGIC) else suffix
    stem = name.lower().removesuffix(".gz").removesuffix(".csv").removesuffix(".parquet")
    return f"{file_stem(name[: len(stem)]).strip('.') or 'focus'}{suffix}"


def _charges(file: Path) -> tuple[bytes, list[FocusCharge]]:
    content = read_input(file.parent, file.name)
    if isinstance(content, Finding):
        raise RecordsNotRight([content])
    charges, findings = read_charges(file.name, content)
    # Read as a run reads it, too: nothing is drafted for a file that no run would accept.
    findings = findings or read_usage(file.name, content, UsageNames()).findings
    if findings:
        raise RecordsNotRight(findings)
    if not charges:
        raise UsageProblem("the export has no rows: there is nothing to draft")
    return content, charges


def _refuse_email(email: str) -> None:
    contact = Contact(first_name="", last_name="", email=email)
    customer = Customer(source="", account="", name="", partner="", contacts={"billing": (contact,)})
    # Not shown: messages never echo addresses.
    if errors_in(check_emails(customer)):
        raise UsageProblem("--contact is no e-mail address that mail can be sent to, such as billing@acme.example")
