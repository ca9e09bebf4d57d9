"""``contacts/<account>.yaml``: a customer and the people who receive its documents."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

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
