"""Opens the book: documents and bank entries as of a day, and what payers wrote, looked up once for all of them."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date

import pandas as pd
from pandas import DataFrame

from prisma_batch.receivables.book import AdviceLine, Book, OpenDocument, References, Words
from prisma_batch.receivables.inputs import ReceivablesInput, rows_until
from prisma_batch.receivables.payments import Payments
from prisma_batch.receivables.quotes import Quote, TextIndex
from prisma_batch.receivables.references import spellings
from prisma_batch.receivables.terms import Terms
from prisma_batch.records.settings import NotReceivableRule
from prisma_batch.records.table import rows_of, values_of

_FIELDS = (
    ("structured_reference", "the structured reference"),
    ("end_to_end_id", "the end-to-end id"),
    ("text", "the text"),
)
_CHUNK_ROWS = 50_000
# What ``spellings`` may compare otherwise than as it stands: marks, leading zeros, other blanks, letters beyond ASCII.
_SPELLED_OTHERWISE = r"^RF..0|[+*/\x00-\x1f]|^0[0-9]{26}$|[^\x00-\x7f]"


def opened_book(inputs: ReceivablesInput, as_of: date) -> Book:
    """Return the book as of a day before anything is matched."""
    issued = _open_documents(rows_until(inputs.documents, "issued_on", as_of))
    documents = {document.document: document for document in issued}
    entries = rows_until(inputs.entries, "booking_date", as_of)
    payments = Payments.of(entries)
    pairs = [
        (document.document, reference)
        for document in documents.values()
        for reference in (document.document, document.payment_reference)
        if reference
    ]
    references = _by_reference(pairs)
    return Book(
        documents=documents,
        payments=payments,
        links=inputs.links,
        terms=inputs.terms,
        by_reference=references,
        quotes=_quotes((entries, payments.names), TextIndex.of(pairs), references),
        advices=_advices(inputs.remittances, payments),
        words=_words(entries, inputs.terms),
    )


def _open_documents(table: DataFrame) -> Iterator[OpenDocument]:
    columns = (values_of(table[name]) for name in OpenDocument._fields)
    return map(OpenDocument._make, zip(*columns, strict=True))


def _advices(lines: DataFrame, payments: Payments) -> dict[str, list[AdviceLine]]:
    found: dict[str, list[AdviceLine]] = defaultdict(list)
    for row in rows_of(lines):
        if row.payment in payments:
            found[row.payment].append(AdviceLine(row.invoice_reference, row.amount_minor, row.memo))
    return dict(found)


def _by_reference(pairs: Iterable[tuple[str, str]]) -> References:
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for pair in pairs:
        for spelling in spellings(pair[1]):
            found[spelling].append(pair)
    return dict(found)


def _quotes(
    named: tuple[DataFrame, Sequence[str]], index: TextIndex, references: References
) -> dict[str, tuple[Quote, ...]]:
    """Return what each payment quotes: fields that are a reference and nothing else, and numbers found in any field.

    Args:
        named: BANK_ENTRIES, and the id of each payment in their order.
    """
    entries, names = named
    found: dict[str, tuple[Quote, ...]] = {}
    for start in range(0, len(entries), _CHUNK_ROWS):
        rows = entries.iloc[start : start + _CHUNK_ROWS]
        for column, where in _FIELDS:
            if rows[column].ne("").any():
                for position, quotes in _said(references, index, rows[column], where):
                    name = names[start + position]
                    found[name] = _merged(found[name], quotes) if name in found else quotes
    return found


def _said(
    references: References, index: TextIndex, column: "pd.Series[str]", where: str
) -> Iterator[tuple[int, tuple[Quote, ...]]]:
    texts = column.tolist()
    whole = set()
    for position in _perhaps_exact(references, column):
        exact = _exact(references, texts[position], where)
        if exact:
            whole.add(position)
            yield position, exact
    for position in index.hits(texts):
        quotes = index.quotes(texts[position]) if position not in whole else ()
        if quotes:
            yield position, quotes


def _perhaps_exact(references: Collection[str], column: "pd.Series[str]") -> list[int]:
    """Return the positions of texts that are a reference without blanks, and of what may be one in other spellings."""
    # Blanks may group a reference in blocks; what is longer is a sentence.
    longest = 2 * max(map(len, references), default=0)
    compact = column.str.replace(" ", "", regex=False).str.upper()
    odd = compact.str.contains(_SPELLED_OTHERWISE) & column.str.len().between(1, longest)
    pairs = zip(compact.tolist(), odd.tolist(), strict=True)
    return [position for position, (text, is_odd) in enumerate(pairs) if is_odd or text in references]


def _exact(references: References, text: str, where: str) -> tuple[Quote, ...]:
    hits = {document: ref for spelling in spellings(text) for document, ref in references.get(spelling, ())}
    return tuple(Quote(document, f"{where} is {reference}", exact=True) for document, reference in hits.items())


def _merged(one: Sequence[Quote], other: Sequence[Quote]) -> tuple[Quote, ...]:
    best: dict[str, Quote] = {}
    for quote in (*one, *other):
        if quote.document not in best or quote[2:] > best[quote.document][2:]:
            best[quote.document] = quote
    return tuple(best.values())


def _words(entries: DataFrame, terms: Terms) -> Words:
    hits: dict[int, str] = {}
    for rule in reversed(terms.not_receivable):
        hits |= dict.fromkeys(_matching(entries, rule), rule.name)
    columns = tuple(entries[column].array for column, _ in _FIELDS)
    return Words(columns=columns, names=entries["counterparty_name"].array, rules_hit=hits)


def _matching(entries: DataFrame, rule: NotReceivableRule) -> list[int]:
    """Return the positions of the entries for which every condition of a rule holds."""
    holds = pd.Series(True, index=range(len(entries)))
    if rule.counterparty_iban:
        holds &= entries["counterparty_iban"].eq("".join(rule.counterparty_iban.split()).upper()).to_numpy()
    if rule.text_contains:
        holds &= entries["text"].str.contains(rule.text_contains, case=False, regex=False).to_numpy()
    if rule.bank_code:
        holds &= entries["bank_code"].eq(rule.bank_code).to_numpy()
    return holds[holds].index.tolist()
