"""Contacts that a request takes away."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from prisma_batch.base.findings import Finding, pointer
from prisma_batch.base.money import plain
from prisma_batch.checks.changes.places import own_place, partner_changes
from prisma_batch.records.changes import Request, Version
from prisma_batch.records.contacts import CONTACT_TYPES, Customer

LAST_CONTACT = "unable to remove this contact until another contact is added to this type"


def check_last_contact(request: Request) -> Iterator[Finding]:
    """Yield ``last-contact`` where a contact type that had people on the base has none; it names the removed lines.

    FAIL: the only billing contact is removed. PASS: one of two is.
    """
    for change in request.changes:
        before, after = request.before.get(change.path), request.after.get(change.path)
        place = own_place(change.path)
        if not place or place.period or not before or not after or after.value is None:
            continue
        for contact_type in CONTACT_TYPES:
            removed = _entries(before, contact_type)
            if removed and not _entries(after, contact_type):
                at = (pointer("contacts", contact_type, index) for index in range(len(removed)))
                lines = ", ".join(f"{change.path}:{before.lines[place_at]}" for place_at in at)
                yield Finding(
                    code="last-contact",
                    message=f"{place.account}, {contact_type}: {LAST_CONTACT} (removed: {lines} on the base)",
                    remedy="add the other contact first, in the same request or an earlier one",
                    source=change.path,
                    pointer=pointer("contacts", contact_type),
                )


def check_removal_share(request: Request) -> Iterator[Finding]:
    """Yield ``removal-share`` where a partner removes, replaces or ends more of an account's contacts than it may.

    Counted are contacts in force on the as-of day, by type and address.
    FAIL: two of four with ``removal_share: "0.25"``. PASS: one of four.
    """
    share = request.settings.policies.removal_share if request.settings else None
    for change, place in partner_changes(request):
        before, after = request.before.get(change.path), request.after.get(change.path)
        if share is None or place.period or not before or not after:
            continue
        kept, known = _in_force(after.record, request.as_of), _in_force(before.record, request.as_of)
        removed = len(known - kept)
        if kept and removed > share * len(known):
            yield Finding(
                code="removal-share",
                message=f"{place.account}: {removed} of {len(known)} contacts go, at most {_percent(share)} may",
                remedy="remove or replace fewer of them at a time, or ask finance to do it",
                source=change.path,
                pointer=pointer("contacts"),
            )


def _entries(version: Version, contact_type: str) -> list[Any]:
    """Return the entries of a type, also where the file has other faults."""
    contacts = version.value.get("contacts") if isinstance(version.value, dict) else None
    entries = contacts.get(contact_type) if isinstance(contacts, dict) else None
    return entries if isinstance(entries, list) else []


def _in_force(record: Any, day: date) -> set[tuple[str, str]]:
    if not isinstance(record, Customer):
        return set()
    return {
        (contact_type, contact.email.casefold())
        for contact_type, contacts in record.contacts.items()
        for contact in contacts
        if contact.valid_on(day)
    }


def _percent(share: Decimal) -> str:
    return f"{plain(share * 100)} %"
