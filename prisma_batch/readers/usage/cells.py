"""The wanted columns of one block of rows, as codes and exact numbers, and what is wrong with them."""

from collections.abc import Callable, Iterable, Mapping
from copy import copy
from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from prisma_batch.rating.kernel.chunks import Coded, Codes, Ints
from prisma_batch.readers.csv_text import Refusal, RowFindings

CellKind: TypeAlias = Literal["text", "number", "day", "month"]  # month: any day of the right month will do
Mask: TypeAlias = npt.NDArray[np.bool_]

NOT_UTF8 = Refusal("encoding", "the text is not UTF-8", "export it again as UTF-8")
_TEXTS_KEPT_MAX = 32_768  # more are looked up slower than they are met anew
_FIRST_LINE = 2  # the header is row 1, in Parquet too


class Dictionaries:
    """Keeps the texts of each column: the same texts stay the same object, whichever block and thread meets them.

    Threads may share one: at worst one of them forgets what another has just met.
    """

    def __init__(self) -> None:
        self._last: dict[str, tuple[Any, tuple[str, ...]]] = {}
        self._mapped: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {}

    def texts(self, column: str, dictionary: Any) -> tuple[str, ...]:
        """Return the texts of an Arrow array; raises UnicodeDecodeError where they are none."""
        last = self._last.get(column)
        if last is None or not last[0].equals(dictionary):
            last = self._last[column] = (dictionary, tuple(dictionary.to_pylist()))
        return last[1]

    def encoded(self, column: str, array: Any) -> Any:
        """Return text as dictionary: where that finds most of the texts, the last one with new texts at its end."""
        if array[:1].equals(array[-1:]) and array[1:].equals(array[:-1]):  # takes a tenth of what an encoding takes
            return pa.DictionaryArray.from_arrays(np.zeros(len(array), dtype=np.int32), array[:1])
        known = self._last[column][0] if column in self._last else array[:0]
        if array.type != known.type or len(known) > _TEXTS_KEPT_MAX:
            return array.dictionary_encode()
        codes = pc.index_in(array, known)
        if 2 * codes.null_count > len(array):
            return array.dictionary_encode()
        if codes.null_count:
            known = pa.concat_arrays([known, array.filter(codes.is_null()).unique()])
            codes = pc.index_in(array, known)
        return pa.DictionaryArray.from_arrays(codes, known, safe=False)

    def translated(self, name: str, values: tuple[str, ...], translate: Callable[[str], str]) -> tuple[str, ...]:
        """Return the translations of texts; ``name`` tells apart what is translated how."""
        last = self._mapped.get(name)
        if last is None or last[0] is not values:
            last = self._mapped[name] = (values, tuple(map(translate, values)))
        return last[1]


