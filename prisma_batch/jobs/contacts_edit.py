"""Edits of a customer record's layout: what they do not touch stays as it is written, comments included."""

from collections.abc import Callable
from dataclasses import fields, replace
from datetime import date
from typing import Any

from prisma_batch.records.contacts import CONTACT_TYPES, Contact, Customer
from prisma_batch.records.layout import Block, Layout, rank
from prisma_batch.writers.yaml_text import entry_of, scalar_of

_FIELDS = tuple(field.name for field in fields(Contact))
_QUOTES = ("'", '"')


def customer_mapping(customer: Customer, language: str | None) -> dict[str, Any]:
    """Return a customer as its new file says it; a language of None is not mentioned."""
    return {
        "account": customer.account,
        "name": customer.name,
        "partner": customer.partner,
        "language": language,
        "contacts": {name: [_mapping(contact) for contact in customer.contacts[name]] for name in CONTACT_TYPES},
    }


def with_added(layout: Layout, contact_type: str, contact: Contact) -> Layout:
    """Add a contact below those of its type."""
    added = entry_of(_mapping(contact))
    return _edited(layout, contact_type, lambda people: replace(people, entries=(*people.entries, added)))


def with_removed(layout: Layout, contact_type: str, index: int) -> Layout:
    """Remove a contact with the comments in its lines and directly above it; all others stay."""
    return _edited(layout, contact_type, lambda people: _without(people, index))


def with_verified(layout: Layout, contact_type: str, index: int, day: date) -> Layout:
    """Set the day on which a contact was last verified."""

    def edit(people: Block) -> Block:
        entries = list(people.entries)
        entries[index] = replace(entries[index], value=_verified(entries[index].value, day))
        return replace(people, entries=tuple(entries))

    return _edited(layout, contact_type, edit)


def _mapping(contact: Contact) -> dict[str, Any]:
    return {name: getattr(contact, name) for name in _FIELDS}


def _edited(layout: Layout, contact_type: str, edit: Callable[[Block], Block]) -> Layout:
    return replace(layout, root=_at(layout.root, ("contacts", contact_type), edit))


def _at(node: Any, names: tuple[str, ...], edit: Callable[[Block], Block]) -> Any:
    """Edit the list or mapping that keys lead to."""
    if not names:
        return edit(node)
    first, *others = names
    entries = (
        replace(entry, value=_at(entry.value, tuple(others), edit)) if entry.name == first else entry
        for entry in node.entries
    )
    return replace(node, entries=tuple(entries))


def _without(people: Block, index: int) -> Block:
    entries = list(people.entries)
    # Comments that a blank line sets off from a person are not about that person.
    kept = _up_to_blank(entries.pop(index).before)
    if index == len(entries):
        return replace(people, entries=tuple(entries), after=kept + people.after)
    entries[index] = replace(entries[index], before=kept + entries[index].before)
    return replace(people, entries=tuple(entries))


def _up_to_blank(lines: tuple[str, ...]) -> tuple[str, ...]:
    while lines and lines[-1]:
        lines = lines[:-1]
    return lines


def _verified(person: Any, day: date) -> Any:
    entries = list(person.entries)
    names = [entry.name for entry in entries]
    if "verified_on" in names:
        place = names.index("verified_on")
        written = entries[place].value.lines[0]
        quote = written[0] if written.startswith(_QUOTES) else ""
        entries[place] = replace(entries[place], value=scalar_of(day, quote))
    else:
        own_rank = rank("verified_on", _FIELDS)
        place = 1 + max((place for place, name in enumerate(names) if rank(name, _FIELDS) < own_rank), default=-1)
        entries.insert(place, entry_of(day, "verified_on"))
    return replace(person, entries=tuple(entries))
