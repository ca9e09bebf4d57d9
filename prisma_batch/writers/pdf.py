"""Documents as PDF by Typst: tagged (PDF/UA-1), archivable (PDF/A-3a), the same bytes wherever they are made.

Fonts are those of the packages and of the issuer's folder, never the machine's; no Typst package is ever fetched.
"""

import hashlib
import importlib.metadata
import importlib.util
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from gettext import GNUTranslations
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType

import typst

from prisma_batch.base.errors import UsageProblem
from prisma_batch.records.settings import Issuer
from prisma_batch.views.invoice_copy import InvoiceCopy
from prisma_batch.views.statement_parts import Statement
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
_FACE_FILES = ("Regular", "Semibold")
_PACKAGE = Path(__file__).resolve().parents[1]
_CODE_FOLDERS = ("base", "records", "views", "writers")
_LIBRARIES = ("babel", "segno", "typst")
_NOT_DISPLAYED = re.compile(r"the text `\"(.+?)\"` could not be displayed")


@dataclass(frozen=True, slots=True)
class MissingGlyph:
    """A document without PDF: no font has its character."""

    character: str


Pdf = bytes | MissingGlyph


@contextmanager
def pdf_renderer(
    templates: Path, issuer: Issuer, files: Mapping[str, bytes] = MappingProxyType({})
) -> Iterator["PdfRenderer"]:
    """Give a renderer; what its compiler reads lies in a folder that is gone in the end.

    Args:
        templates: the packaged folder.
        issuer: whose paper, colours and logo documents have.
        files: the logo and the fonts that the issuer names, by their path in the workspace.
    Raises:
        UsageProblem: a file of the issuer's fonts is none, or a font of the package is gone.
    """
    with TemporaryDirectory(prefix="prisma-batch-") as folder:
        look: dict[str, object] = {**colours_of(issuer), "paper": _PAPERS[issuer.paper]}
        beside = {file.name: file.read_bytes() for file in (templates / "pdf").glob("*.typ")}
        if issuer.logo:
            look["logo"] = f"logo.{issuer.logo.rpartition('.')[2]}"
            beside[str(look["logo"])] = files[issuer.logo]
        fonts, look["fonts"] = _fonts(Path(folder) / "fonts", files)
        beside["look.json"] = json.dumps(look).encode()
        root = Path(folder) / "document"
        root.mkdir()
        for name, content in beside.items():
            (root / name).write_bytes(content)
        compiler = typst.Compiler(root / _SOURCE, root=root, font_paths=fonts, ignore_system_fonts=True)
        yield PdfRenderer(read_catalogs(templates), compiler, root, _made_of(templates, beside, files))


class PdfRenderer:
    """Renders views with one Typst compiler."""

    def __init__(
        self, catalogs: Mapping[str, GNUTranslations], compiler: typst.Compiler, root: Path, made_of: str
    ) -> None:
        """Take the folder that the compiler reads, and a digest of all but a view that decides the bytes of its PDF."""
        self._catalogs, self._compiler, self._root, self._made_of = catalogs, compiler, root, made_of.encode()

    def digest(self, view: Statement | InvoiceCopy) -> str:
        """Return the digest of all that decides the bytes of a view's PDF."""
        return _digest(self._made_of, repr(view).encode())

    def render(self, view: Statement | InvoiceCopy) -> Pdf:
        """Return a view as PDF."""
        words = Words.of(view.language, self._catalogs)
        if isinstance(view, Statement):
            return _compiled(self._compiler, self._root, statement_document(view, words))
        return _compiled(self._compiler, self._root, invoice_document(view, words))


def _compiled(compiler: typst.Compiler, root: Path, document: Block) -> Pdf:
    # In a file: the compiler knows again what it shares with the documents before, which inputs would prevent.
    (root / "document.json").write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    dated = datetime.combine(date(*document["date"]), datetime.min.time(), UTC)
    try:
        pdf = compiler.compile(format="pdf", pdf_standards=_STANDARDS, timestamp=dated)
    except typst.TypstError as error:
        missing = _NOT_DISPLAYED.search(error.message)
        if missing is None:
            raise
        return MissingGlyph(missing[1])
    if not isinstance(pdf, bytes):
        raise TypeError("a PDF is one file")
    return pdf


def _made_of(templates: Path, beside: Mapping[str, bytes], files: Mapping[str, bytes]) -> str:
    """Return the digest of all but a view that decides the bytes of its PDF, the code that prints it included."""
    code = [file for folder in _CODE_FOLDERS for file in sorted((_PACKAGE / folder).rglob("*.py"))]
    read = [*code, *sorted((templates / "locale").rglob("*.po")), *_face_files()]
    named = [part for path, content in sorted({**beside, **files}.items()) for part in (path.encode(), content)]
    libraries = [importlib.metadata.version(name).encode() for name in _LIBRARIES]
    return _digest(*libraries, *(file.read_bytes() for file in read), *named)


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
