"""The files of documents, each rendered once: pages, PDF and CSV, and the mails that carry them.

A worker process imports this module and what it needs, and knows nothing of a run but what it is handed.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeAlias

from prisma_batch.base.findings import Finding
from prisma_batch.base.identifiers import file_stem
from prisma_batch.jobs.known_pdfs import KnownPdfs
from prisma_batch.readers.files import sha256
from prisma_batch.records.settings import Issuer
from prisma_batch.views.invoice_copy import InvoiceCopy
from prisma_batch.views.message import Attachment, Message
from prisma_batch.views.statement_parts import Statement
from prisma_batch.writers.html import AttachedFile, Renderer
from prisma_batch.writers.mail import build_eml
from prisma_batch.writers.pdf import MissingGlyph, PdfRenderer, pdf_renderer
from prisma_batch.writers.statement_csv import statement_csv


@dataclass(frozen=True, kw_only=True, slots=True)
class Look:
    """What all documents of a run have in common: templates, the issuer and its files, and PDFs made before."""

    templates: Path
    issuer: Issuer
    files: Mapping[str, bytes]
    known: KnownPdfs = field(default_factory=KnownPdfs)

    def renderer(self) -> Renderer:
        """Return what renders pages and mails."""
        logo = self.issuer.logo
        return Renderer(self.templates, (logo, self.files[logo]) if logo and logo in self.files else None)


@dataclass(frozen=True, kw_only=True, slots=True)
class DocumentOrder:
    """A document to be made, the file of its record, and the messages that carry it; or one that carries nothing."""

    view: Statement | InvoiceCopy | None = None
    source: str = ""
    messages: tuple[Message, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class DocumentFiles:
    """The files of a document and those of its mails by path, the mails' rows of OUTBOX, and why a file is missing.

    ``pdf`` is the digest of all that its PDF was made of, and the hash of the PDF.
    """

    files: Mapping[str, bytes] = field(default_factory=dict)
    pdf: tuple[str, str] | None = None
    findings: tuple[Finding, ...] = ()
    mails: Mapping[str, bytes] = field(default_factory=dict)
    rows: tuple[tuple[str, ...], ...] = ()


Make: TypeAlias = Callable[[Sequence[DocumentOrder]], list[DocumentFiles]]


@contextmanager
def document_maker(look: Look) -> Iterator[Make]:
    """Give what makes the files of orders.

    Raises:
        UsageProblem: a file of the issuer's fonts is none, or a font of the package is gone.
    """
    with pdf_renderer(look.templates, look.issuer, look.files) as pdfs:
        yield _Maker(look.renderer(), pdfs, look.known).make


class _Maker:
    def __init__(self, pages: Renderer, pdfs: PdfRenderer, known: KnownPdfs) -> None:
        self._pages, self._pdfs, self._known = pages, pdfs, known

    def make(self, orders: Sequence[DocumentOrder]) -> list[DocumentFiles]:
        return [self._made(order) for order in orders]

    def _made(self, order: DocumentOrder) -> DocumentFiles:
        document = self._document(order.view, order.source) if order.view else DocumentFiles()
        mails: dict[str, bytes] = {}
        rows = []
        for message in order.messages:
            attached = [_as_pdf(file, document.files) for file in message.attachments]
            files = [AttachedFile(name=file.name, content=document.files[file.path]) for file in attached]
            mail = self._pages.render_mail(message, files)
            content = build_eml(message, mail, files)
            rows.append(outbox_row(message, mail.subject, [file.name for file in files], sha256(content)))
            mails[f"outbox/{message.key}.eml"] = content
            mails[f"outbox/{message.key}.html"] = mail.html.encode()  # to look at before it is sent
        return replace(document, mails=mails, rows=tuple(rows))

    def _document(self, view: Statement | InvoiceCopy, source: str) -> DocumentFiles:
        stem, files = self._pages_of(view)
        digest = self._pdfs.digest(view)
        pdf = self._known.find(digest) or self._pdfs.render(view)
        if isinstance(pdf, MissingGlyph):
            return DocumentFiles(files=files, findings=(_missing_glyph(stem, source, pdf),))
        return DocumentFiles(files={**files, f"{stem}.pdf": pdf}, pdf=(digest, sha256(pdf)))

    def _pages_of(self, view: Statement | InvoiceCopy) -> tuple[str, dict[str, bytes]]:
        stem = document_stem(view)
        if isinstance(view, Statement):
            page = self._pages.render_statement(view).encode()
            return stem, {f"{stem}.html": page, f"{stem}.csv": statement_csv(view)}
        return stem, {f"{stem}.html": self._pages.render_invoice(view).encode()}


def document_stem(view: Statement | InvoiceCopy) -> str:
    """Return where a document's files lie in the run's folder, without their suffix."""
    return f"statements/{view.account}" if isinstance(view, Statement) else f"invoices/{file_stem(view.number)}"


def outbox_row(message: Message, subject: str = "", attached: Iterable[str] = (), digest: str = "") -> tuple[str, ...]:
    """Return the row of OUTBOX about a message; one that is not sent has no digest."""
    to = ", ".join(recipient.email for recipient in message.to)
    about = (message.key, str(message.revision), message.kind, message.account, to)
    return (*about, subject, " ".join(attached), digest, message.skipped_because)


def _as_pdf(file: Attachment, files: Mapping[str, bytes]) -> Attachment:
    """Return the PDF in the place of a page, where there is one: that is what accounts departments file."""
    path = file.path.removesuffix(".html") + ".pdf"
    if not file.path.endswith(".html") or path not in files:
        return file
    return Attachment(name=file.name.removesuffix(".html") + ".pdf", path=path)


def _missing_glyph(stem: str, source: str, missing: MissingGlyph) -> Finding:
    named = " ".join(f"U+{ord(character):04X}" for character in missing.character)
    return Finding(
        code="missing-glyph",
        message=f"no font has the character {named}, so {stem}.pdf was not made; {stem}.html is complete",
        remedy="put a font that has it into a folder and name that in prisma.yaml (issuer.fonts)",
        source=source,
        severity="warning",
    )
