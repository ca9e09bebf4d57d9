"""The first uncovered day, at its edges."""

from datetime import date

import pytest

from prisma_batch.checks.coverage import check_coverage, first_uncovered
from prisma_batch.records.facts import AgreementFacts, Context, Coverage, Facts, FileFacts

DAY = date.fromisoformat


@pytest.mark.parametrize(
    ("intervals", "as_of", "first"),
    [
        ([], "2026-11-30", "2026-11-30"),
        ([(None, None)], "2026-11-30", None),
        ([(None, "2026-11-29")], "2026-11-30", "2026-11-30"),
        ([(None, "2026-11-30")], "2026-11-30", "2026-12-01"),
        ([("2026-12-01", None)], "2026-11-30", "2026-11-30"),
        ([("2026-11-30", None)], "2026-11-30", None),
        ([("2026-12-06", None), (None, "2026-12-05")], "2026-11-30", None),
        ([("2026-12-07", None), (None, "2026-12-05")], "2026-11-30", "2026-12-06"),
        ([(None, "2027-12-31"), ("2026-12-01", "2026-12-05")], "2026-11-30", "2028-01-01"),
        ([("2026-12-05", "2026-12-01"), (None, "2026-12-04")], "2026-11-30", "2026-12-05"),
        ([(None, "9999-12-31")], "2026-11-30", None),
        ([(None, "9999-12-30")], "2026-11-30", "9999-12-31"),
    ],
)
def test_first_uncovered(intervals: list[tuple[str | None, str | None]], as_of: str, first: str | None) -> None:
    days = [(DAY(begins) if begins else None, DAY(ends) if ends else None) for begins, ends in intervals]
    assert first_uncovered(days, DAY(as_of)) == (DAY(first) if first else None)


UNCOVERED = Coverage("billing", ((None, DAY("2026-12-31")),))
CONTACTS = FileFacts(source="contacts/A.yaml", kind="contacts", stem="A", account="A", coverage=(UNCOVERED,))
AGREEMENT = FileFacts(source="agreements/A.yaml", kind="agreements", stem="A", account="A")
OPEN, CLOSED, LATER = (
    AgreementFacts(billed_to=None, closed_on=day) for day in (None, DAY("2027-01-01"), DAY("2027-01-02"))
)


@pytest.mark.parametrize(
    ("agreements", "codes"),
    [
        ([], ["contact-gap"]),
        ([AGREEMENT._replace(agreement=OPEN)], ["contact-gap"]),
        ([AGREEMENT._replace(agreement=CLOSED)], []),
        ([AGREEMENT._replace(agreement=LATER)], ["contact-gap"]),
        ([AGREEMENT._replace(account=None, readable=False)], []),
    ],
    ids=["no agreement", "open account", "closed account", "closed a day later", "agreement that cannot be read"],
)
def test_an_account_is_covered_until_it_is_closed(agreements: list[FileFacts], codes: list[str]) -> None:
    found = check_coverage(Facts(files=(*agreements, CONTACTS)), Context(as_of=DAY("2026-11-30")))
    assert [finding.code for finding in found] == codes
