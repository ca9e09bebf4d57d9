"""Write repositories of any size for benchmarks: the same seed gives the same bytes.

A quarter of the records are customers with their contacts, a quarter their agreements, half their invoices.
"""

import random
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

_SETTINGS = """\
issuer:
  legal_name: Prisma Billing B.V.
  address: ["Singel 10", "1012 AB Amsterdam"]
  bank_accounts:
    - {iban: NL02ABNA0123456789}
  finance_email: finance@prisma.example
contact_point:
  email: billing@prisma.example
  phone: "+31201234567"
  hours: {timezone: Europe/Amsterdam, weekly: {monday: ["09:00-17:00"]}}
  targets: {first_reply_hours: 4, resolution_hours: 16}
programs:
  microsoft-spla: {name: Microsoft SPLA, source: reported, due_day: 10, late_policy: block, late_window_months: 3}
  azure: {name: Azure, source: metered, late_window_months: 1}
partners:
  northwind: {name: Northwind, members: [{login: nora, id: 1001}], account_prefixes: ["A"]}
first_period: 2026-10
"""
_CONTACT_TYPES = ("billing", "statement", "usage_reporting")
_SKUS = (("microsoft-spla", "WIN-DC-2CORE", "core-pack"), ("microsoft-spla", "SQL-STD-2CORE", "core-pack"))
_SKUS += (("azure", "VCPU-HOUR", "hour"), ("azure", "BLOCK-GIB-DAY", "GiB-day"), ("azure", "EGRESS-GIB", "GiB"))
_BEGINNINGS = ("Al", "Ber", "Cor", "Del", "Em", "Fal", "Gra", "Hol", "Ing", "Jor", "Kel", "Lum", "Mar", "Nor", "Ost")
_ENDINGS = ("da", "ven", "rik", "lo", "mira", "ton", "sa", "wen", "dale", "berg", "fold", "né", "gård", "za", "li")
_CENT = Decimal("0.01")


def write_repository(root: Path, records_count: int, seed: int = 1) -> None:
    """Write a workspace of about so many records (rounded down to whole customers) without findings."""
    chance = random.Random(seed)  # noqa: S311 - the same every time is what is wanted
    for folder in ("contacts", "agreements", "invoices"):
        (root / folder).mkdir(parents=True)
    (root / "prisma.yaml").write_text(_SETTINGS, encoding="utf-8")
    for number in range(records_count // 4):
        account = f"A{number:06d}"
        _write(root / f"contacts/{account}.yaml", _customer(account, chance))
        _write(root / f"agreements/{account}.yaml", _agreement(account, chance))
        (root / "invoices" / account).mkdir()
        for count in (1, 2):
            invoice = f"INV-2026-{number:06d}-{count}"
            _write(root / f"invoices/{account}/{invoice}.yaml", _invoice(account, invoice, count, chance))


def _write(path: Path, lines: Iterator[str]) -> None:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _name(chance: random.Random) -> str:
    return chance.choice(_BEGINNINGS) + chance.choice(_ENDINGS)


def _customer(account: str, chance: random.Random) -> Iterator[str]:
    yield "# yaml-language-server: $schema=../schemas/contacts.schema.json"
    yield f"account: {account}"
    yield f"name: {_name(chance)} Hosting B.V."
    yield "partner: northwind"
    yield f"language: {chance.choice(('en', 'nl', 'de', 'fr'))}"
    yield "contacts:"
    people = [tuple(_person(account, number, chance)) for number in range(chance.randint(1, 4))]
    for contact_type in _CONTACT_TYPES:
        yield f"  {contact_type}:"
        # The first one is there for good, and so no type is ever without anybody.
        for person in (people[0], *chance.sample(people[1:], chance.randint(0, len(people) - 1))):
            yield from person


def _person(account: str, number: int, chance: random.Random) -> Iterator[str]:
    yield f"    - first_name: {_name(chance)}"
    yield f"      last_name: {_name(chance)}"
    yield f"      email: p{number}.{chance.randint(100, 999)}@{account.lower()}.example"
    if chance.random() < 0.5:
        yield f'      phone: "+3120{chance.randint(1000000, 9999999)}"'
    yield f"      valid_to: 2026-{chance.randint(1, 12):02d}-15" if number else "      valid_from: 2026-01-01"


def _agreement(account: str, chance: random.Random) -> Iterator[str]:
    yield "# yaml-language-server: $schema=../schemas/agreements.schema.json"
    yield f"account: {account}"
    address = '["Kade 1", "1011 AA Amsterdam"]'
    yield f"bill_to: {{legal_name: {_name(chance)} Hosting B.V., address: {address}, country: NL}}"
    yield "active_from: 2026-01-01"
    yield "currency: EUR"
    yield "payment_terms:"
    yield "  - {starts_on: 2026-01-01, net_days: 30}"
    yield "tax:"
    yield '  - {starts_on: 2026-01-01, code: standard, rate: "21"}'
    yield "rates:"
    for program, sku, unit in chance.sample(_SKUS, 2):
        yield f"  - program: {program}"
        yield f"    sku: {sku}"
        yield f"    unit: {unit}"
        yield "    starts_on: 2026-01-01"
        yield "    basis: usage"
        yield "    bills: arrears"
        yield "    every: month"
        yield f'    pricing: {{model: per_unit, price: "{chance.randint(1, 9999)}.{chance.randint(10, 99)}"}}'


def _invoice(account: str, number: str, month: int, chance: random.Random) -> Iterator[str]:
    yield "# yaml-language-server: $schema=../../schemas/invoices.schema.json"
    yield f"number: {number}"
    yield "kind: invoice"
    yield f"account: {account}"
    yield f"issued_on: 2026-{month + 9:02d}-05"
    yield f"due_on: 2026-{month + 10:02d}-04"
    yield "currency: EUR"
    yield "lines:"
    net = Decimal(0)
    for line in range(1, chance.randint(2, 5)):
        program, sku, unit = chance.choice(_SKUS)
        quantity, price = chance.randint(1, 500), Decimal(chance.randint(1, 99999)) * _CENT
        net += quantity * price
        yield f"  - line: {line}"
        yield f"    program: {program}"
        yield f"    sku: {sku}"
        yield f"    description: {sku} as agreed"
        yield f"    service_from: 2026-{month + 8:02d}-01"
        yield f"    service_to: 2026-{month + 8:02d}-28"
        yield f"    quantity: {quantity}"
        yield f"    unit: {unit}"
        yield f'    unit_price: "{price}"'
        yield f'    amount: "{quantity * price}"'
        yield "    tax: standard"
    tax = (net * 21 / 100).quantize(_CENT)
    yield "taxes:"
    yield f'  - {{code: standard, rate: "21", base: "{net}", amount: "{tax}"}}'
    yield f'net: "{net}"'
    yield f'tax: "{tax}"'
    yield f'total: "{net + tax}"'
