"""Whose debt: a reference to another account's document needs a new payer, a link, or a person."""

from typing import Any

import pytest

from tests.receivables.tables import (
    Row,
    applied,
    balances,
    decision,
    document,
    entry,
    left,
    settled,
    states,
    suggested,
    tree,
)

OWN = (document("INV-A", 100), entry("P-0", 100, "INV-A", "2026-10-16"))
BETA = document("INV-B", 500, account="BETA-002")
PAID_BETA = entry("P-1", 500, "INV-B")


def test_a_new_payer_may_pay_any_account() -> None:
    result = settled(tree(BETA, PAID_BETA))
    assert applied(result) == {("P-1", "INV-B", 500, "exact_reference")}
    assert states(result) == {"P-1": ("BETA-002", "applied")}


def test_the_payer_of_another_account_is_only_suggested() -> None:
    result = settled(tree(*OWN, BETA, PAID_BETA))
    assert applied(result) == {("P-0", "INV-A", 100, "exact_reference")}
    assert left(result) == {"P-1": ("ACME-001", 500, "unapplied_cash")}
    assert suggested(result) == {"P-1": "INV-B (quoted, but owed by BETA-002)"}


def test_only_earlier_payments_make_a_payer_known() -> None:
    later = entry("P-0", 100, "INV-A", "2026-10-30")
    assert ("P-1", "INV-B", 500, "exact_reference") in applied(settled(tree(OWN[0], later, BETA, PAID_BETA)))


@pytest.mark.parametrize("links", [{"BETA-002": "ACME-001"}, {"ACME-001": "BETA-002"}])
def test_billed_to_links_both_ways(links: dict[str, str]) -> None:
    result = settled(tree(*OWN, BETA, PAID_BETA, links=links))
    assert ("P-1", "INV-B", 500, "exact_reference") in applied(result)


def test_a_link_to_a_third_account_is_none() -> None:
    assert len(applied(settled(tree(*OWN, BETA, PAID_BETA, links={"BETA-002": "GAMMA-003"})))) == 1


@pytest.mark.parametrize("links", [{}, {"BETA-002": "ACME-001"}])
def test_a_payer_of_both_accounts_needs_no_link(links: dict[str, str]) -> None:
    decided = decision("settle", 50, payment="P-2", account="BETA-002", document="INV-C")
    rows: list[Row] = [document("INV-C", 50, account="BETA-002"), entry("P-2", 50, on="2026-10-17")]
    result = settled(tree(*OWN, *rows, BETA, PAID_BETA, links=links, decisions=(decided,)))
    assert ("P-1", "INV-B", 500, "exact_reference") in applied(result)


def test_money_of_a_payer_of_two_accounts_belongs_to_neither() -> None:
    rows = [*OWN, BETA, PAID_BETA, entry("P-2", 777, on="2026-11-02")]
    result = settled(tree(*rows, links={"BETA-002": "ACME-001"}))
    assert left(result) == {"P-2": ("", 777, "unidentified_payment")}


def test_one_payment_settles_documents_of_linked_accounts() -> None:
    both = entry("P-1", 600, "INV-B", end_to_end="INV-A2")
    records = tree(*OWN, BETA, document("INV-A2", 100), both, links={"BETA-002": "ACME-001"})
    result = settled(records)
    assert {("P-1", "INV-B", 500, "exact_reference"), ("P-1", "INV-A2", 100, "exact_reference")} <= applied(result)
    assert balances(result) == {("ACME-001", "EUR"): (200, 0), ("BETA-002", "EUR"): (500, 0)}
    assert states(result)["P-1"] == ("", "applied")


def test_the_foreign_part_of_several_references_is_left_out() -> None:
    """Without the link only the payer's own document counts: it is the one debt left to settle."""
    both = entry("P-1", 600, "INV-B", end_to_end="INV-A2")
    result = settled(tree(*OWN, BETA, document("INV-A2", 100), both))
    assert ("P-1", "INV-A2", 100, "exact_reference") in applied(result)
    assert left(result) == {"P-1": ("ACME-001", 500, "over_payment")}
    assert suggested(result) == {"P-1": "INV-B (quoted, but owed by BETA-002)"}


@pytest.mark.parametrize(
    ("account", "iban", "payment"),
    [("BETA-002", "", {"end_to_end": "INV-B"}), ("NULL", "NL00NEW", {"structured": "INV-B"})],
)
def test_a_payment_without_a_known_payer_goes_by_its_reference(
    account: str, iban: str, payment: dict[str, Any]
) -> None:
    records = tree(*OWN, document("INV-B", 500, account=account), entry("P-1", 500, iban=iban, **payment))
    assert states(settled(records))["P-1"] == (account, "applied")
