"""Documents as PDF by Typst: tagged (PDF/UA-1), archivable (PDF/A-3a), the same bytes wherever they are made.

Fonts are those of the packages and of the issuer's folder, never the machine's; no Typst package is ever fetched.
"""

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


@contextmanager
def pdf_renderer(
    templates: Path, issuer: Issuer, files: Mapping[str, bytes] = MappingProxyType({}), *, workers: int = 1
) -> Iterator["PdfRenderer"]:
    """Give a renderer; what its compilers read lies in a folder that is gone in the end.

    Args:
        templates: the packaged folder.
        issuer: whose paper, colours and logo documents have.
        files: the logo and the fonts that the issuer names, by their path in the workspace.
        workers: how many documents are laid out at a time.
    Raises:
        UsageProblem: a file of the issuer's fonts is none, or a font of the package is gone.
    """
    with TemporaryDirectory(prefix="prisma-batch-") as folder:
        source = Path(folder) / "document.typ"
        source.write_bytes((templates / "pdf" / "document.typ").read_bytes())
        look: dict[str, object] = {**colours_of(issuer), "paper": _PAPERS[issuer.paper]}
        if issuer.logo:
            look["logo"] = f"logo.{issuer.logo.rpartition('.')[2]}"
            (Path(folder) / str(look["logo"])).write_bytes(files[issuer.logo])
        fonts, look["fonts"] = _fonts(Path(folder) / "fonts", files)
        compilers = [
            typst.Compiler(source, root=folder, font_paths=fonts, ignore_system_fonts=True) for _ in range(workers)
        ]
        yield PdfRenderer(read_catalogs(templates), compilers, json.dumps(look))


class PdfRenderer:
    """Renders views with one Typst compiler a worker; compilers run beside each other, outside Python's lock."""

    def __init__(self, catalogs: Mapping[str, GNUTranslations], compilers: Sequence[typst.Compiler], look: str) -> None:
        self._catalogs, self._look, self._workers = catalogs, look, len(compilers)
        self._compilers: SimpleQueue[typst.Compiler] = SimpleQueue()
        for compiler in compilers:
            self._compilers.put(compiler)

    def render_each(self, views: Iterable[Statement | InvoiceCopy]) -> Iterator[Pdf]:
        """Yield the PDF of each view, in order."""
        documents = map(self._document, views)
        if self._workers == 1:
            yield from map(self._render, documents)
            return
        with ThreadPoolExecutor(self._workers) as pool:
            yield from pool.map(self._render, documents)

    def _document(self, view: Statement | InvoiceCopy) -> Block:
        words = Words.of(view.language, self._catalogs)
        return statement_document(view, words) if isinstance(view, Statement) else invoice_document(view, words)

    def _render(self, document: Block) -> Pdf:
        compiler = self._compilers.get()
        try:
            return _compiled(compiler, document, self._look)
        finally:
            self._compilers.put(compiler)


def _compiled(compiler: typst.Compiler, document: Block, look: str) -> Pdf:
    inputs = {"document": json.dumps(document, ensure_ascii=False), "look": look}
    dated = datetime.combine(date(*document["date"]), datetime.min.time(), UTC)
    try:
        pdf = compiler.compile(format="pdf", sys_inputs=inputs, pdf_standards=_STANDARDS, timestamp=dated)
    except typst.TypstError as error:
        missing = _NOT_DISPLAYED.search(error.message)
        if missing is None:
            raise
        return MissingGlyph(missing[1])
    if not isinstance(pdf, bytes):
        raise TypeError("a PDF is one file")
    return pdf


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
