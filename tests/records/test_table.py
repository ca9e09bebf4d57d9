"""Declared tables hold their values exactly, or refuse."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from prisma_batch.base.errors import AmountOverflow
from prisma_batch.base.money import INT64_MAX
from prisma_batch.records.table import (
    CODED,
    DATE,
    FLAG,
    INT,
    MAYBE_INT,
    TEXT,
    Table,
    dated_rows_of,
    rows_of,
    safe_to_sum,
    with_columns,
)

TABLE = Table("example", {"account": TEXT, "amount": INT, "price": MAYBE_INT, "on": DATE, "used": FLAG})
ROW = ("ACME-001", 1, None, date(2026, 10, 31), True)


def test_columns_types_and_order() -> None:
    frame = TABLE.of([ROW])
    assert {column: str(dtype) for column, dtype in frame.dtypes.items()} == dict(TABLE.columns)
    shuffled = frame.assign(extra=1)[["used", "extra", "on", "price", "amount", "account"]]
    shuffled.index = pd.Index([7])
    pd.testing.assert_frame_equal(TABLE.conform(shuffled), frame)


def test_further_columns_are_not_copied() -> None:
    frame, numbers = pd.DataFrame({"account": ["B", "A"], "row": [1, 2]}, index=[7, 3]), np.array([5, 6])
    found = with_columns(frame, row=numbers, period=["2026-10", "2026-09"])
    assert found.to_dict("index") == {
        7: {"account": "B", "row": 5, "period": "2026-10"},
        3: {"account": "A", "row": 6, "period": "2026-09"},
    }
    assert np.shares_memory(found["row"].to_numpy(), numbers)
    assert frame["row"].tolist() == [1, 2]


def test_an_empty_table_has_its_types() -> None:
    frame = TABLE.of([])
    assert len(frame) == 0
    assert {column: str(dtype) for column, dtype in frame.dtypes.items()} == dict(TABLE.columns)


@pytest.mark.parametrize("text", ["NA", "NULL", "007", "1E5", "nan", "None", "", "true", "2026-10", "é"])
def test_text_stays_text(text: str) -> None:
    frame = TABLE.of([(text, *ROW[1:])])
    assert frame["account"].tolist() == [text]
    assert frame.groupby("account").size().to_dict() == {text: 1}


def test_absent_text_is_empty() -> None:
    assert TABLE.of([(None, *ROW[1:])])["account"].tolist() == [""]


def test_absent_dates_and_prices_stay_absent() -> None:
    frame = TABLE.of([("A", 1, None, None, False)])
    assert frame["on"].isna().all()
    assert frame["price"].isna().all()


@pytest.mark.parametrize("number", [INT64_MAX, -INT64_MAX, 2**53 + 1])
def test_integers_keep_every_digit(number: int) -> None:
    frame = TABLE.of([("A", number, number, None, False), ("B", 0, None, None, False)])
    assert frame["amount"].tolist() == [number, 0]
    assert frame["price"].tolist()[0] == number


@pytest.mark.parametrize("column", ["amount", "price"])
def test_float_columns_are_refused_for_integers(column: str) -> None:
    frame = TABLE.of([ROW]).astype({"price": "Int64"}).assign(**{column: [1.0]})
    with pytest.raises(TypeError, match=f"table example, column {column}"):
        TABLE.conform(frame)


@pytest.mark.parametrize(
    ("column", "value"), [("amount", None), ("amount", 2**63), ("amount", "x"), ("price", 2**64), ("on", "soon")]
)
def test_values_that_a_column_cannot_hold_are_refused(column: str, value: object) -> None:
    row = dict(zip(TABLE.columns, ROW, strict=True)) | {column: value}
    with pytest.raises(TypeError, match=f"table example, column {column}"):
        TABLE.of([row.values()])


def test_rows_are_named() -> None:
    assert [(row.account, row.amount) for row in rows_of(TABLE.of([ROW]))] == [("ACME-001", 1)]


@pytest.mark.parametrize(
    ("numbers", "fits"), [([], True), ([INT64_MAX], True), ([2**62, -(2**62)], False), ([2**61] * 3, True)]
)
def test_sums_that_may_leave_int64_are_refused(numbers: list[int], fits: bool) -> None:
    amounts = pd.Series(numbers, dtype="int64")
    if fits:
        assert safe_to_sum(amounts) is amounts
    else:
        with pytest.raises(AmountOverflow):
            safe_to_sum(amounts)


MANY = Table("many", {"text": TEXT, "code": CODED, "day": DATE, "amount": INT, "maybe": MAYBE_INT, "flag": FLAG})


def test_in_many_rows_a_text_or_day_is_there_once_and_the_rows_are_the_same() -> None:
    few = MANY.of([("a", "x", date(2026, 1, 1), 1, 2, True), ("", "", None, 3, None, False)])
    rows = list(rows_of(pd.concat([few] * 600, ignore_index=True)))
    expected = [tuple(row) for row in rows_of(few)]
    assert [repr(tuple(row)) for row in rows] == [repr(row) for row in expected] * 600
    assert len({id(row.day) for row in rows[::2]}) == len({id(row.text) for row in rows[::2]}) == 1


def test_days_of_rows_may_be_dates() -> None:
    rows = list(dated_rows_of(MANY.of([("a", "x", date(2026, 1, 1), 1, 2, True), ("", "", None, 3, None, False)])))
    assert [row.day for row in rows] == [date(2026, 1, 1), None]
