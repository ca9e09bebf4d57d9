"""What a request changes, in words."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from prisma_batch.base.periods import Period
from prisma_batch.records.cases import Case, Interaction
from prisma_batch.records.contacts import CONTACT_TYPES, Contact, Customer
from prisma_batch.records.documents import Document
from prisma_batch.records.usage_reports import ReportedLine, UsageReport
from prisma_batch.views.change_words import changes_in_words

PATH = "contacts/ACME-001.yaml"
JANE = Contact(first_name="Jane", last_name="Doe", email="jane@acme.example", phone="+31201234567")
UMA = Contact(first_name="Uma", last_name="Vale", email="uma@acme.example")


def customer(*billing: Contact, **fields: Any) -> Customer:
    contacts = dict.fromkeys(CONTACT_TYPES, ()) | {"billing": billing}
    return Customer(
        **{"source": PATH, "account": "ACME-001", "name": "Acme", "partner": "north", "contacts": contacts} | fields
    )


def contact(known: Contact, **fields: Any) -> Contact:
    return Contact(**{name: getattr(known, name) for name in Contact.__slots__} | fields)


@pytest.mark.parametrize(
    ("old", "new", "lines"),
    [
        (None, customer(JANE), ("+ customer record", "+ Jane Doe as billing contact")),
        (customer(JANE), None, ("− customer record", "− Jane Doe as billing contact")),
        (customer(JANE), customer(JANE, UMA), ("+ Uma Vale as billing contact",)),
        (customer(JANE, UMA), customer(UMA), ("− Jane Doe as billing contact",)),
        (customer(JANE), customer(UMA), ("− Jane Doe as billing contact", "+ Uma Vale as billing contact")),
        (customer(JANE, UMA), customer(UMA, JANE), ()),
        (
            customer(JANE),
            customer(contact(JANE, email="j.doe@acme.example", phone=None)),
            ("~ Jane Doe as billing contact: e-mail, telephone changed",),
        ),
        (
            customer(JANE),
            customer(contact(JANE, first_name="Janet", last_name="Roe", valid_to=date(2026, 12, 31))),
            ("~ Janet Roe as billing contact: name, last day changed",),
        ),
        (
            customer(),
            customer(contact(UMA, valid_from=date(2027, 1, 1), valid_to=date(2027, 6, 30))),
            ("+ Uma Vale as billing contact from 2027-01-01 until 2027-06-30",),
        ),
        (customer(), customer(JANE, contact(JANE, email="jd@acme.example")), ("+ Jane Doe as billing contact",) * 2),
        (
            customer(JANE),
            customer(contact(JANE, email="a@acme.example"), contact(JANE, email="b@acme.example")),
            ("+ Jane Doe as billing contact", "~ Jane Doe as billing contact: e-mail changed"),
        ),
        (customer(), customer(partner="south", name="Acme B.V."), ("partner north → south", "name changed")),
    ],
)
def test_customer(old: Customer | None, new: Customer | None, lines: tuple[str, ...]) -> None:
    before, after = ({PATH: record} if record else {} for record in (old, new))
    assert changes_in_words(before, after, initials=False) == tuple(f"ACME-001: {line}" for line in lines)


def test_initials() -> None:
    assert changes_in_words({PATH: customer()}, {PATH: customer(JANE)}, initials=True) == (
        "ACME-001: + J. D. as billing contact",
    )


DOCUMENT = Document(
    source="invoices/A/CN-1.yaml",
    number="CN-1",
    kind="credit_note",
    account="A",
    issued_on=date(2026, 11, 1),
    due_on=date(2026, 11, 1),
    currency="EUR",
    total=Decimal("56.75"),
)
REPORT = UsageReport(
    source="usage/2026-10/A.spla.r2.yaml",
    account="A",
    program="spla",
    period=Period(2026, 10),
    submitted_on=date(2026, 11, 4),
    revises=1,
    lines=(ReportedLine(sku="S", quantity=Decimal(1)),),
)


def case(status: str, *summaries: str) -> Case:
    said = (
        Interaction(at="2026-11-01", channel="email", direction="in", by="customer", summary=summary)  # type: ignore[arg-type]
        for summary in summaries
    )
    return Case(
        source="cases/A/C-1.yaml",
        id="C-1",
        account="A",
        kind="other",
        opened_at="2026-11-01",  # type: ignore[arg-type]
        channel="email",
        subject="Private",
        status=status,
        interactions=tuple(said),
    )


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        (None, DOCUMENT, "A: + credit note CN-1, 56.75 EUR"),
        (DOCUMENT, None, "A: − credit note CN-1, 56.75 EUR"),
        (None, REPORT, "A: + usage report for spla, 2026-10, revision 2 (1 line)"),
        (None, case("open", "one"), "A: + case C-1"),
        (
            case("open", "one"),
            case("closed", "one", "two"),
            "A: ~ case C-1, 1 interaction added, status open → closed",
        ),
    ],
)
def test_other_records(old: Any, new: Any, line: str) -> None:
    source = (new or old).source
    before, after = ({source: record} if record else {} for record in (old, new))
    assert changes_in_words(before, after, initials=False) == (line,)


def test_files_that_are_no_such_records_are_named_in_order() -> None:
    before, after = {"z": None, "b": None}, {"a": None, "b": None}
    assert changes_in_words(before, after, initials=False) == ("a: added", "b: changed", "z: removed")
