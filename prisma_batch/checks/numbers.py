"""Numbers and ids that must be unique in the whole workspace."""

from collections.abc import Iterator

from prisma_batch.base.findings import Finding
from prisma_batch.base.identifiers import file_stem
from prisma_batch.records.facts import Context, Definition, Facts, Thing


def check_document_numbers(facts: Facts, _context: Context) -> Iterator[Finding]:
    """Yield ``duplicate-number`` where a document's number is used again, under whatever account.

    FAIL: INV-1 of two accounts. PASS: INV-1 and INV-2.
    """
    for source, definition, first in _repeated(facts, "document"):
        message = f"this number is already used in {first}"
        yield _finding("duplicate-number", message, "a number belongs to one document: correct it", source, definition)


def check_case_ids(facts: Facts, _context: Context) -> Iterator[Finding]:
    """Yield ``duplicate-id`` where a case's id is used again, under whatever account.

    FAIL: CASE-1 of two accounts. PASS: CASE-1 and CASE-2.
    """
    for source, definition, first in _repeated(facts, "case"):
        yield _finding("duplicate-id", f"this id is already used in {first}", "give it its own id", source, definition)


def check_number_files(facts: Facts, _context: Context) -> Iterator[Finding]:
    """Yield ``file-name-collision`` where different numbers get files of one name.

    FAIL: ``INV/1`` and ``INV_1``, or ``INV-a`` and ``INV-A``. PASS: ``INV/1`` and ``INV_2``.
    """
    first_by_name: dict[str, str] = {}
    for file in facts.files:
        if file.document:
            number = file.document.number
            first = first_by_name.setdefault(file_stem(number).casefold(), number)
            if first != number:
                definition = file.definitions[0]
                message = "another document's number gives files of the same name"
                remedy = "change one: other characters than A-Z a-z 0-9 . _ - become _, and case counts for nothing"
                yield _finding("file-name-collision", message, remedy, file.source, definition)


def _repeated(facts: Facts, thing: Thing) -> Iterator[tuple[str, Definition, str]]:
    first_by_id: dict[str, str] = {}
    for file in facts.files:
        for definition in file.definitions:
            if definition.thing == thing:
                first = first_by_id.setdefault(definition.id, file.source)
                if first != file.source:
                    yield file.source, definition, first


def _finding(code: str, message: str, remedy: str, source: str, definition: Definition) -> Finding:
    return Finding(code=code, message=message, remedy=remedy, source=source, pointer=definition.pointer)
