"""References across files: what a record names must be there."""

import re
from collections.abc import Iterator, Mapping

from prisma_batch.base.findings import Finding
from prisma_batch.records.facts import Context, Facts, Reference, Thing

# What a reference to it is called, and where it is defined.
_PLACES: Mapping[Thing, tuple[str, str]] = {
    "account": ("account", "add contacts/{}.yaml"),
    "partner": ("partner", "add it to partners in prisma.yaml"),
    "program": ("program", "add it to programs in prisma.yaml"),
    "document": ("document", "add it to invoices/"),
    "price_list": ("price list", "add agreements/price-lists/{}.yaml"),
    "fx_table": ("exchange-rate table", "add agreements/fx/{}.csv"),
}
# Where a document's number is asked for people also write names and addresses, which no log should show.
_NUMBER = re.compile(r"(?=\D*\d)[A-Za-z0-9][A-Za-z0-9._/#-]{0,63}", re.ASCII)


def check_references(facts: Facts, _context: Context) -> Iterator[Finding]:
    """Yield ``unknown-account``, ``unknown-document`` and so on where a record names what is nowhere defined.

    FAIL: an invoice for ACME-002 without contacts/ACME-002.yaml. PASS: with it, even where that file has errors.
    """
    for file in facts.files:
        for reference in file.references:
            if not facts.knows(reference.thing, reference.target):
                yield _unknown(reference, file.source)


def check_lines(facts: Facts, _context: Context) -> Iterator[Finding]:
    """Yield ``unknown-line`` where a dispute or credit names a line that its document does not have.

    FAIL: ``line: 3`` of a document with two lines. PASS: ``line: 2``.
    """
    for file in facts.files:
        for reference in file.references:
            document = facts.documents.get(reference.target) if reference.thing == "document" else None
            if document and reference.line and reference.line not in document.lines:
                yield Finding(
                    code="unknown-line",
                    message=f"the document has no line {reference.line}",
                    remedy="name a line of it, or leave the line out",
                    source=file.source,
                    pointer=reference.pointer,
                )


def _unknown(reference: Reference, source: str) -> Finding:
    noun, place = _PLACES[reference.thing]
    target = reference.target if reference.thing != "document" or _NUMBER.fullmatch(reference.target) else ""
    return Finding(
        code=f"unknown-{reference.thing.replace('_', '-')}",
        message=f"there is no {noun} {target}".rstrip(),
        remedy=f"correct the reference, or {place.format(target)}",
        source=source,
        pointer=reference.pointer,
    )
