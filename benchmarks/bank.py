"""How fast camt.053 is read, beside a bare lxml parse of the same file in the same run, and what it keeps in memory.

python benchmarks/bank.py                       50,000 entries, three rounds
python benchmarks/bank.py --entries 200000
"""

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from lxml import etree
from measure import table

from prisma_batch.readers.bank.registry import read_bank

_ROOT = Path(__file__).resolve().parents[1]
_NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"
_HEAD = (
    f"<?xml version='1.0' encoding='UTF-8'?>\n<Document xmlns='{_NAMESPACE}'>"
    "<BkToCstmrStmt><GrpHdr><MsgId>M</MsgId></GrpHdr>"
    "<Stmt><Id>S-1</Id><Acct><Id><IBAN>NL02ABNA0123456789</IBAN></Id><Ccy>EUR</Ccy></Acct>"
)
_TAIL = "\n</Stmt></BkToCstmrStmt></Document>\n"
_PEAK = """
import re, sys
from pathlib import Path
from prisma_batch.readers.bank.registry import read_bank
content = open(sys.argv[1], "rb").read()
peak = lambda: int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) / 1024
before = peak()
read = read_bank("x.xml", content)
print(peak() - before)
"""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--entries", type=int, default=50_000)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        _speed(Path(folder), arguments.entries, arguments.rounds)
        _memory(Path(folder), arguments.entries)


def _speed(folder: Path, entries_count: int, rounds: int) -> None:
    content = write_camt(folder / "camt.xml", entries_count).read_bytes()
    read = read_bank("camt.xml", content)
    if read.findings or len(read.entries) != entries_count:
        sys.exit(f"{len(read.entries)} of {entries_count} entries were read: {read.findings[:3]}")
    contenders: dict[str, Callable[[], object]] = {
        "bare lxml parse, nothing read": lambda: etree.fromstring(content),
        "prisma-batch": lambda: read_bank("camt.xml", content),
    }
    seconds: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, contender in contenders.items():
            started = time.process_time()
            contender()
            seconds[name].append(time.process_time() - started)
    rows = [(name, f"{median(taken):.2f}", f"{entries_count / median(taken):,.0f}") for name, taken in seconds.items()]
    print(f"{entries_count:,} entries, {len(content) / 1e6:.0f} MB\n")
    print(table(("", "CPU seconds", "entries a second"), rows))


def _memory(folder: Path, entries_count: int) -> None:
    """Print what is needed beyond the bytes of the file; entries that are not booked leave no rows behind."""
    rows = []
    for count in (entries_count // 10, entries_count):
        peaks = [_peak_mb(write_camt(folder / "camt.xml", count, status)) for status in ("PDNG", "BOOK")]
        rows.append((f"{count:,}", *(f"{peak:.0f}" for peak in peaks)))
    print(
        table(("entries", "MB beyond the file, none booked: no rows to keep", "MB beyond the file, all booked"), rows)
    )


def _peak_mb(path: Path) -> float:
    command = [sys.executable, "-c", _PEAK, path]
    return float(subprocess.run(command, cwd=_ROOT, check=True, capture_output=True, text=True).stdout)


def write_camt(path: Path, entries_count: int, status: str = "BOOK") -> Path:
    """Write a statement of payments as banks write them: indented, one detail an entry, both parties named."""
    total_minor = sum(map(_minor, range(entries_count)))
    with path.open("w", encoding="utf-8") as file:
        file.write(_HEAD + _balance("OPBD", 0) + _balance("CLBD", total_minor))
        file.writelines(_entry(number, status) for number in range(entries_count))
        file.write(_TAIL)
    return path


def _minor(number: int) -> int:
    return 100 + number % 99_999


def _amount(minor: int) -> str:
    return f'<Amt Ccy="EUR">{minor // 100}.{minor % 100:02d}</Amt>\n<CdtDbtInd>CRDT</CdtDbtInd>'


def _balance(kind: str, minor: int) -> str:
    return f"<Bal><Tp><CdOrPrtry><Cd>{kind}</Cd></CdOrPrtry></Tp>{_amount(minor)}<Dt><Dt>2026-10-31</Dt></Dt></Bal>"


def _entry(number: int, status: str) -> str:
    payer = number % 5_000
    return f"""
   <Ntry>
    <NtryRef>{number}</NtryRef>
    {_amount(_minor(number))}
    <Sts><Cd>{status}</Cd></Sts>
    <BookgDt><Dt>2026-10-05</Dt></BookgDt>
    <ValDt><Dt>2026-10-06</Dt></ValDt>
    <AcctSvcrRef>REF-{number:09d}</AcctSvcrRef>
    <BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>RCDT</Cd><SubFmlyCd>ESCT</SubFmlyCd></Fmly></Domn></BkTxCd>
    <NtryDtls>
     <TxDtls>
      <Refs><EndToEndId>E2E-{number}</EndToEndId></Refs>
      {_amount(_minor(number))}
      <RltdPties>
       <Dbtr><Pty><Nm>Payer {payer} B.V.</Nm></Pty></Dbtr>
       <DbtrAcct><Id><IBAN>NL91ABNA{payer:010d}</IBAN></Id></DbtrAcct>
       <Cdtr><Pty><Nm>Prisma Billing B.V.</Nm></Pty></Cdtr>
       <CdtrAcct><Id><IBAN>NL02ABNA0123456789</IBAN></Id></CdtrAcct>
      </RltdPties>
      <RmtInf><Ustrd>Payment of invoice INV-2026-{number:06d}, thank you</Ustrd></RmtInf>
     </TxDtls>
    </NtryDtls>
   </Ntry>"""


if __name__ == "__main__":
    main()
