"""Text columns in which few texts stand in many rows: each text once, and its number in every row.

Numbers are in the order of the texts, so that such columns sort and compare as their texts do.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas import Categorical, CategoricalDtype, Index, Series

Codes: TypeAlias = NDArray[np.integer[Any]]
Mask: TypeAlias = NDArray[np.bool_]


def coded(column: "Series[Any]") -> "Series[Any]":
    """Return a text column as numbers of its texts; nothing is an empty text."""
    if _is_right(column):
        return column
    if isinstance(column.dtype, CategoricalDtype):
        # The number of nothing is -1, that of the last value.
        return Series(named([*map(str, column.dtype.categories), ""], column.array.codes), index=column.index)
    codes, texts = pd.factorize(column.astype("str").fillna(""), sort=True)
    return Series(of_codes(codes, texts), index=column.index)


def of_codes(codes: Codes, texts: Iterable[str]) -> Categorical:
    """Return a column of sorted texts by their numbers."""
    return Categorical.from_codes(codes, Index(list(texts), dtype="str"), validate=False)


def named(values: Sequence[str], codes: Codes) -> Categorical:
    """Return a column of values by their position among values in any order, which may repeat."""
    texts = sorted(set(values))
    place = {text: number for number, text in enumerate(texts)}
    return of_codes(np.array([place[value] for value in values], dtype=np.int32).take(codes), texts)


def codes_of(column: "Series[Any]") -> tuple[Codes, "Index[Any]"]:
    """Return the number of the text in each row, and the texts, of which some may stand in no row."""
    values = coded(column).array
    return values.codes, values.categories


def shared_codes(*columns: "Series[Any]") -> tuple[list[Codes], "Index[Any]"]:
    """Number the texts of several columns alike."""
    parts = [codes_of(column) for column in columns]
    first = parts[0][1]
    if all(texts is first or texts.equals(first) for _, texts in parts):
        return [codes for codes, _ in parts], first
    union = Index(sorted(set().union(*(texts.tolist() for _, texts in parts))), dtype="str")
    return [union.get_indexer(texts).astype(np.int32).take(codes) for codes, texts in parts], union


def joined_texts(*columns: "Series[Any]") -> "Series[Any]":
    """Return the rows of several columns, one after another."""
    codes, texts = shared_codes(*columns)
    return Series(of_codes(np.concatenate(codes), texts))


def where_text(column: "Series[Any]", says: Callable[[str], bool]) -> Mask:
    """Say of each row whether its text is one of those wanted; each text is looked at once."""
    codes, texts = codes_of(column)
    return np.array([*map(says, texts.tolist())], dtype=np.bool_).take(codes)


def taken(column: "Series[Any]", positions: NDArray[np.int64]) -> Categorical:
    """Return the texts of rows by position, an empty one for -1."""
    codes, texts = codes_of(column)
    if len(positions) and positions.min() >= 0:
        return of_codes(codes.take(positions) if len(texts) > 1 else np.zeros(len(positions), dtype=np.int8), texts)
    [codes, nothing], texts = shared_codes(column, Series([""], dtype="str"))
    return of_codes(np.append(codes, nothing).take(positions), texts)


def _is_right(column: "Series[Any]") -> bool:
    if not isinstance(column.dtype, CategoricalDtype) or column.dtype.categories.dtype != "str":
        return False
    return bool(column.dtype.categories.is_monotonic_increasing and column.array.codes.min(initial=0) >= 0)