class Cells:
    """A block of rows; the rows that are ragged are not among them.

    ``arrays`` are the wanted columns that the file has, as Arrow arrays: text as dictionaries, numbers as text or with
    their type. ``first_row`` is the block's first row within its part of the file, from 0.
    """

    def __init__(self, arrays: Mapping[str, Any], rows: int, first_row: int, found: RowFindings) -> None:
        self.arrays, self.rows, self.first_row, self.found = arrays, rows, first_row, found
        self.rows_read = rows
        self.dictionaries = Dictionaries()
        self._row_numbers: Ints | None = None
        self._coded: dict[str, Coded] = {}
        self._null = ""

    def with_null(self, text: str) -> "Cells":
        """Return the same cells, of which those with this text are empty."""
        cells = copy(self)
        cells._null, cells._coded = text, {}  # noqa: SLF001 - a copy of this one
        return cells

    def leave_out(self, rows: Ints) -> None:
        """Say which rows of the block are not among these, by their distance from the first."""
        self.rows_read = self.rows + len(rows)
        self._row_numbers = np.setdiff1d(np.arange(self.rows_read, dtype=np.int64), rows, assume_unique=True)

    def text(self, column: str) -> Coded:
        """Return a text column; an absent one is empty in each row, and so is a null."""
        if column not in self._coded:
            self._coded[column] = self._code(column)
        return self._coded[column]

    def number(self, column: str) -> Any:
        """Return a column of numbers as an Arrow array: text, or a type that holds them exactly."""
        array = self.arrays.get(column)
        if array is None:
            return pa.array(np.full(self.rows, "", dtype=object), pa.string())
        if not self._null or not pa.types.is_string(array.type):
            return array
        return pc.if_else(pc.equal(array, self._null), "", array)

    def with_numbers(self, columns: Iterable[str], rewrite: Callable[[Any], Any]) -> "Cells":
        """Return the same cells, with numbers written in another way."""
        cells = copy(self)
        cells.arrays = {**self.arrays, **{column: rewrite(self.number(column)) for column in columns}}
        return cells

    def translated(self, name: str, column: Coded, translate: Callable[[str], str]) -> Coded:
        """Return a column with each distinct text translated; ``name`` is that of the result."""
        return Coded(codes=column.codes, distinct=self.dictionaries.translated(name, column.distinct, translate))

    def refuse(self, column: str, mask: Mask, refusal: Refusal) -> None:
        """Refuse a column's cell in the rows of the mask."""
        if mask.any():
            rows = np.flatnonzero(mask)
            numbers = rows if self._row_numbers is None else self._row_numbers[rows]
            self.found.refuse(column, (numbers + self.first_row + _FIRST_LINE).tolist(), refusal)

    def refuse_empty(self, column: str, refusal: Refusal) -> None:
        """Refuse the rows in which a text column is empty."""
        coded = self.text(column)
        if not all(coded.distinct):
            self.refuse_texts(column, coded, lambda text: text == "", refusal)

    def refuse_texts(self, column: str, coded: Coded, wrong: Callable[[str], bool], refusal: Refusal) -> None:
        """Refuse the rows whose text is wrong; each distinct text is judged once."""
        judged = np.array([wrong(value) for value in coded.distinct], dtype=np.bool_)
        if judged.any():
            self.refuse(column, judged.take(coded.codes), refusal)

    def _code(self, column: str) -> Coded:
        array = self.arrays.get(column)
        if array is None:
            return constant("", self.rows)
        if not pa.types.is_dictionary(array.type):
            array = self.dictionaries.encoded(column, array)
        try:
            values = self.dictionaries.texts(column, array.dictionary)
        except UnicodeDecodeError:
            self.found.refuse(column, [1], NOT_UTF8)
            return constant("", self.rows)
        coded = _without_nulls(array, values)
        if self._null and self._null in coded.distinct:
            return self.translated(f"{column} without nulls", coded, lambda text: "" if text == self._null else text)
        return coded


def texts(coded: Coded) -> list[str]:
    """Return the text of each row."""
    return [coded.distinct[code] for code in coded.codes.tolist()]


def constant(text: str, rows: int) -> Coded:
    """Return a column with the same text in each row."""
    return Coded(codes=np.zeros(rows, dtype=np.int32), distinct=(text,))


def first_of(*columns: Coded) -> Coded:
    """Return in each row the first text that is not empty."""
    chosen = columns[-1]
    for column in reversed(columns[:-1]):
        is_empty = np.array([value == "" for value in column.distinct], dtype=np.bool_)
        if is_empty.any():
            use_next = is_empty.take(column.codes)
            codes = np.where(use_next, chosen.codes + len(column.distinct), column.codes).astype(np.int32)
            chosen = Coded(codes=codes, distinct=(*column.distinct, *chosen.distinct))
        else:
            chosen = column
    return chosen


def joined(separator: str, *columns: Coded) -> Coded:
    """Return the texts of several columns joined in each row."""
    joint = columns[0]
    for column in columns[1:]:
        folded = joint.codes.astype(np.int64) * len(column.distinct) + column.codes
        distinct, places = np.unique_inverse(folded)
        pairs = zip(*(part.tolist() for part in np.divmod(distinct, len(column.distinct))), strict=True)
        values = tuple(f"{joint.distinct[left]}{separator}{column.distinct[right]}" for left, right in pairs)
        joint = Coded(codes=places.astype(np.int32), distinct=values)
    return joint


def _without_nulls(array: Any, values: tuple[str, ...]) -> Coded:
    indices, texts = array.indices, values
    if array.dictionary.null_count:
        texts = tuple(value or "" for value in values)
    if indices.null_count or not texts:
        indices, texts = pc.fill_null(indices, len(texts)), (*texts, "")
    codes: Codes = indices.to_numpy(zero_copy_only=False).astype(np.int32, copy=False)
    return Coded(codes=codes, distinct=texts)
