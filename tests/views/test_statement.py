"""Statements: who gets one, what is asked for, and what they must add up to."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from pandas import DataFrame

from prisma_batch.base.errors import InvariantBroken
from prisma_batch.records.settings import BankAccount
from prisma_batch.views.amounts import Money
from prisma_batch.views.parties import bank_accounts_for
from prisma_batch.views.statement import Section, Statement, build_statements
from tests.views.sample_run import SPAN, paid_by, receivables, snapshot


def statements() -> dict[str, Statement]:
    return {statement.account: statement for statement in build_statements(receivables(), snapshot(), SPAN)}


def euro_section() -> Section:
    return statements()["ACME-001"].sections[0]


def with_cents_more(table: DataFrame, column: str) -> DataFrame:
    return table.assign(**{column: table[column] + 1})


def test_every_account_that_owes_or_moved_or_asked_has_one() -> None:
    sections = {account: [s.currency for s in statement.sections] for account, statement in statements().items()}
    assert sections == {"ACME-001": ["EUR", "USD"], "LOST-009": ["JPY"], "ZERO-002": ["EUR"]}


def test_account_without_records_is_named_by_its_id() -> None:
    lost = statements()["LOST-009"]
    assert (lost.customer_name, lost.bill_to.legal_name, lost.language) == ("LOST-009", "LOST-009", "en")


def test_statement_of_nothing_asks_for_nothing() -> None:
    section = statements()["ZERO-002"].sections[0]
    assert (section.movements, section.open_items) == ((), ())
    assert section.dues.pay_next_by is None


@pytest.mark.parametrize(
    "change",
    [{"closed_on": date(2026, 10, 1)}, {"active_from": date(2026, 12, 1)}],
    ids=["closed before", "not active yet"],
)
def test_nothing_is_stated_of_accounts_outside_their_agreement(change: dict[str, Any]) -> None:
    records = snapshot()
    agreements = {**records.agreements, "ZERO-002": replace(records.agreements["ZERO-002"], **change)}
    built = build_statements(receivables(), replace(records, agreements=agreements), SPAN)
    assert "ZERO-002" not in {statement.account for statement in built}


def test_running_balance_leads_from_opening_to_closing() -> None:
    section = euro_section()
    assert section.opening.minor + section.movements[0].amount.minor == section.movements[0].balance.minor
    assert section.movements[-1].balance == section.closing == section.aging["balance"]
    assert [movement.on for movement in section.movements] == sorted(movement.on for movement in section.movements)


def test_movements_before_the_span_are_marked() -> None:
    assert [movement.reference for movement in euro_section().movements if movement.prior_period] == ["NTRY-31"]


def test_payment_says_what_it_settled_and_document_why() -> None:
    described = {movement.reference: movement.description for movement in euro_section().movements}
    assert described["NTRY-40"] == "INV-2026-00050, INV-2026-00061"
    assert described["CN-2026-00011"] == "Outage of 3 October"
    assert described["INV-2026-00123"] == "PO-77"
    assert described["INV-2026-00125"] == ""


def test_what_to_pay_now_leaves_out_disputes_holds_and_credit() -> None:
    dues = euro_section().dues
    assert (dues.overdue.minor, dues.disputed.minor, dues.held.minor, dues.credit.minor) == (
        679_430,
        104_086,
        45_050,
        17_500,
    )
    assert dues.pay_now.minor == 679_430 - 104_086 - 45_050 - 17_500
    assert (dues.pay_next.minor, dues.pay_next_by) == (22_519, date(2026, 11, 20))


def test_credit_that_is_left_lowers_what_falls_due_next() -> None:
    tables = receivables()
    items = tables.open_items
    only_next = items[items["document"].isin(["INV-2026-00119", "CN-2026-00011"])]
    aging = tables.aging.assign(balance=0, unapplied=[-15_000, 0, 0])
    nothing = {"movements": tables.movements.head(0), "balances": tables.balances.head(0)}
    built = build_statements(replace(tables, open_items=only_next, aging=aging, **nothing), snapshot(), SPAN)
    dues = built[0].sections[0].dues
    assert (dues.pay_now.minor, dues.pay_next.minor) == (0, 22_519 - 15_000)


def test_references_are_those_of_what_is_asked_for() -> None:
    references = euro_section().references
    assert "RF18539007547034" in references
    assert "INV-2026-00061" not in references  # held
    assert "INV-2026-00074" not in references  # disputed as a whole
    assert "CN-2026-00011" not in references


def test_unidentified_money_is_on_no_statement() -> None:
    shown = {p.payment for s in statements().values() for section in s.sections for p in section.unapplied}
    assert shown == {"NTRY-56"}


@pytest.mark.parametrize(
    ("table", "column"), [("movements", "amount_minor"), ("balances", "closing_minor"), ("aging", "balance")]
)
def test_what_does_not_add_up_is_not_stated(table: str, column: str) -> None:
    tables = receivables()
    wrong = replace(tables, **{table: with_cents_more(getattr(tables, table), column)})
    with pytest.raises(InvariantBroken, match=r"account ACME-001, EUR"):
        build_statements(wrong, snapshot(), SPAN)


def test_order_of_rows_does_not_matter() -> None:
    tables = receivables()
    backwards = {name: getattr(tables, name).iloc[::-1] for name in ("movements", "open_items", "aging", "balances")}
    assert build_statements(replace(tables, **backwards), snapshot(), SPAN) == tuple(statements().values())


@pytest.mark.parametrize(("currency", "names"), [("EUR", ["euro"]), ("USD", ["dollar"]), ("SEK", ["euro", "dollar"])])
def test_money_goes_to_an_account_in_its_currency(currency: str, names: list[str]) -> None:
    accounts = (BankAccount(name="euro", currency="EUR"), BankAccount(name="dollar", currency="USD"))
    assert [account.name for account in bank_accounts_for(accounts, currency)] == names


@pytest.mark.parametrize(
    ("minor", "currency", "text"),
    [
        (-28_140, "EUR", "-281.40"),
        (0, "EUR", "0.00"),
        (5, "JPY", "5"),
        (-1, "KWD", "-0.001"),
        (2**63 - 1, "EUR", "92233720368547758.07"),
    ],
)
def test_money_is_exact(minor: int, currency: str, text: str) -> None:
    assert Money(minor, currency).text == text


def test_what_is_overdue_is_asked_for_and_what_falls_due_next_is_collected() -> None:
    records = paid_by("direct_debit")
    euro, dollar = build_statements(receivables(), records, SPAN)[0].sections
    assert (euro.ask.message, euro.then and euro.then.message) == (
        "Please pay %(amount)s now: it is overdue.",
        "We collect %(amount)s by direct debit on %(day)s.",
    )
    assert euro.references == ("INV-2026-00081", "INV-2026-00090", "INV-2026-00101", "FEE-2026-00004", "INV-2026-00115")
    assert (dollar.ask.message, dollar.then) == ("We collect %(amount)s by direct debit on %(day)s.", None)
    assert (dollar.references, dollar.request) == ((), None)
