"""Change a customer record: judged in memory, then written whole, or refused with every reason."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from prisma_batch.base.errors import RecordsNotRight, Refused
from prisma_batch.base.findings import Finding, pointer
from prisma_batch.base.identifiers import ACCOUNT_ID
from prisma_batch.jobs.contacts_edit import customer_mapping, with_added, with_removed, with_verified
from prisma_batch.jobs.contacts_judge import is_absent, judge, new_errors, new_warnings, refuse
from prisma_batch.jobs.findings import placed
from prisma_batch.readers.files import read_record
from prisma_batch.readers.record_layout import read_layout
from prisma_batch.readers.schemas import LAST_CONTACT
from prisma_batch.readers.workspace import require_workspace
from prisma_batch.records.contacts import CONTACT_TYPES, Contact, Customer
from prisma_batch.records.layout import Layout, in_blocks
from prisma_batch.writers.one_file import create_file, locked_workspace, replace_file
from prisma_batch.writers.record_text import record_text
from prisma_batch.writers.yaml_text import yaml_text

_SCHEMA = "../schemas/contacts.schema.json"
# A new customer has one contact under each type: what is wrong with it is said once.
_SAME_AGAIN = tuple(pointer("contacts", name) for name in CONTACT_TYPES[1:])
_Edit = Callable[[Layout, Customer], Layout]


@dataclass(frozen=True, kw_only=True, slots=True)
class Changed:
    """A change that was written: both versions of the record, its new warnings, and what was refused of it.

    ``was_canonical`` says whether the file was as ``fmt`` writes it, so that nothing else in it has changed.
    """

    source: str
    before: Customer | None
    after: Customer
    warnings: tuple[Finding, ...] = ()
    refused: tuple[Finding, ...] = ()
    was_canonical: bool = True


def create_customer(root: Path, customer: Customer, language: str | None, as_of: date) -> Changed:
    """Write the record of a new customer; without a language its mails and documents are in English.

    Raises:
        Refused: the account exists, or the record would have errors.
    """
    if not ACCOUNT_ID.fullmatch(customer.account):
        remedy = "use capitals, digits and hyphens, up to 32; begin and end with a capital or a digit"
        raise Refused([_refusal("account-id", "this is no account id", remedy)])
    source = f"contacts/{customer.account}.yaml"
    contacts = {name: tuple(_entered(own, as_of) for own in people) for name, people in customer.contacts.items()}
    customer = replace(customer, contacts=contacts)
    content = yaml_text(customer_mapping(customer, language), _SCHEMA).encode()
    with locked_workspace(root):
        # First: who asks for what exists need not hear what else would be wrong.
        if os.path.lexists(root / source):
            raise _exists(customer.account)
        after = judge(root, source, content, as_of)
        refuse(finding for finding in new_errors((), after.findings) if not finding.pointer.startswith(_SAME_AGAIN))
        if not create_file(root, source, content):
            raise _exists(customer.account)
    warnings = tuple(new_warnings((), after.findings))
    return Changed(source=source, before=None, after=after.customer or customer, warnings=warnings)


def _entered(contact: Contact, on: date) -> Contact:
    """Return a contact as it is entered: whoever enters it says that it is right."""
    return replace(contact, verified_on=contact.verified_on or on)


def add_contact(root: Path, account: str, contact_types: Sequence[str], contact: Contact, as_of: date) -> Changed:
    """Add a contact to types of an account, to all or to none.

    Raises:
        Refused: there is no such account, the address is listed already, or the record would have new errors.
    """

    entered = _entered(contact, as_of)

    def edit(layout: Layout, _customer: Customer) -> Layout:
        for contact_type in contact_types:
            layout = with_added(layout, contact_type, entered)
        return layout

    return _change(root, account, edit, as_of)


def remove_contact(root: Path, account: str, contact_types: Sequence[str], email: str, as_of: date) -> Changed:
    """Remove a contact from types of an account, from all or from none.

    Raises:
        Refused: there is no such account or contact, it is the last of a type, or a day would be left uncovered.
    """

    def edit(layout: Layout, customer: Customer) -> Layout:
        refuse(finding for name in contact_types for finding in _last_of(customer, name, email))
        for contact_type in contact_types:
            layout = _without(layout, customer, contact_type, email)
        return layout

    return _change(root, account, edit, as_of)


def verify_contact(root: Path, account: str, contact_types: Sequence[str], email: str, day: date) -> Changed:
    """Record that a contact was verified on a day, under some types or under each that lists it.

    A later verification that is on record stays.

    Raises:
        Refused: there is no such account or contact.
    """

    def edit(layout: Layout, customer: Customer) -> Layout:
        for contact_type in contact_types or _types_of(customer, email):
            for index in _places(customer, contact_type, email):
                if (customer.contacts[contact_type][index].verified_on or date.min) < day:
                    layout = with_verified(layout, contact_type, index, day)
        return layout

    return _change(root, account, edit, day)


def erase_contact(root: Path, account: str, email: str, as_of: date) -> Changed:
    """Remove a person from each type of an account that has others on every day; ``refused`` says why not from all.

    Raises:
        Refused: there is no such account or contact.
    """
    refused: list[Finding] = []

    def edit(layout: Layout, customer: Customer) -> Layout:
        before = _judged_layout(root, customer.source, layout, as_of)
        for contact_type in _types_of(customer, email):
            without = _without(layout, customer, contact_type, email)
            after = _judged_layout(root, customer.source, without, as_of)
            found = _last_of(customer, contact_type, email) or new_errors(before, after)
            refused.extend(found)
            layout = layout if found else without
        return layout

    return replace(_change(root, account, edit, as_of), refused=tuple(refused))


def _change(root: Path, account: str, edit: _Edit, as_of: date) -> Changed:
    source = f"contacts/{account}.yaml"
    with locked_workspace(root):
        old = _record(root, account)
        before = judge(root, source, old, as_of)
        if before.customer is None:
            raise RecordsNotRight(placed(root, before.findings))
        layout = in_blocks(read_layout(old))
        new = record_text(edit(layout, before.customer)).encode()
        after = judge(root, source, new, as_of)
        refuse(new_errors(before.findings, after.findings))
        if new != old:
            replace_file(root, source, old, new)
    return Changed(
        source=source,
        before=before.customer,
        after=after.customer or before.customer,
        warnings=tuple(new_warnings(before.findings, after.findings)),
        was_canonical=record_text(layout).encode() == old,
    )


def _record(root: Path, account: str) -> bytes:
    require_workspace(root)
    content = read_record(root, f"contacts/{account}.yaml") if ACCOUNT_ID.fullmatch(account) else None
    if content is None or is_absent(content):
        remedy = "see which there are: prisma-batch contacts list"
        raise Refused([_refusal("unknown-account", "there is no such account", remedy)])
    if isinstance(content, Finding):
        raise Refused([content])
    return content


def _judged_layout(root: Path, source: str, layout: Layout, as_of: date) -> tuple[Finding, ...]:
    return judge(root, source, record_text(layout).encode(), as_of).findings


def _without(layout: Layout, customer: Customer, contact_type: str, email: str) -> Layout:
    for index in reversed(_places(customer, contact_type, email)):
        layout = with_removed(layout, contact_type, index)
    return layout


def _last_of(customer: Customer, contact_type: str, email: str) -> list[Finding]:
    """Return the refusal to leave a type without anybody, where removing this address would."""
    if len(_places(customer, contact_type, email)) < len(customer.contacts[contact_type]):
        return []
    command = f"prisma-batch contacts add {customer.account} --type {contact_type}"
    remedy = f"first add who takes over: {command} --email ADDRESS --first-name NAME --last-name NAME"
    return [_refusal("last-contact", LAST_CONTACT, remedy, customer, contact_type)]


def _types_of(customer: Customer, email: str) -> list[str]:
    """Return the types that list an address; refused where none does."""
    found = [name for name, contacts in customer.contacts.items() if any(_is(contact, email) for contact in contacts)]
    if not found:
        raise _unknown_contact(customer, "")
    return found


def _places(customer: Customer, contact_type: str, email: str) -> list[int]:
    """Return where a type lists an address; refused where it does not."""
    found = [index for index, contact in enumerate(customer.contacts[contact_type]) if _is(contact, email)]
    if not found:
        raise _unknown_contact(customer, contact_type)
    return found


def _is(contact: Contact, email: str) -> bool:
    return contact.email.casefold() == email.casefold()


def _unknown_contact(customer: Customer, contact_type: str) -> Refused:
    message = f"{customer.account} has no {f'{contact_type} contact' if contact_type else 'contact'} with this address"
    remedy = f"see who there is: prisma-batch contacts show {customer.account}"
    return Refused([_refusal("unknown-contact", message, remedy, customer, contact_type)])


def _exists(account: str) -> Refused:
    remedy = f"see who its contacts are: prisma-batch contacts show {account}"
    return Refused([_refusal("account-exists", f"{account} has a record already", remedy)])


def _refusal(code: str, message: str, remedy: str, customer: Customer | None = None, contact_type: str = "") -> Finding:
    at = pointer("contacts", contact_type) if contact_type else ""
    source = customer.source if customer else "contacts"
    return Finding(code=code, message=message, remedy=remedy, source=source, pointer=at)
