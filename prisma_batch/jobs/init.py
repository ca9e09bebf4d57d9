"""Start a workspace: from nothing, or as a copy of the example."""

import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from prisma_batch.base.periods import Period
from prisma_batch.readers.places import RECORD_FOLDERS, SETTINGS_FILE
from prisma_batch.readers.resources import resource_folder
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
    "credited_lines.csv",
    "payments.csv",
    "allocations.csv",
    "unapplied.csv",
    "account_status.csv",
    "adjustments.csv",
    "open_items.csv",
    "aging.csv",
    "usage_reports.csv",
    "outbox.csv",
    "manifest.json",
)
_FOLDERS = (*RECORD_FOLDERS, "reports")


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
        write_texts(folder, {SETTINGS_FILE: SETTINGS_HEAD + EMPTY_PROGRAMS + settings})
        furnish(folder)
    return Started(
        notes=(
            "edit prisma.yaml: your company, its billing contact point, programs and partners",
            "add a customer: contacts/<account>.yaml and agreements/<account>.yaml (schemas/ says what they hold)",
            "until then there are no records to check",
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
        furnish(folder)
    return Started(periods=(EXAMPLE_PERIOD,))


def furnish(folder: Path) -> None:
    """Add what every workspace has: schemas for editors, a README, what git needs, and folders to fill."""
    _copy_tree(resource_folder("schemas"), folder / "schemas")
    write_texts(folder, {"README.md": README, ".gitignore": GITIGNORE, ".gitattributes": GITATTRIBUTES})
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


def write_texts(folder: Path, text_by_path: Mapping[str, str]) -> None:
    """Write texts by path below a folder."""
    for path, text in text_by_path.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode())
