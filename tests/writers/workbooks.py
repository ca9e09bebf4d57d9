"""Reads a workbook as a spreadsheet does: sheets by name, cells by their type."""

from io import BytesIO
from typing import Any
from zipfile import ZipFile

from lxml import etree

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def sheets(workbook: bytes) -> dict[str, list[list[Any]]]:
    """Return rows of text, float or None; formulas raise."""
    with ZipFile(BytesIO(workbook)) as parts:
        listed = etree.fromstring(parts.read("xl/workbook.xml")).iter(f"{_MAIN}sheet")
        names = [str(sheet.get("name")) for sheet in listed]
        return {name: _rows(parts.read(f"xl/worksheets/sheet{place}.xml")) for place, name in enumerate(names, start=1)}


def _rows(sheet: bytes) -> list[list[Any]]:
    root = etree.fromstring(sheet)
    assert not list(root.iter(f"{_MAIN}f")), "a formula"
    rows = []
    for row in root.iter(f"{_MAIN}row"):
        cells: list[Any] = []
        for cell in row:
            place = _column(str(cell.get("r")))
            cells += [None] * (place - len(cells)) + [_value(cell)]
        rows.append(cells)
    width = max(map(len, rows), default=0)
    return [row + [None] * (width - len(row)) for row in rows]


def _column(reference: str) -> int:
    number = 0
    for letter in reference.rstrip("0123456789"):
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1


def _value(cell: Any) -> Any:
    text = "".join(cell.itertext())
    return text if cell.get("t") == "inlineStr" else float(text) if text else None
