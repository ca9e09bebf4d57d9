"""The accounts of a year, and what becomes of their invoices: each by its habit."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from types import MappingProxyType

from prisma_batch.base.money import minor_digits
from tests.jobs.year_records import FIRST_PERIOD, MONTHS, SETTINGS, START, Entry, Item, Year, document_text

BY = "approved_by: finance@prisma.example"
INCIDENTS = (3, 8)  # months in which a service was not there as promised
LATE_INVOICE, LATE_BANK = 5, 6  # months of which something is told too late


@dataclass(frozen=True, kw_only=True, slots=True)
class Invoice:
    """An invoice of a month: its number, the amount in minor units and the day on which it is due."""

    number: str
    minor: int
    due_on: date

    def after(self, days: int) -> date:
        """Return the day so many days after it was due."""
        return self.due_on + timedelta(days=days)


@dataclass(kw_only=True)
class Account:
    """One account of the year, with the invoices that it gets."""

    year: Year
    number: int
    chance: random.Random
    name: str = field(init=False)
    habit: str = field(init=False)
    currency: str = field(init=False)
    quantity: int = field(init=False)
    price_minor: int = field(init=False)
    cases: int = 0

    def __post_init__(self) -> None:
        self.name, self.habit = f"Y-{self.number:04d}", tuple(HABITS)[self.number % len(HABITS)]
        self.currency = {"adopted": "USD", "yen": "JPY"}.get(self.habit, "EUR")
        self.quantity, self.price_minor = self.chance.randint(2, 40), self.chance.randint(900, 9_999)

    @property
    def payer(self) -> str:
        """Return who owes its invoices: a tenant's are those of the account before it."""
        return f"Y-{self.number - 1:04d}" if self.habit == "tenant" else self.name

    def money(self, minor: int) -> Decimal:
        return Decimal(minor).scaleb(-minor_digits(self.currency))

    def pays(self, invoice: Invoice, minor: int, on: date, **how: str | bool) -> None:
        """Transfer an amount; with the number of the invoice unless another ``text`` is given."""
        number = self.number - (self.habit == "tenant")
        words = {"text": invoice.number, "iban": f"NL{number:016d}"} | how
        name = f"P-{invoice.number}-{on:%m%d}"
        nobody = bool(words.pop("nobody", False))
        entry = Entry(name=name, on=on, minor=minor, currency=self.currency, **words)  # type: ignore[arg-type]
        self.year.paid(self.payer, entry, nobody=nobody)

    def pays_promptly(self, invoices: list[Invoice], skip: tuple[int, ...] = ()) -> None:
        """Pay all invoices before they are due, but for those of some months."""
        for month, invoice in enumerate(invoices):
            if month not in skip:
                self.pays(invoice, invoice.minor, invoice.after(-self.chance.randint(0, 5)))

    def asks(self, kind: str, invoice: Invoice, opened: int, resolved: int, *outcomes: str, disputed: int = 0) -> date:
        """Open a case about an invoice, days after it was due, and resolve it; returns the day of that."""
        self.cases += 1
        on = invoice.after(resolved)
        self.year.case(
            self.name,
            f"CASE-{self.number:04d}-{self.cases}",
            kind,
            opened_on=invoice.after(opened),
            about=invoice.number,
            resolved_on=on,
            disputed=self.money(disputed) if disputed else None,
            outcomes=tuple(f"on: {on}, {BY}, {outcome}" for outcome in outcomes),
        )
        return on

    def credited(self, invoice: Invoice, minor: int, on: date) -> str:
        """Issue a credit note for a part of an invoice; returns its number."""
        number = invoice.number.replace("INV", "CN")
        head = {"number": number, "kind": "credit_note", "account": self.name, "issued_on": str(on), "due_on": str(on)}
        head |= {"currency": self.currency, "corrects": f"[{invoice.number}]", "reason": "Agreed"}
        amounts = (self.money(minor), self.money(0), "outside_scope", "0")
        text = document_text(head, "line: 1, description: Agreed", amounts)
        self.year.document(text, self.item(number, -minor, on, on))
        return number

    def item(self, name: str, minor: int, on: date, known_on: date) -> Item:
        return Item(name=name, account=self.payer, currency=self.currency, minor=minor, on=on, known_on=known_on)


