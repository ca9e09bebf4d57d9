"""The rules that compute something: amounts of lines, open periods, shares of contacts, logs."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from prisma_batch.base.money import Rounding
from prisma_batch.base.periods import Period
from prisma_batch.checks.changes.contacts import check_removal_share
from prisma_batch.checks.changes.documents import check_line_amounts
from prisma_batch.checks.changes.immutable import check_case_logs
from prisma_batch.checks.changes.usage import check_open_periods
from prisma_batch.jobs.change_inputs import version_of
from prisma_batch.records.agreements import Agreement, BillTo, Pricing, Rate
from prisma_batch.records.changes import ABSENT, PLAIN_FILE, Actor, Change, Request, Version
from prisma_batch.records.documents import Document, Line
from tests.repositories import customer, example_files, replaced

AS_OF = date(2026, 11, 30)
MEMBER = Actor(role="partner", partners=frozenset({"north"}))
CONTACTS, CASE = "contacts/A-1.yaml", "cases/ACME-001/CASE-1.yaml"


def request(path: str, before: Version | None, after: Version | None, **facts: Any) -> Request:
    modes = (PLAIN_FILE if version else ABSENT for version in (before, after))
    return Request(
        changes=(Change(path, *modes, "1" * 40, "2" * 40),),
        actor=MEMBER,
        as_of=AS_OF,
        before={path: before} if before else {},
        after={path: after} if after else {},
        **facts,
    )


def settings(**replacements: str) -> Any:
    text = example_files()["prisma.yaml"]
    for old, new in replacements.items():
        text = replaced(f"{old}:", new)(text)
    return version_of("prisma.yaml", text.encode()).record


def agreement(rounding: Rounding) -> Agreement:
    rate = Rate(program="p", sku="s", unit="u", starts_on=AS_OF, pricing=Pricing(model="flat"), rounding=rounding)
    return Agreement(
        source="",
        account="A-1",
        bill_to=BillTo(legal_name="A"),
        active_from=AS_OF,
        currency="EUR",
        payment_terms=(),
        tax=(),
        rates=(rate,),
    )


@pytest.mark.parametrize(
    ("line", "amount", "currency", "rounding", "computed"),
    [
        ({"quantity": "16", "unit_price": "348.35", "discount_percent": "4"}, "5350.66", "EUR", "half_up", None),
        ({"quantity": "16", "unit_price": "348.35", "discount_percent": "4"}, "5350.65", "EUR", "half_up", "5350.66"),
        ({"quantity": "16", "unit_price": "348.35", "discount_percent": "4"}, "5350.65", "EUR", "down", None),
        ({"quantity": "250", "unit_price": "12.50", "price_base_quantity": "100"}, "31.25", "EUR", "half_up", None),
        (
            {"quantity": "250", "unit_price": "12.50", "price_base_quantity": "100"},
            "3125.00",
            "EUR",
            "half_up",
            "31.25",
        ),
        ({"quantity": "1", "unit_price": "1", "price_base_quantity": "2.5"}, "0.40", "EUR", "half_up", None),
        ({"quantity": "-3", "unit_price": "0.335"}, "-1.01", "EUR", "half_up", None),
        ({"quantity": "3", "unit_price": "0.3335"}, "1.001", "KWD", "half_up", None),
        ({"quantity": "3", "unit_price": "0.5"}, "2", "JPY", "half_up", None),
        ({"quantity": "3"}, "9.99", "EUR", "half_up", None),
        ({"unit_price": "3"}, "9.99", "EUR", "half_up", None),
        ({"quantity": "3", "unit_price": "0.5"}, "1.505", "EUR", "half_up", None),  # amount-precision says it
    ],
)
def test_line_amount(
    line: dict[str, str], amount: str, currency: str, rounding: Rounding, computed: str | None
) -> None:
    numbers: dict[str, Any] = {name: Decimal(number) for name, number in line.items()}
    document = Document(
        source="invoices/A-1/I.yaml",
        number="I",
        kind="invoice",
        account="A-1",
        issued_on=AS_OF,
        due_on=AS_OF,
        currency=currency,
        lines=(Line(line=1, description="d", amount=Decimal(amount), tax="standard", program="p", sku="s", **numbers),),
    )
    after = Version(content=b"", record=document)
    asked = request("invoices/A-1/I.yaml", None, after, agreements={"A-1": agreement(rounding)})
    messages = [finding.message for finding in check_line_amounts(asked)]
    expected = f"quantity, price and discount of this line give {computed} {currency}"
    assert messages == ([expected] if computed else [])


def test_amounts_of_documents_on_the_base_are_not_computed_again() -> None:
    text = example_files()["invoices/ACME-001/INV-1.yaml"].replace("23.45", "23.46").encode()
    path = "invoices/ACME-001/INV-1.yaml"
    version = version_of(path, text)
    assert list(check_line_amounts(request(path, version, version))) == []
    assert len(list(check_line_amounts(request(path, None, version)))) == 1


@pytest.mark.parametrize(
    ("program", "closed_through", "is_open"),
    [
        ("microsoft-spla", None, True),  # three months late
        ("microsoft-spla", "2026-12", True),
        ("microsoft-spla", "2027-01", False),
        ("azure", "2026-10", True),  # one month late
        ("azure", "2026-11", False),
        ("unknown", "2026-09", True),
        ("unknown", "2026-10", False),
    ],
)
def test_open_periods(program: str, closed_through: str | None, is_open: bool) -> None:
    closed = Period.parse(closed_through) if closed_through else None
    path = f"usage/2026-10/A-1.{program}.yaml"
    asked = request(path, None, Version(content=b""), settings=settings(), closed_through=closed)
    assert [finding.code for finding in check_open_periods(asked)] == ([] if is_open else ["period-closed"])


ENDED = "      valid_to: 2026-11-29\n"
FOUR = customer("A-1", "north", "Ann", "Bob")  # two under billing, one each under the others


@pytest.mark.parametrize(
    ("share", "after", "removed"),
    [
        ("0.25", customer("A-1", "north", "Ann"), 0),
        ("0.24", customer("A-1", "north", "Ann"), 1),
        ("0", FOUR, 0),
        ("0", customer("A-1", "north", "Ann", "Bob", "Eve"), 0),
        ("0", FOUR.replace("last_name: Vale", "last_name: Dale"), 0),
        ("0.25", FOUR.replace("bob@", "eve@"), 0),
        ("0.24", FOUR.replace("bob@", "eve@"), 1),
        ("0.24", FOUR.replace("email: bob@vale.example\n", f"email: bob@vale.example\n{ENDED}"), 1),
        ("0.5", customer("A-1", "north", "Eve", "Bob"), 3),
        ("0.75", customer("A-1", "north", "Eve", "Bob"), 0),
    ],
)
def test_removal_share(share: str, after: str, removed: int) -> None:
    known = settings(first_period=f'policies: {{removal_share: "{share}"}}\nfirst_period:')
    versions = (version_of(CONTACTS, text.encode()) for text in (FOUR, after))
    messages = [finding.message for finding in check_removal_share(request(CONTACTS, *versions, settings=known))]
    assert [message.partition(" contacts")[0] for message in messages] == [f"A-1: {removed} of 4"] * bool(removed)


LOG = example_files()[CASE]
FIRST, SECOND = (line for line in LOG.splitlines(keepends=True) if "- {at:" in line)


@pytest.mark.parametrize(
    ("after", "pointer"),
    [
        (LOG.replace(SECOND, SECOND + SECOND), None),
        (LOG.replace("subject: Over", "subject: Under"), None),
        (LOG.replace(SECOND, ""), "/interactions/1"),
        (LOG.replace(FIRST, ""), "/interactions/0"),
        (LOG.replace(FIRST, SECOND), "/interactions/0"),
        (LOG.replace("summary: Credited", "summary: Paid"), "/interactions/1"),
        (None, "/interactions/0"),
    ],
)
def test_case_logs(after: str | None, pointer: str | None) -> None:
    version = version_of(CASE, after.encode()) if after else None
    findings = check_case_logs(request(CASE, version_of(CASE, LOG.encode()), version))
    assert [finding.pointer for finding in findings] == ([] if pointer is None else [pointer])
