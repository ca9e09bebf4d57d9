"""A year of a made-up issuer: records that appear day by day, and what each account owes according to them.

Every account has a habit: how it pays, what it disputes, what it is granted. The balances are added up here from what
was written, by other means than the program's.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from prisma_batch.base.money import minor_digits
from prisma_batch.base.periods import Period
from tests.jobs.recipes import bank_csv

FIRST_PERIOD = Period(2027, 9)  # a year end, a leap day and both changes of the clocks lie ahead
MONTHS = 14
START = date(2027, 1, 1)  # what is there from the beginning
BANKS = {"EUR": "NL60PRSM0800100200", "USD": "NL76PRSM0800100300", "JPY": "NL38PRSM0800100500"}
SETTINGS = """\
issuer:
  legal_name: Prisma Billing B.V.
  address: ["Singel 10", "1012 AB Amsterdam"]
  finance_email: finance@prisma.example
contact_point:
  email: billing@prisma.example
  phone: "+31201234567"
  hours: {timezone: Europe/Amsterdam, weekly: {monday: ["09:00-17:00"], thursday: ["09:00-17:00"]}}
  targets: {first_reply_hours: 4, resolution_hours: 16}
programs:
  cloud: {name: Cloud, source: metered, late_window_months: 1}
partners:
  north: {name: North, members: [{login: nora, id: 1001}], account_prefixes: ["Y-"]}
first_period: 2027-09
policies:
  closing_day: 15
  tolerances: {payment: {amount: {EUR: "0.05"}, yearly_cap: {EUR: "1.00"}}}
  dunning:
    levels:
      - {after_days: 7, pay_by_days: 10}
      - {after_days: 21, pay_by_days: 7}
      - {after_days: 45, fee: {EUR: "15.00"}, interest_percent: "8"}
    grace_days: 3
    minimum_interval_days: 7
    minimum_amount: {EUR: "10.00"}
  suspension: {after_days: 120, after_level: 2, minimum_amount: {EUR: "50.00"}, warning_days: [14, 3]}
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Item:
    """A document, payment or grant: what it adds to the debt of its account, from which day, and since when known."""

    name: str
    account: str
    currency: str
    minor: int
    on: date
    known_on: date


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """A bank entry, money in positive; ``delayed`` ones come with a later bank file."""

    name: str
    on: date
    minor: int
    currency: str
    iban: str
    text: str
    delayed: bool = False


@dataclass(kw_only=True)
class Year:
    """Records by the day on which they appear; a later one of the same path replaces the earlier."""

    files: list[tuple[date, str, str]] = field(default_factory=list)
    items: list[Item] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)

    def put(self, root: Path, after: date, until: date) -> None:
        """Write what appears after a day, up to another."""
        for known_on, name, text in self.files:
            if after < known_on <= until:
                path = root / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")

    def balances(self, as_of: date, known_on: date) -> dict[tuple[str, str], Decimal]:
        """Return what each account owes in each currency, as of a day, by what was there on another."""
        sums: dict[tuple[str, str], int] = defaultdict(int)
        for item in self.items:
            if item.on <= as_of and item.known_on <= known_on:
                sums[item.account, item.currency] += item.minor
        return {key: Decimal(minor).scaleb(-minor_digits(key[1])) for key, minor in sums.items() if minor}

    def document(self, text: str, item: Item) -> None:
        """Add a document."""
        self.files.append((item.known_on, f"invoices/{item.account}/{item.name}.yaml", text))
        self.items.append(item)

    def paid(self, account: str, entry: Entry, nobody: bool = False) -> None:
        """Add a bank entry; without an owner it is on no account."""
        self.entries.append(entry)
        if not nobody:
            known_on = delivered_on(entry)
            minor = -entry.minor
            self.items.append(
                Item(
                    name=entry.name,
                    account=account,
                    currency=entry.currency,
                    minor=minor,
                    on=entry.on,
                    known_on=known_on,
                )
            )

    def bank_files(self) -> None:
        """Add the files with all entries, each on the day on which it is delivered."""
        by_day: dict[date, list[Entry]] = defaultdict(list)
        for entry in self.entries:
            by_day[delivered_on(entry)].append(entry)
        for known_on, entries in by_day.items():
            self.files.append((known_on, f"payments/{known_on:%Y-%m}/{known_on}.csv", _bank_file(known_on, entries)))

    def case(self, account: str, number: str, kind: str, **parts: object) -> None:
        """Add a case that is opened, and resolved with outcomes later; ``parts`` are those of ``case_text``."""
        for known_on, text in case_texts(account, number, kind, **parts):  # type: ignore[arg-type]
            self.files.append((known_on, f"cases/{account}/{number}.yaml", text))


