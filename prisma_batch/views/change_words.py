"""What a request changes, in words: a line for each contact, usage report, document, case or other file."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from prisma_batch.base.counts import counted
from prisma_batch.records.cases import Case
from prisma_batch.records.contacts import CONTACT_TYPES, Contact, Customer
from prisma_batch.records.documents import Document
from prisma_batch.records.usage_reports import UsageReport

_FIELD_WORDS = {
    "first_name": "name",
    "last_name": "name",
    "email": "e-mail",
    "phone": "telephone",
    "verified_on": "verification",
    "valid_from": "first day",
    "valid_to": "last day",
}


def changes_in_words(before: Mapping[str, Any], after: Mapping[str, Any], *, initials: bool) -> tuple[str, ...]:
    """Say what a request changes, in order of path; e-mail addresses and telephone numbers are never shown.

    Args:
        before: the changed files of the base by path; the value is the record, None where there is none to show.
        after: the same of the head; a path that is in one of the two only was added or removed.
        initials: people are shown as ``J. D.`` instead of by name.
    """
    lines: list[str] = []
    for path in sorted({*before, *after}):
        old, new = before.get(path), after.get(path)
        known = old if new is None else new
        if isinstance(known, Customer):
            lines += _customer_lines(known.account, old, new, initials)
        elif known is not None and type(known) in _WORDS:
            lines.append(f"{known.account}: {_sign(old, new)} {_WORDS[type(known)](known, old)}")
        else:
            what = "added" if path not in before else "removed" if path not in after else "changed"
            lines.append(f"{path}: {what}")
    return tuple(lines)


def _customer_lines(account: str, old: Customer | None, new: Customer | None, initials: bool) -> Iterator[str]:
    if old is None or new is None:
        yield f"{account}: {_sign(old, new)} customer record"
    else:
        if old.partner != new.partner:
            yield f"{account}: partner {old.partner} → {new.partner}"
        for field in ("name", "language"):
            if getattr(old, field) != getattr(new, field):
                yield f"{account}: {field} changed"
    for contact_type in CONTACT_TYPES:
        people = (list(record.contacts.get(contact_type, ())) if record else [] for record in (old, new))
        for sign, contact, details in _differences(*people):
            yield f"{account}: {sign} {_name(contact, initials)} as {contact_type.replace('_', ' ')} contact{details}"


def _differences(old: list[Contact], new: list[Contact]) -> Iterator[tuple[str, Contact, str]]:
    """Yield sign, contact and details of what differs in one contact type."""
    same = _take_pairs(old, new, lambda contact: contact.email.casefold())
    same += _take_pairs(old, new, lambda contact: (contact.first_name, contact.last_name))
    yield from (("−", contact, "") for contact in old)
    yield from (("+", contact, _days(contact)) for contact in new)
    for before, after in same:
        fields = (name for name in _FIELD_WORDS if getattr(before, name) != getattr(after, name))
        words = list(dict.fromkeys(_FIELD_WORDS[name] for name in fields))
        if words:
            yield "~", after, f": {', '.join(words)} changed"


def _take_pairs(old: list[Contact], new: list[Contact], key: Callable[[Contact], Any]) -> list[tuple[Contact, Contact]]:
    """Take out of both lists the contacts that are the same person by a key, and return them."""
    by_key = {key(contact): contact for contact in old}
    pairs = [(by_key.pop(key(contact)), contact) for contact in new if key(contact) in by_key]
    for before, after in pairs:
        old.remove(before)
        new.remove(after)
    return pairs


def _name(contact: Contact, initials: bool) -> str:
    names = (contact.first_name, contact.last_name)
    return " ".join(f"{name[:1]}." for name in names) if initials else " ".join(names)


def _days(contact: Contact) -> str:
    first = f" from {contact.valid_from}" if contact.valid_from else ""
    return f"{first} until {contact.valid_to}" if contact.valid_to else first


def _report_words(report: UsageReport, _old: UsageReport | None) -> str:
    revision = f", revision {report.revision}" if report.revision > 1 else ""
    usage = "no usage" if report.zero_usage else counted(len(report.lines), "line")
    return f"usage report for {report.program}, {report.period}{revision} ({usage})"


def _document_words(document: Document, _old: Document | None) -> str:
    amount = document.open_amount if document.kind == "opening_item" else document.total
    return f"{document.kind.replace('_', ' ')} {document.number}, {amount:f} {document.currency}"


def _case_words(case: Case, old: Case | None) -> str:
    parts = [f"case {case.id}"]
    if old and len(case.interactions) > len(old.interactions):
        parts.append(f"{counted(len(case.interactions) - len(old.interactions), 'interaction')} added")
    if old and old.status != case.status:
        parts.append(f"status {old.status} → {case.status}")
    if old and old.outcome != case.outcome:
        parts.append("outcome changed")
    return ", ".join(parts)


def _sign(old: Any, new: Any) -> str:
    return "+" if old is None else "−" if new is None else "~"


_WORDS: Mapping[type, Callable[[Any, Any], str]] = {
    UsageReport: _report_words,
    Document: _document_words,
    Case: _case_words,
}
