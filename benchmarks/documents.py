"""How fast documents are made: pages, PDF, mails and the portal's pages, each from the same views as a run's.

python benchmarks/documents.py [--seconds 5]
"""

import argparse
import os
import resource
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from prisma_batch.views.amounts import Money
from prisma_batch.views.invoice_copy import InvoiceCopy, build_invoice_copy
from prisma_batch.views.messages import Message, Recipient
from prisma_batch.views.statement import Statement, build_statements
from prisma_batch.writers.html import AttachedFile, Renderer
from prisma_batch.writers.mail import build_eml
from prisma_batch.writers.pdf import pdf_renderer
from tests.views.sample_run import SPAN, invoice, receivables, snapshot

TEMPLATES = Path(__file__).parents[1] / "templates"
BATCH = 32


def copies(start: int) -> list[InvoiceCopy]:
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
        for number in range(start, start + BATCH)
    ]


def statements(start: int) -> list[Statement]:
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
        for number in range(start, start + BATCH)
    ]


def rate(make: Callable[[int], int], seconds: float) -> tuple[float, float]:
    """Return how many are made a second, and processor seconds each, after one batch that is not counted."""
    make(0)
    began, spent, done = time.perf_counter(), time.process_time(), 0
    while time.perf_counter() - began < seconds:
        done += make(done + BATCH)
    return done / (time.perf_counter() - began), (time.process_time() - spent) / done


def pages(views: Callable[[int], Sequence[Statement | InvoiceCopy]]) -> Callable[[int], int]:
    renderer = Renderer(TEMPLATES)

    def make(start: int) -> int:
        batch = views(start)
        for view in batch:
            renderer.render_statement(view) if isinstance(view, Statement) else renderer.render_invoice(view)
        return len(batch)

    return make


def mails(start: int, renderer: Renderer = Renderer(TEMPLATES)) -> int:  # noqa: B008 - made once
    batch = copies(start)
    for copy in batch:
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
        build_eml(message, renderer.render_mail(message, files), files)
    return len(batch)


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--seconds", type=float, default=5)
    seconds = options.parse_args().seconds
    kinds: list[tuple[str, Callable[[int], int]]] = [
        ("HTML, ten-line copies", pages(copies)),
        ("HTML, forty-line statements", pages(statements)),
        ("mails with 25 kB", mails),
    ]
    print(f"{'what':<36} {'a second':>10} {'ms of processor each':>22}")
    for name, make in kinds:
        told, processor = rate(make, seconds)
        print(f"{name:<36} {told:>10.1f} {processor * 1000:>22.2f}")
    for workers in (1, 2):
        with pdf_renderer(TEMPLATES, snapshot().settings.issuer, workers=workers) as renderer:
            for name, views in (("PDF, ten-line copies", copies), ("PDF, forty-line statements", statements)):

                def make(start: int, views: Callable[[int], Sequence[Statement | InvoiceCopy]] = views) -> int:
                    return len(list(renderer.render_each(views(start))))

                told, processor = rate(make, seconds)
                print(f"{f'{name}, {workers} workers':<36} {told:>10.1f} {processor * 1000:>22.2f}")
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB")


if __name__ == "__main__":
    main()
