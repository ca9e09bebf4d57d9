"""The kernel: whatever the split, the order and the path, the same table, equal to Python integers in a dict."""

from datetime import date
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from prisma_batch.base.errors import AmountOverflow, InvariantBroken
from prisma_batch.rating.kernel import books
from prisma_batch.rating.kernel import totals as kernel
from prisma_batch.rating.kernel.table import Part, totals_table
from prisma_batch.rating.kernel.totals import combined, partial_totals
from tests.rating.kernel.chunked import Row, as_dict, chunk, day, expected, totals

DAILY = frozenset({("A", "p", "s"), ("NA", "q", "t")})
LARGE = 2**62
ROWS = st.lists(
    st.tuples(
        st.sampled_from(["A", "B", "NA", "007"]),
        st.sampled_from(["p", "q"]),
        st.sampled_from(["s", "t", "1E5"]),
        st.sampled_from(["hour", ""]),
        st.integers(0, 80).map(day),
        st.one_of(st.integers(-(10**9), 10**9), st.sampled_from([LARGE, -LARGE])),
        st.just(6),
    ),
    min_size=1,
    max_size=60,
)


def sums_fit(rows: list[Row]) -> bool:
    return all(abs(total * 10**6) < 2**63 for total, _ in expected(rows, DAILY).values())


@given(rows=ROWS, cuts=st.sets(st.integers(1, 59)), order=st.randoms(), groups=st.integers(1, 4), data=st.data())
def test_any_split_order_and_path_gives_the_same(rows, cuts, order, groups, data) -> None:  # type: ignore[no-untyped-def]
    places = [0, *sorted(cut for cut in cuts if cut < len(rows)), len(rows)]
    chunks = [chunk(rows[a:b], first_row=a) for a, b in pairwise(places)]
    order.shuffle(chunks)
    dense_cells_max = data.draw(st.sampled_from([0, 20, kernel.DENSE_CELLS_MAX]))
    dealt = [chunks[group::groups] for group in range(groups)]
    if not sums_fit(rows):
        with pytest.raises(AmountOverflow):
            totals(dealt, DAILY, dense_cells_max)
        return
    table = totals(dealt, DAILY, dense_cells_max)
    assert as_dict(table) == expected(rows, DAILY)
    assert table.equals(totals([[chunk(rows)]], DAILY))
    keys = list(table[["account", "program", "sku", "unit", "service_from"]].itertuples(index=False, name=None))
    assert keys == sorted(keys)


def test_scales_of_one_key_meet_at_the_coarsest_that_holds_the_total() -> None:
    rows = [("A", "p", "s", "h", day(0), 15, 1), ("A", "p", "s", "h", day(1), 5 * 10**11, 12)]
    fine = ("A", "p", "t", "h", day(1), 5, 12)
    table = totals([[chunk([rows[0]]), chunk([rows[1], fine], first_row=1)]])
    assert table[["sku", "quantity_scaled", "quantity_scale"]].to_numpy().tolist() == [
        ["s", 2_000_000, 6],
        ["t", 5, 12],
    ]


def test_a_quantity_too_large_at_its_own_scale_is_held_at_a_coarser_one() -> None:
    rows: list[Row] = [("A", "p", "s", "h", day(0), 9 * 10**18, 12)] * 3
    assert totals([[chunk(rows)]])["quantity_scaled"].tolist() == [27 * 10**12]


@pytest.mark.parametrize("dense_cells_max", [0, kernel.DENSE_CELLS_MAX])
@pytest.mark.parametrize("sign", [1, -1])
def test_overflow_is_an_error_and_never_wraps(dense_cells_max: int, sign: int) -> None:
    row: Row = ("A", "p", "s", "h", day(0), sign * LARGE, 6)
    one_by_one = [chunk([row], first_row=number) for number in range(4)]
    with pytest.raises(AmountOverflow):
        totals([one_by_one], dense_cells_max=dense_cells_max)
    with pytest.raises(AmountOverflow):
        totals([[each] for each in one_by_one], dense_cells_max=dense_cells_max)
    back: Row = (*row[:5], -sign * LARGE, 6)
    table = totals([[*one_by_one, chunk([back] * 3, first_row=4)]], dense_cells_max=dense_cells_max)
    assert table["quantity_scaled"].tolist() == [sign * LARGE]


def test_totals_that_are_zero_stay() -> None:
    rows: list[Row] = [
        ("A", "p", "s", "h", day(0), 5, 6),
        ("A", "p", "s", "h", day(1), -5, 6),
        ("B", "p", "s", "h", day(1), 0, 6),
    ]
    assert as_dict(totals([[chunk(rows)]])) == expected(rows)


def test_the_first_row_is_that_of_the_first_part() -> None:
    row: Row = ("A", "p", "s", "h", day(0), 5, 6)
    later, earlier = chunk([row, row], part=1), chunk([row], part=0, first_row=7)
    for groups in ([[later, earlier]], [[later], [earlier]], [[earlier, later]]):
        (found,) = totals(groups, parts=2).itertuples()
        assert (found.source, found.row) == ("usage/0.csv", 9)


def test_rows_are_counted_by_part_program_and_month() -> None:
    rows: list[Row] = [
        ("A", "p", "s", "h", date(2026, 9, 30), 1, 6),
        ("A", "p", "s", "h", date(2026, 10, 1), 1, 6),
        ("A", "q", "s", "h", date(2026, 10, 2), 1, 6),
        ("B", "q", "s", "h", date(2026, 10, 3), 1, 6),
    ]
    counted = combined([partial_totals([chunk(rows), chunk(rows[:1], part=1)], frozenset())]).rows
    september, october = 20697, 20727
    assert counted == {(0, "p", september): 1, (0, "p", october): 1, (0, "q", october): 2, (1, "p", september): 1}


def test_cells_grow_with_what_is_met() -> None:
    rows: list[Row] = [(f"A{n % 37}", "p", f"s{n % 11}", "h", day(n % 70), n, 6) for n in range(2000)]
    chunks = [chunk(rows[n : n + 50], first_row=n) for n in range(0, 2000, 50)]
    assert as_dict(totals([chunks])) == expected(rows)


def test_many_programs_and_units_are_told_apart_by_sorting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(books, "_TABLE_MAX", 3)
    rows: list[Row] = [("A", f"p{n % 3}", f"s{n % 5}", f"u{n % 2}", day(0), n, 6) for n in range(100)]
    assert as_dict(totals([[chunk(rows)]])) == expected(rows)


def test_nothing_is_no_totals() -> None:
    assert totals([]).empty
    assert totals([[]]).empty


def test_a_lost_quantity_is_noticed() -> None:
    found = combined([partial_totals([chunk([("A", "p", "s", "h", day(0), 5, 6)])], frozenset())])
    spoiled = found.entries._replace(low=np.array([4], dtype=np.int64))
    with pytest.raises(InvariantBroken):
        totals_table(
            type(found)(**{name: getattr(found, name) for name in found.__slots__} | {"entries": spoiled}),
            [Part("x", 2)],
        )
