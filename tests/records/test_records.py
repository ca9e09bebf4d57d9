"""What records say about themselves."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from prisma_batch.base.errors import AmountOverflow
from prisma_batch.base.periods import Period
from prisma_batch.records.agreements import Agreement, BillTo, PaymentTerms, TaxTreatment
from prisma_batch.records.contacts import Contact, Customer
from prisma_batch.records.documents import Document
from prisma_batch.records.settings import ContactPoint, Hours, Issuer, Policies, Program, Settings

AGREEMENT = Agreement(
    source="agreements/ACME-001.yaml",
    account="ACME-001",
    bill_to=BillTo(legal_name="Acme Hosting B.V."),
    active_from=date(2026, 1, 1),
    currency="EUR",
    payment_terms=(
        PaymentTerms(starts_on=date(2026, 7, 1), net_days=15, from_="month_end"),
        PaymentTerms(starts_on=date(2026, 1, 1), net_days=30),
    ),
    tax=(
        TaxTreatment(starts_on=date(2026, 1, 1), code="standard", rate=Decimal(19)),
        TaxTreatment(starts_on=date(2026, 7, 1), code="standard", rate=Decimal(21)),
    ),
)
INVOICE = Document(
    source="invoices/ACME-001/INV-1.yaml",
    number="INV-1",
    kind="invoice",
    account="ACME-001",
    issued_on=date(2026, 10, 10),
    due_on=date(2026, 11, 9),
    currency="EUR",
    total=Decimal("340.49"),
)
SETTINGS = Settings(
    source="prisma.yaml",
    issuer=Issuer(legal_name="Example GmbH", finance_email="finance@issuer.example"),
    contact_point=ContactPoint(email="b@issuer.example", phone="+49301", hours=Hours(timezone="UTC", weekly={})),
    programs={
        "aurora": Program(name="Aurora", source="metered", external_ids={"focus": ("Aurora Cloud", "Aurora")}),
        "spla": Program(name="SPLA", source="reported"),
    },
    partners={},
    first_period=Period(2026, 9),
)


@pytest.mark.parametrize(
    ("issued_on", "due_on"),
    [
        (date(2025, 12, 31), None),
        (date(2026, 1, 1), date(2026, 1, 31)),
        (date(2026, 6, 30), date(2026, 7, 30)),
        (date(2026, 7, 1), date(2026, 8, 15)),
        (date(2026, 7, 31), date(2026, 8, 15)),
    ],
)
def test_terms_are_those_of_the_day_of_issue(issued_on: date, due_on: date | None) -> None:
    terms = AGREEMENT.terms_on(issued_on)
    assert (terms.due_on(issued_on) if terms else None) == due_on


@pytest.mark.parametrize(
    ("day", "rate"), [(date(2025, 12, 31), None), (date(2026, 6, 30), Decimal(19)), (date(2026, 7, 1), Decimal(21))]
)
def test_tax_is_that_of_the_day(day: date, rate: Decimal | None) -> None:
    tax = AGREEMENT.tax_on(day)
    assert (tax.rate if tax else None) == rate


@pytest.mark.parametrize(
    ("valid", "first", "last"),
    [
        ({}, True, True),
        ({"valid_from": date(2026, 1, 2)}, False, True),
        ({"valid_to": date(2026, 1, 30)}, True, False),
        ({"valid_from": date(2026, 1, 1), "valid_to": date(2026, 1, 31)}, True, True),
    ],
)
def test_contacts_are_valid_on_both_ends(valid: dict[str, Any], first: bool, last: bool) -> None:
    contact = Contact(first_name="Jane", last_name="Doe", email="jane@acme.example", **valid)
    assert (contact.valid_on(date(2026, 1, 1)), contact.valid_on(date(2026, 1, 31))) == (first, last)
    customer = Customer(source="c", account="A", name="A", partner="p", contacts={"billing": (contact,)})
    assert customer.contacts_on("billing", date(2026, 1, 1)) == ((contact,) if first else ())


@pytest.mark.parametrize(
    ("change", "debt_minor"),
    [
        ({}, 34049),
        ({"kind": "fee"}, 34049),
        ({"kind": "credit_note"}, -34049),
        ({"kind": "opening_item", "open_amount": Decimal("12.00")}, 1200),
        ({"kind": "opening_item", "open_amount": Decimal("-12.00")}, -1200),
        ({"currency": "JPY", "total": Decimal(500)}, 500),
    ],
)
def test_debt_of_a_document(change: dict[str, Any], debt_minor: int) -> None:
    assert replace(INVOICE, **change).debt_minor == debt_minor


def test_a_debt_beyond_64_bits_is_refused() -> None:
    with pytest.raises(AmountOverflow):
        _ = replace(INVOICE, total=Decimal(10**18)).debt_minor


@pytest.mark.parametrize(
    ("closing_day", "as_of"),
    [("end", date(2026, 1, 31)), (15, date(2026, 2, 15)), ("15", date(2026, 2, 15)), (31, date(2026, 2, 28))],
)
def test_as_of_is_the_closing_day(closing_day: Any, as_of: date) -> None:
    assert replace(SETTINGS, policies=Policies(closing_day=closing_day)).as_of(Period(2026, 1)) == as_of
