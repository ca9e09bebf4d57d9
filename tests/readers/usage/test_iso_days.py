"""Columns of ISO days, however many: the days that Python reads in their texts, or none."""

from datetime import date, timedelta

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from prisma_batch.readers.usage.iso_days import days_of_a_month, iso_day

EPOCH = date(1970, 1, 1)


@pytest.mark.parametrize(("month", "length"), [("2026-10", 31), ("2026-02", 28), ("2024-02", 29), ("0001-01", 31)])
def test_days_of_a_month(month: str, length: int) -> None:
    texts = [f"{month}-{day:02}" for day in (length, 1, 9, 10, length)]
    found = days_of_a_month(pa.array(["not read", *texts])[1:])
    assert found is not None
    assert [EPOCH + timedelta(int(day)) for day in found.distinct.take(found.codes)] == [
        iso_day(text) for text in texts
    ]
    assert days_of_a_month(pa.array([*texts, f"{month}-{length + 1}"])) is None


OTHERS = """
2026-10-00 2026-10-32 2026-10-40 2026-10-J1 2026-10-1: 2026-10-:1 2026-10-1/ 2026-10-/1 2026-10--1 2026-11-01 2025-10-01
2026-10-1 2026-10-001 2026-10-01T 2026/10/01 01.10.2026 é026-10-01
""".split()


@pytest.mark.parametrize("text", ["", *OTHERS])
def test_one_that_is_unusual_is_left_to_others(text: str) -> None:
    assert days_of_a_month(pa.array(["2026-10-01", text, "2026-10-02"])) is None
    assert days_of_a_month(pa.array([text, "2026-10-01"])) is None


def test_texts_whose_lengths_make_up_for_each_other() -> None:
    assert days_of_a_month(pa.array(["2026-10-0", "12026-10-02"])) is None


# The text of a null may be there, and does not count.
HIDDEN = pa.StringArray.from_buffers(
    2, pa.py_buffer(b"\0\0\0\0\n\0\0\0\x14\0\0\0"), pa.py_buffer(b"2026-10-012026-10-02"), pa.py_buffer(b"\1")
)


@pytest.mark.parametrize(
    "array", [HIDDEN, pa.array([], pa.string()), pa.array(["2026-10-01", None]), pa.array([20727])]
)
def test_what_is_not_text_in_each_row_is_left_to_others(array: object) -> None:
    assert days_of_a_month(array) is None


@given(st.lists(st.from_regex(r"2026-1[03]-[0-3:-][0-9/]", fullmatch=True), min_size=1, max_size=3))
def test_what_is_taken_is_what_python_reads(texts: list[str]) -> None:
    found, days = days_of_a_month(pa.array(texts)), [iso_day(text) for text in texts]
    assert (found is None) == (None in days)
    if found is not None:
        assert [EPOCH + timedelta(int(day)) for day in found.distinct.take(found.codes)] == days
