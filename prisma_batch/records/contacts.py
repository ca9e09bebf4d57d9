"""``contacts/<account>.yaml``: a customer and the people who receive its documents."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

CONTACT_TYPES = ("billing", "statement", "usage_reporting")


@dataclass(frozen=True, kw_only=True, slots=True)
class Contact:
    """One person under one type; ``valid_from`` and ``valid_to`` are inclusive, open where absent."""

    first_name: str
    last_name: str
    email: str
    phone: str | None = None
    verified_on: date | None = None
    valid_from: date | None = None
    valid_to: date | None = None

    def valid_on(self, day: date) -> bool:
        """Say whether the contact is in force on that day."""
        return (self.valid_from or day) <= day <= (self.valid_to or day)


class Listing(NamedTuple):
    """A contact in its place: ``position`` counts from 0 within its type."""

    contact_type: str
    position: int
    contact: Contact


@dataclass(frozen=True, kw_only=True, slots=True)
class Customer:
    """A customer record; ``contacts`` maps each contact type to its people in the order of the file."""

    source: str
    account: str
    name: str
    partner: str
    contacts: Mapping[str, tuple[Contact, ...]]
    language: str = "en"

    def contacts_on(self, contact_type: str, day: date) -> tuple[Contact, ...]:
        """Return the contacts of a type in force on a day."""
        return tuple(contact for contact in self.contacts[contact_type] if contact.valid_on(day))

    def people(self) -> tuple[tuple[Listing, ...], ...]:
        """Return where each person is listed, in the order of the file; one address is one person."""
        listings: dict[str, list[Listing]] = {}
        for contact_type, contacts in self.contacts.items():
            for position, contact in enumerate(contacts):
                listing = Listing(contact_type, position, contact)
                listings.setdefault(contact.email.casefold(), []).append(listing)
        return tuple(map(tuple, listings.values()))
