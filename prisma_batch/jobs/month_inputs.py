"""Everything a run reads: records, metered usage and bank files, each read once and cut to what the run may know."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
from pandas import DataFrame

from prisma_batch.base.errors import RecordsNotRight
from prisma_batch.base.findings import Finding, errors_in
from prisma_batch.base.periods import Period
from prisma_batch.engines.engine import Engine
from prisma_batch.jobs.findings import findings_in, placed
from prisma_batch.jobs.metered_usage import MeteredUsage, read_metered
from prisma_batch.jobs.rated import snapshot_rates
from prisma_batch.rating.grain import daily_keys
from prisma_batch.rating.late_usage import LateRows
from prisma_batch.readers.bank.registry import read_bank
from prisma_batch.readers.data_files import DataFile, data_files
from prisma_batch.readers.journal import Journal, read_journals
from prisma_batch.readers.usage.files import usage_files
from prisma_batch.readers.usage.result import UsageNames
from prisma_batch.readers.workspace import Loaded, load
from prisma_batch.records.documents import Document, Line
from prisma_batch.records.settings import Settings
from prisma_batch.records.snapshot import Snapshot
from prisma_batch.records.tables import BANK_ENTRIES, BANK_STATEMENTS, REMITTANCE_ADVICES

_ALWAYS_READ = ("settings", "contacts", "agreements", "price-lists", "fx")


@dataclass(frozen=True, kw_only=True, slots=True)
class InputFile:
    """A file that a run depends on."""

    path: str
    sha256: str
    blob: str


@dataclass(frozen=True, kw_only=True, slots=True)
class MonthInputs:
    """Records and tables that a run may know: nothing later than its period and its as-of day.

    ``files`` are those that gave any of it, so that later files never change an earlier run. ``usage_named`` and
    ``payments_named`` say that files were named instead of those of the folders. Bank entries after the as-of day are
    ``later_entries``: which of ``advice_files`` are known is seen by the payments that their ``advices`` name.
    ``late`` is what came after the window of its month; ``known_usage`` are files, each with a program, of which the
    run before has told what is wrong.
    """

    snapshot: Snapshot
    metered: MeteredUsage
    entries: DataFrame
    statements: DataFrame
    later_entries: DataFrame
    advices: DataFrame
    advice_files: tuple[InputFile, ...]
    files: tuple[InputFile, ...]
    usage_names: UsageNames
    journals: tuple[Journal, ...]
    findings: tuple[Finding, ...]
    usage_named: bool
    payments_named: bool
    late: LateRows = field(default_factory=LateRows)
    known_usage: frozenset[tuple[str, str]] = frozenset()


def load_settings(root: Path) -> tuple[Loaded, Settings]:
    """Load the records of a workspace, and its settings.

    Raises:
        RecordsNotRight: prisma.yaml itself is not right.
    """
    loaded = load(root)
    settings = next((file.record for file in loaded.files if file.kind == "settings"), None)
    if settings is None:
        raise RecordsNotRight(placed(root, errors_in(loaded.findings)))
    return loaded, settings


def read_month(
    root: Path,
    loaded: Loaded,
    days: tuple[Period, date],
    paths: Mapping[str, Sequence[Any] | None],
    engine: tuple[Engine, Callable[[str], None]],
) -> MonthInputs:
    """Check the records and read the data files.

    Args:
        days: the period and the as-of day.
        paths: under ``usage`` and ``payments`` the files to read instead of those of the workspace's folders.
        engine: what totals the usage, and what is told of its progress.
    Raises:
        RecordsNotRight: with every error of every record and file.
    """
    period, as_of = days
    findings = findings_in(loaded, as_of)
    usage, usage_faults = usage_files(root, paths.get("usage"))
    bank_files, bank_faults = data_files(root, "payments", paths.get("payments"))
    names = usage_names(loaded)
    metered = read_metered(usage, names, _daily(loaded, days, findings), period.last_day, engine)
    layouts = tuple(_settings(loaded).bank_layouts.values())
    bank = [(file, read_bank(file.source, file.content, layouts)) for file in _once(bank_files)]
    bank_findings = [finding for _, read in bank for finding in read.findings]
    findings += [*usage_faults, *bank_faults, *metered.findings, *bank_findings]
    if errors_in(findings):
        raise RecordsNotRight(placed(root, errors_in(findings)))
    known_bank = [(file, read) for file, read in bank if len(_until(read.entries, "booking_date", as_of))]
    snapshot = known_records(loaded.snapshot(), period, as_of)
    entries = _by_iban(_stacked(BANK_ENTRIES.of([]), *(read.entries for _, read in bank)), _settings(loaded))
    later = entries["booking_date"] > pd.Timestamp(as_of)
    advices = _stacked(REMITTANCE_ADVICES.of([]), *(read.advices for _, read in bank))
    statements = _stacked(BANK_STATEMENTS.of([]), *(read.statements for _, read in known_bank))
    read_files = [*_metered_files(metered), *(_input_file(file) for file, _ in known_bank)]
    return MonthInputs(
        snapshot=snapshot,
        metered=metered,
        entries=BANK_ENTRIES.conform(entries[~later]),
        statements=BANK_STATEMENTS.conform(_until(_by_iban(statements, _settings(loaded)), "opened_on", as_of)),
        later_entries=BANK_ENTRIES.conform(entries[later]),
        advices=REMITTANCE_ADVICES.conform(advices),
        advice_files=tuple(_input_file(file) for file, read in bank if len(read.advices)),
        files=_input_files(loaded, snapshot, read_files),
        usage_names=names,
        journals=read_journals(root, as_of, str(period)),
        findings=tuple(placed(root, findings)),
        usage_named=paths.get("usage") is not None,
        payments_named=paths.get("payments") is not None,
    )


def known_records(snapshot: Snapshot, period: Period, as_of: date) -> Snapshot:
    """Leave out records that a run of this period and as-of day does not know of yet."""
    return replace(
        snapshot,
        documents=_known_documents(snapshot, period, as_of),
        usage_reports=tuple(report for report in snapshot.usage_reports if report.period <= period),
        allocations=tuple(decision for decision in snapshot.allocations if decision.decided_on <= as_of),
        cases=tuple(case for case in snapshot.cases if case.opened_at.date() <= as_of),
        incidents=tuple(incident for incident in snapshot.incidents if incident.started_at.date() <= period.last_day),
    )


def _known_documents(snapshot: Snapshot, period: Period, as_of: date) -> tuple[Document, ...]:
    """Return what was issued by the as-of day, for receivables, and what bills the period or an earlier one."""
    agreed = [rate for agreement in snapshot.agreements.values() for rate in agreement.rates]
    agreed += [rate for price_list in snapshot.price_lists.values() for rate in price_list.rates]
    advance = {(rate.program, rate.sku) for rate in agreed if rate.bills == "advance"}

    def bills(line: Line) -> bool:
        day = line.service_from if (line.program, line.sku) in advance else line.service_to
        return day is not None and day <= period.last_day

    return tuple(
        document
        for document in snapshot.documents
        if document.issued_on <= as_of or any(bills(line) for line in document.lines)
    )


def _by_iban(table: DataFrame, settings: Settings) -> DataFrame:
    """Call our own accounts by their IBAN where a bank's file has their other number."""
    accounts = settings.issuer.bank_accounts
    ibans = {account.number: account.iban for account in accounts if account.number and account.iban}
    return table.assign(account_iban=table["account_iban"].map(lambda number: ibans.get(number, number)))


