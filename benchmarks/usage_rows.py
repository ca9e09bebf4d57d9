"""Metered usage of any size with its agreed prices, invoice lines and the differences that were put into them."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from pyarrow import csv, parquet

ACCOUNTS, SKUS, SKUS_PER_ACCOUNT = 5000, 400, 100
DIFFERENCES_PER_KIND = 250
_SEED = 20261101
_BLOCK_ROWS = 1_000_000
_FIRST_DAY = 20727  # 2026-10-01
_HALF_CENT_SKUS = 40  # every fortieth SKU costs half a cent, in whole units: odd totals end at exactly half a cent
_QUANTITY, _PRICE = pa.decimal128(18, 6), pa.decimal128(18, 4)

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True, slots=True)
class Workload:
    """Where the files of a workload lie: usage in two formats, prices, lines, and the true differences."""

    folder: Path
    rows: int

    def path(self, name: str) -> Path:
        return self.folder / f"{self.rows}-{name}"


def generated(folder: Path, rows: int) -> Workload:
    """Return a workload, generated if it is not there; the same number of rows gives the same files."""
    work = Workload(folder=folder, rows=rows)
    if not work.path("truth.json").exists():
        folder.mkdir(parents=True, exist_ok=True)
        chance = np.random.default_rng(_SEED)
        skus = np.argsort(chance.random((ACCOUNTS, SKUS)), axis=1)[:, :SKUS_PER_ACCOUNT]
        totals = _write_usage(work, chance, skus)
        _write_lines(work, chance, skus, totals)
    return work


def texts(prefix: str, count: int) -> pa.Array:
    """Return the ids of accounts or SKUs."""
    return pa.array([f"{prefix}-{number:05d}" for number in range(count)])


def decimals(scaled: Ints, kind: pa.DataType) -> pa.Array:
    """Return integers as decimals of the scale of their type."""
    words = np.stack([scaled, scaled >> 63], axis=1).astype("<i8")
    return pa.Array.from_buffers(kind, len(scaled), [None, pa.py_buffer(words.tobytes())])


def _write_usage(work: Workload, chance: np.random.Generator, skus: Ints) -> Ints:
    """Write usage as Parquet and CSV; return its totals by account and SKU, in millionths."""
    totals = np.zeros(ACCOUNTS * SKUS, dtype=np.int64)
    names = {"account": texts("ACC", ACCOUNTS), "sku": texts("SKU", SKUS)}
    writers = None
    for start in range(0, work.rows, _BLOCK_ROWS):
        count = min(_BLOCK_ROWS, work.rows - start)
        account = chance.integers(0, ACCOUNTS, count)
        sku = skus[account, chance.integers(0, SKUS_PER_ACCOUNT, count)]
        quantity = chance.integers(1, 5_000_000, count)
        quantity = np.where(sku % _HALF_CENT_SKUS == 0, (quantity % 9 + 1) * 1_000_000, quantity)
        np.add.at(totals, account * SKUS + sku, quantity)
        days = pa.array((_FIRST_DAY + chance.integers(0, 31, count)).astype(np.int32))
        table = pa.table(
            {
                "account": names["account"].take(pa.array(account)),
                "program": pa.array(np.full(count, "cloud", dtype=object), pa.string()),
                "sku": names["sku"].take(pa.array(sku)),
                "usage_date": days.cast(pa.date32()),
                "quantity": decimals(quantity, _QUANTITY),
                "unit": pa.array(np.full(count, "hour", dtype=object), pa.string()),
            }
        )
        if writers is None:
            plain = csv.WriteOptions(quoting_style="none")
            writers = (
                parquet.ParquetWriter(work.path("usage.parquet"), table.schema, store_decimal_as_integer=True),
                csv.CSVWriter(work.path("usage.csv"), table.schema, write_options=plain),
            )
        for writer in writers:
            writer.write_table(table)
    for writer in writers or ():
        writer.close()
    return totals


def _write_lines(work: Workload, chance: np.random.Generator, skus: Ints, totals: Ints) -> None:
    """Write prices, and one line for each account and SKU, some of them wrong."""
    pairs = np.sort((np.arange(ACCOUNTS)[:, None] * SKUS + skus).ravel())
    pairs = pairs[totals[pairs] > 0]
    price = chance.integers(1, 100_000, len(pairs))
    price = np.where(pairs % SKUS % _HALF_CENT_SKUS == 0, 50, price)
    quantity = totals[pairs]
    # Half up: millionths × ten-thousandths of a unit of money, to cents.
    amount = (2 * quantity * price + 10**8) // (2 * 10**8)
    wrong = chance.permutation(len(pairs))[: 3 * DIFFERENCES_PER_KIND].reshape(3, -1)
    truth = {int(pairs[place]): 1 for place in wrong[0]}
    truth |= {int(pairs[place]): -1 for place in wrong[1]}
    truth |= {int(pairs[place]): -int(amount[place]) for place in wrong[2] if amount[place]}
    billed = amount.copy()
    billed[wrong[0]] += 1
    billed[wrong[1]] -= 1
    kept = np.ones(len(pairs), dtype=bool)
    kept[wrong[2]] = False  # not billed at all
    names = {
        "account": texts("ACC", ACCOUNTS).take(pa.array(pairs // SKUS)),
        "sku": texts("SKU", SKUS).take(pa.array(pairs % SKUS)),
    }
    parquet.write_table(pa.table({**names, "price": decimals(price, _PRICE)}), work.path("prices.parquet"))
    lines = {**names, "quantity": decimals(quantity, _QUANTITY), "cents": pa.array(billed)}
    parquet.write_table(pa.table(lines).filter(pa.array(kept)), work.path("lines.parquet"))
    halves = int(((2 * quantity * price) % (2 * 10**8) == 10**8).sum())
    told = {f"ACC-{pair // SKUS:05d} SKU-{pair % SKUS:05d}": cents for pair, cents in sorted(truth.items())}
    work.path("truth.json").write_text(
        json.dumps({"differences": told, "lines": int(kept.sum()), "half_cents": halves})
    )
