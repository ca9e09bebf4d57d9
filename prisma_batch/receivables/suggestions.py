"""What a person might settle with what is left of a payment: the likeliest first, each with the reason."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from prisma_batch.base.money import from_minor
from prisma_batch.receivables.book import Book
from prisma_batch.receivables.earlier_payments import sharing_a_reference
from prisma_batch.receivables.payments import Payment
from prisma_batch.receivables.settlement import due_order
from prisma_batch.receivables.steps.advised import document_of
from prisma_batch.receivables.steps.unique_amount import equal_documents, named_in_short
from prisma_batch.receivables.steps.unique_subset import adding_up
from prisma_batch.receivables.steps.within_tolerance import nearly_paid

_MOST = 5
_WORD = re.compile(r"\w+")
# Forms of companies say nothing about which company it is.
_FORMS = frozenset(
    "gmbh ag kg ug mbh bv nv sa sas sarl srl spa ltd limited llc inc plc oy ab as aps sp zoo co corp the".split()
)
_SIMILAR = 0.6


@dataclass(frozen=True, slots=True)
class Names:
    """What accounts are called, by the words of their names."""

    words: Mapping[str, frozenset[str]]
    accounts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, names: Mapping[str, str]) -> "Names":
        """Build the index from the name of each account."""
        words = {account: _words(name) for account, name in names.items()}
        accounts: dict[str, list[str]] = defaultdict(list)
        for account, own in words.items():
            for word in own:
                accounts[word].append(account)
        return cls(words, {word: tuple(found) for word, found in accounts.items()})

    def similar(self, name: str) -> tuple[str, ...]:
        """Return the accounts with a similar name, most similar first."""
        words = _words(name)
        shared: dict[str, int] = defaultdict(int)
        for word in words:
            for account in self.accounts.get(word, ()):
                shared[account] += 1
        scores = {account: count / len(words | self.words[account]) for account, count in shared.items()}
        close = [account for account, score in scores.items() if score >= _SIMILAR]
        return tuple(sorted(close, key=lambda account: (-scores[account], account)))


@dataclass(frozen=True, slots=True)
class Suggester:
    """Looks for suggestions; ``by_amount`` has the open documents of amounts that are left, by these."""

    book: Book
    names: Names
    by_amount: Mapping[tuple[str, int], tuple[str, ...]]

    @classmethod
    def of(cls, book: Book, left_over: Iterable[Payment]) -> "Suggester":
        """Prepare to suggest from a matched book for payments of which something is left."""
        wanted = {(payment.currency, book.left_minor[payment.payment]) for payment in left_over}
        found: dict[tuple[str, int], list[str]] = defaultdict(list)
        for (_, currency), items in book.open_items.items():
            for document, minor in items.items():
                if (currency, minor) in wanted:
                    found[currency, minor].append(document)
        return cls(book, Names.of(book.terms.names), {key: tuple(sorted(rows)) for key, rows in found.items()})

    def text(self, payment: Payment) -> str:
        """Return the suggestions as ``document (reason); …``; documents that go together are joined by `` + ``.

        Money that left may take back an earlier payment: then that one is suggested.
        """
        if payment.payment in self.book.returned:
            return ""
        best: dict[str, str] = {}
        for documents, reason in self._ranked(payment) if payment.amount_minor > 0 else self._earlier(payment):
            best.setdefault(documents, reason)
        return "; ".join(f"{documents} ({reason})" for documents, reason in list(best.items())[:_MOST])

    def _ranked(self, payment: Payment) -> Iterator[tuple[str, str]]:
        book, items = self.book, self.book.own_items(payment)
        yield from self._advised(payment)
        for quote in book.quoted(payment):
            if book.open_minor[quote.document] > 0:
                yield quote.document, self._quoted(payment, quote.document)
        for document in equal_documents(book, payment):
            yield document, "same amount"
        for document in named_in_short(book, payment, [name for name, minor in items.items() if minor > 0]):
            yield document, "the text gives the end of its number"
        together = adding_up(book, payment)
        if together:
            yield " + ".join(together), "add up to it"
        for document, (kind, gap) in nearly_paid(book, payment).items():
            yield document, f"{from_minor(gap, payment.currency)} more: {kind.replace('_', ' ')}"
        if payment.counterparty_iban not in book.accounts_by_iban:
            yield from self._of_strangers(payment)

    def _advised(self, payment: Payment) -> Iterator[tuple[str, str]]:
        """Yield what an advice names, where it was not followed because it is about another amount than the payment."""
        lines = self.book.advices.get(payment.payment, ())
        total_minor = sum(line.amount_minor for line in lines)
        named = (document_of(self.book, payment, line) for line in lines if total_minor != payment.amount_minor)
        for document in filter(None, named):
            if self.book.open_minor[document] > 0:
                yield document, f"its advice names it, but adds up to {from_minor(total_minor, payment.currency)}"

    def _earlier(self, payment: Payment) -> Iterator[tuple[str, str]]:
        for earlier in reversed(sharing_a_reference(self.book, payment)):
            yield earlier.payment, "same reference: it may have come back"

    def _quoted(self, payment: Payment, document: str) -> str:
        owed = self.book.documents[document]
        if owed.currency != payment.currency:
            return f"quoted, but in {owed.currency}"
        return "quoted" if self.book.may_pay(payment, document) else f"quoted, but owed by {owed.account}"

    def _of_strangers(self, payment: Payment) -> Iterator[tuple[str, str]]:
        equal = self.by_amount.get((payment.currency, self.book.left_minor[payment.payment]), ())
        called = self.names.similar(self.book.words.name(payment))
        owners = {document: self.book.documents[document].account for document in equal}
        for account in called:
            for document in equal:
                if owners[document] == account:
                    yield document, "same amount, similar name"
        if len(equal) <= _MOST:
            for document in equal:
                yield document, f"same amount, owed by {owners[document]}"
        for account in called:
            items = self.book.open_items.get((account, payment.currency), {})
            debts = [document for document, minor in items.items() if minor > 0]
            for document in sorted(debts, key=lambda name: due_order(self.book, name)):
                yield document, "similar name"


def _words(name: str) -> frozenset[str]:
    plain = name.casefold().replace(".", "")
    return frozenset(_WORD.findall(plain)) - _FORMS
