"""How well and how fast payments find their documents.

python benchmarks/payments.py --cases 100000      precision and recall of each kind of generated payment
python benchmarks/payments.py --texts 1000000     seconds and memory against 100,000 open invoices
"""

import argparse
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from random import Random

import pandas as pd

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.matched_cases import no_cases, receivables_input, scores, wrong  # noqa: E402 - found from anywhere
from benchmarks.measure import run, table  # noqa: E402 - as above
from benchmarks.payment_cases import AS_OF, FIRST_DAY, ISSUED, Generator  # noqa: E402 - as above
from prisma_batch.jobs.collector import paused  # noqa: E402 - as above
from prisma_batch.receivables.matching import matched_book  # noqa: E402 - as above
from prisma_batch.receivables.tables import allocations_of  # noqa: E402 - as above

INVOICES, PER_ACCOUNT = 100_000, 10
_TEXTS = (
    "{number}",
    "{number} thank you",
    "Rechnung {number} vom 12.08.2026 Kundennr. {other}",
    "monthly payment cloud hosting, invoice {number}, PO {other}",
    "betaling factuur {digits}",
    "SVWZ+{number} EREF+{other} DATUM 03.09.2026",
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, metavar="N", help="precision and recall over about N payments")
    parser.add_argument("--texts", type=int, metavar="N", help="speed over N remittance texts")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--match", type=Path, metavar="DIR", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.match:
        match(options.match)
    elif options.texts:
        for open_share in (0.1, 1.0):
            measure_texts(options.texts, open_share, options.seed)
    else:
        judge(options.cases or 100_000, options.seed)


def judge(payments_count: int, seed: int) -> None:
    """Print precision and recall by kind, and what was applied wrongly."""
    cases = Generator(seed).run(payments_count)
    started = time.perf_counter()
    book = matched_book(receivables_input(cases), AS_OF, None)
    seconds = time.perf_counter() - started
    allocations = allocations_of(book)
    rows = [
        [score.kind, score.payments, score.knowable, score.applied, f"{score.precision:.4f}", f"{score.recall:.4f}"]
        for score in scores(cases, allocations)
    ]
    print(table(["kind", "payments", "rows to know", "rows applied", "precision", "recall"], rows))
    print(f"{len(cases.entries):,} payments, {len(cases.documents):,} open items: {seconds:.1f} s")
    for sentence in wrong(cases, allocations)[:20]:
        print(sentence)


def measure_texts(texts_count: int, open_share: float, seed: int) -> None:
    """Print what matching many texts costs, in a process of its own that reads the tables from files."""
    with tempfile.TemporaryDirectory() as folder:
        write_tables(Path(folder), texts_count, open_share, seed)
        measured = run([sys.executable, __file__, "--match", folder], ROOT)
        said = (Path(folder) / "said.txt").read_text(encoding="utf-8")
    memory = f"{measured.memory_mb:,.0f} MB in all"
    print(f"{texts_count:,} texts, {open_share:.0%} of them for open invoices: {said}, {memory}")


def match(folder: Path) -> None:
    """Match the tables of a folder and write down how long it took."""
    tables = {name: pd.read_parquet(folder / f"{name}.parquet") for name in ("documents", "entries")}
    inputs = no_cases(**tables)
    started = time.perf_counter(), time.process_time()
    with paused():
        book = matched_book(inputs, AS_OF, None)
    seconds, cpu = time.perf_counter() - started[0], time.process_time() - started[1]
    rows = sum(map(len, book.allocations.values()))
    (folder / "said.txt").write_text(
        f"{seconds:.1f} s ({cpu:.1f} s of one core), {rows:,} allocations", encoding="utf-8"
    )


def write_tables(folder: Path, texts_count: int, open_share: float, seed: int) -> None:
    """Write DOCUMENTS and BANK_ENTRIES; each text names an invoice, open or long paid, among other words."""
    random = Random(seed)  # noqa: S311 - the same for everybody
    debts = [random.randint(10_000, 500_000) for _ in range(INVOICES)]
    numbers = [f"INV-2026-{index:06d}" for index in range(INVOICES)]
    accounts = [f"CUST-{index // PER_ACCOUNT:05d}" for index in range(INVOICES)]
    documents = pd.DataFrame({"document": numbers, "account": accounts, "debt_minor": debts})
    documents = documents.assign(kind="invoice", issued_on=ISSUED, due_on=ISSUED + timedelta(days=30), currency="EUR")
    blank = dict.fromkeys(("payment_reference", "purchase_order", "corrects", "source"), "")
    documents = documents.assign(**blank, discount_minor=0, discount_until=pd.NaT)
    documents.to_parquet(folder / "documents.parquet")
    entries = pd.DataFrame(_texts(random, texts_count, open_share, debts))
    entries = entries.assign(account_iban="NL60PRSM0800100200", statement="S-1", currency="EUR", detail=0)
    blank = dict.fromkeys(("bank_reference", "end_to_end_id", "structured_reference", "bank_code", "pointer"), "")
    entries = entries.assign(**blank, reversal=False, source="payments/2026-09/bank.camt053.xml")
    entries.sort_values(["booking_date", "payment"], ignore_index=True).to_parquet(folder / "entries.parquet")


def _texts(random: Random, texts_count: int, open_share: float, debts: list[int]) -> dict[str, list[object]]:
    columns: dict[str, list[object]] = {name: [] for name in _COLUMNS}
    for index in range(texts_count):
        chosen = random.randrange(INVOICES)
        is_open = random.random() < open_share
        digits = f"2026-{chosen:06d}" if is_open else f"2019-{chosen:06d}"
        text = random.choice(_TEXTS).format(number=f"INV-{digits}", digits=digits, other=random.randint(10**5, 10**7))
        part = debts[chosen] if open_share < 1 else debts[chosen] * INVOICES // texts_count - 1
        booked = FIRST_DAY + timedelta(days=random.randrange(90))
        party = (f"DE{chosen // PER_ACCOUNT:020d}", f"Customer {chosen // PER_ACCOUNT}")
        row = (f"P{index:08d}", booked, booked, part if is_open else random.randint(10_000, 500_000), *party, text)
        for name, cell in zip(_COLUMNS, row, strict=True):
            columns[name].append(cell)
    return columns


_COLUMNS = ("payment", "booking_date", "value_date", "amount_minor", "counterparty_iban", "counterparty_name", "text")

if __name__ == "__main__":
    main()
