"""Contacts that are to be verified again, as the message to them tells it."""

import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from prisma_batch.checks.verification import VERIFY, DueVerification, due_verification, is_closed, valid_entries
from prisma_batch.records.contacts import Customer, Listing
from prisma_batch.records.settings import VerificationRules
from prisma_batch.records.snapshot import Snapshot
from prisma_batch.views.substance import Substance


@dataclass(frozen=True, kw_only=True, slots=True)
class DueContact:
    """A person to verify: the types under which they are listed, since when, and the command that records it."""

    name: str
    email: str
    contact_types: tuple[str, ...]
    verified_on: date | None
    command: str


@dataclass(frozen=True, kw_only=True, slots=True)
class VerificationNotice:
    """The contacts of an account that fell due on one day; ``file`` is the record that lists them."""

    account: str
    customer_name: str
    file: str
    due: DueVerification
    contacts: tuple[DueContact, ...]

    @property
    def substance(self) -> Substance:
        return (self.due.due_on, self.due.answer_by)


def verification_notices(snapshot: Snapshot, as_of: date) -> Iterator[VerificationNotice]:
    """Yield a notice for each account and day on which contacts of it fell due; each person is in one of them."""
    rules = snapshot.settings.verification_rules
    if rules is None:
        return
    for account, customer in snapshot.customers.items():
        agreement = snapshot.agreements.get(account)
        if not is_closed(agreement.closed_on if agreement else None, as_of):
            yield from _notices_of(customer, rules, as_of)


def _notices_of(customer: Customer, rules: VerificationRules, as_of: date) -> Iterator[VerificationNotice]:
    by_due: dict[DueVerification, list[DueContact]] = {}
    for listings in customer.people():
        due = due_verification((listing.contact for listing in listings), rules, as_of)
        if due:
            by_due.setdefault(due, []).append(_due_contact(customer.account, listings, as_of))
    for due, contacts in by_due.items():
        yield VerificationNotice(
            account=customer.account,
            customer_name=customer.name,
            file=customer.source,
            due=due,
            contacts=tuple(contacts),
        )


def _due_contact(account: str, listings: tuple[Listing, ...], as_of: date) -> DueContact:
    oldest = valid_entries((listing.contact for listing in listings), as_of)[0]
    return DueContact(
        name=f"{oldest.first_name} {oldest.last_name}",
        email=oldest.email,
        contact_types=tuple(listing.contact_type for listing in listings if listing.contact.valid_on(as_of)),
        verified_on=oldest.verified_on,
        # An address may hold an apostrophe or a dollar sign, and people paste what they read into a shell.
        command=f"{VERIFY} {account} --email {shlex.quote(oldest.email)}",
    )
