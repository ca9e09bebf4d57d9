"""The issue form: what the form makes is read, and anything else is refused without being quoted."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from prisma_batch.readers.issue_form import CHANGES, CONTACT_TYPES, QUESTIONS, ContactForm, read_issue_form

BODY = """\
### Account

ACME-001

### What should change

Add this contact

### Contact types

Billing, Usage reporting

### E-mail

jane.doe@acme.example

### First name

Zoë

### Last name

van der Doe

### Telephone

+31201234567

### Valid from

2026-12-01

### Valid to

_No response_
"""


def read(body: str) -> list[str]:
    found = read_issue_form(body.encode("utf-8", "surrogatepass"), "the form")
    return [finding.code for finding in found] if isinstance(found, list) else ["read"]


def test_form_is_read() -> None:
    assert read_issue_form(BODY.encode(), "the form") == ContactForm(
        account="ACME-001",
        change="add",
        contact_types=("billing", "usage_reporting"),
        email="jane.doe@acme.example",
        first_name="Zoë",
        last_name="van der Doe",
        phone="+31201234567",
        valid_from="2026-12-01",
    )


def test_line_ends_and_normal_form_do_not_matter() -> None:
    composed = read_issue_form(BODY.encode(), "")
    assert read_issue_form(BODY.replace("\n", "\r\n").replace("ë", "e\u0308").encode(), "") == composed


def test_to_remove_somebody_no_name_is_needed() -> None:
    body = BODY.replace("Add this", "Remove this").replace("Zoë", "_No response_").replace("van der Doe", "")
    form = read_issue_form(body.encode(), "")
    assert isinstance(form, ContactForm)
    assert (form.change, form.first_name, form.last_name) == ("remove", "", "")


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("ACME-001", "_No response_", "form-missing"),
        ("jane.doe@acme.example", "", "form-missing"),
        ("Zoë", "_No response_", "form-missing"),
        ("Add this contact", "", "form-missing"),
        ("Billing, Usage reporting", "_No response_", "form-missing"),
        ("Add this contact", "Add this contact; rm -rf /", "form-choice"),
        ("Billing, Usage", "Billing,Usage", "form-choice"),
        ("Billing, Usage reporting", "billing", "form-choice"),
        ("Zoë", "Zoë\nJane", "form-answer"),
        ("Zoë", "Zoë\tJane", "form-answer"),
        ("Zoë", "Zoë\x1b[31m", "form-answer"),
        ("Zoë", "Zoë\u202e", "form-answer"),
        ("Zoë", "Zoë\x00", "form-answer"),
        ("Zoë", "Zoë\rJane", "form-answer"),
        ("Zoë", "Z" * 255, "form-answer"),
        ("Zoë", "Zoë\n\n### Account\n\nACME-002", "form-question"),
        ("Zoë", "Zoë\n\n### approved_by\n\nFinance", "form-question"),
        ("### E-mail", "### e-mail", "form-question"),
        ("### Account", "Hello\n\n### Account", "form-question"),
        (BODY, "", "form-missing"),
        (BODY, "just text", "form-question"),
        ("Zoë", "Zo\ud800", "form-encoding"),
        ("Zoë", "Z" * 70_000, "form-encoding"),
        ("### Last name\n\nvan der Doe", "", "form-missing"),
    ],
)
def test_anything_else_is_refused(old: str, new: str, code: str) -> None:
    assert old in BODY
    assert read(BODY.replace(old, new)) == [code]


@pytest.mark.parametrize("text", ["$(id)", "`id`", "${{ github.token }}", "'; id #", "::error::x", "!!python/name:os"])
def test_hostile_answers_are_only_text(text: str) -> None:
    form = read_issue_form(BODY.replace("Zoë", text).encode(), "")
    assert isinstance(form, ContactForm)
    assert form.first_name == text


def test_the_form_asks_what_is_read(repository: Path) -> None:
    template = yaml.safe_load((repository / ".github/ISSUE_TEMPLATE/contact-change.yml").read_text("utf-8"))
    asked: dict[str, Any] = {entry["id"]: entry for entry in template["body"] if entry["type"] != "markdown"}
    assert {entry["attributes"]["label"]: name for name, entry in asked.items()} == QUESTIONS
    assert asked["change"]["attributes"]["options"] == list(CHANGES)
    assert asked["contact_types"]["attributes"]["options"] == list(CONTACT_TYPES)
    required = {name for name, entry in asked.items() if entry.get("validations", {}).get("required")}
    assert required == {"account", "change", "contact_types", "email"}
