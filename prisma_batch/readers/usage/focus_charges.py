"""The rows of a FOCUS export with their prices, for drafting agreements."""

from prisma_batch.base.findings import Finding
from prisma_batch.readers.csv_text import Refusal, RowFindings, delimiter_finding, delimiter_split
from prisma_batch.readers.usage import focus
from prisma_batch.readers.usage.files import held
from prisma_batch.readers.usage.parts import OpenedFile, opened, parts, read_part

_NOT_FOCUS = Refusal("unknown-format", "not a FOCUS export", "export the file as FOCUS 1.0 to 1.2")


def read_charges(source: str, content: bytes) -> tuple[list[focus.FocusCharge], list[Finding]]:
    """Read each row of an export; nothing is returned where there are findings."""
    file = opened(held(source, content))
    if isinstance(file, Finding):
        return [], [file]
    if not focus.sniff(file.columns):
        split = delimiter_split(file.columns)
        return [], [delimiter_finding(source, split[0]) if split else _NOT_FOCUS.finding(source)]
    findings = focus.refused_header(source, file.columns, has_bom=file.has_bom)
    return ([], findings) if findings else _charges(file)


def _charges(file: OpenedFile) -> tuple[list[focus.FocusCharge], list[Finding]]:
    found, rows_read, charges = RowFindings(file.file.source, file.columns), 0, list[focus.FocusCharge]()
    for part in parts(file):
        in_part = RowFindings(file.file.source, file.columns)
        rows_in_part = 0
        for cells in read_part(file, part, focus.wanted(file.columns) | focus.DRAFT_ONLY, in_part):
            rows_in_part += cells.rows_read
            charges += focus.charges(cells)
        found.add(in_part, rows_read)
        rows_read += rows_in_part
    findings = found.all()
    return ([] if findings else charges), findings
