"""Every code of a rule about changes: a request that gets it and nothing else, and one much like it that passes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pytest

from prisma_batch.base.findings import errors_in
from prisma_batch.checks.changes.registry import CHANGES
from prisma_batch.jobs.new_documents import NEW_DOCUMENT_CODES
from prisma_batch.jobs.validate_change import validate_change
from tests.repositories import (
    ACME,
    MIRA,
    NORTHWIND,
    REPORT,
    SOUTH,
    SOUTHWIND,
    Edits,
    GitRepository,
    customer,
    entry,
    replaced,
)

AS_OF = date(2026, 11, 30)
INVOICE, NOTE = "invoices/ACME-001/INV-1.yaml", "invoices/ACME-001/CN-1.yaml"
CASE = "cases/ACME-001/CASE-1.yaml"
ALLOCATION = "payments/allocations/2026-11-20-acme.yaml"
AGREEMENT = "agreements/SOUTH-001.yaml"

SECOND_REPORT = """\
account: ACME-001
program: microsoft-spla
period: 2026-10
submitted_on: 2026-11-05
revises: 1
lines:
  - {sku: 9EA-00039, quantity: 13}
"""
STAFF = {"prisma.yaml": replaced("first_period:", "staff: [{login: mira, id: 7}]\nfirst_period:")}
SHARE = {"prisma.yaml": replaced("first_period:", 'policies: {removal_share: "0.25"}\nfirst_period:')}
MANIFEST = '{"previous": {"period": "%s"}}'


def closed(*periods: str) -> Edits:
    """Runs on the base, each of which began where the one of the given period ended."""
    return {f"reports/{2027 + index}-01/manifest.json": MANIFEST % period for index, period in enumerate(periods)}


def text_of(path: str) -> str:
    return (Path(__file__).parents[2] / "examples" / "_base" / path).read_text(encoding="utf-8")


def document(path: str, number: str, *changes: tuple[str, str]) -> str:
    """The text of a document of the example under another number, with changes."""
    text = replaced(f"number: {Path(path).stem}", f"number: {number}")(text_of(path))
    for old, new in changes:
        text = replaced(old, new)(text)
    return text


@dataclass(frozen=True, kw_only=True)
class Example:
    """A request that gets the code, one that passes, who asks, and what the base has besides the example."""

    fails: Edits
    passes: Edits
    actor: str | None = NORTHWIND
    passing_actor: str | None = None
    base: Edits = field(default_factory=dict)


def area(path: str) -> Example:
    """A path that is not a partner's to change."""
    return Example(fails={path: "x = 1\n"}, passes={ACME: replaced("Jane", "Janet")})


def mode(mode: str, content: str) -> Example:
    """A contact file that is no plain file."""
    return Example(fails={ACME: (mode, content)}, passes={ACME: ("100644", customer("ACME-001", "northwind", "Jane"))})


NEW_INVOICE = "invoices/ACME-001/INV-2.yaml"
NEW_NOTE = "invoices/ACME-001/CN-2.yaml"
NEW_CUSTOMER = "contacts/ACME-002.yaml"
PLAIN_ACME = customer("ACME-001", "northwind", "Jane", "Ben")

