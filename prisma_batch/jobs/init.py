"""Start a workspace: from nothing, as a copy of the example, or drafted from a provider's export."""

import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from prisma_batch.base.errors import RecordsNotRight, UsageProblem
from prisma_batch.base.findings import Finding, errors_in
from prisma_batch.base.identifiers import file_stem
from prisma_batch.base.periods import Period
from prisma_batch.checks.addresses import check_emails
from prisma_batch.jobs.focus_draft import draft_workspace
from prisma_batch.jobs.validate import placed, validate
from prisma_batch.readers.files import read_input
from prisma_batch.readers.places import RECORD_FOLDERS, SETTINGS_FILE
from prisma_batch.readers.resources import resource_folder
from prisma_batch.readers.usage.focus import FocusCharge, read_charges
from prisma_batch.readers.usage.registry import read_usage
from prisma_batch.readers.usage.result import UsageNames
from prisma_batch.records.contacts import Contact, Customer
from prisma_batch.writers.new_folder import new_folder
from prisma_batch.writers.starter_texts import EMPTY_PROGRAMS, GITATTRIBUTES, GITIGNORE, README, SETTINGS_HEAD

EXAMPLE_REPORTS = "reports/2026-09"
EXAMPLE_PERIOD = "2026-10"
# What git keeps of a run. A checkout has rendered documents beside it.
COMMITTED_REPORTS = (
    "summary.md",
    "summary.json",
    "discrepancies.csv",
    "rated_usage.csv",
    "payments.csv",
    "allocations.csv",
    "unapplied.csv",
    "adjustments.csv",
    "open_items.csv",
    "aging.csv",
    "usage_reports.csv",
    "outbox.csv",
    "manifest.json",
)
_FOLDERS = (*RECORD_FOLDERS, "reports")
_GZIP_MAGIC, _PARQUET_MAGIC = b"\x1f\x8b", b"PAR1"


@dataclass(frozen=True, kw_only=True, slots=True)
class Started:
    """A new workspace: what to know about it, and the months that can be run."""

    notes: tuple[str, ...] = ()
    periods: tuple[str, ...] = ()


def start_empty(target: Path, first_period: Period) -> Started:
    """Start a workspace without records; its prisma.yaml has placeholders.

    Raises:
        UsageProblem: the target exists and is not an empty folder.
    """
    with new_folder(target) as folder:
        settings = f"first_period: {first_period}\npolicies:\n  closing_day: 15    # of the following month\n"
        _write(folder, {SETTINGS_FILE: SETTINGS_HEAD + EMPTY_PROGRAMS + settings})
        _furnish(folder)
    return Started(
        notes=(
            "edit prisma.yaml: your company, its billing contact point, programs and partners",
            "add a customer: contacts/<account>.yaml and agreements/<account>.yaml (schemas/ says what they hold);"
            " before that there are no records to check",
        )
    )


def start_demo(target: Path) -> Started:
    """Start a workspace as a copy of the example, whose second month is ready to be run.

    Raises:
        UsageProblem: the target exists and is not an empty folder.
    """
    with new_folder(target) as folder:
        example = resource_folder("example")
        for name in RECORD_FOLDERS:
            _copy_tree(example / name, folder / name)
        _copy_tree(resource_folder("templates"), folder / "templates")
        (folder / EXAMPLE_REPORTS).mkdir(parents=True)
        for path in (SETTINGS_FILE, *(f"{EXAMPLE_REPORTS}/{name}" for name in COMMITTED_REPORTS)):
            shutil.copyfile(example / path, folder / path)
        _furnish(folder)
    return Started(periods=(EXAMPLE_PERIOD,))


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
        _write(folder, draft.files)
        usage = folder / "usage" / str(draft.months[0])
        usage.mkdir(parents=True)
        (usage / usage_name(file.name, content)).write_bytes(content)
        _furnish(folder)
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
    # Read as a run reads it, too: nothing is drafted for a file that no run would accept.
    findings = read_usage(file.name, content, UsageNames()).findings
    charges, draft_findings = ([], findings) if findings else read_charges(file.name, content)
    if draft_findings:
        raise RecordsNotRight(draft_findings)
    if not charges:
        raise UsageProblem("the export has no rows: there is nothing to draft")
    return content, charges


def _refuse_email(email: str) -> None:
    contact = Contact(first_name="", last_name="", email=email)
    customer = Customer(source="", account="", name="", partner="", contacts={"billing": (contact,)})
    # Not shown: messages never echo addresses.
    if errors_in(check_emails(customer)):
        raise UsageProblem("--contact is no e-mail address that mail can be sent to, such as billing@acme.example")


def _furnish(folder: Path) -> None:
    """Add what every workspace has: schemas for editors, a README, what git needs, and folders to fill."""
    _copy_tree(resource_folder("schemas"), folder / "schemas")
    _write(folder, {"README.md": README, ".gitignore": GITIGNORE, ".gitattributes": GITATTRIBUTES})
    for name in _FOLDERS:
        (folder / name).mkdir(exist_ok=True)
        if not any((folder / name).iterdir()):
            (folder / name / ".gitkeep").touch()


def _copy_tree(source: Path, target: Path) -> None:
    for path in _files_below(source):
        copied = target / path.relative_to(source)
        copied.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copied)


def _files_below(folder: Path) -> Iterator[Path]:
    # What editors leave behind begins with a dot; links may lead anywhere.
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink() and not path.name.startswith("."):
            yield path


def _write(folder: Path, text_by_path: Mapping[str, str]) -> None:
    for path, text in text_by_path.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode())
