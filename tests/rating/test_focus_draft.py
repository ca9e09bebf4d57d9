"""Drafted rates and documents: which price explains a cost, until when, and what is rounded."""

from dataclasses import asdict
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from prisma_batch.base.periods import Period
from prisma_batch.rating.focus_draft import BilledCharge, DraftedRate, draft_documents, draft_rates, main_currency
from prisma_batch.records.agreements import PaymentTerms

TERMS = PaymentTerms(starts_on=date(2024, 9, 1), net_days=30)


def charge(cost: str, quantity: str = "1", price: str | None = None, month: int = 9, **fields: str) -> BilledCharge:
    values: dict[str, Any] = {"program": "cloud", "sku": "S", "unit": "GB", "currency": "USD", "description": "Storage"}
    return BilledCharge(
        **{**values, **fields},
        month=Period(2024, month),
        quantity=Decimal(quantity),
        cost=Decimal(cost),
        unit_price=None if price is None else Decimal(price),
    )


def written(drafted: DraftedRate) -> str:
    rate = drafted.rate
    return f"{rate.starts_on} {rate.ends_on} {rate.pricing.model} {rate.pricing.price} {rate.unit} {rate.currency}"


@pytest.mark.parametrize(
    ("charges", "model", "price", "comment"),
    [
        ([charge("6", "3", "2"), charge("9.1", "4", "2")], "per_unit", "2", ""),
        ([charge("0", "3")], "per_unit", "0", ""),
        ([charge("0.0000001", "3"), charge("1.5", "2")], "flat", "1.5000001", "derived from cost"),
        ([charge("-2.6137", "0")], "flat", "-2.6137", "derived from cost"),
        # One row that no price explains: a price per unit would count its quantity as well.
        ([charge("6", "3", "2"), charge("1", "1")], "flat", "7", "derived from cost"),
        # A free allowance: 3 at 2 and 3 at nothing.
        ([charge("6", "3", "2"), charge("0", "3")], "per_unit", "1", "mean of 2 contracted prices by quantity"),
        ([charge("2", "1", "2"), charge("6", "2", "3"), charge("5", "1", "5")], "per_unit", "3.25", "mean of 3"),
        ([charge("-2", "-1", "2"), charge("-9", "-3", "3")], "per_unit", "2.75", "mean of 2"),
        (
            [charge("2", "1", "2"), charge("6", "2", "3")],
            "per_unit",
            "2.666666666667",
            "mean of 2 contracted prices by quantity, rounded to 12 decimals",
        ),
        ([charge("2", "1", "2"), charge("-3", "-1", "3")], "flat", "-1", "derived from cost: its contracted prices"),
        ([charge("2", "2", "1"), charge("-4", "-1", "4")], "flat", "-2", "derived from cost: its contracted prices"),
    ],
)
def test_pricing(charges: list[BilledCharge], model: str, price: str, comment: str) -> None:
    (drafted,) = draft_rates(charges)
    assert (drafted.rate.pricing.model, str(drafted.rate.pricing.price)) == (model, price)
    assert drafted.comment.startswith(comment)
    assert drafted.rounded == ("rounded" in drafted.comment)
    assert bool(drafted.comment) == bool(comment)


def test_sums_are_exact_beyond_28_digits() -> None:
    (drafted,) = draft_rates([charge("12345678901234567890123456.000000000001", "1"), charge("1", "1")])
    assert str(drafted.rate.pricing.price) == "12345678901234567890123457.000000000001"


@pytest.mark.parametrize(
    ("charges", "rates"),
    [
        ([charge("2", "1", "2")], ["2024-09-01 None per_unit 2 GB USD"]),
        ([charge("2", "1", "2"), charge("4", "2", "2", 11)], ["2024-09-01 None per_unit 2 GB USD"]),
        (
            [charge("2", "1", "2"), charge("6", "2", "3", 11)],
            ["2024-09-01 2024-10-31 per_unit 2 GB USD", "2024-11-01 None per_unit 3 GB USD"],
        ),
        (
            [charge("2", "1"), charge("3", "1", None, 10), charge("4", "2", "2", 11)],
            [
                "2024-09-01 2024-09-30 flat 2 GB USD",
                "2024-10-01 2024-10-31 flat 3 GB USD",
                "2024-11-01 None per_unit 2 GB USD",
            ],
        ),
        (
            [charge("2", "1", "2"), charge("3", "1", None, 10)],
            ["2024-09-01 2024-09-30 per_unit 2 GB USD", "2024-10-01 2024-10-31 flat 3 GB USD"],
        ),
        ([charge("2", "1", "2", unit="")], ["2024-09-01 None per_unit 2 unit USD"]),
    ],
)
def test_rates_hold_until_another_begins(charges: list[BilledCharge], rates: list[str]) -> None:
    assert [written(drafted) for drafted in draft_rates(reversed(charges))] == rates


def test_one_rate_cannot_hold_several_units() -> None:
    charges = [charge("2", "1", "2"), charge("2", "1", "2"), charge("9", "3", "3", unit="Hours")]
    (drafted,) = draft_rates(charges)
    assert (written(drafted), drafted.other_variants) == ("2024-09-01 None per_unit 2 GB USD", 1)
    (document,) = draft_documents("A", charges, TERMS)
    assert [(line.unit, str(line.amount)) for line in document.lines] == [("GB", "4.00"), ("Hours", "9.00")]


def test_documents_round_each_line_once() -> None:
    charges = [charge("0.0025", "0.1"), charge("0.0025", "0.2"), charge("1", "0", sku="T"), charge("0", "0", sku="U")]
    (document,) = draft_documents("ACME-001", charges, TERMS)
    assert (document.number, document.kind) == ("FOCUS-2024-09-ACME-001", "invoice")
    assert (document.issued_on, document.due_on) == (date(2024, 9, 30), date(2024, 10, 30))
    lines = [(line.line, line.sku, str(line.quantity), str(line.amount)) for line in document.lines]
    assert lines == [(1, "S", "0.3", "0.01"), (2, "T", "0", "1.00")]
    assert [str(document.net), str(document.tax), str(document.total)] == ["1.01", "0.00", "1.01"]
    assert [str(value) for value in asdict(document.taxes[0]).values()] == ["outside_scope", "0", "1.01", "0.00"]


def test_what_the_provider_owes_is_a_credit_note() -> None:
    charges = [charge("-3.335", "-2"), charge("1", "4", sku="T"), charge("0.001", "0", sku="U")]
    (document,) = draft_documents("A", charges, TERMS)
    assert (document.kind, str(document.total), bool(document.reason)) == ("credit_note", "2.34", True)
    assert [f"{line.quantity} {line.amount}" for line in document.lines] == ["2 3.34", "-4 -1.00", "0 0.00"]


def test_documents_by_month_and_currency() -> None:
    charges = [charge("1"), charge("2", month=10), charge("3", currency="JPY"), charge("4", month=10)]
    documents = draft_documents("A", charges, TERMS)
    assert [(document.number, str(document.total)) for document in documents] == [
        ("FOCUS-2024-09-A-JPY", "3"),
        ("FOCUS-2024-09-A", "1.00"),
        ("FOCUS-2024-10-A", "6.00"),
    ]
    assert main_currency([*charges, charge("1", currency="JPY"), charge("1", currency="JPY")]) == "JPY"


def test_nothing_billed_is_no_document() -> None:
    assert draft_documents("A", [charge("0", "0")], TERMS) == []