def year_of(accounts: int, seed: int) -> Year:
    """Return the records of a year of so many accounts."""
    chance, year = random.Random(seed), Year(files=[(START, "prisma.yaml", SETTINGS)])  # noqa: S311 - the same every time is what is wanted
    for number in range(accounts):
        account = Account(year=year, number=number, chance=random.Random(chance.random()))  # noqa: S311 - as above
        year.files += [(START, name, text) for name, text in _customer(account).items()]
        HABITS[account.habit](account, [_invoice(account, month) for month in range(MONTHS)])
    for month in INCIDENTS:
        year.files.append(_incident(month))
    year.bank_files()
    return year


def _customer(account: Account) -> dict[str, str]:
    name = account.name
    person = f"    - {{first_name: Ina, last_name: Hill, email: ina@{name.lower()}.example}}\n"
    contacts = "".join(f"  {kind}:\n{person}" for kind in ("billing", "statement", "usage_reporting"))
    language = ("en", "nl", "de", "fr")[account.number % 4]
    tax = ("standard", "21") if account.currency == "EUR" else ("export", "0")
    credit = 'service_credits: [{program: cloud, schedule: [{below_percent: "99.9", credit_percent: "10"}]}]\n'
    agreement = f"""\
account: {name}
bill_to: {{legal_name: Customer {account.number} Ltd, address: [Street 1], country: NL}}
{f"billed_to: {account.payer}" if account.payer != name else ""}
active_from: 2027-01-01
currency: {account.currency}
payment_terms: [{{starts_on: 2027-01-01, net_days: 14}}]
tax: [{{starts_on: 2027-01-01, code: {tax[0]}, rate: "{tax[1]}"}}]
{credit if account.number % 2 else ""}rates:
  - program: cloud
    sku: SEAT
    unit: seat
    starts_on: {FIRST_PERIOD.first_day}
    basis: {{subscription: {{quantities: [{{from: {FIRST_PERIOD.first_day}, quantity: {account.quantity}}}]}}}}
    bills: arrears
    every: month
    pricing: {{model: per_unit, price: "{account.money(account.price_minor)}"}}
"""
    contact = f"account: {name}\nname: Customer {account.number}\npartner: north\nlanguage: {language}\ncontacts:\n"
    return {f"contacts/{name}.yaml": contact + contacts, f"agreements/{name}.yaml": agreement}


