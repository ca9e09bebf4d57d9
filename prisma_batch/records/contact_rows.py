"""Contacts as rows: a contact under one type of one customer."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from prisma_batch.records.contacts import CONTACT_TYPES, Contact, Customer


@dataclass(frozen=True, kw_only=True, slots=True)
class ContactRow:
    """One contact under one type."""

    customer: Customer
    contact_type: str
    contact: Contact


@dataclass(frozen=True, kw_only=True, slots=True)
class Person:
    """Everything an account needs of one person; one address is one person."""

    customer: Customer
    contact: Contact
    contact_types: tuple[str, ...]


def rows_of(customers: Iterable[Customer], contact_type: str | None = None) -> Iterator[ContactRow]:
    """Yield the contacts of customers by account, type and their order in the file."""
    for customer in sorted(customers, key=lambda customer: customer.account):
        for name in CONTACT_TYPES:
            if contact_type in {None, name}:
                for contact in customer.contacts[name]:
                    yield ContactRow(customer=customer, contact_type=name, contact=contact)


def people_on(rows: Iterable[ContactRow], day: date) -> list[Person]:
    """Return the people who are contacts on a day, each once an account.

    Where entries of a person differ, the first one counts; a telephone number that it lacks is taken from another.
    """
    by_address: dict[tuple[str, str], list[ContactRow]] = {}
    for row in rows:
        if row.contact.valid_on(day):
            by_address.setdefault((row.customer.account, row.contact.email.casefold()), []).append(row)
    return [_person(listed) for listed in by_address.values()]


def _person(listed: list[ContactRow]) -> Person:
    first = listed[0]
    phone = next((row.contact.phone for row in listed if row.contact.phone), None)
    contact = Contact(
        first_name=first.contact.first_name, last_name=first.contact.last_name, email=first.contact.email, phone=phone
    )
    types = tuple(dict.fromkeys(row.contact_type for row in listed))
    return Person(customer=first.customer, contact=contact, contact_types=types)
