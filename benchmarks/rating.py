"""Usage × price × invoice lines: our own functions beside DuckDB, Polars and merely decoding three columns.

Every contender runs in a process of its own, alternately, with its file at hand, and its differences are compared with
those that were put in.
"""

import argparse
import ctypes
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from datetime import date
from importlib import import_module
from pathlib import Path
from statistics import median
from typing import Any

from measure import table
from pyarrow import default_memory_pool
from usage_rows import Workload, generated

Differences = dict[str, int]
Prepared = Callable[[], Differences | None]
THREADS = 2


def ours(work: Workload, file: str, *, by_dask: bool = False, whole: bool = True) -> Prepared:
    """Read, total, price and match through the product's own functions; hashes of the file included."""
    from prisma_batch.engines.dask import DaskEngine
    from prisma_batch.engines.local import LocalEngine
    from prisma_batch.jobs.metered_usage import read_metered
    from prisma_batch.readers.usage.files import UsageFile, usage_file
    from prisma_batch.readers.usage.result import UsageNames

    engine = DaskEngine() if by_dask else LocalEngine(THREADS)
    if by_dask:
        import_module("dask.delayed")  # here, not while it is measured
    usage = usage_file(file, work.folder, work.path(file).name)
    if not isinstance(usage, UsageFile):
        sys.exit(usage.message)
    match = _matcher(work) if whole else None

    def job() -> Differences | None:
        metered = read_metered([usage], UsageNames(), frozenset(), date(2026, 10, 31), (engine, lambda _: None))
        if metered.findings:
            sys.exit(metered.findings[0].message)
        return match(metered.totals) if match else None

    return job


def _matcher(work: Workload) -> Callable[[Any], Differences]:
    import numpy as np
    import pandas as pd
    from pyarrow import parquet

    from prisma_batch.base.periods import Period
    from prisma_batch.rating.match import MatchScope, match_usage
    from prisma_batch.rating.pricing import price_usage
    from prisma_batch.rating.rates import Rates
    from prisma_batch.records.coded import named
    from prisma_batch.records.discrepancies import discrepancy_table
    from prisma_batch.records.price_tables import RATES
    from prisma_batch.records.tables import INVOICE_LINES

    def scaled(column: Any) -> Any:
        # A decimal128 is two little-endian words; these numbers fit into the lower one.
        lower = [np.frombuffer(part.buffers()[1], "<i8")[::2][part.offset :][: len(part)] for part in column.chunks]
        return np.concatenate(lower)

    def alike(table: pd.DataFrame, **texts: str) -> pd.DataFrame:
        return table.assign(**{name: named([text], np.zeros(len(table), np.int8)) for name, text in texts.items()})

    prices, lines = (
        parquet.read_table(work.path(name), read_dictionary=["account", "sku"])
        for name in ("prices.parquet", "lines.parquet")
    )
    first, last, none = pd.Timestamp(2026, 10, 1), pd.Timestamp(2026, 10, 31), pd.NaT
    rates = prices.select(["account", "sku"]).to_pandas().assign(starts_on=first, ends_on=none, counted_from=first)
    rates = rates.assign(price_scaled=scaled(prices["price"]), price_scale=4, terms=0)
    rates = alike(rates, program="cloud", unit="hour", bills="arrears", model="per_unit", currency="EUR")
    agreed, month = (
        Rates(table=RATES.conform(alike(rates, rounding="half_up", source="a", pointer="/"))),
        Period(2026, 10),
    )
    billed = lines.select(["account", "sku"]).to_pandas().assign(document="I", corrects="", corrects_line=0)
    billed = billed.assign(
        service_account=billed["account"], line=range(len(billed)), service_from=first, service_to=last
    )
    billed = billed.assign(
        quantity_scaled=scaled(lines["quantity"]), quantity_scale=6, price_scaled=None, price_scale=None
    )
    billed = billed.assign(amount_minor=lines["cents"].to_numpy())
    billed = INVOICE_LINES.conform(
        alike(billed, kind="invoice", program="cloud", currency="EUR", source="i", pointer="/")
    )
    accounts = frozenset(rates["account"].unique())
    scope = MatchScope(periods={}, default_periods=frozenset(["2026-10"]), accounts=accounts)

    def match(totals: Any) -> Differences:
        charges = price_usage(totals, agreed, (month, month))
        found = discrepancy_table(match_usage(charges, billed, scope))
        sums = found.groupby(found["account"] + " " + found["sku"])["difference_minor"].sum()
        return {str(key): int(cents) for key, cents in sums.items() if cents}

    return match


