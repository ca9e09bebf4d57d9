"""Contacts to whom mail does not get: what servers refused for good, or sent back."""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from prisma_batch.base.findings import Finding
from prisma_batch.records.contacts import Contact
from prisma_batch.records.journal import CAME_BACK, JournalRow
from prisma_batch.records.snapshot import Snapshot

_FOR_GOOD = re.compile(rf"(\S+@\S+): (?:{CAME_BACK}|5\d\d )")


def refused_on(sent: Iterable[JournalRow]) -> Mapping[str, date]:
    """Return by address, as it stands in journals, the last day on which mail to it was refused or came back."""
    days: dict[str, date] = {}
    for row in sent:
        for refusal in filter(None, map(_FOR_GOOD.match, row.refused)):
            address = refusal[1].casefold()
            days[address] = max(days.get(address, date.min), row.at.date())
    return days


def out_of_reach_since(contact: Contact, refused: Mapping[str, date]) -> date | None:
    """Return since when mail does not get to a contact; nothing where it does, or where it was verified since."""
    on = refused.get(on_the_wire(contact.email).casefold())
    return on if on and (contact.verified_on is None or contact.verified_on < on) else None


def on_the_wire(email: str) -> str:
    """Return an address as mails and journals have it: its domain in ASCII."""
    local, _, domain = email.rpartition("@")
    try:
        return f"{local}@{domain.encode('idna').decode('ascii')}"
    except UnicodeError:
        return email


def check_reach(snapshot: Snapshot, sent: Iterable[JournalRow], as_of: date) -> Iterator[Finding]:
    """Yield the warning ``address-refused`` for each person to whom mail does not get, once."""
    refused = refused_on(sent)
    for customer in snapshot.customers.values() if refused else ():
        for listings in customer.people():
            valid = [own for own in listings if own.contact.valid_on(as_of)]
            since = [day for own in valid if (day := out_of_reach_since(own.contact, refused))]
            if since and len(since) == len(valid):
                yield Finding(
                    code="address-refused",
                    message=f"mail to this contact was refused or came back on {max(since)}",
                    remedy="ask the customer in another way; correct the address, or record that it is right: "
                    f"prisma-batch contacts verify {customer.account} --email ADDRESS",
                    source=customer.source,
                    pointer=f"/contacts/{valid[0].contact_type}/{valid[0].position}/email",
                    severity="warning",
                )
