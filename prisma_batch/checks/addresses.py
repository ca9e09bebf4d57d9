"""E-mail addresses and telephone numbers: where they stand in records, and whether they can exist."""

import unicodedata
from collections.abc import Iterator
from functools import lru_cache

import phonenumbers
from email_validator import EmailNotValidError, validate_email

from prisma_batch.base.findings import Finding, pointer
from prisma_batch.records.cases import Case
from prisma_batch.records.contacts import Customer
from prisma_batch.records.settings import Settings

_LOOKALIKE_SCRIPTS = ("LATIN", "CYRILLIC", "GREEK")


def check_emails(record: Customer | Settings | Case) -> Iterator[Finding]:
    """Yield ``email-invalid`` for addresses that cannot exist, ``email-confusable`` for domains that mix scripts.

    FAIL: ``email: jane.doe@acme``. PASS: ``email: jane.doe+billing@acme.example``.
    """
    for email, at in _emails(record):
        if not _is_email(email):
            message = "this is no e-mail address that mail can be sent to"
            remedy = "write one address such as name@domain.example, without a name or brackets around it"
            yield Finding(code="email-invalid", message=message, remedy=remedy, source=record.source, pointer=at)
        elif _mixes_scripts(email.rpartition("@")[2]):
            yield Finding(
                code="email-confusable",
                message="the domain mixes letters of scripts that look alike",
                remedy="confirm the address with the customer by another way",
                source=record.source,
                pointer=at,
                severity="warning",
            )


def check_phones(record: Customer | Settings) -> Iterator[Finding]:
    """Yield ``phone-invalid`` for numbers that no country has.

    FAIL: ``phone: "+1202555012"``. PASS: ``phone: "+31201234567"``.
    """
    for phone, at in _phones(record):
        if not _is_phone(phone):
            message = "no country has a telephone number like this"
            remedy = 'write it in full with its country code, such as "+31201234567"'
            yield Finding(code="phone-invalid", message=message, remedy=remedy, source=record.source, pointer=at)


def _emails(record: Customer | Settings | Case) -> Iterator[tuple[str, str]]:
    if isinstance(record, Customer):
        for contact_type, contacts in record.contacts.items():
            for index, contact in enumerate(contacts):
                yield contact.email, pointer("contacts", contact_type, index, "email")
    elif isinstance(record, Settings):
        yield record.issuer.finance_email, pointer("issuer", "finance_email")
        yield record.contact_point.email, pointer("contact_point", "email")
        for index, step in enumerate(record.contact_point.escalation):
            yield step.email, pointer("contact_point", "escalation", index, "email")
    elif record.requested_by:
        yield record.requested_by, pointer("requested_by")


def _phones(record: Customer | Settings) -> Iterator[tuple[str, str]]:
    if isinstance(record, Settings):
        yield record.contact_point.phone, pointer("contact_point", "phone")
        for index, step in enumerate(record.contact_point.escalation):
            if step.phone:
                yield step.phone, pointer("contact_point", "escalation", index, "phone")
        return
    for contact_type, contacts in record.contacts.items():
        for index, contact in enumerate(contacts):
            if contact.phone:
                yield contact.phone, pointer("contacts", contact_type, index, "phone")


@lru_cache(maxsize=1024)  # people are listed under several types
def _is_email(email: str) -> bool:
    try:
        # The domains of examples and tests are accepted: whether mail arrives is not asked of the network here.
        validate_email(email, check_deliverability=False, test_environment=True, strict=True)
    except EmailNotValidError:
        return False
    return True


def _mixes_scripts(domain: str) -> bool:
    if domain.isascii():
        return False
    for label in domain.split("."):
        scripts = {unicodedata.name(letter, "").partition(" ")[0] for letter in label}
        if len(scripts.intersection(_LOOKALIKE_SCRIPTS)) > 1:
            return True
    return False


@lru_cache(maxsize=1024)
def _is_phone(phone: str) -> bool:
    try:
        number = phonenumbers.parse(phone)
    except phonenumbers.NumberParseException:
        return False
    # By length, not by the list of number ranges: new ranges are in use before the list has them.
    return phonenumbers.is_possible_number(number)
