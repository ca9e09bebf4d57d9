"""Apply an issue form to a customer record, for somebody who may change that record by pull request."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from prisma_batch.base.errors import RecordsNotRight, Refused
from prisma_batch.base.findings import Finding
from prisma_batch.checks.changes.actors import actor_of
from prisma_batch.jobs.contacts_change import Changed, add_contact, remove_contact, verify_contact
from prisma_batch.jobs.contacts_list import find_customers
from prisma_batch.readers.files import read_record
from prisma_batch.readers.issue_form import ContactForm, read_issue_form
from prisma_batch.records.contacts import Contact
from prisma_batch.views.change_words import changes_in_words

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Applied:
    """A form that was applied: the change, and the message of the commit that records who asked for it."""

    changed: Changed
    message: str


def apply_form(root: Path, file: Path, actor_id: int, issue: str | None, day: date) -> Applied:
    """Apply the answers of an issue form, where the form's author is staff or a member of the account's partner.

    Args:
        file: the body of the issue, or a JSON object of its answers.
        actor_id: the author's number on the code host.
        issue: a reference to the issue, for the message.
        day: on which contacts are verified, and from which on every type must be covered.
    Raises:
        Refused: the form is not what it should be, its author may not change the account, or the change is refused.
    """
    content = read_record(file.parent, file.name)
    form = content if isinstance(content, Finding) else read_issue_form(content, file.name)
    if not isinstance(form, ContactForm):
        raise Refused([form] if isinstance(form, Finding) else form)
    contact = _contact(form)
    _refuse_stranger(root, form.account, actor_id)
    changed = _applied(root, form, contact, day)
    words = changes_in_words({changed.source: changed.before}, {changed.source: changed.after}, initials=True)
    if not words:
        raise Refused([_refusal("nothing-to-change", "the record says this already", "close the issue")])
    return Applied(changed=changed, message="\n".join(_message(words, form.account, actor_id, issue)) + "\n")


def _refuse_stranger(root: Path, account: str, actor_id: int) -> None:
    found = find_customers(root, account)
    if found.settings is None or not found.customers:
        raise RecordsNotRight(found.unreadable)
    # Anybody may send a form: unlike in a request, who is not named is nobody, also where no staff is named at all.
    is_staff = any(person.id == actor_id for person in found.settings.staff)
    if not is_staff and found.customers[0].partner not in actor_of(str(actor_id), found.settings).partners:
        remedy = "let a member of the account's partner send the form; finance keeps the list of members in prisma.yaml"
        raise Refused(
            [_refusal("foreign-account", "this account does not belong to a partner of the form's author", remedy)]
        )


def _applied(root: Path, form: ContactForm, contact: Contact, day: date) -> Changed:
    if form.change == "add":
        return add_contact(root, form.account, form.contact_types, contact, day)
    change = remove_contact if form.change == "remove" else verify_contact
    return change(root, form.account, form.contact_types, form.email, day)


def _contact(form: ContactForm) -> Contact:
    return Contact(
        first_name=form.first_name,
        last_name=form.last_name,
        email=form.email,
        phone=form.phone or None,
        valid_from=_day(form.valid_from),
        valid_to=_day(form.valid_to),
    )


def _day(answer: str) -> date | None:
    if not answer:
        return None
    try:
        # fromisoformat also reads weeks and dates without hyphens.
        return date.fromisoformat(answer if _DATE.fullmatch(answer) else "")
    except ValueError:
        remedy = "write days as YYYY-MM-DD, such as 2026-12-01"
        raise Refused([_refusal("form-answer", "an answer is no day", remedy)]) from None


def _message(words: tuple[str, ...], account: str, actor_id: int, issue: str | None) -> Iterator[str]:
    """Yield the lines of a commit message; of the form's text it holds initials only, which no program reacts to."""
    yield words[0] if len(words) == 1 else f"{account}: {len(words)} changes of contacts"
    if len(words) > 1:
        yield ""
        yield from words
    yield ""
    yield f"Requested-By-Id: {actor_id}"
    if issue:
        yield f"Requested-In: {issue}"


def _refusal(code: str, message: str, remedy: str) -> Finding:
    return Finding(code=code, message=message, remedy=remedy, source="the form")
