"""What links files with each other: checks across files see no further than these links and prisma.yaml.

A check across files may look, for a finding about a file, at the file's own facts, at those of prisma.yaml, and at
those of files that share a link with it, or are reached over chain links. So after a change only these are checked.
"""

import re
from collections.abc import Iterator

from prisma_batch.base.identifiers import file_stem
from prisma_batch.records.facts import PROMISED_BY_KIND, FileFacts

# prisma.yaml is always looked at.
_DEFINED_IN_SETTINGS = ("partner", "program")
_REPORT_PATH = re.compile(r"usage/(.+?)(?:\.r[0-9]+)?\.yaml")


def links_of(file: FileFacts) -> frozenset[str]:
    """Return the links of a file: the ids that it defines and names, and the account that it belongs to."""
    return frozenset(_links(file)) | chain_links_of(file)


def chain_links_of(file: FileFacts) -> frozenset[str]:
    """Return the links that lead on from file to file: who is billed for whom."""
    if not file.agreement:
        return frozenset()
    return frozenset(f"payer {account}" for account in (file.account, file.agreement.billed_to) if account)


def _links(file: FileFacts) -> Iterator[str]:
    if file.account:
        yield _link("account", file.account)
    for definition in file.definitions:
        if definition.thing not in _DEFINED_IN_SETTINGS:
            yield _link(definition.thing, definition.id)
    for reference in (*file.references, *(file.document.corrects if file.document else ())):
        if reference.thing not in _DEFINED_IN_SETTINGS:
            yield _link(reference.thing, reference.target)
    for number in (*(claim.document for claim in file.claims), *(n for plan in file.plans for n in plan.documents)):
        yield _link("document", number)
    if file.report:
        yield f"report {file.report.period}/{file.account}.{file.report.program}"
    yield from _promised(file)


def _promised(file: FileFacts) -> Iterator[str]:
    """Yield the links that a file that could not be read may have, by its name."""
    if file.readable:
        return
    if file.kind in PROMISED_BY_KIND:
        yield _link(PROMISED_BY_KIND[file.kind], file.stem)
    if found := _REPORT_PATH.fullmatch(file.source):
        yield f"report {found[1]}"
        yield f"report {file.source.removeprefix('usage/').removesuffix('.yaml')}"


def _link(thing: str, identifier: str) -> str:
    # By file name and without case: what would share a file is linked as well.
    return f"{'account' if thing == 'agreement' else thing} {file_stem(identifier).casefold()}"
