"""Plan the messages that are due on a day between runs, as ``run`` would, and publish them alone."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from itertools import chain
from pathlib import Path

from prisma_batch.base.periods import Period
from prisma_batch.jobs.document_files import DocumentFiles
from prisma_batch.jobs.reconcile import Reconciled, RunOptions, reconcile
from prisma_batch.jobs.recorded import manifests, open_period, published_manifests, recorded_before
from prisma_batch.jobs.run_documents import outbox_table, rendered_documents
from prisma_batch.jobs.run_figures import run_figures
from prisma_batch.jobs.run_outputs import json_bytes, table_files
from prisma_batch.jobs.run_publication import design_of, look_of, manifest_of
from prisma_batch.readers.workspace import require_workspace
from prisma_batch.views.message import Message
from prisma_batch.views.messages import KINDS_OF_A_RUN
from prisma_batch.views.outbox_page import build_outbox_page
from prisma_batch.writers.publish import locked, publish
from prisma_batch.writers.site import SiteRenderer

NOTICES_FOLDER = "reports/notices"


@dataclass(frozen=True, kw_only=True, slots=True)
class Notified:
    """What was planned, and the folder that holds it; without messages nothing was published."""

    folder: Path
    messages: tuple[Message, ...]


def notify(root: Path, as_of: date, tell: Callable[[str], None]) -> Notified:
    """Plan the messages due by a day after the last run, under the keys that the next run would give them.

    Args:
        tell: is told what is being done, for a progress line.
    Raises:
        UsageProblem: no workspace, or the day is not after the as-of day of the last run before it.
        RecordsNotRight, InvariantBroken, AmountOverflow: as for a run; nothing is published.
    """
    require_workspace(root)
    reports, folder = root / "reports", root / NOTICES_FOLDER / str(as_of)
    with locked(reports), locked(folder.parent):
        planned = plan_notices_of(root, open_period(manifests(reports), as_of), RunOptions(as_of=as_of), tell)
        if planned.messages:
            tell("writing messages")
            publish_notices(root, folder, planned)
    return Notified(folder=folder.relative_to(root), messages=planned.messages)


def plan_notices_of(root: Path, period: Period, options: RunOptions, tell: Callable[[str], None]) -> Reconciled:
    """Reconcile a period that is not over as of a day, with the messages that need not wait for its run.

    Raises:
        UsageProblem, RecordsNotRight, InvariantBroken, AmountOverflow: as for a run.
    """
    reports = root / "reports"
    recorded = recorded_before(reports, published_manifests(reports), period)
    reconciled = reconcile(root, period, recorded, options, tell)
    messages = tuple(message for message in reconciled.messages if message.kind not in KINDS_OF_A_RUN)
    return replace(reconciled, statements=(), messages=messages)


def publish_notices(root: Path, folder: Path, reconciled: Reconciled) -> None:
    """Publish messages, and the documents that go along, in a folder of their own."""
    figures = run_figures(reconciled.month, reconciled.inputs, reconciled.messages)
    design = design_of(root, reconciled)
    look = look_of(reconciled, design)

    def outputs(documents: Iterable[DocumentFiles]) -> Iterator[tuple[str, bytes]]:
        mailed: list[tuple[str, ...]] = []
        for document in documents:
            mailed.extend(document.rows)
            yield from chain(document.files.items(), document.mails.items())
        outbox = outbox_table(reconciled.messages, mailed)
        yield from table_files({"outbox.csv": outbox})
        listed = build_outbox_page(outbox, reconciled.month.snapshot, reconciled.month.as_of)
        yield "outbox/index.html", SiteRenderer(look.renderer()).render_outbox(listed, "").encode()

    def manifest(hashes: Mapping[str, str]) -> bytes:
        return json_bytes(manifest_of(reconciled, figures, design, hashes))

    with rendered_documents(reconciled, look) as documents:
        publish(folder, outputs(documents), manifest, lambda _stage: None)
