"""The files that give documents the issuer's look: a logo, and fonts for characters that the packaged ones lack."""

from pathlib import Path

from prisma_batch.base.findings import Finding
from prisma_batch.readers.data_files import DataFile
from prisma_batch.readers.files import blob_id, read_input, sha256
from prisma_batch.records.settings import Issuer

_FONT_SUFFIXES = (".otf", ".ttc", ".ttf")


def design_files(root: Path, issuer: Issuer) -> tuple[list[DataFile], list[Finding]]:
    """Read the logo and the fonts that prisma.yaml names, sorted by source; what cannot be read is a finding."""
    fonts = root / issuer.fonts if issuer.fonts else None
    names = [path.name for path in fonts.glob("*") if path.suffix.lower() in _FONT_SUFFIXES] if fonts else []
    sources = sorted([f"{issuer.fonts}/{name}" for name in names] + ([issuer.logo] if issuer.logo else []))
    found, findings = [], []
    if fonts and not names:
        findings.append(_no_fonts(str(issuer.fonts)))
    for source in sources:
        content = read_input(root, source)
        if isinstance(content, Finding):
            findings.append(content)
        else:
            found.append(DataFile(source=source, content=content, sha256=sha256(content), blob_id=blob_id(content)))
    return found, findings


def _no_fonts(folder: str) -> Finding:
    return Finding(
        code="no-fonts",
        message="the folder named as issuer.fonts holds no font",
        remedy="put .ttf, .otf or .ttc files into it, or take issuer.fonts out of prisma.yaml",
        source=folder,
    )
