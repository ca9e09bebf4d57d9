"""How fast documents are made: pages, PDF, mails and the portal's pages, each from the same views as a run's.

python benchmarks/documents.py [--seconds 5]
"""

import argparse
import os
import resource
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from functools import partial
from itertools import cycle
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks import making
from benchmarks.making import TEMPLATES, Make, Views
from prisma_batch.engines.processes import made_in_order
from prisma_batch.views.amounts import Money
from prisma_batch.views.invoice_copy import InvoiceCopy, build_invoice_copy
from prisma_batch.views.message import Message, Recipient
from prisma_batch.views.statement import Statement, build_statements
from prisma_batch.writers.html import AttachedFile, Renderer
from prisma_batch.writers.mail import build_eml
from tests.views.sample_run import SPAN, invoice, receivables, snapshot

BATCH = 32
BATCHES = 48  # more copies than codes are remembered, when they come again
BEGUN = 3  # batches for each process that are not counted


def copies(start: int, views_count: int = BATCH) -> list[InvoiceCopy]:
    """Ten-line invoice copies that all differ."""
    copy = build_invoice_copy(invoice(), snapshot())
    return [
        replace(
            copy,
            number=f"INV-{number:07}",
            payment_reference=f"INV-{number:07}",
            lines=tuple(
                replace(
                    copy.lines[0],
                    line=n + 1,
                    description=f"Service {number}-{n}, per core pair",
                    quantity=Decimal(number * 10 + n) / 8,
                    amount=Money(number * 1_000 + n, copy.currency),
                )
                for n in range(10)
            ),
        )
        for number in range(start, start + views_count)
    ]


def statements(start: int, views_count: int = BATCH) -> list[Statement]:
    """Statements with forty movements that all differ."""
    statement = build_statements(receivables(), snapshot(), SPAN)[0]
    section = statement.sections[0]
    return [
        replace(
            statement,
            account=f"ACC-{number}",
            sections=(
                replace(
                    section,
                    movements=tuple(
                        replace(
                            section.movements[0],
                            on=SPAN.opened_on + timedelta(days=n % 30),
                            reference=f"R{number}-{n}",
                            amount=Money(number * 1_000 + n, section.currency),
                            balance=Money(number * 1_000_000 + n, section.currency),
                        )
                        for n in range(40)
                    ),
                    open_items=section.open_items[:2],
                ),
            ),
        )
        for number in range(start, start + views_count)
    ]


def mix(start: int) -> list[Statement | InvoiceCopy]:
    """Views as a month has them, eight copies to five statements."""
    return [*copies(start, 16), *statements(start, 10)]


def rate(
    make: Callable[[], AbstractContextManager[Make]], views: Callable[[int], Views], processes: int, seconds: float
) -> tuple[float, float]:
    """Return how many documents are made a second, and processor seconds each, once every process has begun."""
    batches = [views(start) for start in range(0, BATCHES * BATCH, BATCH)]
    with made_in_order(make, cycle(batches), processes) as made:
        for _ in range(BEGUN * processes):
            next(made)
        began, spent, done = time.perf_counter(), time.process_time(), 0
        while time.perf_counter() - began < seconds:
            done += len(next(made))
        return done / (time.perf_counter() - began), (time.process_time() - spent) / done


@contextmanager
def mails() -> Iterator[Make]:
    renderer = Renderer(TEMPLATES)

    def mail(copy: Any) -> bytes:
        message = Message(
            key=f"invoice_available.{copy.number}",
            kind="invoice_available",
            account=copy.account,
            language="en",
            contact_point=copy.contact_point,
            issuer=copy.issuer,
            to=(Recipient(name="Jane Doe", email="jane.doe@acme.example"),),
            body=copy,
        )
        files = [AttachedFile(name=f"{copy.number}.pdf", content=os.urandom(25_000))]
        return build_eml(message, renderer.render_mail(message, files), files)

    yield lambda views: list(map(mail, views))


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--seconds", type=float, default=5)
    seconds = options.parse_args().seconds
    pdfs = partial(making.pdfs, snapshot().settings.issuer)
    kinds = [
        ("HTML, ten-line copies", making.pages, copies, (1,)),
        ("HTML, forty-line statements", making.pages, statements, (1,)),
        ("HTML, eight copies to five statements", making.pages, mix, (1, 2)),
        ("mails with 25 kB", mails, copies, (1,)),
        ("PDF, ten-line copies", pdfs, copies, (1, 2)),
        ("PDF, forty-line statements", pdfs, statements, (1, 2)),
    ]
    print(f"{'what':<40} {'processes':>10} {'a second':>10} {'ms of processor each':>22}")
    for name, make, views, numbers in kinds:
        for processes in numbers:
            told, processor = rate(make, views, processes, seconds)
            each = f"{processor * 1000:.2f}" if processes == 1 else ""
            print(f"{name:<40} {processes:>10} {told:>10.1f} {each:>22}", flush=True)
    print(f"peak memory of one process {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB")


if __name__ == "__main__":
    main()
