"""Canonical usage in Parquet: accepted types give the same rows, others are refused by column."""

import io
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from prisma_batch.readers.usage.files import held
from prisma_batch.readers.usage.parts import parts
from prisma_batch.readers.usage.registry import OpenedUsage, PartReader, open_usage, read_usage
from prisma_batch.readers.usage.result import UsageNames

TEXT = pa.array(["007", "NA"])
DAYS = pa.array([date(2026, 10, 1), date(2026, 10, 2)])
COLUMNS = {
    "account": TEXT,
    "program": TEXT,
    "sku": TEXT,
    "usage_date": DAYS,
    "quantity": pa.array([Decimal("1.5"), Decimal("-2.25")], pa.decimal128(18, 6)),
    "unit": TEXT,
}


def _parquet(**changes: Any) -> bytes:
    columns = {name: column for name, column in (COLUMNS | changes).items() if column is not None}
    buffer = io.BytesIO()
    parquet.write_table(pa.table(columns), buffer)
    return buffer.getvalue()


def _codes(content: bytes) -> list[tuple[str, int | None, int | None]]:
    read = read_usage("x.parquet", content, UsageNames())
    assert read.rows.empty
    return [(found.code, found.line, found.column) for found in read.findings]


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"quantity": pa.array(["1.5", "-2.25"])},
        {"quantity": pa.array(["1.5", "-2.25"]).dictionary_encode()},
        {"quantity": pa.array([Decimal("1.5"), Decimal("-2.25")], pa.decimal256(76, 6))},
        {"quantity": pa.array([Decimal("1.5"), Decimal("-2.25")], pa.decimal128(20, 12))},
        {"account": TEXT.dictionary_encode(), "sku": TEXT.cast(pa.large_string())},
        {"usage_date": pa.array(["2026-10-01", "2026-10-02"])},
        {"usage_date": DAYS.cast(pa.date64())},
        {"usage_date": pa.array([datetime(2026, 10, 1), datetime(2026, 10, 2)])},  # noqa: DTZ001 - as pandas writes it
        {"resource": TEXT},
    ],
)
def test_accepted_types(changes: dict[str, Any]) -> None:
    read = read_usage("x.parquet", _parquet(**changes), UsageNames())
    assert read.findings == []
    assert read.rows["account"].tolist() == ["007", "NA"]
    assert [str(day.date()) for day in read.rows["usage_date"]] == ["2026-10-01", "2026-10-02"]
    assert read.rows["quantity_scaled"].tolist() == [1_500_000, -2_250_000]
    assert read.rows["row"].tolist() == [2, 3]


@pytest.mark.parametrize("kind", [pa.int8(), pa.int64(), pa.uint64(), pa.decimal128(19, 0)])
def test_whole_quantities(kind: Any) -> None:
    read = read_usage("x", _parquet(quantity=pa.array([1, 0]).cast(kind)), UsageNames())
    assert read.rows["quantity_scaled"].tolist() == [1_000_000, 0]


@pytest.mark.parametrize(
    ("changes", "places"),
    [
        ({"quantity": pa.array([1.5, 2.0])}, [("float-number", 1, 5)]),
        ({"quantity": pa.array([1.5, 2.0], pa.float32())}, [("float-number", 1, 5)]),
        ({"quantity": pa.array([True, False])}, [("wrong-type", 1, 5)]),
        ({"quantity": pa.array([Decimal(1), Decimal(2)], pa.decimal128(30, 13))}, [("decimal-scale", 1, 5)]),
        (
            {"quantity": pa.array([Decimal("0.0000001"), Decimal(2)], pa.decimal128(30, 9))},
            [("quantity-too-fine", 2, 5)],
        ),
        ({"quantity": pa.array([Decimal(2), Decimal(10**14)], pa.decimal128(30, 2))}, [("number-too-large", 3, 5)]),
        ({"quantity": pa.array([Decimal(2), Decimal(10**50)], pa.decimal256(60, 2))}, [("number-too-large", 1, 5)]),
        ({"quantity": pa.array([None, 2])}, [("empty-cell", 2, 5)]),
        ({"account": pa.array([7, 8])}, [("wrong-type", 1, 1)]),
        ({"account": pa.array(["A", None])}, [("empty-cell", 3, 1)]),
        ({"sku": pa.array([None, "A"]).dictionary_encode()}, [("empty-cell", 2, 3)]),
        ({"account": pa.array([None, None])}, [("empty-cell", 2, 1), ("empty-cell", 3, 1)]),
        ({"usage_date": pa.array([None, date(2026, 10, 1)])}, [("not-a-date", 2, 4)]),
        ({"usage_date": pa.array([datetime(2026, 10, 1), None])}, [("not-a-date", 3, 4)]),  # noqa: DTZ001
        ({"usage_date": pa.array([20261001, 20261002])}, [("wrong-type", 1, 4)]),
        ({"usage_date": pa.array([datetime(2026, 10, 1, 5), datetime(2026, 10, 2)])}, [("not-a-date", 2, 4)]),  # noqa: DTZ001
        ({"sku": None}, [("missing-column", 1, None)]),
        ({"colour": TEXT}, [("unknown-column", 1, 7)]),
        (
            {"resource": pa.ExtensionArray.from_storage(pa.uuid(), pa.array([b"x" * 16] * 2, pa.binary(16)))},
            [("extension-type", 1, 7)],
        ),
    ],
)
def test_refused_types(changes: dict[str, Any], places: list[tuple[str, int | None, int | None]]) -> None:
    assert _codes(_parquet(**changes)) == places


