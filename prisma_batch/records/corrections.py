"""Corrections: what would put a finding right, as the lines of documents that nobody has issued yet."""

from dataclasses import dataclass
from decimal import Decimal

from prisma_batch.records.documents import DocumentKind, Line


@dataclass(frozen=True, kw_only=True, slots=True)
class Correction:
    """One line to propose, on a document of ``account``; its number and tax code are given when the document is made.

    Lines with equal ``kind``, ``account``, ``currency`` and ``group`` go on one document; for a credit note the group
    is the invoice that it corrects, if any. ``tax`` is code and rate, None where they are those agreed on the day of
    issue. ``cause`` is the fingerprint of what it corrects: another cause is another document. ``period`` is the month
    in which that is listed.
    """

    kind: DocumentKind
    account: str
    currency: str
    line: Line
    reason: str
    cause: str
    period: str
    group: str = ""
    tax: tuple[str, Decimal] | None = None