def delivered_on(entry: Entry) -> date:
    """Bank files come on the 14th and the 28th, with everything since the last one."""
    later = entry.on + timedelta(days=40 if entry.delayed else 0)
    if later.day <= 14:
        return later.replace(day=14)
    if later.day <= 28:
        return later.replace(day=28)
    return (later.replace(day=1) + timedelta(days=32)).replace(day=14)


def case_texts(
    account: str,
    number: str,
    kind: str,
    *,
    opened_on: date,
    about: str,
    resolved_on: date | None = None,
    disputed: Decimal | None = None,
    outcomes: tuple[str, ...] = (),
) -> Iterator[tuple[date, str]]:
    """Yield a case as it is opened, and as it is once it is resolved."""
    head = f"id: {number}\naccount: {account}\nkind: {kind}\nopened_at: {opened_on}T10:00:00+01:00\nchannel: email\n"
    head += "subject: About an invoice\n"
    head += f'disputes: [{{invoice: {about}, amount: "{disputed}"}}]\n' if disputed else f"documents: [{about}]\n"
    log = "interactions:\n"
    log += _interaction(opened_on, "in", "open")
    yield opened_on, f"{head}status: open\n{log}"
    if resolved_on:
        granted = "".join(f"  - {{{outcome}}}\n" for outcome in outcomes)
        log += _interaction(resolved_on, "out", "resolved")
        yield resolved_on, f"{head}status: resolved\n{log}" + (f"outcome:\n{granted}" if granted else "")


def _interaction(on: date, direction: str, status: str) -> str:
    who = "customer" if direction == "in" else "finance@prisma.example"
    words = f"direction: {direction}, by: {who}, summary: As told on {on}, status: {status}"
    return f"  - {{at: {on}T10:00:00+01:00, channel: email, {words}}}\n"


def document_text(head: Mapping[str, str], lines: str, amounts: tuple[Decimal, Decimal, str, str]) -> str:
    """Return a document of one group of tax.

    Args:
        head: the keys in front of the lines.
        amounts: net, tax, tax code and rate.
    """
    net, tax, code, rate = amounts
    keys = "".join(f"{key}: {value}\n" for key, value in head.items())
    return f"""\
{keys}lines:
  - {{{lines}, amount: "{net}", tax: {code}}}
taxes:
  - {{code: {code}, rate: "{rate}", base: "{net}", amount: "{tax}"}}
net: "{net}"
tax: "{tax}"
total: "{net + tax}"
"""


def _bank_file(known_on: date, entries: list[Entry]) -> str:
    own = sorted(entries, key=lambda entry: (entry.currency, entry.on, entry.name))
    return bank_csv(*(_bank_line(entry, f"{entry.currency}-{known_on}") for entry in own))


def _bank_line(entry: Entry, statement: str) -> str:
    bank = BANKS[entry.currency]
    amount = Decimal(entry.minor).scaleb(-minor_digits(entry.currency))
    return (
        f"{entry.name},{statement},{bank},{entry.on},{entry.on},{amount},{entry.currency},,{entry.iban},,,{entry.text}"
    )
