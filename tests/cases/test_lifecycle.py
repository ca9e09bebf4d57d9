"""What becomes of a discrepancy: accepted, credited, waived, and open again when its inputs change."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prisma_batch.cases.lifecycle import with_states
from prisma_batch.rating.placement import with_period
from prisma_batch.records.cases import Case, Dispute, Outcome
from prisma_batch.records.discrepancies import Discrepancy, discrepancy_table
from prisma_batch.records.documents import Document, Line
from prisma_batch.records.price_tables import RATES
from tests.cases.test_claims import case, document
from tests.rating.tables import Row, billed, invoice_lines

AS_OF = date(2026, 11, 15)
DAY = date(2026, 11, 10)
OVERBILLED = Discrepancy(
    kind="price_mismatch",
    message="agreed 12 × 23.45",
    source="invoices/ACME-001/INV-1.yaml",
    account="ACME-001",
    period="2026-10",
    invoice="INV-1",
    line="1",
    expected_minor=28140,
    invoiced_minor=29040,
    currency="EUR",
)
UNDERBILLED = replace(OVERBILLED, invoiced_minor=27000)


def fingerprint(item: Discrepancy) -> str:
    return str(discrepancy_table([item])["fingerprint"].iloc[0])


def accepted(item: Discrepancy = OVERBILLED, on: date = DAY, **fields: Any) -> Outcome:
    return Outcome(kind="accepted", on=on, discrepancy=item.id, **fields)


def write_off(amount: str, number: str = "INV-1") -> Outcome:
    return Outcome(kind="write_off", on=DAY, document=number, amount=Decimal(amount), reason="…", approved_by="…")


def note(*lines: Line, corrects: tuple[str, ...] = ("INV-1",)) -> Document:
    return replace(document("CN-1"), kind="credit_note", corrects=corrects, lines=lines)


def credit(amount: str, **fields: Any) -> Line:
    return Line(line=1, description="Goodwill", amount=Decimal(amount), tax="standard", **fields)


GRANTED = Outcome(kind="credit_note", on=DAY, document="CN-1", approved_by="…")


def decided(
    found: Iterable[Discrepancy], cases: Iterable[Case], *documents: Document, lines: Iterable[Row] = ()
) -> list[tuple[str, int]]:
    """State, and what was credited of it."""
    known = {item.number: item for item in (document("INV-1"), *documents)}
    placed = with_period(invoice_lines(*lines), RATES.of([]))
    table = with_states(discrepancy_table(found), cases, known, placed, AS_OF)
    return list(zip(table["state"].tolist(), table["granted_minor"].tolist(), strict=True))


def state(found: Iterable[Discrepancy], cases: Iterable[Case], *documents: Document) -> list[str]:
    return [name for name, _ in decided(found, cases, *documents)]


@pytest.mark.parametrize(
    ("outcomes", "expected"),
    [
        ([], "open"),
        ([accepted(fingerprint=fingerprint(OVERBILLED))], "accepted"),
        ([accepted()], "accepted"),
        ([accepted(on=AS_OF)], "accepted"),
        ([accepted(on=date(2026, 11, 16))], "open"),
        ([accepted(fingerprint=fingerprint(UNDERBILLED))], "reopened"),
        ([accepted(fingerprint="0"), accepted(fingerprint=fingerprint(OVERBILLED))], "accepted"),
        ([accepted(replace(OVERBILLED, line="2"))], "open"),
        ([Outcome(kind="declined", on=DAY, reason="…")], "open"),
    ],
    ids=[
        *("nothing decided", "accepted as it is", "accepted whatever changes", "on the last day", "decided later"),
        *("accepted when it was another", "accepted again", "another line", "what the customer asked was declined"),
    ],
)
def test_accepting(outcomes: list[Outcome], expected: str) -> None:
    assert state([OVERBILLED], [case(outcome=tuple(outcomes))]) == [expected]


def test_what_is_within_tolerance_is_not_reopened() -> None:
    small = replace(OVERBILLED, state="within_tolerance")
    assert state([small], [case(outcome=(accepted(fingerprint="0"),))]) == ["within_tolerance"]


@pytest.mark.parametrize(
    ("found", "outcomes", "expected"),
    [
        ([OVERBILLED], [write_off("9.00")], ["waived"]),
        ([OVERBILLED], [write_off("8.99")], ["open"]),
        ([OVERBILLED], [write_off("9.00", "INV-2")], ["open"]),
        ([OVERBILLED], [write_off("9.00", "INV-9")], ["open"]),
        ([UNDERBILLED], [write_off("100.00")], ["open"]),
        ([OVERBILLED, replace(OVERBILLED, line="2")], [write_off("17.99")], ["waived", "open"]),
        ([OVERBILLED, replace(OVERBILLED, line="2")], [write_off("18.00")], ["waived", "waived"]),
        ([OVERBILLED, replace(OVERBILLED, line="2")], [write_off("9.00"), write_off("9.00")], ["waived", "waived"]),
        ([OVERBILLED], [write_off("9.00"), accepted()], ["accepted"]),
    ],
    ids=[
        *("covered", "a cent short", "another document", "an unknown document", "nothing was billed too much"),
        *("money is used once", "enough for both", "written off twice", "accepted comes first"),
    ],
)
def test_waiving(found: list[Discrepancy], outcomes: list[Outcome], expected: list[str]) -> None:
    assert state(found, [case(outcome=tuple(outcomes))], document("INV-2")) == expected


@pytest.mark.parametrize(
    ("credit_note", "disputed", "expected"),
    [
        (note(credit("9.00")), (), "credited"),
        (note(credit("8.99")), (), "open"),
        (note(credit("9.00", program="cloud", sku="A1")), (), "open"),
        (note(credit("9.00", corrects_invoice="INV-1", corrects_line=1)), (), "open"),
        (note(credit("9.00"), corrects=("INV-2",)), (), "open"),
        (note(credit("9.00"), corrects=()), (), "open"),
        (note(credit("9.00"), corrects=()), (Dispute(invoice="INV-1", amount=Decimal(9)),), "credited"),
        (note(credit("9.00"), corrects=()), (Dispute(invoice="INV-1", amount=Decimal(9), line=2),), "open"),
        (note(credit("9.00"), corrects=()), (Dispute(invoice="INV-1", amount=Decimal(9), line=1),), "credited"),
    ],
    ids=[
        *("credited", "a cent short", "a credit that is matched", "a credit of a line is matched"),
        *("another invoice", "goodwill", "the disputed invoice", "another line is disputed", "the line is disputed"),
    ],
)
def test_crediting(credit_note: Document, disputed: tuple[Dispute, ...], expected: str) -> None:
    """A credit with a program counts in the match: what it leaves over was not credited."""
    assert state([OVERBILLED], [case(outcome=(GRANTED,), disputes=disputed)], credit_note) == [expected]


@pytest.mark.parametrize(
    ("notes", "expected"),
    [
        ([note(credit("9.00"))], ("credited", 0)),
        ([note(credit("4.00"))], ("open", 400)),
        ([note(credit("4.00"), credit("5.00"))], ("credited", 0)),
        ([note(credit("4.00"), credit("3.00"))], ("open", 700)),
        ([note(credit("4.00", corrects_invoice="INV-1"), corrects=("INV-1", "INV-2"))], ("open", 400)),
        ([note(credit("4.00"), corrects=("INV-1", "INV-2"))], ("open", 0)),
        ([note(credit("4.00"), corrects=("INV-2",))], ("open", 0)),
        ([note(credit("4.00"), corrects=())], ("open", 0)),
        ([note(credit("4.00", program="cloud", sku="A1"))], ("open", 0)),
        ([note(credit("4.00", corrects_line=1))], ("open", 0)),
        ([replace(note(credit("9.00")), issued_on=AS_OF)], ("credited", 0)),
        ([replace(note(credit("9.00")), issued_on=date(2026, 11, 16))], ("open", 0)),
    ],
    ids=[
        *("all of it", "some of it", "all of it in two lines", "some of it in two lines", "one invoice of several"),
        *("several invoices", "another invoice", "no invoice", "a credit that is matched", "a line is matched"),
        *("on the last day", "issued later"),
    ],
)
def test_a_credit_that_names_the_invoice_needs_no_case(notes: list[Document], expected: tuple[str, int]) -> None:
    assert decided([OVERBILLED], [], *notes) == [expected]


def test_credits_close_what_they_cover_before_the_rest_is_handed_out() -> None:
    """9.00 and 5.00 were billed too much: 6.00 closes the second, and 1.00 is left for the first."""
    second = replace(OVERBILLED, line="2", invoiced_minor=28640)
    assert decided([OVERBILLED, second], [], note(credit("6.00"))) == [("open", 100), ("credited", 0)]
    assert decided([UNDERBILLED, second], [], note(credit("3.00"))) == [("open", 0), ("open", 300)]


MACHINES = replace(OVERBILLED, program="cloud", sku="A1", invoice="INV-2")


def other_note(amount: str) -> Document:
    return replace(note(credit(amount), corrects=("INV-2",)), number="CN-2")


BILLED = (billed("12", "150.00", line=3), billed("12", "140.40", document="INV-2"))


@pytest.mark.parametrize(
    ("notes", "lines", "expected"),
    [
        ([note(credit("9.00"))], BILLED, ("credited", 0)),
        ([note(credit("4.00"))], BILLED, ("open", 400)),
        (
            [note(credit("4.00")), other_note("5.00")],
            BILLED,
            ("credited", 0),
        ),
        (
            [note(credit("4.00")), other_note("3.00")],
            BILLED,
            ("open", 700),
        ),
        ([note(credit("9.00"))], [], ("open", 0)),
        ([note(credit("9.00"))], [billed("12", "150.00", sku="B2")], ("open", 0)),
        ([note(credit("9.00"))], [billed("12", "150.00", service_to="2026-11-30")], ("open", 0)),
        ([note(credit("9.00"))], [billed("12", "150.00", currency="USD")], ("open", 0)),
        ([note(credit("9.00"))], [billed("12", "150.00", account="BETA-002")], ("open", 0)),
        ([note(credit("9.00"))], [billed("-12", "-150.00")], ("open", 0)),
    ],
    ids=[
        *("all of it", "some of it", "all of it with the other invoice", "some of it with the other invoice"),
        *("the invoice did not bill it", "another SKU", "another month", "another currency", "another account"),
        "the invoice took it back",
    ],
)
def test_a_credit_reaches_what_its_invoice_billed_too(
    notes: list[Document], lines: Iterable[Row], expected: tuple[str, int]
) -> None:
    """INV-1 and INV-2 bill one unit; what was billed too much is named after the last line, that of INV-2."""
    assert decided([MACHINES], [], document("INV-2"), *notes, lines=lines) == [expected]


@pytest.mark.parametrize(("line", "expected"), [(3, "credited"), (1, "open")])
def test_a_credit_of_a_disputed_line_reaches_the_unit_of_that_line(line: int, expected: str) -> None:
    disputed = (Dispute(invoice="INV-1", amount=Decimal(9), line=line),)
    cases = [case(outcome=(GRANTED,), disputes=disputed)]
    assert decided([MACHINES], cases, document("INV-2"), note(credit("9.00")), lines=BILLED) == [(expected, 0)]


def test_a_credit_closes_what_is_named_after_its_invoice_first() -> None:
    found = [MACHINES, replace(OVERBILLED, program="web", sku="W1")]
    assert decided(found, [], document("INV-2"), note(credit("9.00")), lines=BILLED) == [("open", 0), ("credited", 0)]
    assert decided(found, [], document("INV-2"), note(credit("8.00")), lines=BILLED) == [("open", 0), ("open", 800)]
    assert decided(found, [], document("INV-2"), note(credit("11.00")), lines=BILLED) == [
        ("open", 200),
        ("credited", 0),
    ]


def test_what_was_written_off_reaches_no_other_document() -> None:
    cases = [case(outcome=(write_off("9.00"),))]
    assert decided([MACHINES], cases, document("INV-2"), lines=BILLED) == [("open", 0)]


def test_what_was_written_off_in_part_is_no_credit() -> None:
    assert decided([OVERBILLED], [case(outcome=(write_off("4.00"),))]) == [("open", 0)]


def test_a_note_of_a_case_is_counted_once() -> None:
    assert decided([OVERBILLED], [case(outcome=(GRANTED,))], note(credit("4.50"))) == [("open", 450)]
    assert decided([OVERBILLED], [case(outcome=(GRANTED, GRANTED))], note(credit("4.50"))) == [("open", 450)]


@pytest.mark.parametrize(("line", "expected"), [(1, "credited"), (2, "open")])
def test_of_several_disputes_that_of_the_credited_invoice_tells_the_line(line: int, expected: str) -> None:
    disputed = (
        Dispute(invoice="INV-1", amount=Decimal(9), line=line),
        Dispute(invoice="INV-2", amount=Decimal(9), line=1),
    )
    assert state([OVERBILLED], [case(outcome=(GRANTED,), disputes=disputed)], note(credit("9.00"))) == [expected]


def test_what_needs_no_money_takes_none_of_it() -> None:
    """9.00 are granted: a cent of tolerance before, or a payment that came twice, leaves all of it."""
    cent = replace(OVERBILLED, kind="rounding_difference", state="within_tolerance", invoiced_minor=28141)
    payment = replace(OVERBILLED, kind="over_payment", payment="P-1")
    for other, expected in ((cent, "within_tolerance"), (payment, "open")):
        for outcome, granted in ((GRANTED, "credited"), (write_off("9.00"), "waived")):
            notes = [note(credit("9.00"))] if outcome is GRANTED else []
            found = state([other, OVERBILLED], [case(outcome=(outcome,))], *notes)
            assert sorted(found) == sorted([expected, granted])


def test_what_was_reopened_is_closed_by_a_credit() -> None:
    decided = (accepted(fingerprint="0"), GRANTED)
    assert state([OVERBILLED], [case(outcome=decided)], note(credit("8.99"))) == ["reopened"]
    assert state([OVERBILLED], [case(outcome=decided)], note(credit("9.00"))) == ["credited"]


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.lists(st.tuples(st.sampled_from(["change", "accept", "accept for good"]), st.integers(0, 2)), max_size=8))
def test_any_course_of_events(events: list[tuple[str, int]]) -> None:
    """Accepted as long as the inputs are some that were accepted, or once it was accepted for good."""
    amount, seen, for_good, outcomes = 0, set[int](), False, []
    for event, number in events:
        if event == "change":
            amount = number
            continue
        now = replace(OVERBILLED, invoiced_minor=29040 + amount)
        for_good |= event == "accept for good"
        outcomes.append(accepted(fingerprint=None if event == "accept for good" else fingerprint(now)))
        if event == "accept":
            seen.add(amount)
    found = state([replace(OVERBILLED, invoiced_minor=29040 + amount)], [case(outcome=tuple(outcomes))])
    expected = "accepted" if for_good or amount in seen else "reopened" if seen else "open"
    assert found == [expected]
