"""The first uncovered day, at its edges."""

from datetime import date

import pytest

from prisma_batch.checks.coverage import first_uncovered

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
