"""Lists of contacts: for people, and as JSON, CSV and vCard for other programs."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import groupby

from prisma_batch.records.contact_rows import ContactRow, Person
from prisma_batch.records.contacts import Contact
from prisma_batch.writers.csv_text import csv_bytes, guarded
from prisma_batch.writers.visible import visible

LIST_COLUMNS = (
    *("account", "customer", "partner", "language", "type", "first_name", "last_name", "email", "phone"),
    *("verified_on", "valid_from", "valid_to"),
)
PEOPLE_COLUMNS = (
    *("account", "customer", "partner", "language", "first_name", "last_name", "email", "phone", "types"),
)
_VCARD_OCTETS = 75


def list_text(rows: Iterable[ContactRow], day: date) -> str:
    """Return contacts for people: by account and type, with what a day makes of their dates."""
    return "\n".join(_account_text(list(group), day) for _, group in groupby(rows, lambda row: row.customer.account))


def list_csv(rows: Iterable[ContactRow]) -> str:
    """Return a row a contact and type."""
    cells = ([guarded(value or "") for value in _fields(row).values()] for row in rows)
    return csv_bytes(LIST_COLUMNS, cells).decode()


def list_json(rows: Iterable[ContactRow]) -> str:
    """Return one JSON list, an object a contact and type; what is not known is null."""
    return json.dumps([_fields(row) for row in rows], indent=2, ensure_ascii=True) + "\n"


def people_csv(people: Iterable[Person]) -> str:
    """Return a row a person and account; ``types`` are separated by spaces."""
    return csv_bytes(PEOPLE_COLUMNS, ([guarded(cell) for cell in _person_cells(person)] for person in people)).decode()


def people_vcard(people: Iterable[Person]) -> str:
    """Return a vCard 3.0 a person and account.

    Source: RFC 2426 (version 3.0, which address books and customer relationship systems read); RFC 2425 §5.8.1.
    """
    return "".join(_folded(line) for person in people for line in _vcard(person))


def _account_text(rows: Sequence[ContactRow], day: date) -> str:
    customer = rows[0].customer
    lines = [f"{customer.account}  {customer.name}  (partner {customer.partner}, language {customer.language})"]
    name_width = max(len(_name(row.contact)) for row in rows)
    email_width = max(len(row.contact.email) for row in rows)
    for contact_type, group in groupby(rows, lambda row: row.contact_type):
        lines.append(f"  {contact_type}")
        for contact in (row.contact for row in group):
            parts = (_name(contact).ljust(name_width), contact.email.ljust(email_width), contact.phone)
            lines.append(f"    {'  '.join(filter(None, (*parts, _state(contact, day))))}")
    return "".join(f"{visible(line)}\n" for line in lines)


def _name(contact: Contact) -> str:
    return f"{contact.first_name} {contact.last_name}"


def _state(contact: Contact, day: date) -> str:
    parts = [f"verified {contact.verified_on}" if contact.verified_on else "not verified"]
    if contact.valid_from and contact.valid_from > day:
        parts.append(f"from {contact.valid_from}")
    if contact.valid_to:
        parts.append(f"{'ended' if contact.valid_to < day else 'until'} {contact.valid_to}")
    return ", ".join(parts)


def _fields(row: ContactRow) -> dict[str, str | None]:
    customer, contact = row.customer, row.contact
    days = (contact.verified_on, contact.valid_from, contact.valid_to)
    values = (
        *(customer.account, customer.name, customer.partner, customer.language, row.contact_type),
        *(contact.first_name, contact.last_name, contact.email, contact.phone),
        *(day.isoformat() if day else None for day in days),
    )
    return dict(zip(LIST_COLUMNS, values, strict=True))


def _person_cells(person: Person) -> tuple[str, ...]:
    customer, contact = person.customer, person.contact
    return (
        *(customer.account, customer.name, customer.partner, customer.language),
        *(contact.first_name, contact.last_name, contact.email, contact.phone or "", " ".join(person.contact_types)),
    )


def _vcard(person: Person) -> Iterator[str]:
    customer, contact = person.customer, person.contact
    first, last = _escaped(contact.first_name), _escaped(contact.last_name)
    address = hashlib.sha256(contact.email.casefold().encode()).hexdigest()[:16]
    yield "BEGIN:VCARD"
    yield "VERSION:3.0"
    yield f"UID:{customer.account}-{address}"
    yield f"N:{last};{first};;;"
    yield f"FN:{first} {last}"
    yield f"ORG:{_escaped(customer.name)}"
    yield f"EMAIL;TYPE=INTERNET:{_escaped(contact.email)}"
    if contact.phone:
        yield f"TEL;TYPE=WORK,VOICE:{_escaped(contact.phone)}"
    yield f"CATEGORIES:{','.join(person.contact_types)}"
    yield "END:VCARD"


def _escaped(text: str) -> str:
    # What records cannot hold, such as line breaks, needs no escape.
    return text.replace("\\", "\\\\").replace(",", "\\,").replace(";", "\\;")


def _folded(line: str) -> str:
    """Return a line of at most 75 octets, going on in lines that begin with a space; no character is cut in two."""
    parts, size = [""], 0
    for character in line:
        octets = len(character.encode())
        if size + octets > _VCARD_OCTETS:
            parts.append("")
            size = 1
        parts[-1] += character
        size += octets
    return "\r\n ".join(parts) + "\r\n"
