"""What earlier runs published: where a period starts from, and whether it is closed."""

import json
from collections import defaultdict, deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, cast

from pandas import DataFrame

from prisma_batch.base.errors import InvariantBroken, UsageProblem
from prisma_batch.base.findings import Finding
from prisma_batch.base.periods import Period, is_period
from prisma_batch.readers.files import sha256
from prisma_batch.readers.journal import read_journals
from prisma_batch.receivables.inputs import RecordedState
from prisma_batch.records.journal import SENT_FOLDER, may_have_arrived
from prisma_batch.records.table import rows_of
from prisma_batch.records.tables import ADJUSTMENTS, ALLOCATIONS, PAYMENTS
from prisma_batch.writers.publish import MANIFEST, repair
from prisma_batch.writers.table_files import TABLE_FILES
from prisma_batch.writers.tables import read_table


@dataclass(frozen=True, kw_only=True, slots=True)
class RecordedRun:
    """A published run: its manifest's hash, the state it left, and the open items and balances (AGING) it closed with.

    ``reports`` is the folder in which it and the runs before it were published; ``inputs`` the SHA-256 of its inputs.
    """

    period: Period
    reports: Path
    inputs: Mapping[str, str]
    manifest_sha256: str
    state: RecordedState
    balances: DataFrame
    open_items: DataFrame


def manifests(reports: Path) -> dict[Period, dict[str, Any]]:
    """Return the manifest of each published period, in order; a swap that was interrupted half-way is finished."""
    for name in _periods(reports):
        repair(reports / name)
    return published_manifests(reports)


def published_manifests(reports: Path) -> dict[Period, dict[str, Any]]:
    """Return the manifest of each published period, in order; nothing is written."""
    folders = [reports / name for name in _periods(reports)]
    return {Period.parse(folder.name): _manifest(folder) for folder in folders if (folder / MANIFEST).is_file()}


def _periods(reports: Path) -> list[str]:
    return sorted(filter(is_period, {path.name.strip(".").partition(".")[0] for path in reports.glob("*")}))


def _manifest(folder: Path) -> dict[str, Any]:
    try:
        manifest = json.loads((folder / MANIFEST).read_bytes())
        _ = manifest["previous"], manifest["as_of"], manifest["inputs"], manifest["outputs"]
    except (ValueError, KeyError, TypeError):
        raise InvariantBroken(f"{folder.name}/{MANIFEST} cannot be read: restore it from git") from None
    return cast("dict[str, Any]", manifest)


def open_period(published: Mapping[Period, Mapping[str, Any]], as_of: date) -> Period:
    """Return the month after the last one that was published as of an earlier day; before the first run, the last."""
    earlier = [period for period, manifest in published.items() if date.fromisoformat(manifest["as_of"]) < as_of]
    return max(earlier).plus(1) if earlier else Period.of(as_of).plus(-1)


def refuse_closed(published: dict[Period, dict[str, Any]], period: Period) -> None:
    """Raise UsageProblem where a later run started from this period, or from one before it and so told what moved."""
    for later, manifest in published.items():
        start = (manifest["previous"] or {}).get("period")
        if later > period and start and start <= str(period):
            how = "started from it" if start == str(period) else f"went on from {start} and has what moved since"
            raise UsageProblem(f"{period} is closed: {later} {how} (--reopen runs {period} and what followed again)")


def skipped_months(last: RecordedRun, period: Period) -> Iterator[Finding]:
    """Yield the warning ``period-skipped`` where months between the last run and a period were never run."""
    first, before = last.period.plus(1), period.plus(-1)
    if first < period:
        months = f"{first} was" if first == before else f"{first} to {before} were"
        yield Finding(
            code="period-skipped",
            message=f"{months} never run: what moved since {last.state.as_of} is told under {period}",
            remedy=f"to tell it month by month: prisma-batch run {first} --reopen",
            source=f"reports/{last.period}/{MANIFEST}",
            severity="warning",
        )


def refuse_sent(root: Path, period: Period) -> None:
    """Raise UsageProblem where mails of a period have gone out: its figures are what customers were told."""
    journals = read_journals(root, date.max)
    rows = [row for journal in journals if journal.path == f"{SENT_FOLDER}/{period}.jsonl" for row in journal.rows]
    if any(may_have_arrived(row) and row.key.endswith(f".{period}") for row in rows):
        raise UsageProblem(f"{period} is closed: its mails were sent (--reopen runs it again)")


def recorded_before(reports: Path, published: dict[Period, dict[str, Any]], period: Period) -> RecordedRun | None:
    """Return the last run published before a period, its tables checked against its manifest.

    Raises:
        InvariantBroken: a table is not what the manifest says.
    """
    earlier = [other for other in published if other < period]
    if not earlier:
        return None
    last = max(earlier)
    manifest, folder = published[last], reports / str(last)
    tables = {
        name: published_table(folder, manifest, name)
        for name in ("payments.csv", "allocations.csv", "adjustments.csv", "open_items.csv", "aging.csv")
    }
    state = RecordedState(
        as_of=date.fromisoformat(manifest["as_of"]),
        document_sources=frozenset(item["path"] for item in manifest["inputs"]),
        payments=PAYMENTS.conform(tables["payments.csv"].assign(pointer="")),
        allocations=_allocations(tables["allocations.csv"], tables["adjustments.csv"]),
        adjustments=ADJUSTMENTS.conform(tables["adjustments.csv"].assign(pointer="")),
    )
    digest = sha256((folder / MANIFEST).read_bytes())
    return RecordedRun(
        period=last,
        reports=reports,
        inputs={item["path"]: item["sha256"] for item in manifest["inputs"]},
        manifest_sha256=digest,
        state=state,
        balances=tables["aging.csv"],
        open_items=tables["open_items.csv"],
    )


def published_table(folder: Path, manifest: dict[str, Any], name: str) -> DataFrame:
    """Return a table that a run published, as ``writers.tables.read_table`` does.

    Raises:
        InvariantBroken: it is not what the manifest says.
    """
    expected = {item["path"]: item["sha256"] for item in manifest["outputs"]}.get(name)
    file = folder / name
    content = file.read_bytes() if file.is_file() else b""
    if sha256(content) != expected:
        raise InvariantBroken(f"{folder.name}/{name} is not what its manifest says: restore it from git")
    return read_table(content, TABLE_FILES[name])


def _allocations(allocations: DataFrame, adjustments: DataFrame) -> DataFrame:
    """Complete ALLOCATIONS: across currencies what was settled stands in the exchange adjustments of the payment.

    A payment may settle a document in several parts: both tables have them by amount.
    """
    paid_in = dict(zip(allocations["payment"], allocations["currency"], strict=True))
    settled: dict[tuple[str, str], deque[int]] = defaultdict(deque)
    for row in rows_of(adjustments[adjustments["kind"].eq("exchange")]):
        if row.currency != paid_in.get(row.source):
            settled[row.source, row.document].append(int(row.amount_minor))
    columns = (allocations[name] for name in ("payment", "document", "amount_minor"))
    return ALLOCATIONS.conform(
        allocations.assign(
            settled_minor=[
                settled[payment, document].popleft() if (payment, document) in settled else int(amount)
                for payment, document, amount in zip(*columns, strict=True)
            ]
        )
    )
