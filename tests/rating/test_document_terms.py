"""Documents against the agreement: tax, due date, credit beyond the invoice."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from prisma_batch.base.periods import Period
from prisma_batch.rating.document_terms import document_discrepancies
from prisma_batch.records.agreements import Agreement, BillTo, PaymentTerms, TaxTreatment
from prisma_batch.records.discrepancies import Discrepancy
from prisma_batch.records.documents import Document, Line, TaxGroup

OCTOBER = Period(2026, 10)
AGREEMENT = Agreement(
    source="agreements/ACME-001.yaml",
    account="ACME-001",
    bill_to=BillTo(legal_name="Acme Hosting B.V."),
    active_from=date(2026, 1, 1),
    currency="EUR",
    payment_terms=(
        PaymentTerms(starts_on=date(2026, 1, 1), net_days=30),
        PaymentTerms(starts_on=date(2026, 11, 15), net_days=15, from_="month_end"),
    ),
    tax=(
        TaxTreatment(starts_on=date(2026, 1, 1), code="standard", rate=Decimal(21)),
        TaxTreatment(starts_on=date(2026, 11, 15), code="reverse_charge", rate=Decimal(0)),
    ),
)


def tax(base: str, amount: str, rate: str = "21", code: str = "standard") -> TaxGroup:
    return TaxGroup(code=code, rate=Decimal(rate), base=Decimal(base), amount=Decimal(amount))


def line(number: int, group: TaxGroup, service_to: date | None = None) -> Line:
    """The line of all that a tax group taxes."""
    fields: dict[str, Any] = {"tax": group.code, "tax_rate": group.rate, "service_to": service_to}
    return Line(line=number, description="Usage", amount=group.base, **fields)


def document(number: str = "INV-1", *, total: str = "340.49", **fields: Any) -> Document:
    """An invoice of 10 November over October, due after 30 days, with the agreed tax."""
    service_to = fields.pop("service_to", date(2026, 10, 31))
    taxes = fields.setdefault("taxes", (tax("281.40", "59.09"),))
    lines = [
        line(number, group, service_to) for number, group in enumerate(taxes or (tax("281.40", "59.09"),), start=1)
    ]
    given: dict[str, Any] = {
        "source": f"invoices/ACME-001/{number}.yaml",
        "kind": "invoice",
        "account": "ACME-001",
        "issued_on": date(2026, 11, 10),
        "due_on": date(2026, 12, 10),
        "currency": "EUR",
        "lines": tuple(lines),
        "total": Decimal(total),
    }
    return Document(number=number, **given | fields)


def judged(*documents: Document, period: Period = OCTOBER) -> list[Discrepancy]:
    return document_discrepancies(documents, {"ACME-001": AGREEMENT}, period)


def kinds(found: Iterable[Discrepancy]) -> list[str]:
    return [item.kind for item in found]


def test_a_right_document() -> None:
    assert judged(document()) == []


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        pytest.param({"taxes": (tax("281.40", "59.10"),)}, [("standard 21", 5909, 5910)], id="281.40 × 21 % = 59.094"),
        pytest.param({"taxes": (tax("66.66", "13.99"),)}, [("standard 21", 1400, 1399)], id="66.66 × 21 % = 13.9986"),
        pytest.param({"taxes": (tax("281.40", "53.47", "19"),)}, [("standard 19", 5909, 5347)], id="another rate"),
        pytest.param(
            {"taxes": (tax("281.40", "0.00", "0", "export"),)}, [("export 0", 5909, 0)], id="another code and rate"
        ),
        pytest.param(
            {"taxes": (tax("200.00", "42.00"), tax("81.40", "17.10"))}, [("standard 21", 1709, 1710)], id="second group"
        ),
        pytest.param(
            {"kind": "credit_note", "taxes": (tax("281.40", "59.10"),)},
            [("standard 21", -5909, -5910)],
            id="a credit note counts negative",
        ),
        pytest.param(
            {"kind": "credit_note", "taxes": (tax("281.40", "53.47", "19"),)}, [], id="a credit at the original rate"
        ),
        pytest.param({"kind": "fee", "taxes": (tax("40.00", "0.00", "0", "outside_scope"),)}, [], id="a fee"),
        pytest.param({"account": "BETA-002", "taxes": (tax("10.00", "1.90", "19"),)}, [], id="no agreement, right sum"),
        pytest.param(
            {"account": "BETA-002", "taxes": (tax("10.00", "2.00", "19"),)}, [("standard 19", 190, 200)], id="none"
        ),
        pytest.param(
            {"currency": "JPY", "taxes": (tax("1005", "211"),)}, [], id="yen have no cents: 1005 × 21 % = 211.05"
        ),
        pytest.param({"kind": "opening_item", "taxes": (tax("1.00", "9.00"),)}, [], id="an opening item has no tax"),
    ],
)
def test_tax(fields: dict[str, Any], found: list[tuple[str, int, int]]) -> None:
    discrepancies = judged(document(**fields))
    assert set(kinds(discrepancies)) <= {"tax_mismatch"}
    assert [(item.tax, item.expected_minor, item.invoiced_minor) for item in discrepancies] == found


def test_two_wrong_groups_of_a_document_are_told_apart_without_a_line() -> None:
    found = judged(document(taxes=(tax("200.00", "42.01"), tax("81.40", "15.48", "19"))))
    assert [item.line for item in found] == ["", ""]
    assert len({item.id for item in found}) == 2


def taxed_line(amount: str, code: str = "standard", rate: str | None = None) -> Line:
    at = Decimal(rate) if rate else None
    return Line(
        line=1, description="Usage", amount=Decimal(amount), tax=code, tax_rate=at, service_to=date(2026, 10, 31)
    )


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        ([taxed_line("281.40")], []),
        ([taxed_line("281.40", rate="21")], []),
        ([taxed_line("281.40", rate="9")], [(0, 5909)]),
        ([taxed_line("281.40", "zero")], [(0, 5909)]),
        ([taxed_line("200.00"), taxed_line("81.40", "zero")], [(4200, 5909)]),
    ],
)
def test_tax_is_that_of_the_lines(lines: list[Line], found: list[tuple[int, int]]) -> None:
    discrepancies = judged(document(lines=tuple(lines), taxes=(tax("281.40", "59.09"),)))
    assert [(item.expected_minor, item.invoiced_minor) for item in discrepancies] == found


@pytest.mark.parametrize(("rates", "count"), [(("9", "21"), 0), (("21", "9"), 2), ((None, "21"), 0)])
def test_lines_of_a_code_at_two_rates_say_at_which(rates: tuple[str | None, str], count: int) -> None:
    lines = (taxed_line("100.00", rate=rates[0]), taxed_line("181.40", rate=rates[1]))
    groups = (tax("100.00", "9.00", "9"), tax("181.40", "38.09"))
    found = document(kind="fee", lines=lines, taxes=groups)
    assert len(judged(found)) == count


def test_tax_is_that_of_the_day_of_issue() -> None:
    later = {"issued_on": date(2026, 11, 15), "due_on": date(2026, 12, 15)}
    assert kinds(judged(document(**later))) == ["tax_mismatch"]
    assert kinds(judged(document(**later, taxes=(tax("281.40", "0.00", "0", "reverse_charge"),)))) == []


@pytest.mark.parametrize(
    ("issued_on", "due_on", "agreed"),
    [
        (date(2026, 11, 10), date(2026, 12, 10), None),
        (date(2026, 11, 10), date(2026, 12, 11), "2026-12-10"),
        (date(2026, 11, 10), date(2026, 12, 9), "2026-12-10"),
        (date(2026, 11, 15), date(2026, 12, 15), None),
        (date(2026, 11, 15), date(2026, 11, 30), "2026-12-15"),
        (date(2027, 2, 1), date(2027, 3, 15), None),
        (date(2027, 2, 1), date(2027, 2, 16), "2027-03-15"),
        (date(2025, 12, 31), date(2029, 1, 1), None),
    ],
    ids=str,
)
def test_due_date(issued_on: date, due_on: date, agreed: str | None) -> None:
    """30 days until 14 November 2026, then 15 days from the end of the month; before 2026 there are no terms."""
    found = judged(document(issued_on=issued_on, due_on=due_on, taxes=()))
    assert kinds(found) == (["due_date_mismatch"] if agreed else [])
    for item in found:
        assert item.message == f"INV-1 is due on {due_on}, by the agreed terms on {agreed}"
        assert (item.invoice, item.pointer, item.expected_minor) == ("INV-1", "/due_on", None)


@pytest.mark.parametrize("kind", ["credit_note", "fee", "opening_item"])
def test_only_invoices_have_terms(kind: Any) -> None:
    assert judged(document(kind=kind, due_on=date(2030, 1, 1), taxes=())) == []


def test_another_due_date_changes_the_fingerprint_only() -> None:
    one, other = (judged(document(due_on=date(2026, 12, day)))[0] for day in (11, 12))
    assert one.id == other.id
    assert one.row() != other.row()


def credit(number: str, total: str, *corrects: str, **fields: Any) -> Document:
    given = {"kind": "credit_note", "corrects": corrects or ("INV-1",), "issued_on": date(2026, 11, 20), "taxes": ()}
    return document(number, total=total, **given | fields)


@pytest.mark.parametrize(
    ("notes", "found"),
    [
        pytest.param([credit("CN-1", "340.49")], [], id="all of it"),
        pytest.param([credit("CN-1", "340.50")], [("CN-1", -34049, -34050)], id="a cent more"),
        pytest.param([credit("CN-1", "300.00"), credit("CN-2", "40.49")], [], id="together all of it"),
        pytest.param(
            [credit("CN-1", "300.00"), credit("CN-2", "40.50")],
            [("CN-2", -34049, -34050)],
            id="together more: the last",
        ),
        pytest.param(
            [credit("CN-2", "300.00"), credit("CN-1", "50.00", issued_on=date(2026, 11, 21))],
            [("CN-1", -34049, -35000)],
            id="the last by date",
        ),
        pytest.param([credit("CN-1", "999.00", "INV-1", "INV-2")], [], id="of two invoices: nothing can be said"),
        pytest.param([credit("CN-1", "999.00", "INV-9")], [], id="an unknown invoice is a check's business"),
    ],
)
def test_credit_beyond_the_invoice(notes: list[Document], found: list[tuple[str, int, int]]) -> None:
    for documents in ([document(), *notes], [*reversed(notes), document()]):
        discrepancies = judged(*documents)
        assert kinds(discrepancies) == ["credit_exceeds_invoice"] * len(found)
        assert [
            (item.source[len("invoices/ACME-001/") : -len(".yaml")], item.expected_minor, item.invoiced_minor)
            for item in discrepancies
        ] == found


def credited(amount: str, line: int | None = None, invoice: str | None = "INV-1") -> Line:
    own = Line(line=1, description="…", amount=Decimal(amount), tax="zero", service_to=date(2026, 10, 31))
    return replace(own, corrects_invoice=invoice, corrects_line=line)


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        ([credited("281.40", 1)], []),
        ([credited("281.41", 1)], [("", -28140, -28141)]),
        ([credited("200.00", 1), credited("81.41")], [("", -28140, -28141)]),
        ([credited("281.41", None, "INV-2")], []),
    ],
    ids=["all of it", "a cent more", "together a cent more", "another invoice"],
)
def test_credit_of_several_invoices(lines: list[Line], found: list[tuple[str, int, int]]) -> None:
    """Of a note that corrects several invoices each line counts for the invoice that it names, net with net."""
    several = credit("CN-1", "281.41", "INV-1", "INV-2", lines=tuple(lines))
    other = document("INV-2", total="999.00", net=Decimal("999.00"))
    discrepancies = judged(replace(document(), net=Decimal("281.40")), other, several)
    assert [(item.line, item.expected_minor, item.invoiced_minor) for item in discrepancies] == found
    assert all(item.kind == "credit_exceeds_invoice" and item.invoice == "INV-1" for item in discrepancies)


@pytest.mark.parametrize(
    ("amounts", "found"),
    [(["281.40"], []), (["281.41"], [("1", -1)]), (["200.00", "81.41"], [("1", -1)])],
    ids=["all of a line", "a cent more", "together a cent more"],
)
def test_credit_beyond_a_line(amounts: list[str], found: list[tuple[str, int]]) -> None:
    """The invoice, tax included, is not exceeded; its line is."""
    note = credit("CN-1", "300.00", lines=tuple(credited(amount, 1) for amount in amounts))
    assert [(item.line, item.difference_minor) for item in judged(document(), note)] == found


def test_credit_beyond_an_opening_item_says_what_was_open() -> None:
    opening = document(kind="opening_item", total="0", open_amount=Decimal("100.00"), lines=())
    [found] = judged(opening, credit("CN-1", "120.00"))
    assert (found.expected_minor, found.invoiced_minor) == (-10000, -12000)
    assert "100.00" in found.message


def test_a_note_that_corrects_an_opening_item_among_others_counts_whole() -> None:
    """An opening item has no lines and no net amount that a part of the note could be held against."""
    opening = document(kind="opening_item", total="0", open_amount=Decimal("100.00"), lines=())
    [found] = judged(opening, credit("CN-1", "120.00", corrects=("INV-1", "INV-9")))
    assert (found.invoice, found.difference_minor) == ("INV-1", -2000)


@pytest.mark.parametrize(
    ("fields", "period"),
    [
        ({}, "2026-10"),
        ({"service_to": date(2026, 9, 30)}, "2026-09"),
        ({"lines": ()}, "2026-11"),
        ({"service_to": None}, "2026-11"),
    ],
)
def test_a_document_is_judged_in_its_month(fields: dict[str, Any], period: str) -> None:
    wrong = document(**fields, due_on=date(2030, 1, 1))
    found = {str(OCTOBER.plus(months)): kinds(judged(wrong, period=OCTOBER.plus(months))) for months in (-1, 0, 1, 2)}
    assert [month for month, named in found.items() if named] == [period]


def test_the_last_service_day_of_any_line_counts() -> None:
    wrong = document(due_on=date(2030, 1, 1), taxes=())
    lines = tuple(replace(wrong.lines[0], line=day, service_to=date(2026, 10, day)) for day in (1, 2))
    early = replace(wrong.lines[0], line=3, service_to=date(2026, 8, 31))
    assert kinds(judged(replace(wrong, lines=(*lines, early)))) == ["due_date_mismatch"]
