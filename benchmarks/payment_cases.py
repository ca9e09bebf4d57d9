"""Payments with the truth about them: what each was meant to settle, and whether a careful clerk could tell.

The clerk has the open items, the bank entries and the advices, and nothing else. An account number is known to the
clerk by an earlier payment that names its document. The same seed gives the same cases. Nothing here is taken from the
matcher: amounts are kept apart by looking at every sum that the open items of an account can make.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import combinations
from random import Random
from typing import Any

OUR_ACCOUNT = "NL60PRSM0800100200"
ISSUED, FIRST_DAY, AS_OF = date(2026, 8, 3), date(2026, 9, 1), date(2026, 12, 31)
CASES_PER_ACCOUNT = 6
LIMIT_MINOR, CAP_MINOR, DISCOUNT_PERCENT = 200, 5_000, 2
DISCOUNT_UNTIL = date(2026, 10, 15)
_WORDS = (
    "payment",
    "Zahlung",
    "betaling",
    "virement",
    "thank you",
    "monthly",
    "hosting",
    "licences",
    "cloud",
    "vielen Dank",
)
_STYLES = ("INV-2026-{:06d}", "RE{:07d}", "26{:06d}", "F/{:06d}/26")

Row = tuple[Any, ...]
Meant = dict[str, int]


@dataclass(frozen=True, kw_only=True)
class Document:
    """An open item; ``due_on`` is thirty days after it was issued."""

    number: str
    account: str
    debt_minor: int
    reference: str
    order: str
    currency: str
    discount_minor: int

    def row(self) -> Row:
        """Return the row of DOCUMENTS."""
        kind = "invoice" if self.debt_minor > 0 else "credit_note"
        about = (self.number, self.account, kind, ISSUED, ISSUED + timedelta(days=30), self.currency, self.debt_minor)
        until = DISCOUNT_UNTIL if self.discount_minor else None
        return (*about, self.reference, self.order, "", self.discount_minor, until, f"invoices/{self.account}/x.yaml")


@dataclass(kw_only=True)
class Account:
    name: str
    iban: str
    style: str
    currency: str
    documents: list[Document] = field(default_factory=list)


@dataclass(kw_only=True)
class Cases:
    """Rows of DOCUMENTS, BANK_ENTRIES (with the payment's id at the end) and REMITTANCE_LINES, and the truth.

    ``meant`` has the documents and amounts of each payment; ``knowable`` the payments of which a clerk can tell.
    """

    documents: list[Row] = field(default_factory=list)
    entries: list[Row] = field(default_factory=list)
    advices: list[Row] = field(default_factory=list)
    meant: dict[str, Meant] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)
    knowable: set[str] = field(default_factory=set)
    names: dict[str, str] = field(default_factory=dict)


class Generator:
    """Makes cases, account by account."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)  # noqa: S311 - the same cases for everybody
        self.cases = Cases()
        self.made = defaultdict(int)
        self.strangers_numbers: list[str] = ["INV-2026-999999"]

    def run(self, payments_count: int) -> Cases:
        """Return cases with about so many payments."""
        kinds = list(KINDS)
        while len(self.cases.entries) < payments_count:
            account = self._account()
            self._known(account)
            plan = self.random.sample(kinds, k=CASES_PER_ACCOUNT)
            self._all_documents(account, plan)
        return self.cases

    def _all_documents(self, account: Account, plan: list[str]) -> None:
        """Make every open item of the account before the first amount is chosen, so that amounts stay apart."""
        own: list[list[Document]] = [self._documents(account, DOCUMENTS_OF[kind]) for kind in plan]
        for kind, documents in zip(plan, own, strict=True):
            KINDS[kind](self, account, documents)
        self.strangers_numbers = [document.number for document in account.documents]

    def _account(self) -> Account:
        number = self.count("account")
        name = f"Customer {_word(number)} {_word(number * 7 + 3)} Ltd"
        currency = "EUR" if self.random.random() < 0.9 else "USD"
        account = f"CUST-{number:06d}"
        self.cases.names[account] = name
        iban = f"DE{number % 90 + 10}50010517{number:010d}"
        return Account(name=account, iban=iban, style=self.random.choice(_STYLES), currency=currency)

    def _known(self, account: Account) -> None:
        [document] = self._documents(account, 1)
        self.pay(account, "exact", {document.number: document.debt_minor}, reference=document.number, days=0)

    def _documents(self, account: Account, count: int) -> list[Document]:
        return [self.document(account, self._new_amount(account)) for _ in range(count)]

    def document(self, account: Account, debt_minor: int) -> Document:
        number = self.count("document")
        document = Document(
            number=account.style.format(number),
            account=account.name,
            debt_minor=debt_minor,
            reference=_rf(f"{number:09d}") if self.random.random() < 0.5 else "",
            order=f"PO-{self.count('order') + 400_000}",
            currency=account.currency,
            discount_minor=(debt_minor * DISCOUNT_PERCENT + 50) // 100 if debt_minor > 0 else 0,
        )
        account.documents.append(document)
        self.cases.documents.append(document.row())
        return document

    def _new_amount(self, account: Account) -> int:
        return self.apart(account, lambda: self.random.randint(10_000, 1_500_000))

    def apart(self, account: Account, draw: Callable[[], int], besides: tuple[str, ...] = ()) -> int:
        """Draw until the amount is far from everything that the account's other items could explain."""
        others = [document for document in account.documents if document.number not in besides]
        while True:
            amount = draw()
            if all(abs(amount - minor) > LIMIT_MINOR for minor in _explained(others)):
                return amount

    def pay(self, account: Account, kind: str, meant: Meant, **row: Any) -> str:
        """Add a payment; also: amount, text, reference, end_to_end, iban, days, currency, knowable, reversal."""
        payment = f"P{self.count('payment'):07d}"
        days = row.get("days", self.random.randint(1, 40))
        on = FIRST_DAY + timedelta(days=days)
        amount = row.get("amount", sum(meant.values()))
        party = (self.cases.names.get(account.name, ""), row.get("iban", account.iban))
        said = (row.get("end_to_end", ""), row.get("reference", ""), row.get("text", ""))
        money = (OUR_ACCOUNT, "S-1", on, on, amount, row.get("currency", account.currency))
        place = (row.get("reversal", False), "payments/bank.csv", "2")
        self.cases.entries.append((payment, 0, *money, *party, *said, "", *place, payment))
        self.cases.meant[payment] = meant
        self.cases.kinds[payment] = kind
        if row.get("knowable", True) and meant:
            self.cases.knowable.add(payment)
        return payment

    def noise(self) -> str:
        """Return words that say nothing, sometimes with numbers that are none of ours."""
        decoys = (
            f"PO {self.random.randint(100_000, 999_999)}",
            f"order no. {_digits_of(self.random.choice(self.strangers_numbers))}",
            f"Kundennr. {self.random.randint(10_000, 99_999)}",
            f"{self.random.randint(1, 28):02d}.{self.random.randint(1, 12):02d}.2026",
            f"Tel +49 30 {self.random.randint(100_000, 999_999)}",
            f"IBAN DE{self.random.randint(10, 99)}500105170{self.random.randint(10**8, 10**9 - 1)}",
        )
        words = self.random.sample(_WORDS, k=2)
        return " ".join([*words, self.random.choice(decoys)] if self.random.random() < 0.6 else words)

    def written(self, document: Document) -> str:
        """Return a document's number as payers write it."""
        number = document.number
        digits = number.replace("INV-", "").replace("RE", "")
        forms = [number, number.lower(), f"Invoice {number}", f"Rechnung Nr. {digits}", number.replace("-", " ")]
        if document.reference:
            forms += [_grouped(document.reference), document.reference]
        return self.random.choice(forms)

    def sentence(self, documents: list[Document]) -> str:
        """Return a text that names documents among other words."""
        numbers = self.random.choice((", ", " + ", " / ", " and ")).join(map(self.written, documents))
        return self.random.choice((f"{numbers} {self.noise()}", f"{self.noise()} {numbers}", numbers))

    def count(self, thing: str) -> int:
        self.made[thing] += 1
        return self.made[thing]


def exact(make: Generator, account: Account, documents: list[Document]) -> None:
    [document] = documents
    reference = make.random.choice([document.number, _grouped(document.reference) or document.number])
    where = make.random.choice(("reference", "end_to_end", "text"))
    make.pay(account, "exact", _whole(documents), **{where: reference})


def free_text(make: Generator, account: Account, documents: list[Document]) -> None:
    make.pay(account, "free_text", _whole(documents), text=make.sentence(documents))


def batch(make: Generator, account: Account, documents: list[Document]) -> None:
    make.pay(account, "batch", _whole(documents), text=make.sentence(documents))


def amount_only(make: Generator, account: Account, documents: list[Document]) -> None:
    make.pay(account, "amount_only", _whole(documents), text=make.noise())


def subset(make: Generator, account: Account, documents: list[Document]) -> None:
    make.pay(account, "subset", _whole(documents), text=make.noise())


def short(make: Generator, account: Account, documents: list[Document]) -> None:
    [document] = documents
    part = make.apart(account, lambda: make.random.randint(document.debt_minor // 2, document.debt_minor * 19 // 20))
    make.pay(account, "short", {document.number: part}, text=make.sentence(documents))


def over(make: Generator, account: Account, documents: list[Document]) -> None:
    [document] = documents
    debt = document.debt_minor
    amount = make.apart(account, lambda: make.random.randint(debt * 11 // 10, debt * 3 // 2))
    make.pay(account, "over", _whole(documents), amount=amount, text=make.sentence(documents))


def fee(make: Generator, account: Account, documents: list[Document]) -> None:
    [document] = documents
    amount = document.debt_minor - make.random.randint(20, 180)
    quoted = make.random.random() < 0.7
    text = f"{make.sentence(documents)} less bank charges" if quoted else make.noise()
    # Nobody tolerates anything in dollars: there the payment is short, and only a quoted number says of what.
    tolerated = account.currency == "EUR"
    make.pay(account, "fee", {document.number: amount}, text=text, knowable=quoted or tolerated)


def discount(make: Generator, account: Account, documents: list[Document]) -> None:
    [document] = documents
    quoted = make.random.random() < 0.7
    text = make.sentence(documents) if quoted else make.noise()
    amount = document.debt_minor - document.discount_minor
    make.pay(account, "discount", {document.number: amount}, text=text, days=make.random.randint(1, 40))


def duplicate(make: Generator, account: Account, documents: list[Document]) -> None:
    text = make.sentence(documents)
    make.pay(account, "duplicate", _whole(documents), text=text, days=5)
    make.pay(account, "duplicate", {}, amount=documents[0].debt_minor, text=text, days=6)


def reversal(make: Generator, account: Account, documents: list[Document]) -> None:
    [document] = documents
    make.pay(account, "reversal", _whole(documents), text=document.number, days=8)
    back = {document.number: -document.debt_minor}
    make.pay(account, "reversal", back, text=document.number, days=12, reversal=True)


def credit_netted(make: Generator, account: Account, documents: list[Document]) -> None:
    [document] = documents
    note = make.document(account, -make.apart(account, lambda: make.random.randint(2_000, document.debt_minor // 3)))
    meant = {document.number: document.debt_minor, note.number: note.debt_minor}
    text = (
        make.sentence([document]) if make.random.random() < 0.5 else f"{make.sentence([document])} less {note.number}"
    )
    make.pay(account, "credit_netted", meant, text=text)


def advice(make: Generator, account: Account, documents: list[Document]) -> None:
    payment = make.pay(account, "advice", _whole(documents), text="see advice")
    for document in documents:
        number = _digits_of(document.number.removesuffix("/26"))[-6:].lstrip("0")
        spelled = make.random.choice((document.number, f"Invoice #{number}", document.order, document.order.lower()))
        if document.number.endswith("/26"):
            spelled = make.random.choice((document.number, document.order))
        line = (payment, spelled, document.debt_minor, account.currency, "", "payments/x.remittance.csv", "2")
        make.cases.advices.append(line)


def misquoted(make: Generator, account: Account, documents: list[Document]) -> None:
    """A number that nobody has; the amount says it."""
    text = f"invoice {make.random.randint(70_000_000, 79_999_999)}"
    make.pay(account, "misquoted", _whole(documents), text=text)


def misquoted_own(make: Generator, account: Account, documents: list[Document]) -> None:
    """The number of another open item of one's own: which of the two is right, nobody can tell."""
    paid, quoted = documents
    meant = {paid.number: paid.debt_minor}
    make.pay(account, "misquoted_own", meant, text=f"{quoted.number} {make.noise()}", knowable=False)


def foreign_currency(make: Generator, account: Account, documents: list[Document]) -> None:
    [document] = documents
    make.pay(account, "foreign_currency", {}, amount=document.debt_minor, currency="CHF", text=document.number)


def unknown_payer(make: Generator, account: Account, documents: list[Document]) -> None:
    amount = make.random.choice((documents[0].debt_minor, make.random.randint(10_000, 900_000)))
    iban = f"FR76{make.count('stranger'):023d}"
    make.pay(
        Account(name="", iban=iban, style="", currency=account.currency),
        "unknown_payer",
        {},
        amount=amount,
        text=make.noise(),
    )


def new_payer(make: Generator, account: Account, documents: list[Document]) -> None:
    """An unknown account number, but a number and the amount agree."""
    iban = f"FR76{make.count('stranger'):023d}"
    make.pay(account, "new_payer", _whole(documents), iban=iban, text=make.sentence(documents))


def advance(make: Generator, account: Account, documents: list[Document]) -> None:  # noqa: ARG001 - one shape
    amount = make.apart(account, lambda: make.random.randint(10_000, 2_000_000))
    make.pay(account, "advance", {}, amount=amount, text=make.noise())


def others_invoice(make: Generator, account: Account, documents: list[Document]) -> None:  # noqa: ARG001 - one shape
    amount = make.apart(account, lambda: make.random.randint(10_000, 900_000))
    text = f"{make.random.choice(make.strangers_numbers)} {make.noise()}"
    make.pay(account, "others_invoice", {}, amount=amount, text=text)


KINDS: dict[str, Callable[[Generator, Account, list[Document]], None]] = {
    made.__name__: made
    for made in (
        *(exact, free_text, batch, amount_only, subset, short, over, fee, discount, duplicate, reversal),
        *(credit_netted, advice, misquoted, misquoted_own, foreign_currency, unknown_payer, new_payer),
        *(advance, others_invoice),
    )
}
DOCUMENTS_OF = (
    dict.fromkeys(KINDS, 1)
    | {"batch": 3, "subset": 2, "advice": 2, "misquoted_own": 2}
    | dict.fromkeys(("advance", "others_invoice"), 0)
)


def _whole(documents: list[Document]) -> Meant:
    return {document.number: document.debt_minor for document in documents}


def _explained(documents: list[Document]) -> Iterator[int]:
    """Yield what one, two or three items add up to, with and without their discounts, or are less than the others."""
    amounts = [document.debt_minor for document in documents]
    yield from (document.debt_minor - document.discount_minor for document in documents)
    for count in (1, 2, 3):
        yield from (abs(sum(chosen)) for chosen in combinations(amounts, count))


def _rf(body: str) -> str:
    """Return an ISO 11649 reference: RF, two check digits (mod 97-10), the body."""
    number = int("".join(str(int(sign, 36)) for sign in f"{body}RF00"))
    return f"RF{98 - number % 97:02d}{body}"


def _grouped(reference: str) -> str:
    return " ".join(reference[start : start + 4] for start in range(0, len(reference), 4))


def _digits_of(number: str) -> str:
    return "".join(filter(str.isdecimal, number))


def _word(number: int) -> str:
    syllables = ("ka", "lo", "mi", "ru", "te", "sa", "vo", "ni", "pe", "du", "ha", "gi")
    return "".join(syllables[number // 12**place % 12] for place in range(4)).capitalize()
