"""Addresses that mail can be sent to, and those that only look like it."""

from dataclasses import replace
from types import MappingProxyType

import pytest

from prisma_batch.checks.addresses import check_emails
from prisma_batch.records.contacts import Contact, Customer

JANE = Contact(first_name="Jane", last_name="Doe", email="jane.doe@acme.example")
ACME = Customer(
    source="contacts/ACME-001.yaml", account="ACME-001", name="Acme", partner="northwind", language="en", contacts={}
)
LONGEST = f"{'j' * 64}@acme.example"


def codes_of(email: str) -> list[str]:
    customer = replace(ACME, contacts=MappingProxyType({"billing": (replace(JANE, email=email),)}))
    return [finding.code for finding in check_emails(customer)]


@pytest.mark.parametrize("email", ["o'neil+bills@acme.example", "jane@bücher.example", LONGEST])
def test_address_can_be_written_to(email: str) -> None:
    assert codes_of(email) == []


@pytest.mark.parametrize(
    "email",
    [
        f"j{LONGEST}",
        f"jane@{'a' * 64}.example",
        "jane@acme",
        "jane@10.0.0.1",
        "jane@[10.0.0.1]",
        "jane(sales)@acme.example",
        "jane@@acme.example",
        "jane,eve@acme.example",
        "alice@a)<bob@acme.example>",
        "jane@acme.example\r\nBcc: eve@acme.example",
        ".jane@acme.example",
    ],
)
def test_address_cannot_exist(email: str) -> None:
    assert codes_of(email) == ["email-invalid"]


def test_domain_of_mixed_scripts_is_a_warning() -> None:
    assert codes_of("jane@\N{CYRILLIC SMALL LETTER A}cme.example") == ["email-confusable"]
