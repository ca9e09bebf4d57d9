"""Documents as PDF by Typst: tagged (PDF/UA-1), archivable (PDF/A-3a), the same bytes wherever they are made.

Fonts are those of the packages and of the issuer's folder, never the machine's; no Typst package is ever fetched.
"""

import hashlib
import importlib.metadata
import importlib.util
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from gettext import GNUTranslations
from pathlib import Path
from queue import SimpleQueue
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import Protocol

import typst

from prisma_batch.base.errors import UsageProblem
from prisma_batch.records.settings import Issuer
from prisma_batch.views.invoice_copy import InvoiceCopy
from prisma_batch.views.statement import Statement
from prisma_batch.writers.catalogs import read_catalogs
from prisma_batch.writers.colours import colours_of
from prisma_batch.writers.pdf_blocks import Block
from prisma_batch.writers.pdf_invoice import invoice_document
from prisma_batch.writers.pdf_statement import statement_document
from prisma_batch.writers.words import Words

_SOURCE = "document.typ"
_STANDARDS: "list[typst.PDFStandard]" = ["a-3a", "ua-1"]
_PAPERS: Mapping[str, str] = {"a4": "a4", "letter": "us-letter"}
_FONT_SUFFIXES = (".otf", ".ttc", ".ttf")
_FACE = "Source Sans Pro"
_FACE_FILES = ("Regular", "Semibold", "Bold")
_NOT_DISPLAYED = re.compile(r"the text `\"(.+?)\"` could not be displayed")


@dataclass(frozen=True, slots=True)
class MissingGlyph:
    """A document without PDF: no font has its character."""

    character: str


Pdf = bytes | MissingGlyph


class KnownPdfs(Protocol):
    """PDFs that were made before, by a digest of all that they were made of."""

    def find(self, digest: str) -> bytes | None: ...

    def keep(self, digest: str, pdf: bytes) -> None: ...


class _NoPdfs:
    def find(self, digest: str) -> None: ...

    def keep(self, digest: str, pdf: bytes) -> None: ...


@dataclass(frozen=True, kw_only=True, slots=True)
class _Work:
    """A document to lay out as JSON, the day it is dated, its digest, and its PDF where that is known."""

    document: str
    dated: datetime
    digest: str
    known: bytes | None


@dataclass(frozen=True, slots=True)
class _Place:
    """A folder with a compiler of its own.

    What it lays out lies in a file: the compiler knows again what it shares with the documents before, which values
    handed over as inputs would prevent.
    """

    folder: Path
    compiler: typst.Compiler

    @classmethod
    def of(cls, folder: Path, files: Mapping[str, bytes], fonts: typst.Fonts) -> "_Place":
        """Make the folder, with files for the compiler to read."""
        folder.mkdir()
        for name, content in files.items():
            (folder / name).write_bytes(content)
        compiler = typst.Compiler(folder / _SOURCE, root=folder, font_paths=fonts, ignore_system_fonts=True)
        return cls(folder, compiler)


@contextmanager
def pdf_renderer(
    templates: Path,
    issuer: Issuer,
    files: Mapping[str, bytes] = MappingProxyType({}),
    *,
    known: KnownPdfs | None = None,
    workers: int = 1,
) -> Iterator["PdfRenderer"]:
    """Give a renderer; what its compilers read lies in a folder that is gone in the end.

    Args:
        templates: the packaged folder.
        issuer: whose paper, colours and logo documents have.
        files: the logo and the fonts that the issuer names, by their path in the workspace.
        known: PDFs that need not be made again.
        workers: how many documents are laid out at a time.
    Raises:
        UsageProblem: a file of the issuer's fonts is none, or a font of the package is gone.
    """
    with TemporaryDirectory(prefix="prisma-batch-") as folder:
        look: dict[str, object] = {**colours_of(issuer), "paper": _PAPERS[issuer.paper]}
        beside = {_SOURCE: (templates / "pdf" / _SOURCE).read_bytes()}
        if issuer.logo:
            look["logo"] = f"logo.{issuer.logo.rpartition('.')[2]}"
            beside[str(look["logo"])] = files[issuer.logo]
        fonts, look["fonts"] = _fonts(Path(folder) / "fonts", files)
        beside["look.json"] = json.dumps(look).encode()
        places = [_Place.of(Path(folder) / str(worker), beside, fonts) for worker in range(workers)]
        made_of = _made_of(beside, files)
        yield PdfRenderer(read_catalogs(templates), places, made_of, _NoPdfs() if known is None else known)


