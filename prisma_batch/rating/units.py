"""Units of the match: what is compared with what, and which of it differs; by column, for tables of any length."""

from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from pandas import DataFrame

from prisma_batch.base.errors import AmountOverflow
from prisma_batch.base.money import INT64_MAX
from prisma_batch.rating.kernel.entries import largest
from prisma_batch.rating.totals import KEY
from prisma_batch.records.coded import shared_codes
from prisma_batch.records.table import with_texts

UNIT = [*KEY, "period", "currency"]
Integers: TypeAlias = "np.ndarray[Any, np.dtype[np.int64]]"


def at_one_scale(charges: DataFrame, lines: DataFrame) -> tuple[DataFrame, DataFrame]:
    """Give both tables a ``quantity`` at the finest ``scale`` that its SKU has, so that they compare as integers.

    ``key`` numbers account, program and SKU, alike in both.

    Raises:
        AmountOverflow: a quantity leaves int64 at its scale.
    """
    key, count = _codes(charges, lines, KEY), len(charges)
    scale = _joined(charges, lines, "quantity_scale")
    charges, lines = charges.assign(key=key[:count]), lines.assign(key=key[count:])
    if not len(scale) or scale.min() == scale.max():  # the usual case: nothing is copied
        return _with_quantity(charges), _with_quantity(lines)
    finest = np.zeros(_size(key), dtype=np.int64)
    np.maximum.at(finest, key, scale)
    target = finest[key]
    factor = _POWERS[target - scale]
    quantity = _joined(charges, lines, "quantity_scaled")
    if (np.abs(quantity) > INT64_MAX // factor).any():
        raise AmountOverflow("a usage quantity leaves 64-bit integers at the scale of its SKU")
    quantity *= factor
    return (
        charges.assign(quantity=quantity[:count], scale=target[:count]),
        lines.assign(quantity=quantity[count:], scale=target[count:]),
    )


def _with_quantity(table: DataFrame) -> DataFrame:
    return table.assign(quantity=table["quantity_scaled"], scale=table["quantity_scale"])


def differing(charges: DataFrame, lines: DataFrame) -> tuple[DataFrame, DataFrame]:
    """Keep the rows of those units whose quantities or amounts are not the same on both sides.

    The quantity of a unit with flat prices alone says nothing and is not compared, nor is that of lines for nothing.

    Args:
        charges: with ``key``, ``quantity`` (see ``at_one_scale``), ``amount_minor``, ``model`` and UNIT.
        lines: likewise, without ``model``.
    Raises:
        AmountOverflow: the sum of a unit might leave int64.
    """
    unit = _codes(charges, lines, ["key", *UNIT[len(KEY) :]])
    count, size = len(charges), _size(unit)
    counted = np.zeros(size, dtype=bool)
    counted[unit[:count][charges["model"].ne("flat").to_numpy()]] = True
    amounts_differ = _balance(unit, count, size, _joined(charges, lines, "amount_minor")) != 0
    quantities_differ = _balance(unit, count, size, _joined(charges, lines, "quantity")) != 0
    keep = (amounts_differ | (quantities_differ & counted))[unit]
    return with_texts(charges[keep[:count]]), with_texts(lines[keep[count:]])


def _balance(unit: Integers, count: int, size: int, numbers: Integers) -> Integers:
    """Return charges less lines, per unit."""
    most = largest(numbers)
    # All of them together seldom leave int64; if so, those of one unit may not.
    if most * len(numbers) > INT64_MAX and most * int(np.bincount(unit).max()) > INT64_MAX:
        raise AmountOverflow("amounts or quantities are too large to add up in 64-bit integers")
    balance = np.zeros(size, dtype=np.int64)
    np.add.at(balance, unit[:count], numbers[:count])
    np.subtract.at(balance, unit[count:], numbers[count:])
    return balance


def _codes(charges: DataFrame, lines: DataFrame, columns: list[str]) -> Integers:
    """Number the combinations of values from 0, alike in both tables, which follow each other; some stay unused."""
    code, size = np.zeros(len(charges) + len(lines), dtype=np.int64), 1
    for column in columns:
        part, count = _numbers(charges[column], lines[column])
        if count > 1:
            code *= count
            code += part
            size *= count
        if size > _NUMBERS_PER_ROW * len(code):  # so that no number leaves int64, nor the memory
            codes, known = pd.factorize(code)
            code, size = codes.astype(np.int64, copy=False), len(known)
    return code


def _numbers(*columns: "pd.Series[Any]") -> tuple[Integers, int]:
    """Return numbers of the values of columns that follow each other, and how many numbers there may be."""
    if all(column.dtype == np.int64 for column in columns):  # they are numbers from 0 already
        codes = np.concatenate([column.to_numpy() for column in columns])
        return codes, _size(codes)
    numbers, texts = shared_codes(*columns)
    return np.concatenate(numbers).astype(np.int64), len(texts)


def _size(codes: Integers) -> int:
    return int(codes.max()) + 1 if len(codes) else 0


def _joined(charges: DataFrame, lines: DataFrame, column: str) -> Integers:
    return np.concatenate([charges[column].to_numpy(np.int64), lines[column].to_numpy(np.int64)])


# As many as this numbers may stay unused for each that is used: leaving them out takes longer than adding around them.
_NUMBERS_PER_ROW = 4
_POWERS = np.array([10**power for power in range(19)], dtype=np.int64)
