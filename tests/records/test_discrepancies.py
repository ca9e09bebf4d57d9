"""Discrepancies: what identifies them, and what changes their fingerprint."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from prisma_batch.records.discrepancies import SEVERITY_BY_KIND, Discrepancy, discrepancy_table

MISMATCH = Discrepancy(
    kind="quantity_mismatch",
    message="used 12 × 23.45",
    source="invoices/ACME-001/INV-1.yaml",
    pointer="/lines/0",
    account="ACME-001",
    program="microsoft-spla",
    sku="9EA-00039",
    period="2026-10",
    invoice="INV-1",
    line="1",
    expected_quantity=Decimal(12),
    invoiced_quantity=Decimal(14),
    expected_minor=28140,
    invoiced_minor=32830,
    currency="EUR",
    inputs=("23.45",),
)
CONTRACT_KINDS = (
    "unbilled_usage billed_without_usage quantity_mismatch price_mismatch wrong_service_period duplicate_line "
    "duplicate_invoice currency_mismatch tax_mismatch rounding_difference missing_usage_report late_usage "
    "no_agreed_rate unknown_account credit_exceeds_invoice due_date_mismatch unidentified_payment unapplied_cash "
    "short_payment over_payment duplicate_payment payment_currency_mismatch returned_payment statement_gap "
    "statement_unbalanced"
).split()


def fingerprint(discrepancy: Discrepancy) -> str:
    return str(discrepancy_table([discrepancy])["fingerprint"].iloc[0])


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "price_mismatch"},
        {"account": "ACME-002"},
        {"program": "citrix-csp"},
        {"sku": "9EA-00040"},
        {"period": "2026-11"},
        {"invoice": "INV-2"},
        {"line": "2"},
        {"payment": "NTRY-1"},
    ],
    ids=str,
)
def test_what_it_is_about_makes_the_id(change: dict[str, Any]) -> None:
    changed = replace(MISMATCH, **change)
    assert changed.id != MISMATCH.id
    assert fingerprint(changed) != fingerprint(MISMATCH)


@pytest.mark.parametrize(
    "change",
    [
        {"expected_quantity": Decimal(13)},
        {"invoiced_quantity": None},
        {"expected_minor": 28141},
        {"invoiced_minor": 32831},
        {"expected_minor": None},
        {"currency": "USD"},
        {"inputs": ("23.46",)},
    ],
    ids=str,
)
def test_inputs_change_the_fingerprint_and_never_the_id(change: dict[str, Any]) -> None:
    changed = replace(MISMATCH, **change)
    assert changed.id == MISMATCH.id
    assert fingerprint(changed) != fingerprint(MISMATCH)


@pytest.mark.parametrize(
    "change",
    [
        {"message": "other words"},
        {"source": "moved.yaml"},
        {"pointer": "/lines/7"},
        {"expected_quantity": Decimal("12.00")},
    ],
    ids=str,
)
def test_words_and_places_change_neither(change: dict[str, Any]) -> None:
    changed = replace(MISMATCH, **change)
    assert (changed.id, fingerprint(changed)) == (MISMATCH.id, fingerprint(MISMATCH))


def test_ids_stay_as_they_were_published() -> None:
    """Cases name discrepancies by these ids (`accepted {discrepancy}`): a change of the hash would orphan them."""
    assert (MISMATCH.id, fingerprint(MISMATCH)) == ("8ce0a5c931e8ab9b", "fc3cb8a9de5be515")


def test_neighbouring_fields_do_not_run_together() -> None:
    assert replace(MISMATCH, invoice="INV-11", line="").id != replace(MISMATCH, invoice="INV-1", line="1").id


def test_difference_is_invoiced_less_expected() -> None:
    assert MISMATCH.difference_minor == 4690
    assert replace(MISMATCH, invoiced_minor=0).difference_minor == -28140
    assert replace(MISMATCH, expected_minor=None).difference_minor is None
    assert replace(MISMATCH, invoiced_minor=None).difference_minor is None


def test_the_table_is_sorted_whatever_the_order() -> None:
    found = [replace(MISMATCH, account=account, line=line) for account in "BA" for line in "21"]
    table = discrepancy_table(found)
    assert table[["account", "line"]].to_numpy().tolist() == [["A", "1"], ["A", "2"], ["B", "1"], ["B", "2"]]
    assert table.equals(discrepancy_table(reversed(found)))
    assert table["difference_minor"].tolist() == [4690] * 4
    assert table["expected_quantity"].tolist() == ["12"] * 4


def test_every_kind_of_the_contract_has_a_severity() -> None:
    assert set(CONTRACT_KINDS) <= set(SEVERITY_BY_KIND)
    assert set(SEVERITY_BY_KIND.values()) == {"high", "medium", "low"}


def test_a_row_points_at_its_source() -> None:
    row = discrepancy_table([MISMATCH]).iloc[0]
    assert (row["source"], row["pointer"]) == ("invoices/ACME-001/INV-1.yaml", "/lines/0")
    assert (row["state"], row["severity"], row["message"]) == ("open", "high", "used 12 × 23.45")
