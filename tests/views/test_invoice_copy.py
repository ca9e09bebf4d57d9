"""Copies of documents: what is printed is what was issued."""

from dataclasses import replace
from decimal import Decimal

import pytest

from prisma_batch.records.agreements import TaxTreatment
from prisma_batch.records.settings import Hours
from prisma_batch.views.hours import OpeningHours, opening_hours
from prisma_batch.views.invoice_copy import build_invoice_copy
from tests.views.sample_run import credit_note, invoice, paid_by, snapshot


def test_printed_total_is_printed_lines_and_tax() -> None:
    copy = build_invoice_copy(invoice(), snapshot())
    assert sum(line.amount.minor for line in copy.lines) == copy.net.minor
    assert copy.net.minor + sum(tax.amount.minor for tax in copy.taxes) == copy.total.minor == 34_049


def test_line_names_program_and_another_account() -> None:
    line = build_invoice_copy(invoice(), snapshot()).lines[0]
    assert (line.program, line.service_account, line.unit_price) == ("Microsoft SPLA", "TENANT-1", Decimal("23.45"))


def test_credit_note_keeps_its_amounts_and_what_it_corrects() -> None:
    copy = build_invoice_copy(credit_note(), snapshot())
    assert copy.is_credit
    assert (copy.total.text, copy.lines[0].corrects) == ("150.00", "INV-2026-00101#2")


@pytest.mark.parametrize(
    ("method", "told"),
    [
        ("bank_transfer", "Please pay %(amount)s by %(day)s."),
        ("other", "Please pay %(amount)s by %(day)s."),
        ("direct_debit", "We collect %(amount)s by direct debit on %(day)s."),
        ("card", "We charge %(amount)s to your card on %(day)s."),
    ],
)
def test_nobody_is_asked_to_transfer_what_is_collected(method: str, told: str) -> None:
    copy = build_invoice_copy(invoice(), paid_by(method))
    assert copy.ask.message == told
    assert (copy.request is None) == (method in {"direct_debit", "card"})


def test_credit_note_asks_for_nothing() -> None:
    copy = build_invoice_copy(credit_note(), snapshot())
    assert (copy.request, copy.ask.message) == (None, "We credit you %(amount)s. There is nothing to pay.")


def test_reason_of_a_tax_code_is_printed() -> None:
    records = snapshot()
    treatment = TaxTreatment(starts_on=invoice().issued_on, code="standard", rate=Decimal(0), reason="Article 196")
    agreement = replace(records.agreements["ACME-001"], tax=(treatment,))
    copy = build_invoice_copy(invoice(), replace(records, agreements={"ACME-001": agreement}))
    assert [tax.reason for tax in copy.taxes] == ["Article 196"]


def test_opening_item_has_no_copy() -> None:
    with pytest.raises(ValueError, match="opening item"):
        build_invoice_copy(replace(invoice(), kind="opening_item"), snapshot())


@pytest.mark.parametrize(
    ("weekly", "days"),
    [
        ({}, []),
        ({"monday": ("09:00-17:00",), "wednesday": ("09:00-17:00",)}, [(0, 0), (2, 2)]),
        (dict.fromkeys(("monday", "tuesday", "wednesday"), ("09:00-12:00", "13:00-17:00")), [(0, 2)]),
        ({"saturday": ("10:00-12:00",), "sunday": ("10:00-11:00",)}, [(5, 5), (6, 6)]),
    ],
)
def test_weekdays_with_the_same_hours_stand_together(
    weekly: dict[str, tuple[str, ...]], days: list[tuple[int, int]]
) -> None:
    shown: tuple[OpeningHours, ...] = opening_hours(Hours(timezone="Europe/Berlin", weekly=weekly))
    assert [(hours.first_weekday, hours.last_weekday) for hours in shown] == days
