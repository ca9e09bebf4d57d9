"""XML that wants to grow: refused for under 100 MB and a second, measured in a process of its own."""

import subprocess
import sys
from pathlib import Path

import pytest

MEMORY_MB_MAX = 100
SECONDS_MAX = 1.0
MEASURED = """
import re, sys, time
from pathlib import Path
from prisma_batch.readers.bank.registry import read_bank
content = open(sys.argv[1], "rb").read()
# Not ru_maxrss: a process inherits that of the one that started it.
peak = lambda: int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) / 1024
before, started = peak(), time.process_time()
read = read_bank("x.xml", content)
print(read.findings[0].code, time.process_time() - started, peak() - before)
"""
ENTITIES = "".join(f"<!ENTITY e{n} '{f'&e{n - 1};' * 10}'>" for n in range(1, 12))
DOCUMENT = "<Document xmlns='urn:iso:std:iso:20022:tech:xsd:camt.053.001.08'>"
ATTRIBUTES = " ".join(f"a{number}='1'" for number in range(100_000))
BOMBS = {
    "billion laughs": (f"<!DOCTYPE D [<!ENTITY e0 'x'>{ENTITIES}]>{DOCUMENT}&e11;</Document>", "xml-dtd"),
    "quadratic": (f"<!DOCTYPE D [<!ENTITY e '{'x' * 200_000}'>]>{DOCUMENT}{'&e;' * 50_000}</Document>", "xml-dtd"),
    "outside": (f"<!DOCTYPE D SYSTEM 'file:///dev/zero'>{DOCUMENT}</Document>", "xml-dtd"),
    "deep": (DOCUMENT + "<a>" * 1_000_000, "broken-xml"),
    "wide": (DOCUMENT + "<a/>" * 3_000, "broken-xml"),
    "a long text": (f"{DOCUMENT}<a>{'x' * 12_000_000}</a></Document>", "broken-xml"),
    "attributes": (f"{DOCUMENT}<a {ATTRIBUTES}/>", "broken-xml"),
    "a comment": (f"{DOCUMENT}<!--{'x' * 12_000_000}--></Document>", "broken-xml"),
    "OFX": (f"<!DOCTYPE D [<!ENTITY e0 'x'>{ENTITIES}]><OFX>&e11;</OFX>", "xml-dtd"),
    "deep OFX": ("<OFX>" + "<a>" * 100_000, "broken-file"),
}


@pytest.mark.parametrize("name", BOMBS)
def test_bombs_are_refused_before_they_grow(tmp_path: Path, repository: Path, name: str) -> None:
    text, expected = BOMBS[name]
    bomb = tmp_path / "bomb.xml"
    bomb.write_text(text, encoding="utf-8")
    finished = subprocess.run(
        [sys.executable, "-c", MEASURED, bomb], cwd=repository, capture_output=True, text=True, check=True, timeout=60
    )
    code, seconds, megabytes = finished.stdout.split()
    assert code == expected
    assert float(seconds) < SECONDS_MAX
    assert float(megabytes) < MEMORY_MB_MAX