def test_an_unregistered_extension_type_is_refused() -> None:
    field = pa.field("resource", pa.string(), metadata={b"ARROW:extension:name": b"arrow.py_extension_type"})
    schema = pa.schema([*(pa.field(name, column.type) for name, column in COLUMNS.items()), field])
    buffer = io.BytesIO()
    parquet.write_table(pa.table([*COLUMNS.values(), TEXT], schema=schema), buffer)
    assert _codes(buffer.getvalue()) == [("extension-type", 1, 7)]


@pytest.mark.parametrize("kept", [4, 100, -1, -200])
def test_truncated_files_are_refused(kept: int) -> None:
    assert _codes(_parquet()[:kept]) == [("damaged-parquet", None, None)]


def test_damaged_pages_are_refused() -> None:
    content = bytearray(_parquet())
    content[4:120] = b"\xff" * 116
    assert [place[0] for place in _codes(bytes(content))] == ["damaged-parquet"]


def test_no_rows() -> None:
    empty = {name: column[:0] for name, column in COLUMNS.items()}
    read = read_usage("x", _parquet(**empty), UsageNames())
    assert (read.findings, read.rows_read) == ([], 0)


def _days_by_month(*days: int) -> tuple[list[str], list[str]]:
    """Read days since 1970 where any day of the right month will do: what is refused, and the months."""
    content = _parquet(usage_date=pa.array(days, pa.int32()).view(pa.date32()))
    usage = open_usage(held("x.parquet", content), {})
    assert isinstance(usage, OpenedUsage)
    [part] = parts(usage.opened)
    reader = PartReader(usage, part, 0)
    found = [
        np.datetime_as_string(chunk.day.distinct.take(chunk.day.codes).astype("datetime64[D]"), unit="M")
        for chunk in reader.chunks(UsageNames(), by_month=True)
    ]
    return [finding.code for finding in reader.found.all()], [month for months in found for month in months.tolist()]


@pytest.mark.parametrize(
    ("days", "codes", "months"),
    [
        ((20_727, 20_757), [], ["2026-10", "2026-10"]),  # the first and the last day of a month, one day for both
        ((20_757, 20_758), [], ["2026-10", "2026-11"]),
        ((-719_162, -719_162), [], ["0001-01", "0001-01"]),
        ((-719_163, -719_163), ["not-a-date"] * 2, []),
        ((2_932_896, 2_932_896), [], ["9999-12", "9999-12"]),
        ((2_932_897, 2_932_897), ["not-a-date"] * 2, []),
    ],
)
def test_days_where_months_will_do(days: tuple[int, int], codes: list[str], months: list[str]) -> None:
    assert _days_by_month(*days) == (codes, months)


@pytest.mark.parametrize("column", ["account", "program", "sku", "unit"])
def test_one_text_in_a_whole_row_group(column: str) -> None:
    # The first row group has one text alone, the second two, the third one and a missing cell.
    cells = ["a", "a", "a", "b", "c", None]
    three = {name: pa.chunked_array([values] * 3) for name, values in COLUMNS.items()}
    buffer = io.BytesIO()
    parquet.write_table(pa.table(three | {column: pa.array(cells)}), buffer, row_group_size=2)
    read = read_usage("x.parquet", buffer.getvalue(), UsageNames())
    if column == "unit":
        assert read.rows[column].tolist() == [cell or "" for cell in cells]
    else:
        assert [(found.code, found.line) for found in read.findings] == [("empty-cell", 7)]


def test_one_long_text_that_differs_at_its_end() -> None:
    units = ["u" * 5000 + "1", "u" * 5000 + "2"]
    assert read_usage("x.parquet", _parquet(unit=pa.array(units)), UsageNames()).rows["unit"].tolist() == units


def test_one_text_that_is_not_utf8() -> None:
    wrong = pa.array([b"\xff", b"\xff"]).view(pa.string())
    assert _codes(_parquet(sku=wrong))[0] == ("encoding", 1, 3)
