"""Usage files of several containers, the totals that a plain loop finds in them, and totals by an engine."""

import gzip
import hashlib
import random
from collections import defaultdict
from datetime import date
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
from pandas import DataFrame
from pyarrow import parquet

from prisma_batch.engines.engine import Engine
from prisma_batch.jobs.metered_usage import MeteredUsage, read_metered
from prisma_batch.readers.usage.files import usage_files
from prisma_batch.readers.usage.result import UsageNames

NAMES = ("account", "program", "sku", "usage_date", "quantity", "unit")
DAILY = frozenset({("A03", "cloud", "S1")})
UNTIL = date(2026, 10, 31)

Row = tuple[str, str, str, date, Decimal, str]


def rows(count: int, seed: int = 7) -> list[Row]:
    """Usage of September to November, corrections among it."""
    chance = random.Random(seed)  # noqa: S311 - seeded on purpose
    return [
        (
            f"A{chance.randrange(40):02d}",
            chance.choice(["cloud", "backup"]),
            f"S{chance.randrange(12)}",
            date(2026, chance.choice([9, 10, 10, 11]), chance.randrange(1, 31)),
            Decimal(chance.randrange(-(10**6), 10**7)).scaleb(-chance.choice([0, 2, 6])),
            chance.choice(["hour", "GB"]),
        )
        for _ in range(count)
    ]


def write_files(folder: Path, usage: list[Row], row_group_size: int = 500) -> None:
    """Write a third of the rows to each of a Parquet, a CSV and a gzipped CSV file."""
    lines = [",".join(map(str, (*row[:4], f"{row[4]:f}", row[5]))) for row in usage]
    header, third = ",".join(NAMES) + "\n", len(usage) // 3
    in_parquet = [
        pa.array([row[place] for row in usage[:third]], pa.decimal128(18, 6) if name == "quantity" else None)
        for place, name in enumerate(NAMES)
    ]
    parquet.write_table(pa.table(in_parquet, names=NAMES), folder / "a.parquet", row_group_size=row_group_size)
    (folder / "b.csv").write_text(header + "\n".join(lines[third : 2 * third]))
    (folder / "c.csv.gz").write_bytes(gzip.compress((header + "\n".join(lines[2 * third :])).encode()))


def metered(
    folder: Path, engine: Engine, tell: object = None, daily: frozenset[tuple[str, str, str]] = DAILY
) -> MeteredUsage:
    """Total every file of a folder."""
    files, findings = usage_files(folder, [folder])
    assert findings == []
    return read_metered(files, UsageNames(), daily, UNTIL, (engine, tell or (lambda _: None)))  # type: ignore[arg-type]


def digest(usage: MeteredUsage) -> str:
    """A digest of everything that was found."""
    tables = (usage.totals, usage.counts, usage.costs)
    text = "\n".join(table.to_csv(index=False) for table in tables) + repr((usage.hashes, usage.repeated))
    return hashlib.sha256(text.encode()).hexdigest()


def expected(usage: list[Row], daily: frozenset[tuple[str, str, str]] = DAILY) -> dict[tuple[object, ...], Decimal]:
    """Quantities by key and first day of the interval, in Python decimals."""
    found: dict[tuple[object, ...], Decimal] = defaultdict(Decimal)
    for account, program, sku, day, quantity, unit in usage:
        if day <= UNTIL:
            first = day if (account, program, sku) in daily else day.replace(day=1)
            found[account, program, sku, unit, first] += quantity
    return found


def as_dict(totals: DataFrame) -> dict[tuple[object, ...], Decimal]:
    """Totals in the form of ``expected``."""
    return {
        (row.account, row.program, row.sku, row.unit, row.service_from.date()): Decimal(
            int(row.quantity_scaled)
        ).scaleb(-int(row.quantity_scale))
        for row in totals.itertuples()
    }
