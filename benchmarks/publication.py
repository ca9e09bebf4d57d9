"""What a run publishes for 5,000 accounts: seconds and memory, the portal's part, and a run again where little changed.

python benchmarks/publication.py [--accounts 5000] [--portal]
"""

import argparse
import hashlib
import resource
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

# ruff: noqa: E402 - found from anywhere
from benchmarks.measure import run, table
from benchmarks.repositories import write_repository
from prisma_batch.base.periods import Period
from prisma_batch.jobs.reconcile import RunOptions, reconcile
from prisma_batch.jobs.run_documents import outbox_table
from prisma_batch.jobs.run_figures import run_figures
from prisma_batch.jobs.run_publication import look_of
from prisma_batch.jobs.run_site import Site

PERIOD = "2026-11"
CHANGED = 50


def write_workspace(root: Path, accounts: int) -> int:
    """Write accounts with one invoice of the period, three of five with a second; return how many invoices."""
    write_repository(root, 4 * accounts)
    first = sorted(root.glob("invoices/*/*-1.yaml"))
    twice = first[: accounts * 3 // 5]
    for file in first[len(twice) :]:
        file.unlink()
    for file in twice:
        text = file.read_text(encoding="utf-8")
        redated = text.replace("due_on: 2026-11-04", "due_on: 2026-12-04").replace(
            "issued_on: 2026-10-05", "issued_on: 2026-11-05"
        )
        file.write_text(redated, encoding="utf-8")
    return len(twice) + accounts


def hashes(root: Path) -> Mapping[Path, bytes]:
    files = (root / "reports" / PERIOD).rglob("*.pdf")
    return {file: hashlib.sha256(file.read_bytes()).digest() for file in files}


def change(root: Path) -> None:
    """Give some invoices a purchase order: their copies and statements change, nothing else does."""
    for file in sorted(root.glob("invoices/*/*-2.yaml"))[:CHANGED]:
        text = file.read_text(encoding="utf-8").replace("currency: EUR\n", "currency: EUR\npurchase_order: PO-1\n", 1)
        file.write_text(text, encoding="utf-8")


def published(root: Path, what: str) -> None:
    before, spent = hashes(root), processor_seconds()
    measured = run([sys.executable, "-m", "prisma_batch", "run", PERIOD], root, {"PYTHONPATH": str(ROOT), "PATH": ""})
    after = hashes(root)
    made = sum(after[file] != before.get(file) for file in after)
    spent = processor_seconds() - spent
    figures = (f"{measured.seconds:.0f}", f"{spent:.0f}", f"{measured.memory_mb:.0f}", f"{len(after):,}", f"{made:,}")
    print("|", " | ".join((what, *figures)), "|", flush=True)


def processor_seconds() -> float:
    """Return what all runs so far took of a processor."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def portal_seconds(root: Path) -> tuple[int, float]:
    """Return how many pages the portal has, and the seconds of a processor that it takes from a reconciled month."""
    reconciled = reconcile(root, Period.parse(PERIOD), None, RunOptions(), lambda _: None)
    figures = run_figures(reconciled.month, reconciled.inputs, reconciled.messages)
    renderer = look_of(reconciled, {}).renderer()
    began = time.process_time()
    site, outbox = Site(reconciled, alone=False), outbox_table(reconciled.messages, ())
    pages = sum(1 for _ in site.pages(renderer, figures, reconciled.month.discrepancies, outbox))
    return pages, time.process_time() - began


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--accounts", type=int, default=5000)
    options.add_argument("--portal", action="store_true", help="measure the portal alone")
    chosen = options.parse_args()
    with TemporaryDirectory() as folder:
        root = Path(folder) / "workspace"
        root.mkdir()
        invoices = write_workspace(root, chosen.accounts)
        pages, seconds = portal_seconds(root)
        print(
            f"{chosen.accounts:,} accounts, {invoices:,} new invoices; portal: {pages:,} pages in {seconds:.1f} s",
            flush=True,
        )
        if not chosen.portal:
            print(
                table(["", "seconds", "processor seconds", "peak MB", "PDFs", "of them made"], []), end="", flush=True
            )
            published(root, "first run")
            published(root, "again, nothing changed")
            change(root)
            published(root, f"again, {CHANGED} invoices changed")


if __name__ == "__main__":
    main()
