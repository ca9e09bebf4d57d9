"""Coded columns say the same as their texts, in the same order."""

import numpy as np
import pandas as pd
import pytest

from prisma_batch.records.coded import coded, codes_of, named, shared_codes, taken, where_text
from prisma_batch.records.table import CODED, INT, TEXT, Table, stacked, with_texts

TABLE = Table("example", {"account": CODED, "amount": INT, "note": TEXT})
TEXTS = ["B", "A", "", "é", "B", "a"]


@pytest.mark.parametrize(
    "column",
    [
        pd.Series(TEXTS, dtype="str"),
        pd.Series(["B", "A", None, "é", "B", "a"], dtype=object),
        pd.Series(["B", "A", None, "é", "B", "a"], dtype="category"),
        pd.Series(pd.Categorical(TEXTS, categories=["é", "B", "a", "A", "not there", ""])),
    ],
    ids=["text", "objects", "with nothing", "in another order"],
)
def test_texts_and_their_order_stay(column: pd.Series) -> None:
    found = coded(column.set_axis(range(10, 16)))
    assert found.tolist() == TEXTS
    assert found.index.tolist() == [10, 11, 12, 13, 14, 15]
    assert found.sort_values().tolist() == sorted(TEXTS)
    assert coded(found) is found


def test_no_rows() -> None:
    assert coded(pd.Series([], dtype=object)).tolist() == []
    assert stacked(TABLE.of([]), TABLE.of([])).dtypes.equals(TABLE.of([]).dtypes)


def test_several_columns_are_numbered_alike() -> None:
    first, second = pd.Series(["b", "a"], dtype="str"), pd.Series(["c", "b"], dtype="str")
    [one, two], texts = shared_codes(first, second)
    assert (one.tolist(), two.tolist(), list(texts)) == ([1, 0], [2, 1], ["a", "b", "c"])
    assert codes_of(coded(first))[0].tolist() == [1, 0]


def test_positions() -> None:
    column = coded(pd.Series(["b", "a"], dtype="str"))
    assert list(taken(column, np.array([1, -1, 0]))) == ["a", "", "b"]
    assert list(taken(column, np.array([1, 1]))) == ["a", "a"]
    assert list(taken(column.head(0), np.array([-1]))) == [""]
    assert list(named(["x", "a", "x"], np.array([2, 1, 0]))) == ["x", "a", "x"]


def test_each_text_is_looked_at_once() -> None:
    seen: list[str] = []
    mask = where_text(pd.Series(TEXTS, dtype="str"), lambda text: bool(seen.append(text)) or text > "A")
    assert mask.tolist() == [text > "A" for text in TEXTS]
    assert sorted(seen) == sorted(set(TEXTS))


def test_stacked_tables_stay_coded() -> None:
    tables = TABLE.of([("b", 1, "x")]), TABLE.of([]), TABLE.of([("a", 2, "y"), ("b", 3, "x")])
    both = stacked(*tables)
    pd.testing.assert_frame_equal(both, TABLE.of([("b", 1, "x"), ("a", 2, "y"), ("b", 3, "x")]))
    pd.testing.assert_frame_equal(stacked(tables[0], tables[1]), tables[0])
    assert with_texts(both)["account"].dtype == TEXT
