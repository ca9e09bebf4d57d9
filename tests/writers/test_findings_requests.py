"""What is said about requests shows nobody's personal data: markers in every record, and each attack there is."""

import re
from pathlib import Path
from typing import get_args

import pytest

from prisma_batch.jobs.validate_change import validate_change
from prisma_batch.writers.findings import FindingsFormat, findings_text
from prisma_batch.writers.request_summary import request_summary
from tests.jobs.test_validate_change import AS_OF, ATTACKS
from tests.repositories import ACME, MIRA, NORTHWIND, Edits, GitRepository, entry, replaced

MARKER = re.compile(r"quux|7731", re.IGNORECASE)
# Whole words, and beginnings of e-mail addresses, of the people and companies in the records.
PEOPLE = re.compile(r"\b(jane|doe|uma|vale|ben|stella|sam|janet|eve|acme hosting|street|kade)\b", re.IGNORECASE)
PHONE = re.compile(r"\+31201234567")
OTHERS: dict[str, tuple[str, Edits]] = {
    "contacts replaced": (NORTHWIND, {ACME: replaced(entry("Ben"), entry("Bo"))}),
    "record without contacts": (NORTHWIND, {ACME: "account: ACME-001\nname: Jane Doe\npartner: northwind\n"}),
    "names where they do not belong": (NORTHWIND, {ACME: replaced("partner: northwind", "partner: Jane Doe")}),
    "log rewritten by staff": (MIRA, {"cases/ACME-001/CASE-1.yaml": replaced("summary: ", "summary: Jane Doe ")}),
    "document changed by staff": (
        MIRA,
        {"invoices/ACME-001/INV-1.yaml": replaced("description: ", "description: Jane Doe ")},
    ),
}
REQUESTS = {name: (NORTHWIND, edits) for name, (edits, _) in ATTACKS.items()} | OTHERS


class PlantedRepository(GitRepository):
    """A repository in which everybody is called by a marker."""

    def _written(self, path: str, mode: str, content: str) -> bytes:
        named = PEOPLE.sub(lambda found: f"Quux{found[0].casefold().replace(' ', '')}", content)
        return super()._written(path, mode, PHONE.sub("+31201237731", named))


@pytest.mark.parametrize("request_name", REQUESTS)
def test_no_output_about_a_request_shows_a_person(request_name: str, tmp_path: Path) -> None:
    actor, edits = REQUESTS[request_name]
    repository = PlantedRepository(tmp_path)
    repository.commit(edits)
    validation = validate_change(repository.folder, "main", actor, AS_OF)
    texts = [findings_text(validation.findings, output_format) for output_format in get_args(FindingsFormat)]
    texts += [request_summary(validation.words(initials=True), validation.findings), *validation.notes]
    assert [line for text in texts for line in text.splitlines() if MARKER.search(line)] == []


def test_markers_are_planted(tmp_path: Path) -> None:
    repository = PlantedRepository(tmp_path)
    assert len(MARKER.findall(repository.git("show", f"main:{ACME}"))) > 10
