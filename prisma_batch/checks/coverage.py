"""Contact types without anybody, on any day to come."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from prisma_batch.base.findings import Finding, pointer
from prisma_batch.records.facts import Context, Facts

_DAY = timedelta(days=1)


def check_coverage(facts: Facts, context: Context) -> Iterator[Finding]:
    """Yield ``contact-gap`` with the first day, from the as-of day to the account's closing, without a contact.

    FAIL: the only billing contact has ``valid_to: 2026-12-31``. PASS: another has ``valid_from: 2027-01-01``.
    """
    closed_on = {file.account: file.agreement.closed_on for file in facts.files if file.agreement}
    for file in facts.of_kind("contacts"):
        account = file.account or ""
        # Whether the account was closed stands in an agreement that could not be read.
        if account not in closed_on and facts.may_be_unread("agreement", account):
            continue
        ends_before = closed_on.get(account) or date.max
        for coverage in file.coverage:
            day = first_uncovered(coverage.intervals, context.as_of)
            if day and day < ends_before:
                yield Finding(
                    code="contact-gap",
                    message=f"nobody is the {coverage.contact_type} contact on {day}",
                    remedy="let a contact of this type be valid from that day on",
                    source=file.source,
                    pointer=pointer("contacts", coverage.contact_type),
                )


def first_uncovered(intervals: Sequence[tuple[date | None, date | None]], day: date) -> date | None:
    """Return the first day from ``day`` on that lies in no interval (both ends included, open where None), or None."""
    for first, last in sorted((first or date.min, last or date.max) for first, last in intervals):
        if first > day:
            break
        if last == date.max:
            return None
        day = max(day, last + _DAY)
    return day
