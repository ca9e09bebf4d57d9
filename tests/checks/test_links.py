"""What links files: the checks across files must find whatever a change can have touched over these links."""

from decimal import Decimal

import pytest

from prisma_batch.checks.links import chain_links_of, links_of
from prisma_batch.records.facts import (
    AgreementFacts,
    Claim,
    Definition,
    DocumentFacts,
    FileFacts,
    Plan,
    Reference,
    ReportFacts,
)

CORRECTED = Reference(thing="document", target="INV/1", pointer="")
DOCUMENT = DocumentFacts(
    number="CN-1", kind="credit_note", account="A", currency="EUR", total=Decimal(1), corrects=(CORRECTED,)
)


def facts(source: str = "contacts/A.yaml", kind: str = "contacts", **given: object) -> FileFacts:
    return FileFacts(source=source, kind=kind, stem=source.rpartition("/")[2].removesuffix(".yaml"), **given)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("file", "links"),
    [
        (facts(), set()),
        (facts(account="ACME-1"), {"account acme-1"}),
        (facts(definitions=(Definition(thing="document", id="INV/1", pointer=""),)), {"document inv_1"}),
        (facts(definitions=(Definition(thing="agreement", id="A", pointer=""),)), {"account a"}),
        (facts(definitions=(Definition(thing="partner", id="northwind", pointer=""),)), set()),
        (facts(references=(Reference(thing="price_list", target="p-1", pointer=""),)), {"price_list p-1"}),
        (facts(references=(Reference(thing="program", target="azure", pointer=""),)), set()),
        (facts(document=DOCUMENT), {"document inv_1"}),
        (facts(claims=(Claim(kind="settle", document="INV-1", amount=Decimal(1), pointer=""),)), {"document inv-1"}),
        (facts(plans=(Plan(documents=("I", "J"), amount=Decimal(1), pointer=""),)), {"document i", "document j"}),
        (
            facts(account="A", report=ReportFacts(program="spla", period="2026-10", revision=2)),
            {"account a", "report 2026-10/A.spla"},
        ),
        (facts(readable=False), {"account a"}),
        (facts("agreements/A.yaml", "agreements", readable=False), {"account a"}),
        (facts("payments/allocations/A.yaml", "allocations", readable=False), set()),
        (
            facts("usage/2026-10/A.spla.r2.yaml", "usage", readable=False),
            {"report 2026-10/A.spla", "report 2026-10/A.spla.r2"},
        ),
    ],
)
def test_links(file: FileFacts, links: set[str]) -> None:
    assert links_of(file) == links


def test_who_is_billed_for_whom_is_a_chain() -> None:
    paid = facts(account="A", agreement=AgreementFacts(billed_to=None, closed_on=None))
    billed = facts(account="B", agreement=AgreementFacts(billed_to="A", closed_on=None))
    assert chain_links_of(paid) == {"payer A"}
    assert chain_links_of(billed) == {"payer A", "payer B"}
    assert chain_links_of(billed) <= links_of(billed)
