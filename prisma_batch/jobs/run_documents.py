"""The documents of a run, each rendered once: pages, PDF and CSV, and the mails that carry them."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TypeAlias

from pandas import DataFrame

from prisma_batch.base.findings import Finding
from prisma_batch.base.identifiers import file_stem
from prisma_batch.jobs.reconcile import Reconciled
from prisma_batch.readers.files import sha256
from prisma_batch.views.invoice_copy import InvoiceCopy, build_invoice_copy
from prisma_batch.views.messages import Attachment, Message
from prisma_batch.views.statement import Statement
from prisma_batch.writers.html import AttachedFile, Renderer
from prisma_batch.writers.mail import build_eml
from prisma_batch.writers.pdf import MissingGlyph, Pdf, PdfRenderer
from prisma_batch.writers.table_files import OUTBOX
from prisma_batch.writers.tables import statement_csv

_AT_ONCE = 64  # documents held in memory with their PDFs

_Printed: TypeAlias = Statement | InvoiceCopy


@dataclass(frozen=True, kw_only=True, slots=True)
class RenderedDocument:
    """The files of one document by path, and why one of them is missing."""

    files: Mapping[str, bytes]
    findings: tuple[Finding, ...] = ()


def rendered_documents(reconciled: Reconciled, pages: Renderer, pdfs: PdfRenderer) -> Iterator[RenderedDocument]:
    """Yield every statement, and a copy of each document that the previous run did not know."""
    views = _views(reconciled)
    while batch := list(islice(views, _AT_ONCE)):
        printed = pdfs.render_each(view for view, _ in batch)
        for (view, source), pdf in zip(batch, printed, strict=True):
            yield _rendered(view, source, pages, pdf)


def _views(reconciled: Reconciled) -> Iterator[tuple[_Printed, str]]:
    month = reconciled.month
    sources = {account: customer.source for account, customer in month.snapshot.customers.items()}
    for statement in reconciled.statements:
        yield statement, sources.get(statement.account, month.snapshot.settings.source)
    for document in month.snapshot.documents:
        if reconciled.span.tells_of(document):
            yield build_invoice_copy(document, month.snapshot), document.source


def _rendered(view: _Printed, source: str, pages: Renderer, pdf: Pdf) -> RenderedDocument:
    files: dict[str, bytes] = {}
    if isinstance(view, Statement):
        stem = f"statements/{view.account}"
        files[f"{stem}.html"] = pages.render_statement(view).encode()
        files[f"{stem}.csv"] = statement_csv(view)
    else:
        stem = f"invoices/{file_stem(view.number)}"
        files[f"{stem}.html"] = pages.render_invoice(view).encode()
    if isinstance(pdf, MissingGlyph):
        return RenderedDocument(files=files, findings=(_missing_glyph(stem, source, pdf),))
    return RenderedDocument(files={**files, f"{stem}.pdf": pdf})


def _missing_glyph(stem: str, source: str, missing: MissingGlyph) -> Finding:
    named = " ".join(f"U+{ord(character):04X}" for character in missing.character)
    return Finding(
        code="missing-glyph",
        message=f"no font has the character {named}, so {stem}.pdf was not made; {stem}.html is complete",
        remedy="put a font that has it into a folder and name that in prisma.yaml (issuer.fonts)",
        source=source,
        severity="warning",
    )


class Outbox:
    """Builds each mail as soon as all that goes along is rendered, and keeps no file longer than that."""

    def __init__(self, messages: Sequence[Message], pages: Renderer) -> None:
        self._pages = pages
        self._waiting = [message for message in messages if not message.skipped_because]
        self._rows = [_row(message) for message in messages if message.skipped_because]
        self._wanted = Counter(_stem(file.path) for message in self._waiting for file in message.attachments)
        self._by_stem: dict[str, list[Message]] = {}
        for message in self._waiting:
            for stem in {_stem(file.path) for file in message.attachments}:
                self._by_stem.setdefault(stem, []).append(message)
        self._kept: dict[str, bytes] = {}

    def mails_with(self, files: Mapping[str, bytes]) -> Iterator[tuple[str, bytes]]:
        """Take the files of one document and yield those of the mails that waited for no more than these."""
        self._kept |= {path: content for path, content in files.items() if self._wanted[_stem(path)]}
        for message in self._by_stem.get(_stem(next(iter(files))), ()):
            if all(file.path in self._kept for file in message.attachments):
                yield from self._mail(message)
                self._drop(message)

    def other_mails(self) -> Iterator[tuple[str, bytes]]:
        """Yield the files of the mails that nothing goes along with."""
        for message in self._waiting:
            if not message.attachments:
                yield from self._mail(message)

    def table(self) -> DataFrame:
        """Return OUTBOX: every message so far, also those that are not sent."""
        return OUTBOX.of(self._rows)

    def _mail(self, message: Message) -> Iterator[tuple[str, bytes]]:
        """Yield a mail, and its HTML for whoever looks at it before it is sent."""
        attached = [_as_pdf(file, self._kept) for file in message.attachments]
        files = [AttachedFile(name=file.name, content=self._kept[file.path]) for file in attached]
        mail = self._pages.render_mail(message, files)
        content = build_eml(message, mail, files)
        self._rows.append(_row(message, mail.subject, [file.name for file in files], sha256(content)))
        yield f"outbox/{message.key}.eml", content
        yield f"outbox/{message.key}.html", mail.html.encode()

    def _drop(self, message: Message) -> None:
        for file in message.attachments:
            stem = _stem(file.path)
            self._wanted[stem] -= 1
            if not self._wanted[stem]:
                self._kept = {path: content for path, content in self._kept.items() if _stem(path) != stem}


def _as_pdf(file: Attachment, files: Mapping[str, bytes]) -> Attachment:
    """Return the PDF in the place of a page, where there is one: that is what accounts departments file."""
    path = f"{_stem(file.path)}.pdf"
    return (
        Attachment(name=f"{_stem(file.name)}.pdf", path=path) if file.path.endswith(".html") and path in files else file
    )


def _stem(path: str) -> str:
    return path.rpartition(".")[0]


def _row(message: Message, subject: str = "", attached: Iterable[str] = (), digest: str = "") -> tuple[str, ...]:
    to = ", ".join(recipient.email for recipient in message.to)
    about = (message.key, str(message.revision), message.kind, message.account, to)
    return (*about, subject, " ".join(attached), digest, message.skipped_because)