def duckdb(work: Workload, file: str) -> Prepared:
    """The same in SQL, with decimals."""
    import duckdb as peer

    base = peer.connect()
    base.execute(f"set threads={THREADS}")
    for name in ("prices", "lines"):
        base.execute(f"create table {name} as select * from '{work.path(f'{name}.parquet')}'")
    usage = f"'{work.path(file)}'"
    if file.endswith(".csv"):
        usage = f"read_csv({usage}, types={{'quantity': 'DECIMAL(18,6)'}})"

    def job() -> Differences:
        query = f"""
            with totals as (
                select account, program, sku, unit, date_trunc('month', usage_date) as month, sum(quantity) as quantity
                from {usage} group by all),
            charges as (
                select account, sku, cast(round(quantity * price, 2) * 100 as bigint) as cents
                from totals join prices using (account, sku))
            select account, sku, coalesce(l.cents, 0) - coalesce(c.cents, 0) as difference
            from charges c full join lines l using (account, sku) where difference <> 0"""
        return {f"{account} {sku}": int(cents) for account, sku, cents in base.execute(query).fetchall()}

    return job


def polars(work: Workload, file: str) -> Prepared:
    """The same with Polars' decimals, streamed."""
    import polars as pl

    prices, lines = (pl.read_parquet(work.path(name)) for name in ("prices.parquet", "lines.parquet"))

    def job() -> Differences:
        month = pl.col("usage_date").dt.truncate("1mo")
        totals = pl.scan_parquet(work.path(file)).group_by("account", "program", "sku", "unit", month)
        charges = (
            totals.agg(pl.col("quantity").sum())
            .join(prices.lazy(), on=["account", "sku"])
            .with_columns(charged=((pl.col("quantity") * pl.col("price")).round(2) * 100).cast(pl.Int64))
            .join(lines.lazy().select("account", "sku", "cents"), on=["account", "sku"], how="full", coalesce=True)
            .with_columns(difference=pl.col("cents").fill_null(0) - pl.col("charged").fill_null(0))
            .filter(pl.col("difference") != 0)
            .collect(engine="streaming")
        )
        return {f"{row['account']} {row['sku']}": row["difference"] for row in charges.iter_rows(named=True)}

    return job


def decode(work: Workload, file: str) -> Prepared:
    """Decode account, SKU and quantity, and do nothing with them."""
    from pyarrow import parquet

    def job() -> None:
        opened = parquet.ParquetFile(work.path(file), read_dictionary=["account", "sku"])
        for _ in opened.iter_batches(131_072, columns=["account", "sku", "quantity"], use_threads=True):
            pass

    return job


def parse(work: Workload, file: str) -> Prepared:
    """Cut CSV into cells, all of them text, and do nothing with them."""
    from pyarrow import csv, string

    columns = ["account", "program", "sku", "usage_date", "quantity", "unit"]
    options = csv.ConvertOptions(column_types=dict.fromkeys(columns, string()), check_utf8=False)

    def job() -> None:
        for _ in csv.open_csv(work.path(file), csv.ReadOptions(block_size=4 * 1024**2), convert_options=options):
            pass

    return job


def hashed(work: Workload, file: str) -> Prepared:
    """Compute the two hashes of the file that a manifest names."""
    from prisma_batch.readers.usage.files import UsageFile, hashes, usage_file

    usage = usage_file(file, work.folder, work.path(file).name)
    if not isinstance(usage, UsageFile):
        sys.exit(usage.message)

    def job() -> None:
        hashes(usage)

    return job


