"""What the checks across files need to know of each file, and nothing more.

Named tuples and no dataclasses: there are a dozen for each file, and they are made and kept in a fifth of the time.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Literal, NamedTuple, TypeAlias

from prisma_batch.base.identifiers import file_stem
from prisma_batch.records.settings import VerificationRules

Thing: TypeAlias = Literal["account", "agreement", "partner", "program", "document", "price_list", "fx_table", "case"]

# A file that could not be read still stands for the thing that its name promises.
PROMISED_BY_KIND: dict[str, Thing] = {
    "contacts": "account",
    "agreements": "agreement",
    "invoices": "document",
    "price-lists": "price_list",
    "fx": "fx_table",
    "cases": "case",
}
_DEFINED_IN_SETTINGS = ("partner", "program")


class Definition(NamedTuple):
    """A thing that a file defines, under the id by which others refer to it."""

    thing: Thing
    id: str
    pointer: str


class Reference(NamedTuple):
    """A thing that a file refers to; ``line`` is a line of the document that is referred to."""

    thing: Thing
    target: str
    pointer: str
    line: int | None = None


class Coverage(NamedTuple):
    """When the contacts of one type are valid: inclusive days, open where None."""

    contact_type: str
    intervals: tuple[tuple[date | None, date | None], ...]


class ContactEntry(NamedTuple):
    """One entry of a person, without saying who: when it was verified and is valid, inclusive, open where None."""

    pointer: str
    verified_on: date | None
    valid_from: date | None
    valid_to: date | None


class AgreementFacts(NamedTuple):
    billed_to: str | None
    closed_on: date | None


class DocumentFacts(NamedTuple):
    """A document; ``total`` is its total, or the open amount of an opening item, as printed."""

    number: str
    kind: str
    account: str
    currency: str
    total: Decimal
    lines: tuple[int, ...] = ()
    corrects: tuple[Reference, ...] = ()


class Claim(NamedTuple):
    """An amount in a document's currency that another file states: ``kind`` is settle, dispute or an outcome's kind.

    ``account`` is the one that a decision names beside the document.
    """

    kind: str
    document: str
    amount: Decimal
    pointer: str
    account: str = ""


class Plan(NamedTuple):
    """The installments that replace the due dates of documents."""

    documents: tuple[str, ...]
    amount: Decimal
    pointer: str


class ReportFacts(NamedTuple):
    program: str
    period: str
    revision: int


class Granted(NamedTuple):
    """A document that an outcome of a case is about; ``kind`` is the outcome's."""

    kind: str
    document: str
    pointer: str


class FileFacts(NamedTuple):
    """One file: what it defines, refers to and states; ``stem`` is its name without suffix, ``account`` whose it is."""

    source: str
    kind: str
    stem: str
    readable: bool = True
    account: str | None = None
    definitions: tuple[Definition, ...] = ()
    references: tuple[Reference, ...] = ()
    coverage: tuple[Coverage, ...] = ()
    people: tuple[tuple[ContactEntry, ...], ...] = ()
    verification: VerificationRules | None = None
    agreement: AgreementFacts | None = None
    document: DocumentFacts | None = None
    report: ReportFacts | None = None
    claims: tuple[Claim, ...] = ()
    plans: tuple[Plan, ...] = ()
    granted: tuple[Granted, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Facts:
    """The facts of every file, sorted by source, with what is looked up in them."""

    files: tuple[FileFacts, ...]
    documents: Mapping[str, DocumentFacts] = field(init=False)
    _defined: frozenset[tuple[str, str]] = field(init=False)
    _promised: frozenset[tuple[str, str]] = field(init=False)

    def __post_init__(self) -> None:
        documents = {file.document.number: file.document for file in reversed(self.files) if file.document}
        defined = {(definition.thing, definition.id) for file in self.files for definition in file.definitions}
        object.__setattr__(self, "documents", documents)
        object.__setattr__(self, "_defined", frozenset(defined))
        object.__setattr__(self, "_promised", frozenset(_promises(self.files)))

    def of_kind(self, kind: str) -> Iterator[FileFacts]:
        """Yield the files of one kind that could be read."""
        return (file for file in self.files if file.kind == kind and file.readable)

    def knows(self, thing: Thing, target: str) -> bool:
        """Say whether something is defined, or may be in a file that could not be read."""
        return (thing, target) in self._defined or self.may_be_unread(thing, target)

    def may_be_unread(self, thing: Thing, target: str) -> bool:
        """Say whether something may be defined in a file that could not be read."""
        return (thing, "") in self._promised or (thing, file_stem(target)) in self._promised


@dataclass(frozen=True, kw_only=True, slots=True)
class Context:
    """What checks across files are told besides the facts: the day as of which contacts must be valid."""

    as_of: date


def _promises(files: Iterable[FileFacts]) -> Iterator[tuple[str, str]]:
    for file in files:
        if file.readable:
            continue
        if file.kind == "settings":
            yield from ((thing, "") for thing in _DEFINED_IN_SETTINGS)
        elif file.kind in PROMISED_BY_KIND:
            yield PROMISED_BY_KIND[file.kind], file.stem