EXAMPLES: Mapping[str, Example] = {
    "unknown-actor": Example(
        base=STAFF, actor="999", passing_actor=MIRA, fails={"README.md": "new"}, passes={"README.md": "new"}
    ),
    "base-unreadable": Example(
        base={"prisma.yaml": replaced("first_period: 2026-10", "first_period: 2026-13")},
        actor=NORTHWIND,
        passing_actor="",
        fails={"prisma.yaml": replaced("2026-13", "2026-10")},
        passes={"prisma.yaml": replaced("2026-13", "2026-10")},
    ),
    "too-many-files": Example(
        fails={
            f"contacts/ACME-{number}.yaml": customer(f"ACME-{number}", "northwind", "Jane")
            for number in range(100, 601)
        },
        passes={
            f"contacts/ACME-{number}.yaml": customer(f"ACME-{number}", "northwind", "Jane")
            for number in range(100, 600)
        },
    ),
    "foreign-path": area("README.md"),
    "git-settings-change": area("docs/.gitattributes"),
    "workflow-change": area(".github/workflows/validate.yml"),
    "schema-change": area("schemas/README"),
    "template-change": area("templates/invoice.j2"),
    "settings-change": Example(
        fails={"prisma.yaml": replaced("id: 2002", "id: 1001")}, passes={ACME: replaced("Jane", "Janet")}
    ),
    "code-change": area("conftest.py"),
    "symlink": mode("120000", "SOUTH-001.yaml"),
    "submodule": mode("160000", "1" * 40),
    "executable-file": Example(fails={ACME: ("100755", PLAIN_ACME)}, passes={ACME: ("100644", PLAIN_ACME)}),
    "foreign-account": Example(
        fails={SOUTH: replaced("Stella", "Stela")}, passes={SOUTH: replaced("Stella", "Stela")}, passing_actor=SOUTHWIND
    ),
    "owner-unknown": Example(
        base={ACME: replaced("partner: northwind", "partner: [northwind]")},
        fails={ACME: PLAIN_ACME},
        passes={ACME: PLAIN_ACME},
        passing_actor=MIRA,
    ),
    "record-deleted": Example(
        base={NEW_CUSTOMER: customer("ACME-002", "northwind", "Jane")},
        fails={NEW_CUSTOMER: None},
        passes={NEW_CUSTOMER: None},
        passing_actor=MIRA,
    ),
    "owner-change": Example(
        fails={ACME: replaced("partner: northwind", "partner: southwind")},
        passes={ACME: replaced("partner: northwind", "partner: southwind")},
        passing_actor=MIRA,
    ),
    "foreign-partner": Example(
        fails={NEW_CUSTOMER: customer("ACME-002", "southwind", "Jane")},
        passes={NEW_CUSTOMER: customer("ACME-002", "northwind", "Jane")},
    ),
    "account-prefix": Example(
        fails={"contacts/SOUTH-002.yaml": customer("SOUTH-002", "northwind", "Jane")},
        passes={NEW_CUSTOMER: customer("ACME-002", "northwind", "Jane")},
    ),
    "rename-across-owners": Example(
        fails={SOUTH: None, NEW_CUSTOMER: customer("ACME-002", "northwind", "Stella", "Sam")},
        passes={NEW_CUSTOMER: customer("ACME-002", "northwind", "Stella", "Sam")},
    ),
    "usage-report-changed": Example(
        fails={REPORT: replaced("quantity: 12", "quantity: 13")},
        passes={REPORT.replace(".yaml", ".r2.yaml"): SECOND_REPORT},
    ),
    "period-closed": Example(
        base=closed("2026-12", "2027-01"),
        fails={REPORT.replace(".yaml", ".r2.yaml"): SECOND_REPORT},
        passes={
            "usage/2026-11/ACME-001.microsoft-spla.yaml": SECOND_REPORT.replace("2026-10", "2026-11").replace(
                "revises: 1\n", ""
            )
        },
    ),
    "last-contact": Example(
        fails={
            SOUTH: customer("SOUTH-001", "southwind", "Sam").replace(f"  billing:\n{entry('Sam')}", "  billing: []\n")
        },
        passes={SOUTH: customer("SOUTH-001", "southwind", "Stella")},
        actor=SOUTHWIND,
    ),
    "removal-share": Example(
        base={**SHARE, SOUTH: customer("SOUTH-001", "southwind", "Stella", "Sam", "Sid")},
        fails={SOUTH: customer("SOUTH-001", "southwind", "Stella", "Eve")},
        passes={SOUTH: customer("SOUTH-001", "southwind", "Stella", "Sam", "Eve")},
        actor=SOUTHWIND,
    ),
    "issued-document-changed": Example(
        fails={INVOICE: replaced("per core pair", "per core")},
        passes={NEW_INVOICE: document(INVOICE, "INV-2")},
        actor=MIRA,
    ),
    "allocation-changed": Example(
        fails={ALLOCATION: replaced("340.49", "283.74")},
        passes={
            "payments/allocations/undone.yaml": replaced('"340.49"', '"-340.49"')(
                text_of(ALLOCATION).replace("id: 2026-11-20-acme", "id: undone")
            )
        },
        actor=MIRA,
    ),
    "case-log-rewritten": Example(
        fails={CASE: replaced("Two too many", "Three too many")},
        passes={
            CASE: replaced(
                "outcome:",
                "  - {at: 2026-11-21T11:00:00+01:00, channel: phone, direction: in, by: me, summary: Thanks}\noutcome:",
            )
        },
        actor=MIRA,
    ),
    "line-amount": Example(
        fails={
            NEW_INVOICE: document(
                INVOICE,
                "INV-2",
                ('amount: "281.40"\n', 'amount: "281.41"\n'),
                ('base: "281.40"', 'base: "281.41"'),
                ('amount: "59.09"', 'amount: "59.10"'),
                ('net: "281.40"', 'net: "281.41"'),
                ('tax: "59.09"', 'tax: "59.10"'),
                ("340.49", "340.51"),
            )
        },
        passes={NEW_INVOICE: document(INVOICE, "INV-2", ('    unit_price: "23.45"\n', ""))},
        actor=MIRA,
    ),
    "tax-mismatch": Example(
        fails={
            NEW_INVOICE: document(
                INVOICE,
                "INV-2",
                ('amount: "59.09"', 'amount: "59.10"'),
                ('tax: "59.09"', 'tax: "59.10"'),
                ("340.49", "340.50"),
            )
        },
        passes={NEW_INVOICE: document(INVOICE, "INV-2")},
        actor=MIRA,
    ),
    "due-date-mismatch": Example(
        fails={NEW_INVOICE: document(INVOICE, "INV-2", ("due_on: 2026-12-10", "due_on: 2026-12-11"))},
        passes={NEW_INVOICE: document(INVOICE, "INV-2", ("2026-11-10", "2026-11-11"), ("2026-12-10", "2026-12-11"))},
        actor=MIRA,
    ),
    "credit-exceeds-invoice": Example(
        fails={
            NEW_NOTE: document(NOTE, "CN-2"),
            "invoices/ACME-001/CN-3.yaml": document(NOTE, "CN-3"),
            "invoices/ACME-001/CN-4.yaml": document(NOTE, "CN-4"),
            "invoices/ACME-001/CN-5.yaml": document(NOTE, "CN-5"),
            "invoices/ACME-001/CN-6.yaml": document(NOTE, "CN-6"),
            "invoices/ACME-001/CN-7.yaml": document(NOTE, "CN-7"),
        },
        passes={NEW_NOTE: document(NOTE, "CN-2")},
        actor=MIRA,
    ),
}
# Beside these codes, what else a request gets that is refused for several reasons.
ALSO = {
    "rename-across-owners": {"foreign-account"},
}
CODES = {code for entry in CHANGES for code in entry.codes} | set(NEW_DOCUMENT_CODES)
# git's own tools write no such mode any more; see test_places.py.
WITHOUT_EXAMPLE = {"file-mode"}


def errors_of(folder: Path, base: Edits, edits: Edits, actor: str | None) -> list[tuple[str, str]]:
    repository = GitRepository(folder, base)
    repository.commit(edits)
    validation = validate_change(repository.folder, "main", actor, AS_OF)
    assert not [item.message for item in validation.findings if "@" in item.message]
    return [(item.code, item.source) for item in errors_in(validation.findings)]


def test_every_code_has_an_example() -> None:
    assert set(EXAMPLES) == CODES - WITHOUT_EXAMPLE


@pytest.mark.parametrize("code", EXAMPLES)
def test_fails(code: str, tmp_path: Path) -> None:
    example = EXAMPLES[code]
    found = errors_of(tmp_path, example.base, example.fails, example.actor)
    assert {found_code for found_code, _ in found} == {code} | ALSO.get(code, set())
    assert {source for _, source in found} <= {*example.fails, "prisma.yaml"}


@pytest.mark.parametrize("code", EXAMPLES)
def test_passes(code: str, tmp_path: Path) -> None:
    example = EXAMPLES[code]
    actor = example.actor if example.passing_actor is None else example.passing_actor or None
    assert errors_of(tmp_path, example.base, example.passes, actor) == []
