"""Corrections: what they take from which line, and that a month with them applied has nothing left to correct."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from pandas import DataFrame

from prisma_batch.cases.lifecycle import with_states
from prisma_batch.rating.corrections import CORRECTED_KINDS, Billing, corrections
from prisma_batch.rating.incident_credits import incident_credits_due
from prisma_batch.rating.invoice_lines import invoice_lines
from prisma_batch.rating.match import match_usage
from prisma_batch.rating.placement import with_period
from prisma_batch.records.agreements import Agreement, CreditStep, PaymentTerms, ServiceCredit, TaxTreatment
from prisma_batch.records.cases import Incident
from prisma_batch.records.corrections import Correction
from prisma_batch.records.discrepancies import discrepancy_table
from prisma_batch.records.documents import Document, Line, TaxGroup
from prisma_batch.records.price_tables import RATES
from prisma_batch.views.proposals import build_proposals
from tests.rating.tables import Row, priced, rate, rates, scope, usage_rows, used
from tests.rating.test_report_states import AGREEMENT

TERMS = replace(
    AGREEMENT,
    payment_terms=(PaymentTerms(starts_on=date(2026, 1, 1), net_days=30),),
    tax=(TaxTreatment(starts_on=date(2026, 1, 1), code="standard", rate=Decimal(21)),),
)
DAY = date(2026, 11, 16)


def line(number: int, quantity: str, amount: str, price: str | None = None, **fields: Any) -> Line:
    given: dict[str, Any] = {
        "program": "cloud",
        "sku": "A1",
        "description": "Machines",
        "service_from": date(2026, 10, 1),
        "service_to": date(2026, 10, 31),
        "unit": "hour",
        "tax": "standard",
        "unit_price": Decimal(price) if price else None,
    }
    return Line(line=number, quantity=Decimal(quantity), amount=Decimal(amount), **given | fields)


def invoice(number: str, *lines: Line, currency: str = "EUR", account: str = "ACME-001") -> Document:
    net = sum((own.amount for own in lines), Decimal(0))
    return Document(
        source=f"invoices/{account}/{number}.yaml",
        number=number,
        kind="invoice",
        account=account,
        issued_on=date(2026, 11, 5),
        due_on=date(2026, 12, 5),
        currency=currency,
        lines=lines,
        taxes=(TaxGroup(code="standard", rate=Decimal(21), base=net, amount=net),),
    )


def credit_note(number: str, own: Line) -> Document:
    return replace(invoice(number, own), kind="credit_note")


def found(charges: DataFrame, documents: Iterable[Document]) -> DataFrame:
    return discrepancy_table(match_usage(charges, invoice_lines(documents), scope("2026-09", "2026-10")))


def billing(charges: DataFrame, documents: Iterable[Document], agreement: Agreement = TERMS) -> Billing:
    documents = tuple(documents)
    return Billing(
        charges=charges,
        lines=with_period(invoice_lines(documents), RATES.of([])),
        documents={document.number: document for document in documents},
        agreements={agreement.account: agreement},
    )


def corrected(usage: list[Row], agreed: list[Row], *documents: Document, **fields: Any) -> list[Correction]:
    charges = priced(usage_rows(*usage), rates(*agreed))
    return corrections(found(charges, documents), billing(charges, documents, replace(TERMS, **fields)))


def told(item: Correction) -> tuple[Any, ...]:
    own = item.line
    texts = [None if value is None else str(value) for value in (own.quantity, own.unit_price, own.amount)]
    return (item.kind, item.group, own.corrects_line, *texts)


@pytest.mark.parametrize(
    ("usage", "documents", "expected"),
    [
        pytest.param([used("3")], [], [("invoice", "2026-10", None, "3", "2", "6.00")], id="not billed"),
        pytest.param(
            [used("-3")], [], [("credit_note", "2026-10", None, "3", "2", "6.00")], id="below zero, not billed"
        ),
        pytest.param(
            [used("-3")],
            [invoice("INV-1", line(1, "3", "6.00", "2"))],
            [("credit_note", "INV-1", 1, "3", "2", "6.00"), ("credit_note", "2026-10", None, "3", "2", "6.00")],
            id="below zero, and billed",
        ),
        pytest.param(
            [used("3")],
            [invoice("INV-1", line(1, "2", "4.00", "2"))],
            [("invoice", "2026-10", None, "1", "2", "2.00")],
            id="too little",
        ),
        pytest.param(
            [used("3")],
            [invoice("INV-1", line(1, "3", "5.00"))],
            [("invoice", "2026-10", None, "0", None, "1.00")],
            id="too cheap: no more pieces",
        ),
        pytest.param(
            [used("3")],
            [invoice("INV-1", line(1, "5", "10.00", "2"))],
            [("credit_note", "INV-1", 1, "2", "2", "4.00")],
            id="too much",
        ),
        pytest.param(
            [used("0.005")],
            [invoice("INV-1", line(1, "0.01", "0.02", "2"))],
            [("credit_note", "INV-1", 1, "0.005", "2", "0.01")],
            id="a cent too much",
        ),
        pytest.param(
            [used("3")],
            [invoice("INV-1", line(1, "3", "7.50", "2.5"))],
            [("credit_note", "INV-1", 1, None, None, "1.50")],
            id="too dear",
        ),
        pytest.param(
            [used("3")],
            [invoice("INV-1", line(1, "5", "12.50", "2.5"))],
            [("credit_note", "INV-1", 1, "2", None, "6.50")],
            id="too much and too dear",
        ),
        pytest.param(
            [used("3")],
            [invoice("INV-1", line(1, "9", "9.00", "1"))],
            [("credit_note", "INV-1", 1, "6", None, "3.00")],
            id="too much and too cheap: no more is credited than was billed",
        ),
        pytest.param(
            [],
            [invoice("INV-1", line(1, "5", "10.00", "2")), invoice("INV-2", line(1, "4", "8.00", "2"))],
            [("credit_note", "INV-2", 1, "4", "2", "8.00"), ("credit_note", "INV-1", 1, "5", "2", "10.00")],
            id="all of several lines, each with its quantity",
        ),
        pytest.param(
            [used("2")],
            [invoice("INV-1", line(1, "5", "10.00", "2")), invoice("INV-2", line(1, "4", "8.00", "2"))],
            [("credit_note", "INV-2", 1, "4", "2", "8.00"), ("credit_note", "INV-1", 1, "3", "2", "6.00")],
            id="no more than a line has",
        ),
        pytest.param(
            [],
            [
                *(invoice("INV-1", line(1, "5", "10.00", "2")), invoice("INV-2", line(1, "4", "8.00", "2"))),
                credit_note("CN-1", replace(line(1, "0", "1.00"), corrects_invoice="INV-2", corrects_line=1)),
            ],
            [("credit_note", "INV-2", 1, None, None, "7.00"), ("credit_note", "INV-1", 1, "9", None, "10.00")],
            id="what is left of a line takes no pieces with it",
        ),
        pytest.param(
            [used("3")],
            [invoice("INV-1", line(1, "5", "6.00"), line(2, "4", "6.00"))],
            [("credit_note", "INV-1", 2, "6", None, "6.00")],
            id="a line whole, and pieces of another",
        ),
        pytest.param(
            [used("5")],
            [invoice("INV-1", line(1, "5", "10.00", "2"), line(2, "5", "10.00", "2"))],
            [("credit_note", "INV-1", 2, "5", "2", "10.00")],
            id="a line twice",
        ),
        pytest.param(
            [used("3")],
            [invoice("INV-1", line(1, "3", "7.00", "2.333"), currency="USD")],
            [("credit_note", "INV-1", 1, "3", "2.333", "7.00"), ("invoice", "2026-10", None, "3", "2", "6.00")],
            id="another currency",
        ),
        pytest.param([used("3")], [invoice("INV-1", line(1, "5", "6.00"))], [], id="another quantity, right money"),
        pytest.param([used("3")], [invoice("INV-1", line(1, "3", "6.01", "2"))], [], id="a cent calls for nothing"),
        pytest.param([used("3")], [invoice("INV-1", line(1, "3", "6.00", "2"))], [], id="nothing to correct"),
    ],
)
def test_corrections(usage: list[Row], documents: list[Document], expected: list[tuple[Any, ...]]) -> None:
    assert [told(item) for item in corrected(usage, [rate("2", unit="hour")], *documents)] == expected


def test_what_was_credited_before_is_not_credited_again() -> None:
    """Of 10.00 billed without usage 4.00 are credited: 6.00 are left of the line."""
    credited = line(1, "2", "4.00", "2", corrects_invoice="INV-1", corrects_line=1)
    note = replace(invoice("CN-1", credited), kind="credit_note", corrects=("INV-1",))
    [item] = corrected([], [], invoice("INV-1", line(1, "5", "10.00", "2")), note)
    assert told(item) == ("credit_note", "INV-1", 1, "3", "2", "6.00")


def test_what_is_left_of_a_line_is_taken_from_it_first_and_the_rest_from_others() -> None:
    """Of line 2 (6.00) 4.00 are credited, so that 2.00 of the 8.00 are its own."""
    credited = line(1, "2", "4.00", "2", corrects_invoice="INV-1", corrects_line=2)
    note = replace(invoice("CN-1", credited), kind="credit_note", corrects=("INV-1",))
    billed = invoice("INV-1", line(1, "4", "8.00", "2"), line(2, "3", "6.00", "2"))
    found = corrected([], [], billed, note)
    assert [(item.line.corrects_line, str(item.line.amount)) for item in found] == [(2, "2.00"), (1, "8.00")]


def test_another_account_is_billed_where_it_owes() -> None:
    [item] = corrected([used("3")], [rate("2")], billed_to="NORTH-000")
    assert (item.account, item.line.service_account) == ("NORTH-000", "ACME-001")
    [own] = corrected([used("3")], [rate("2")])
    assert (own.account, own.line.service_account) == ("ACME-001", None)


def test_a_sku_is_called_as_on_earlier_documents() -> None:
    earlier = replace(line(1, "3", "6.00"), service_from=date(2026, 9, 1), service_to=date(2026, 9, 30))
    usage = [used("3"), used("3", "2026-09-05")]
    [item] = corrected(usage, [rate("2")], invoice("INV-1", earlier))
    assert item.line.description == "Machines"
    assert [other.line.description for other in corrected([used("3")], [rate("2")])] == ["A1"]
    others = invoice("INV-9", replace(earlier, description="Computers"), account="BETA-002")
    supplements = [corrected(usage, [rate("2")], *more, others) for more in ([invoice("INV-1", earlier)], [])]
    named = [[own.line.description for own in found if own.kind == "invoice"][-1] for found in supplements]
    assert named == ["Machines", "Computers"]


INCIDENT = Incident(
    source="cases/incidents/INC-1.yaml",
    id="INC-1",
    started_at=datetime.fromisoformat("2026-10-03T04:00:00+00:00"),
    programs=("cloud",),
    availability_percent=Decimal("99.2"),
)


def test_what_an_incident_earned_is_credited_once() -> None:
    """10 % of 6.00; once the credit note is issued nothing is due any more, and it is no credit of usage."""
    promise = ServiceCredit(
        program="cloud", schedule=(CreditStep(below_percent=Decimal("99.9"), credit_percent=Decimal(10)),)
    )
    agreement = replace(TERMS, service_credits=(promise,))
    charges = priced(usage_rows(used("3")), rates(rate("2")))
    billed = [invoice("INV-1", line(1, "3", "6.00", "2"))]

    def due(documents: list[Document]) -> DataFrame:
        return discrepancy_table(incident_credits_due([INCIDENT], {agreement.account: agreement}, charges, documents))

    [item] = corrections(due(billed), billing(charges, billed, agreement))
    assert (item.kind, str(item.line.amount), item.line.corrects_invoice) == ("credit_note", "0.60", None)
    assert "INC-1" in item.reason
    [note] = build_proposals([item], {agreement.account: agreement}, DAY)
    assert (str(note.total), note.corrects) == ("0.73", ())
    assert due([*billed, note]).empty


AMOUNTS = st.integers(1, 60).map(lambda cents: f"{cents / 10:.2f}")
LINES = st.tuples(st.sampled_from(["INV-1", "INV-2"]), st.sampled_from(["A1", "B2"]), st.integers(1, 4), AMOUNTS)


@settings(max_examples=15, deadline=None, derandomize=True, phases=[Phase.explicit, Phase.generate])
@given(
    st.dictionaries(st.sampled_from(["A1", "B2"]), st.integers(1, 5)),
    st.lists(LINES, max_size=5),
    st.sampled_from(["EUR", "USD"]),
)
def test_a_corrected_month_has_nothing_left_to_correct(
    quantities: dict[str, int], billed: list[tuple[str, str, int, str]], currency: str
) -> None:
    """Crediting what was overbilled and billing what was not closes every discrepancy of these kinds."""
    lines: dict[str, list[Line]] = {"INV-1": [], "INV-2": []}
    for number, sku, quantity, amount in billed:
        lines[number].append(line(len(lines[number]) + 1, str(quantity), amount, sku=sku))
    documents = [invoice(number, *own, currency=currency) for number, own in lines.items() if own]
    usage = [used(str(quantity), sku=sku) for sku, quantity in quantities.items()]
    charges = priced(usage_rows(*usage), rates(rate("2"), rate("1.15", sku="B2")))
    proposed = build_proposals(
        corrections(found(charges, documents), billing(charges, documents)), {TERMS.account: TERMS}, DAY
    )
    left = found(charges, [*documents, *proposed])
    assert left[left["kind"].isin(CORRECTED_KINDS)].empty, left["message"].tolist()
    assert len({document.number for document in proposed}) == len(proposed)


def goodwill(number: str, amount: str, corrects: str) -> Document:
    """A credit note that names an invoice, and no line of it."""
    line = Line(line=1, description="Goodwill", amount=Decimal(amount), tax="standard")
    given = invoice(number, line)
    return replace(given, kind="credit_note", corrects=(corrects,))


def after(documents: Iterable[Document], charges: DataFrame) -> tuple[DataFrame, list[Correction]]:
    """What is found of documents with its states, and what is proposed."""
    documents = tuple(documents)
    known = {document.number: document for document in documents}
    billed_by = billing(charges, documents)
    table = with_states(found(charges, documents), [], known, billed_by.lines, date(2026, 11, 30))
    return table, corrections(table, billed_by)


@pytest.mark.parametrize("number", ["CN-1", "Z-1"], ids=["before the invoice", "after the invoice"])
@pytest.mark.parametrize(
    ("billed", "given", "credited"),
    [
        pytest.param([line(1, "5", "10.00", "2")], "1.50", ["2.50"], id="too much"),
        pytest.param([line(1, "3", "10.00")], "3.00", ["1.00"], id="too dear"),
        pytest.param([line(1, "5", "12.50", "2.5")], "6.00", ["0.50"], id="too much and too dear"),
        pytest.param([line(1, "9", "9.00", "1")], "3.00", [], id="too much and too cheap: all of it"),
        pytest.param([line(1, "9", "9.00", "1")], "5.00", [], id="more than that is not billed again"),
        pytest.param([line(1, "3", "6.00"), line(2, "3", "6.00")], "2.00", ["4.00"], id="a line twice"),
        pytest.param([line(1, "3", "6.00"), line(2, "3", "6.00")], "6.00", [], id="a line twice: all of it"),
    ],
)
def test_goodwill_comes_off_what_is_credited(billed: list[Line], given: str, credited: list[str], number: str) -> None:
    """3 × 2 was used. With what is proposed, nothing is left to correct."""
    charges = priced(usage_rows(used("3")), rates(rate("2")))
    documents = [invoice("INV-1", *billed), goodwill(number, given, "INV-1")]
    _, proposed = after(documents, charges)
    assert [str(item.line.amount) for item in proposed] == credited
    assert all("of it was credited before, without naming a program" in item.reason for item in proposed)
    table, left = after([*documents, *build_proposals(proposed, {TERMS.account: TERMS}, DAY)], charges)
    assert left == []
    assert set(table["state"]) == {"credited"} or not credited


@pytest.mark.parametrize("corrected", ["INV-1", "INV-2"])
def test_goodwill_for_any_invoice_of_a_unit_comes_off_what_is_credited(corrected: str) -> None:
    """3 × 2 was used, and billed on two invoices as 5 × 2."""
    charges = priced(usage_rows(used("3")), rates(rate("2")))
    documents = [invoice("INV-1", line(1, "3", "6.00", "2")), invoice("INV-2", line(1, "2", "4.00", "2"))]
    documents += [goodwill("CN-1", "1.50", corrected)]
    _, proposed = after(documents, charges)
    assert [str(item.line.amount) for item in proposed] == ["2.50"]
    table, left = after([*documents, *build_proposals(proposed, {TERMS.account: TERMS}, DAY)], charges)
    assert (set(table["state"]), left) == ({"credited"}, [])


@pytest.mark.parametrize(
    ("amount", "expected"),
    [
        ("7.00", [("credit_note", "INV-1", 1, None, None, "1.00")]),
        ("6.00", []),
        ("5.00", [("invoice", "2026-09", None, "0", None, "1.00")]),
    ],
    ids=["too dear", "as agreed", "too cheap"],
)
def test_usage_billed_for_another_month_is_corrected_by_its_money(amount: str, expected: list[Any]) -> None:
    """3 × 2 were used in September and billed for October: what differs belongs there too, with the pieces."""
    charges = priced(usage_rows(used("3", "2026-09-15")), rates(rate("2")))
    documents = [invoice("INV-1", line(1, "3", amount))]
    table, proposed = after(documents, charges)
    assert (table["kind"].tolist(), [told(item) for item in proposed]) == (["wrong_service_period"], expected)
    assert {item.line.service_from for item in proposed} <= {date(2026, 10, 1)}
    assert {item.line.service_to for item in proposed} <= {date(2026, 10, 31)}
    table, left = after([*documents, *build_proposals(proposed, {TERMS.account: TERMS}, DAY)], charges)
    assert (table["kind"].tolist(), left) == (["wrong_service_period"], [])
    assert table["difference_minor"].tolist() == [0]
