"""What a run publishes of a reconciled month, and its manifest."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, nullcontext
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Any

from prisma_batch import __version__
from prisma_batch.base.errors import RecordsNotRight
from prisma_batch.base.findings import Finding
from prisma_batch.jobs.document_files import DocumentFiles, Look
from prisma_batch.jobs.month_inputs import InputFile
from prisma_batch.jobs.published_pdfs import PublishedPdfs, published_pdfs
from prisma_batch.jobs.reconcile import Reconciled, RunOptions
from prisma_batch.jobs.run_documents import outbox_table, rendered_documents
from prisma_batch.jobs.run_figures import run_figures
from prisma_batch.jobs.run_outputs import (
    check_staged,
    json_bytes,
    proposal_files,
    result_tables,
    summary_files,
    table_files,
)
from prisma_batch.jobs.run_site import Site
from prisma_batch.readers.data_files import DataFile
from prisma_batch.readers.design_files import design_files
from prisma_batch.readers.resources import resource_folder
from prisma_batch.views.figures import RunFigures
from prisma_batch.views.summary import RunSummary, build_summary, summary_json
from prisma_batch.views.translations import missing_translations
from prisma_batch.writers.publish import publish
from prisma_batch.writers.xlsx import reconciliation_xlsx


def publish_run(root: Path, target: Path, reconciled: Reconciled, options: RunOptions) -> RunSummary:
    """Publish a month whole, or nothing of it.

    Returns:
        Its summary, with what was found while documents were made.
    Raises:
        RecordsNotRight: the logo or a font that prisma.yaml names cannot be read.
        InvariantBroken: what was staged does not add up.
    """
    month = reconciled.month
    figures = run_figures(month, reconciled.inputs, () if options.tables_only else reconciled.messages)
    tables = result_tables(root, month)
    design = {} if options.tables_only else design_of(root, reconciled)
    look = look_of(reconciled, design)
    pages = look.renderer()
    found: list[Finding] = []

    def outputs(documents: Iterable[DocumentFiles], pdfs: PublishedPdfs) -> Iterator[tuple[str, bytes]]:
        yield from table_files(tables)
        yield from proposal_files(month)
        if not options.tables_only:
            found.extend(missing_translations(month.snapshot, reconciled.messages, pages.untranslated))
            site, mailed = Site(reconciled, alone=options.accounts), list[tuple[str, ...]]()
            for document in documents:
                found.extend(document.findings)
                mailed.extend(document.rows)
                pdfs.keep(document)
                yield from chain(document.files.items(), document.mails.items())
                yield from site.files_with(document.files)
            listed = {"outbox.csv": outbox_table(reconciled.messages, mailed)}
            yield from site.pages(pages, _with(figures, found), tables["discrepancies.csv"], listed["outbox.csv"])
            yield from table_files(listed)
            yield "reconciliation.xlsx", reconciliation_xlsx(tables | listed, month.as_of)
        yield from summary_files(_with(figures, found), pages)

    def manifest(hashes: Mapping[str, str]) -> bytes:
        return json_bytes(manifest_of(reconciled, figures, design, hashes))

    with ExitStack() as stack:
        pdfs = stack.enter_context(published_pdfs(root, target))
        knowing = replace(look, known=pdfs.known)
        making = nullcontext(()) if options.tables_only else rendered_documents(reconciled, knowing)
        made = outputs(stack.enter_context(making), pdfs)
        publish(target, made, manifest, lambda stage: check_staged(stage, tables))
    return build_summary(_with(figures, found))


def design_of(root: Path, reconciled: Reconciled) -> dict[str, DataFile]:
    """Return the logo and the fonts that prisma.yaml names, by path."""
    files, findings = design_files(root, reconciled.month.snapshot.settings.issuer)
    if findings:
        raise RecordsNotRight(findings)
    return {file.source: file for file in files}


def look_of(reconciled: Reconciled, design: Mapping[str, DataFile]) -> Look:
    """Return what the pages, PDFs and mails of a run have in common, with the files that the design has."""
    files = {file.source: file.content for file in design.values()}
    return Look(templates=resource_folder("templates"), issuer=reconciled.month.snapshot.settings.issuer, files=files)


def _with(figures: RunFigures, found: Sequence[Finding]) -> RunFigures:
    return replace(figures, findings=(*figures.findings, *found))


def manifest_of(
    reconciled: Reconciled, figures: RunFigures, design: Mapping[str, DataFile], hashes: Mapping[str, str]
) -> dict[str, Any]:
    """Return what a publication depends on and what it consists of."""
    totals, recorded = summary_json(figures), reconciled.recorded
    files = [
        *reconciled.month.files,
        *(InputFile(path=file.source, sha256=file.sha256, blob=file.blob_id) for file in design.values()),
    ]
    return {
        "tool": {"name": "prisma-batch", "version": __version__},
        "period": str(figures.period),
        "as_of": figures.as_of.isoformat(),
        "previous": {"period": str(recorded.period), "sha256": recorded.manifest_sha256} if recorded else None,
        "control_totals": {name: totals[name] for name in ("ledger", "payments", "aging", "source_costs")},
        "inputs": [
            {"path": file.path, "sha256": file.sha256, "blob": file.blob}
            for file in sorted(files, key=lambda file: file.path)
        ],
        "journals": [
            {"path": journal.path, "bytes": journal.bytes_read, "sha256": journal.sha256}
            for journal in reconciled.month.care.journals
        ],
        "outputs": [{"path": path, "sha256": hashes[path]} for path in sorted(hashes)],
    }
