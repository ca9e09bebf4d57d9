"""Edits of a customer record: any sequence keeps comments, quotes and order, and does what the dataclasses say."""

import re
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from prisma_batch.jobs.contacts_edit import with_added, with_removed, with_verified
from prisma_batch.jobs.fmt import canonical_content
from prisma_batch.readers.record_layout import read_layout
from prisma_batch.readers.schemas import schema_findings
from prisma_batch.readers.strict_yaml import Document, parse
from prisma_batch.records.build import build
from prisma_batch.records.contacts import CONTACT_TYPES, Contact, Customer
from prisma_batch.records.layout import Layout
from prisma_batch.writers.record_text import record_text

NAMES = ("Jane", "yes", "007", "O'Hara", 'Zoë "Z"', "van der: Doe", "- x", "~", "12", "#1")
DAYS = st.dates(min_value=date(2026, 1, 1), max_value=date(2028, 12, 31))
COMMENT = re.compile(r"# [a-z]+ [a-z_]+ [0-9]+")

contacts = st.builds(
    Contact,
    first_name=st.sampled_from(NAMES),
    last_name=st.sampled_from(NAMES),
    email=st.integers(0, 99).map("p{}@acme.example".format),
    phone=st.sampled_from([None, "+31201234567"]),
    verified_on=st.none() | DAYS,
    valid_from=st.none() | DAYS,
    valid_to=st.none() | DAYS,
)


@dataclass(frozen=True)
class Written:
    """A record as somebody wrote it, and the comments that go with each contact by type and place."""

    text: str
    with_contact: dict[str, list[list[str]]]
    free: list[str]


def quoted(text: str, quote: str) -> str:
    if quote == "'":
        return "'" + text.replace("'", "''") + "'"
    return '"' + text.replace('"', '\\"') + '"'


@st.composite
def records(draw: st.DrawFn) -> Written:
    """A record with comments above, inside, behind and below its contacts, and with quotes of both kinds."""
    lines = ["# free head 0", "account: ACME-001", "name: 'Acme'  # free name 1", "partner: northwind", "contacts:"]
    with_contact: dict[str, list[list[str]]] = {}
    for contact_type in CONTACT_TYPES:
        lines.append(f"  {contact_type}:  # free {contact_type} 2")
        with_contact[contact_type] = []
        for place in range(draw(st.integers(1, 3))):
            own: list[str] = []
            if draw(st.booleans()):
                lines += [f"    # free {contact_type} {place}9", ""]
            if draw(st.booleans()):
                own.append(f"# above {contact_type} {place}")
                lines.append(f"    {own[-1]}")
            contact = draw(contacts)
            lines.append(f"    - first_name: {quoted(contact.first_name, draw(st.sampled_from(QUOTES)))}")
            own.append(f"# behind {contact_type} {place}")
            lines.append(f"      last_name: {quoted(contact.last_name, draw(st.sampled_from(QUOTES)))}  {own[-1]}")
            if draw(st.booleans()):
                own.append(f"# inside {contact_type} {place}")
                lines.append(f"      {own[-1]}")
            lines.append(f"      email: q{place}@acme.example")
            if draw(st.booleans()):
                lines.append("      verified_on: " + draw(st.sampled_from(["2026-09-01", '"2026-09-01"'])))
            with_contact[contact_type].append(own)
        if draw(st.booleans()):
            lines.append(f"    # free {contact_type} 3")
    text = "\n".join([*lines, "# free end 4", ""])
    return Written(text=text, with_contact=with_contact, free=re.findall(r"# free [a-z_]+ [0-9]+", text))


QUOTES = ("'", '"')
operations = st.lists(
    st.tuples(
        st.sampled_from(["add", "remove", "verify"]), st.sampled_from(CONTACT_TYPES), st.integers(0, 9), contacts, DAYS
    ),
    max_size=8,
)


def customer_of(text: str) -> Customer:
    parsed = parse(text.encode(), "contacts/ACME-001.yaml")
    assert isinstance(parsed, Document), (parsed, text)
    assert schema_findings("contacts", parsed.value, "") == []
    return build(Customer, parsed.value, source="contacts/ACME-001.yaml")


def edited(layout: Layout, customer: Customer, written: Written, operation: tuple[Any, ...]) -> tuple[Layout, Customer]:
    """Do the same to the file and to the dataclasses."""
    verb, contact_type, number, contact, day = operation
    people = list(customer.contacts[contact_type])
    place = number % len(people)
    own = written.with_contact[contact_type]
    if verb == "add":
        layout = with_added(layout, contact_type, contact)
        people.append(contact)
        own.append([])
    elif verb == "remove" and len(people) > 1:
        layout = with_removed(layout, contact_type, place)
        del people[place], own[place]
    elif verb == "verify":
        layout = with_verified(layout, contact_type, place, day)
        people[place] = replace(people[place], verified_on=day)
    return layout, replace(customer, contacts={**customer.contacts, contact_type: tuple(people)})


@settings(max_examples=150, deadline=None)
@given(records(), operations)
def test_edits_do_what_the_dataclasses_say_and_keep_the_rest(written: Written, steps: list[tuple[Any, ...]]) -> None:
    assert canonical_content(written.text.encode(), "contacts").decode() == written.text
    customer, text = customer_of(written.text), written.text
    for step in steps:
        layout, customer = edited(read_layout(text.encode()), customer, written, step)
        before, text = text, record_text(layout)
        assert customer_of(text) == customer
        assert canonical_content(text.encode(), "contacts").decode() == text
        kept = [comment for people in written.with_contact.values() for own in people for comment in own]
        assert sorted(COMMENT.findall(text)) == sorted([*written.free, *kept])
        old_lines = before.splitlines()
        gone = [line for line in old_lines if line not in text.splitlines()]
        assert step[0] != "add" or gone == []
        assert step[0] != "verify" or all("verified_on" in line for line in gone)


def test_a_verification_keeps_its_quotes_and_place() -> None:
    text = """\
contacts:
  billing:
    - email: a@acme.example  # first
      first_name: A
      valid_to: 2027-01-01
    - verified_on: '2026-01-01'  # by phone
      email: b@acme.example
    - {first_name: C, email: c@acme.example, valid_to: 2027-01-01}
"""
    layout = read_layout(text.encode())
    for index in range(3):
        layout = with_verified(layout, "billing", index, date(2026, 11, 20))
    assert (
        record_text(layout)
        == """\
contacts:
  billing:
    - email: a@acme.example  # first
      first_name: A
      verified_on: 2026-11-20
      valid_to: 2027-01-01
    - verified_on: '2026-11-20'  # by phone
      email: b@acme.example
    - {first_name: C, email: c@acme.example, verified_on: 2026-11-20, valid_to: 2027-01-01}
"""
    )