def _settings(loaded: Loaded) -> Settings:
    settings: Settings = next(file.record for file in loaded.files if file.kind == "settings")
    return settings


def usage_names(loaded: Loaded) -> UsageNames:
    """Return how usage sources name accounts and programs, according to the records."""
    agreements = (file.record for file in loaded.files if file.kind == "agreements" and file.record)
    settings = _settings(loaded)
    return UsageNames(
        accounts=_by_external_id((agreement.account, agreement.external_ids) for agreement in agreements),
        programs=_by_external_id((name, program.external_ids) for name, program in settings.programs.items()),
        layouts=settings.usage_layouts,
    )


def _by_external_id(named: Iterable[tuple[str, Mapping[str, Sequence[str]]]]) -> dict[tuple[str, str], str]:
    return {
        (system, external): own for own, ids in named for system, externals in ids.items() for external in externals
    }


def _once(files: Sequence[DataFile]) -> list[DataFile]:
    """Keep the first of files with the same content: the same file counts once, however often it was dropped."""
    return list({file.sha256: file for file in reversed(files)}.values())[::-1]


def _daily(loaded: Loaded, days: tuple[Period, date], findings: Sequence[Finding]) -> frozenset[tuple[str, str, str]]:
    # Where records are not right only what is wrong with the files is asked for.
    return frozenset() if errors_in(findings) else daily_keys(snapshot_rates(known_records(loaded.snapshot(), *days)))


def _metered_files(metered: MeteredUsage) -> Iterator[InputFile]:
    for source, hashes in metered.hashes.items():
        yield InputFile(path=source, sha256=hashes.sha256, blob=hashes.blob_id)


def _until(table: DataFrame, column: str, day: date) -> DataFrame:
    return table[~(table[column] > pd.Timestamp(day))]


def _stacked(*tables: DataFrame) -> DataFrame:
    return pd.concat(tables, ignore_index=True)


def _input_files(loaded: Loaded, snapshot: Snapshot, data: Sequence[InputFile]) -> tuple[InputFile, ...]:
    known = {record.source for record in _dated_records(snapshot)}
    files = [
        InputFile(path=file.source, sha256=file.sha256, blob=file.blob_id)
        for file in loaded.files
        if file.kind in _ALWAYS_READ or file.source in known
    ]
    files += data
    return tuple(sorted(files, key=lambda file: file.path))


def _input_file(file: DataFile) -> InputFile:
    return InputFile(path=file.source, sha256=file.sha256, blob=file.blob_id)


def _dated_records(snapshot: Snapshot) -> Iterator[Any]:
    yield from snapshot.documents
    yield from snapshot.usage_reports
    yield from snapshot.allocations
    yield from snapshot.cases
    yield from snapshot.incidents