def _invoice(account: Account, month: int) -> Invoice:
    """Issue the invoice of a month on the fifth day after it."""
    period = FIRST_PERIOD.plus(month)
    issued_on = period.last_day + timedelta(days=5)
    due_on = issued_on + timedelta(days=14)
    known_on = issued_on + timedelta(days=30 if account.habit == "late" and month == LATE_INVOICE else 0)
    number = f"INV-{period}-{account.number:04d}"
    net = account.quantity * account.price_minor
    tax, code, rate = ((net * 21 + 50) // 100, "standard", "21") if account.currency == "EUR" else (0, "export", "0")
    head = {"number": number, "kind": "invoice", "account": account.payer, "issued_on": str(issued_on)}
    head |= {"due_on": str(due_on), "currency": account.currency}
    line = f"line: 1, service_account: {account.name}, program: cloud, sku: SEAT, description: Seats"
    line += f", service_from: {period.first_day}, service_to: {period.last_day}, quantity: {account.quantity}"
    line += f', unit: seat, unit_price: "{account.money(account.price_minor)}"'
    text = document_text(head, line, (account.money(net), account.money(tax), code, rate))
    account.year.document(text, account.item(number, net + tax, issued_on, known_on))
    return Invoice(number=number, minor=net + tax, due_on=due_on)


def _incident(month: int) -> tuple[date, str, str]:
    day, name = FIRST_PERIOD.plus(month).first_day + timedelta(days=4), f"INC-{month}"
    times = f"started_at: {day}T04:00:00Z\nended_at: {day}T09:30:00Z\n"
    return day, f"cases/incidents/{name}.yaml", f'id: {name}\n{times}programs: [cloud]\navailability_percent: "99.2"\n'


def _prompt(account: Account, invoices: list[Invoice]) -> None:
    account.pays_promptly(invoices)


def _late(account: Account, invoices: list[Invoice]) -> None:
    for invoice in invoices:
        account.pays(invoice, invoice.minor, invoice.after(account.chance.randint(-5, 60)))


def _partial(account: Account, invoices: list[Invoice]) -> None:
    for month, invoice in enumerate(invoices):
        half = invoice.minor // 2
        account.pays(invoice, half, invoice.due_on, delayed=month == LATE_BANK)
        account.pays(invoice, invoice.minor - half, invoice.after(account.chance.randint(20, 70)))


def _stops_paying(account: Account, invoices: list[Invoice]) -> None:
    account.pays_promptly(invoices[:4])


def _disputes(account: Account, invoices: list[Invoice]) -> None:
    account.pays_promptly(invoices, skip=(4, 9))
    credited, declined = invoices[4], invoices[9]
    third = credited.minor // 3
    account.pays(credited, credited.minor - third, credited.due_on)
    note = account.credited(credited, third, credited.after(40))
    account.asks("invoice_discrepancy", credited, -3, 40, f"kind: credit_note, document: {note}", disputed=third)
    account.asks("invoice_discrepancy", declined, -2, 30, "kind: declined, reason: As agreed", disputed=declined.minor)
    account.pays(declined, declined.minor, declined.after(55))


def _plan(account: Account, invoices: list[Invoice]) -> list[tuple[Invoice, date, int]]:
    """Agree on installments for two invoices; returns them, each with the invoice that it pays first."""
    account.pays_promptly(invoices, skip=(2, 3))
    owed = invoices[2].minor + invoices[3].minor
    amounts = (owed // 3, owed // 3, owed - 2 * (owed // 3))
    days = [invoices[3].after(20 + 30 * number) for number in range(3)]
    parts = (f'{{due_on: {on}, amount: "{account.money(minor)}"}}' for on, minor in zip(days, amounts, strict=True))
    names = f"{invoices[2].number}, {invoices[3].number}"
    granted = f"kind: payment_plan, invoices: [{names}], installments: [{', '.join(parts)}]"
    account.asks("payment_assistance", invoices[3], 5, 8, granted)
    return [
        (invoices[3 if number else 2], on, minor) for number, (on, minor) in enumerate(zip(days, amounts, strict=True))
    ]


def _keeps_plan(account: Account, invoices: list[Invoice]) -> None:
    for invoice, on, minor in _plan(account, invoices):
        text = f"{invoices[2].number} {invoices[3].number}"
        account.pays(invoice, minor, on - timedelta(days=1), text=text)


def _breaks_plan(account: Account, invoices: list[Invoice]) -> None:
    (first, on, minor), *rest = _plan(account, invoices)
    text = f"{invoices[2].number} {invoices[3].number}"
    account.pays(first, minor, on, text=text)
    account.pays(invoices[3], sum(minor for _, _, minor in rest), on + timedelta(days=130), text=text)


def _extended(account: Account, invoices: list[Invoice]) -> None:
    account.pays_promptly(invoices, skip=(4, 8))
    for invoice, paid in ((invoices[4], 58), (invoices[8], 115)):
        account.asks(
            "payment_terms",
            invoice,
            20,
            30,
            f"kind: extension, document: {invoice.number}, due_on: {invoice.after(60)}",
        )
        account.pays(invoice, invoice.minor, invoice.after(paid))


def _promises(account: Account, invoices: list[Invoice]) -> None:
    account.pays_promptly(invoices, skip=(4, 9))
    for invoice, paid in ((invoices[4], 30), (invoices[9], 80)):
        amount = account.money(invoice.minor)
        account.asks("payment_issue", invoice, 4, 5, f'kind: promise, by: {invoice.after(35)}, amount: "{amount}"')
        account.pays(invoice, invoice.minor, invoice.after(paid))


def _held(account: Account, invoices: list[Invoice]) -> None:
    account.pays_promptly(invoices, skip=(4,))
    invoice = invoices[4]
    account.asks("payment_issue", invoice, 4, 5, f"kind: hold, until: {invoice.after(60)}, reason: Insolvent")
    amount = account.money(invoice.minor)
    granted = f'kind: write_off, document: {invoice.number}, amount: "{amount}", reason: Insolvent'
    on = account.asks("payment_issue", invoice, 62, 65, granted)
    account.year.items.append(account.item(f"W-{invoice.number}", -invoice.minor, on, on))


def _refunded(account: Account, invoices: list[Invoice]) -> None:
    account.pays_promptly(invoices)
    invoice, quarter = invoices[4], invoices[4].minor // 4
    note = account.credited(invoice, quarter, invoice.after(20))
    account.asks("refund", invoice, 18, 25, f'kind: refund, document: {note}, amount: "{account.money(quarter)}"')
    account.pays(invoice, -quarter, invoice.after(30), text=f"Refund {note}")


def _returned(account: Account, invoices: list[Invoice]) -> None:
    account.pays_promptly(invoices, skip=(3, 9))
    for invoice in (invoices[3], invoices[9]):
        account.pays(invoice, invoice.minor, invoice.due_on)
        account.pays(invoice, -invoice.minor, invoice.after(5), text=f"Return {invoice.number}")
        account.pays(invoice, invoice.minor, invoice.after(35))


def _combined(account: Account, invoices: list[Invoice]) -> None:
    for start in range(0, MONTHS, 3):
        group = invoices[start : start + 3]
        text = " ".join(invoice.number for invoice in group)
        account.pays(group[-1], sum(invoice.minor for invoice in group), group[-1].after(3), text=text)


def _adopted(account: Account, invoices: list[Invoice]) -> None:
    number, minor, issued_on, due_on = f"OLD-{account.number:04d}", 123_45, date(2027, 7, 20), date(2027, 8, 20)
    account.year.document(
        f"number: {number}\nkind: opening_item\naccount: {account.name}\nissued_on: {issued_on}\ndue_on: {due_on}\n"
        f'currency: {account.currency}\nopen_amount: "{account.money(minor)}"\ndunning_level: 1\n',
        account.item(number, minor, issued_on, START),
    )
    account.pays(Invoice(number=number, minor=minor, due_on=due_on), minor, date(2028, 2, 1))
    _late(account, invoices)


def _nameless(account: Account, invoices: list[Invoice]) -> None:
    """Pay some months from elsewhere without a word, until a person says what for."""
    unnamed = tuple(range(1, MONTHS, 4))
    account.pays_promptly(invoices, skip=unnamed)
    for month in unnamed:
        invoice = invoices[month]
        on, decided_on = invoice.after(-2), invoice.after(18)
        account.pays(invoice, invoice.minor, on, text="", iban=f"XX{account.number:08d}{month:04d}", nobody=True)
        name, payment = f"A-{invoice.number}", f"P-{invoice.number}-{on:%m%d}"
        amount = account.money(invoice.minor)
        settles = f'payment: {payment}, account: {account.name}, document: {invoice.number}, amount: "{amount}"'
        text = f"id: {name}\ndecided_on: {decided_on}\ndecided_by: finance@prisma.example\nreason: Told by phone\n"
        text += f"items:\n  - {{{settles}, kind: settle}}\n"
        account.year.files.append((decided_on, f"payments/allocations/{name}.yaml", text))
        account.year.items.append(account.item(payment, -invoice.minor, decided_on, decided_on))


def _writes_nothing(account: Account, invoices: list[Invoice]) -> None:
    account.pays_promptly(invoices[:1])
    for invoice in invoices[1:]:
        account.pays(invoice, invoice.minor, invoice.after(account.chance.randint(-3, 25)), text="")


HABITS: Mapping[str, Callable[[Account, list[Invoice]], None]] = MappingProxyType(
    {
        "prompt": _prompt,
        "late": _late,
        "partial": _partial,
        "stops paying": _stops_paying,
        "disputes": _disputes,
        "keeps plan": _keeps_plan,
        "breaks plan": _breaks_plan,
        "extended": _extended,
        "promises": _promises,
        "held": _held,
        "refunded": _refunded,
        "returned": _returned,
        "combined": _combined,
        "tenant": _prompt,
        "adopted": _adopted,
        "nameless": _nameless,
        "writes nothing": _writes_nothing,
        "yen": _late,
    }
)