class PdfRenderer:
    """Renders views with one Typst compiler a worker; compilers run beside each other, outside Python's lock."""

    def __init__(
        self, catalogs: Mapping[str, GNUTranslations], places: Sequence[_Place], made_of: str, known: KnownPdfs
    ) -> None:
        """Take ``made_of``, a digest of all but a document that decides the bytes of its PDF."""
        self._catalogs, self._known, self._workers = catalogs, known, len(places)
        self._made_of = made_of
        self._places: SimpleQueue[_Place] = SimpleQueue()
        for place in places:
            self._places.put(place)

    def render_each(self, views: Iterable[Statement | InvoiceCopy]) -> Iterator[Pdf]:
        """Yield the PDF of each view, in order."""
        works = [self._work(self._document(view)) for view in views]
        with ThreadPoolExecutor(self._workers) as pool:
            for work, pdf in zip(works, pool.map(self._render, works), strict=True):
                if isinstance(pdf, bytes) and work.known is None:
                    self._known.keep(work.digest, pdf)
                yield pdf

    def _work(self, document: Block) -> _Work:
        text = json.dumps(document, ensure_ascii=False)
        digest = _digest(self._made_of.encode(), text.encode())
        dated = datetime.combine(date(*document["date"]), datetime.min.time(), UTC)
        return _Work(document=text, dated=dated, digest=digest, known=self._known.find(digest))

    def _document(self, view: Statement | InvoiceCopy) -> Block:
        words = Words.of(view.language, self._catalogs)
        return statement_document(view, words) if isinstance(view, Statement) else invoice_document(view, words)

    def _render(self, work: _Work) -> Pdf:
        if work.known is not None:
            return work.known
        place = self._places.get()
        try:
            return _compiled(place, work)
        finally:
            self._places.put(place)


def _compiled(place: _Place, work: _Work) -> Pdf:
    (place.folder / "document.json").write_text(work.document, encoding="utf-8")
    try:
        pdf = place.compiler.compile(format="pdf", pdf_standards=_STANDARDS, timestamp=work.dated)
    except typst.TypstError as error:
        missing = _NOT_DISPLAYED.search(error.message)
        if missing is None:
            raise
        return MissingGlyph(missing[1])
    if not isinstance(pdf, bytes):
        raise TypeError("a PDF is one file")
    return pdf


def _made_of(beside: Mapping[str, bytes], files: Mapping[str, bytes]) -> str:
    """Return the digest of all but a document that decides the bytes of its PDF; this module is part of that."""
    read = [Path(__file__), *_face_files()]
    named = [part for path, content in sorted({**beside, **files}.items()) for part in (path.encode(), content)]
    typesetter = importlib.metadata.version("typst").encode()
    return _digest(typesetter, *(file.read_bytes() for file in read), *named)


def _digest(*parts: bytes) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(b"%d\0" % len(part))
        digest.update(part)
    return digest.hexdigest()


def _fonts(folder: Path, files: Mapping[str, bytes]) -> tuple[typst.Fonts, Sequence[str]]:
    """Return the fonts, and the families in the order in which a character is looked for."""
    faces = {file.name: file.read_bytes() for file in _face_files()}
    named = {path: content for path, content in sorted(files.items()) if path.lower().endswith(_FONT_SUFFIXES)}
    own = [_font_folder(folder / "own" / str(place), content) for place, content in enumerate(named.values())]
    for path, place in zip(named, own, strict=True):
        if not _loaded([place], embedded=False).fonts():
            raise UsageProblem(f"{path} is no font: take it away (prisma.yaml, issuer.fonts)")
    own_families = sorted(_loaded(own, embedded=False).families())
    # A folder a file: within one the order of files, and with it the choice among equal fonts, is the file system's.
    found = _loaded([*(_font_folder(folder / name, face) for name, face in faces.items()), *own], embedded=True)
    rest = sorted({*found.families()} - {_FACE, *own_families})
    return found, [_FACE, *own_families, *rest]


def _font_folder(folder: Path, content: bytes) -> Path:
    folder.mkdir(parents=True)
    (folder / "font.ttf").write_bytes(content)
    return folder


def _loaded(folders: Sequence[Path], *, embedded: bool) -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=embedded, font_paths=list(folders))


def _face_files() -> list[Path]:
    package = importlib.util.find_spec("font_source_sans_pro")
    places = (package and package.submodule_search_locations) or []
    files = [Path(place) / "files" / f"SourceSansPro-{style}.ttf" for place in places for style in _FACE_FILES]
    if not files or not all(file.is_file() for file in files):
        raise UsageProblem("the fonts of documents are missing: install font-source-sans-pro again")
    return files
