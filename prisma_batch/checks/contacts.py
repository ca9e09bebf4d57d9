"""Customer records: the people under each contact type."""

from collections.abc import Iterator

from prisma_batch.base.findings import Finding, pointer
from prisma_batch.records.contacts import Customer


def check_duplicate_emails(customer: Customer) -> Iterator[Finding]:
    """Yield ``contact-duplicate-email`` where a type lists an address twice, whatever its case.

    FAIL: ``billing`` with ``jane@acme.example`` and ``Jane@acme.example``. PASS: the same address under two types.
    """
    for contact_type, contacts in customer.contacts.items():
        seen: set[str] = set()
        for index, contact in enumerate(contacts):
            if contact.email.casefold() in seen:
                yield Finding(
                    code="contact-duplicate-email",
                    message=f"this address is already listed under {contact_type}",
                    remedy="keep one of the two entries",
                    source=customer.source,
                    pointer=pointer("contacts", contact_type, index, "email"),
                )
            seen.add(contact.email.casefold())


def check_contact_dates(customer: Customer) -> Iterator[Finding]:
    """Yield ``contact-dates`` where a contact ends before it begins.

    FAIL: ``valid_from: 2026-02-01`` with ``valid_to: 2026-01-31``. PASS: both on one day.
    """
    for contact_type, contacts in customer.contacts.items():
        for index, contact in enumerate(contacts):
            if contact.valid_from and contact.valid_to and contact.valid_to < contact.valid_from:
                yield Finding(
                    code="contact-dates",
                    message="the contact ends before it begins",
                    remedy="correct valid_from or valid_to; both days are included",
                    source=customer.source,
                    pointer=pointer("contacts", contact_type, index, "valid_to"),
                )