CONTENDERS: Mapping[str, Callable[[Workload], Prepared]] = {
    "ours, Parquet": lambda work: ours(work, "usage.parquet"),
    "ours, totals only": lambda work: ours(work, "usage.parquet", whole=False),
    "ours, totals only, Dask's threads": lambda work: ours(work, "usage.parquet", by_dask=True, whole=False),
    "DuckDB, Parquet": lambda work: duckdb(work, "usage.parquet"),
    "Polars, Parquet": lambda work: polars(work, "usage.parquet"),
    "decoding three columns": lambda work: decode(work, "usage.parquet"),
    "hashing, Parquet": lambda work: hashed(work, "usage.parquet"),
    "ours, CSV": lambda work: ours(work, "usage.csv"),
    "DuckDB, CSV": lambda work: duckdb(work, "usage.csv"),
    "parsing CSV": lambda work: parse(work, "usage.csv"),
    "hashing, CSV": lambda work: hashed(work, "usage.csv"),
}


def peak_memory_mb() -> float:
    """Return the peak of this program's memory; what getrusage says may be that of the process that started it."""
    found = re.search(r"^VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text(), re.MULTILINE)
    return int(found[1]) / 1024 if found else 0


def measured(work: Workload, name: str) -> dict[str, Any]:
    """Prepare and run one contender in this process."""
    read_once(work.path("usage.csv" if "CSV" in name else "usage.parquet"))
    job = CONTENDERS[name](work)
    default_memory_pool().release_unused()  # what loading needed and the job does not
    ctypes.CDLL(None).malloc_trim(0)
    prepared_mb = peak_memory_mb()
    wall, cpu = time.perf_counter(), time.process_time()
    found = job()
    seconds, cpu_seconds = time.perf_counter() - wall, time.process_time() - cpu
    truth = json.loads(work.path("truth.json").read_text())["differences"]
    wrong = None if found is None else sum(truth.get(key) != found.get(key) for key in {*truth, *found})
    return {
        "seconds": seconds,
        "cpu": cpu_seconds,
        "peak_mb": peak_memory_mb(),
        "prepared_mb": prepared_mb,
        "wrong": wrong,
    }


def read_once(path: Path) -> None:
    """Read a file that the machine may have dropped from memory: else whoever comes first pays for the disk."""
    with path.open("rb") as file:
        while file.read(1024**2):
            pass


def in_its_own_process(work: Workload, name: str) -> dict[str, Any]:
    """Run a contender on two processors at most."""
    command = [sys.executable, __file__, "--folder", work.folder, "--rows", str(work.rows), "--contender", name]
    environment = {**os.environ, "POLARS_MAX_THREADS": str(THREADS), "OMP_NUM_THREADS": str(THREADS)}
    finished = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    result: dict[str, Any] = json.loads(finished.stdout.splitlines()[-1])
    return result


def compared(work: Workload, rounds: int, names: list[str]) -> None:
    """Run all contenders alternately and print a row each."""
    results: dict[str, list[dict[str, Any]]] = {name: [] for name in names}
    for _ in range(rounds):
        for name, runs in results.items():
            runs.append(in_its_own_process(work, name))
    rows = []
    for name, runs in results.items():
        medians = {figure: median(run[figure] for run in runs) for figure in ("seconds", "cpu", "peak_mb")}
        wrong = runs[-1]["wrong"]
        rows.append(
            (
                name,
                f"{medians['seconds']:.2f}",
                f"{medians['cpu']:.2f}",
                f"{medians['peak_mb']:.0f}",
                "–" if wrong is None else wrong,
            )
        )
    print(f"{work.rows:,} rows\n")
    print(table(("", "seconds", "CPU seconds", "peak MB", "wrong differences"), rows))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", default=[10_000_000])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "prisma-usage")
    parser.add_argument("--only", nargs="+", choices=list(CONTENDERS), default=list(CONTENDERS))
    parser.add_argument("--contender", choices=list(CONTENDERS))
    options = parser.parse_args()
    for rows in options.rows:
        work = generated(options.folder, rows)
        if options.contender:
            print(json.dumps(measured(work, options.contender)))
        else:
            compared(work, options.rounds, options.only)


if __name__ == "__main__":
    main()
