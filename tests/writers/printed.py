"""What tests read of a PDF: its text, its structure, and fonts made for a test."""

import shutil
import subprocess
from io import BytesIO
from pathlib import Path
from typing import Any

import font_source_sans_pro
import pikepdf
import pytest
from fontTools.ttLib import TTFont

_FACE = Path(font_source_sans_pro.__file__).parent / "files" / "SourceSansPro-Regular.ttf"
needs_pdftotext = pytest.mark.skipif(not shutil.which("pdftotext"), reason="pdftotext (poppler-utils) is not installed")


def pdf_text(pdf: bytes, *options: str) -> str:
    """Return a PDF's text as pdftotext reads it; spaces are ordinary ones."""
    command = ["pdftotext", "-enc", "UTF-8", *options, "-", "-"]
    text = subprocess.run(command, input=pdf, capture_output=True, check=True).stdout.decode()
    return text.replace("\xa0", " ").replace("\u202f", " ").replace("\u200b", "")


def tags(pdf: bytes) -> list[str]:
    """Return the kinds of a PDF's structure elements in reading order."""
    with pikepdf.open(BytesIO(pdf)) as opened:
        return list(_kinds(opened.Root.StructTreeRoot.K))


def _kinds(node: Any) -> Any:
    if isinstance(node, pikepdf.Array):
        for child in node:  # type: ignore[attr-defined]
            yield from _kinds(child)
    elif isinstance(node, pikepdf.Dictionary) and "/S" in node:
        yield str(node.S).strip("/")
        if "/K" in node:
            yield from _kinds(node.K)


def font_with(characters: str) -> bytes:
    """Make a font that has nothing but these characters, drawn as the letter A of another."""
    font = TTFont(_FACE)
    for mapped in font["cmap"].tables:
        mapped.cmap = dict.fromkeys(map(ord, characters), mapped.cmap[ord("A")]) if mapped.isUnicode() else {}
    for name in font["name"].names:
        if name.nameID in (1, 4, 6, 16):
            name.string = "TestFace"
    saved = BytesIO()
    font.save(saved)
    return saved.getvalue()
