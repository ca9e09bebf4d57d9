"""What worker processes are asked to make by ``documents.py``: they import it by its name."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeAlias

from prisma_batch.records.settings import Issuer
from prisma_batch.views.invoice_copy import InvoiceCopy
from prisma_batch.views.statement_parts import Statement
from prisma_batch.writers.html import Renderer
from prisma_batch.writers.pdf import pdf_renderer

TEMPLATES = Path(__file__).parents[1] / "templates"

Views: TypeAlias = Sequence[Statement | InvoiceCopy]
Make: TypeAlias = Callable[[Views], list[bytes]]


@contextmanager
def pages() -> Iterator[Make]:
    renderer = Renderer(TEMPLATES)

    def page(view: Statement | InvoiceCopy) -> bytes:
        text = renderer.render_statement(view) if isinstance(view, Statement) else renderer.render_invoice(view)
        return text.encode()

    yield lambda views: list(map(page, views))


@contextmanager
def pdfs(issuer: Issuer) -> Iterator[Make]:
    with pdf_renderer(TEMPLATES, issuer) as renderer:
        yield lambda views: [bytes(renderer.render(view)) for view in views]  # type: ignore[arg-type]
