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
from prisma_batch.records.table import with_columns, with_texts

UNIT = [*KEY, "period", "currency"]
Integers: TypeAlias = "np.ndarray[Any, np.dtype[np.int64]]"
Sides: TypeAlias = "tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]"  # integers of charges, and of lines


def at_one_scale(charges: DataFrame, lines: DataFrame) -> tuple[DataFrame, DataFrame]:
    """Give both tables a ``quantity`` at the finest ``scale`` that its SKU has, so that they compare as integers.

    ``key`` numbers account, program and SKU, alike in both.

    Raises:
        AmountOverflow: a quantity leaves int64 at its scale.
    """
    keys, size = _codes(charges, lines, KEY)
    charges, lines = with_columns(charges, key=keys[0]), with_columns(lines, key=keys[1])
    scales = _sides(charges, lines, "quantity_scale")
    if len({int(bound) for side in scales if len(side) for bound in (side.min(), side.max())}) < 2:
        return _with_quantity(charges), _with_quantity(lines)  # the usual case: nothing is copied
    finest = np.zeros(size, dtype=np.int64)
    for key, scale in zip(keys, scales, strict=True):
        np.maximum.at(finest, key, scale)
    return _rescaled(charges, finest), _rescaled(lines, finest)


def _rescaled(table: DataFrame, finest: Integers) -> DataFrame:
    target = finest[table["key"].to_numpy()]
    factor = _POWERS[target - table["quantity_scale"].to_numpy()]
    quantity = table["quantity_scaled"].to_numpy()
    if (np.abs(quantity) > INT64_MAX // factor).any():
        raise AmountOverflow("a usage quantity leaves 64-bit integers at the scale of its SKU")
    return table.assign(quantity=quantity * factor, scale=target)


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
    units, size = _codes(charges, lines, ["key", *UNIT[len(KEY) :]])
    counted = np.zeros(size, dtype=bool)
    counted[units[0][charges["model"].ne("flat").to_numpy()]] = True
    amounts_differ = _balance(units, size, _sides(charges, lines, "amount_minor")) != 0
    quantities_differ = _balance(units, size, _sides(charges, lines, "quantity")) != 0
    differs = amounts_differ | (quantities_differ & counted)
    return _where(differs, units[0], charges), _where(differs, units[1], lines)


def _where(differs: "np.ndarray[Any, np.dtype[np.bool_]]", units: Integers, table: DataFrame) -> DataFrame:
    # By their positions: a mask goes through every row once a column.
    return with_texts(table.take(np.flatnonzero(differs.take(units))))


def _balance(units: Sides, size: int, numbers: Sides) -> Integers:
    """Return charges less lines, per unit."""
    most, count = max(map(largest, numbers)), sum(map(len, numbers))
    # All of them together seldom leave int64; if so, those of one unit may not.
    if most * count > INT64_MAX and most * int(np.bincount(np.concatenate(units)).max()) > INT64_MAX:
        raise AmountOverflow("amounts or quantities are too large to add up in 64-bit integers")
    balance = np.zeros(size, dtype=np.int64)
    np.add.at(balance, units[0], numbers[0])
    np.subtract.at(balance, units[1], numbers[1])
    return balance


def _codes(charges: DataFrame, lines: DataFrame, columns: list[str]) -> tuple[Sides, int]:
    """Number the combinations of values from 0, alike in both tables; below the size that is returned, some unused."""
    codes, size = (np.zeros(len(charges), dtype=np.int64), np.zeros(len(lines), dtype=np.int64)), 1
    for column in columns:
        numbers, count = _numbers(charges[column], lines[column])
        if count > 1:
            codes = codes[0] * count + numbers[0], codes[1] * count + numbers[1]
            size *= count
        if size > _NUMBERS_PER_ROW * (len(charges) + len(lines)):  # so that no number leaves int64, nor the memory
            places, known = pd.factorize(np.concatenate(codes))
            codes, size = (places[: len(charges)], places[len(charges) :]), len(known)
    return codes, size


def _numbers(charged: "pd.Series[Any]", billed: "pd.Series[Any]") -> tuple[Sides, int]:
    """Return numbers of the values of both sides, alike, and how many numbers there may be."""
    if charged.dtype == billed.dtype == np.int64:  # they are numbers from 0 already
        numbers = charged.to_numpy(), billed.to_numpy()
        return numbers, max(int(side.max(initial=-1)) for side in numbers) + 1
    [ours, theirs], texts = shared_codes(charged, billed)
    return (ours, theirs), len(texts)


def _sides(charges: DataFrame, lines: DataFrame, column: str) -> Sides:
    return charges[column].to_numpy(np.int64), lines[column].to_numpy(np.int64)


# As many as this numbers may stay unused for each that is used: leaving them out takes longer than adding around them.
_NUMBERS_PER_ROW = 4
_POWERS = np.array([10**power for power in range(19)], dtype=np.int64)
