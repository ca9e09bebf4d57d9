"""How fast ``validate`` is, beside check-jsonschema on the same files in the same run.

python benchmarks/validate.py --records 40000        cold, beside check-jsonschema
python benchmarks/validate.py --warm 100000          nothing changed, one file changed, one file changed in a request
python benchmarks/validate.py --curve                all of ours from 1,000 to 100,000 records
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.measure import Measured, alternately, import_seconds, run, table  # noqa: E402 - found from anywhere
from benchmarks.repositories import write_repository  # noqa: E402 - as above

OURS = [sys.executable, "-m", "prisma_batch", "validate", "--as-of", "2026-06-01"]
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT)}
SCHEMAS = {"contacts": "contacts", "agreements": "agreements", "invoices": "invoices"}
CURVE = (1_000, 3_000, 10_000, 30_000, 100_000)
# The file system's clock has to be past a file for the cache to trust its looks, as it is minutes after a checkout.
SETTLED_S = "3"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, metavar="N", help="cold check of about so many records")
    parser.add_argument("--warm", type=int, metavar="N", help="checks after changes among about so many records")
    parser.add_argument("--curve", action="store_true", help="ours, from 1,000 to 100,000 records")
    parser.add_argument("--rounds", type=int, default=3, help="how often each contender runs (default: 3)")
    options = parser.parse_args()
    if not (options.records or options.warm or options.curve):
        options.records = 40_000
    if options.records:
        cold(options.records, options.rounds)
    if options.warm:
        warm(options.warm, options.rounds)
    if options.curve:
        curve(options.rounds)


def cold(records_count: int, rounds: int) -> None:
    """Print what a first check costs: every schema, every file by itself, all of them together."""
    with repository(records_count) as root:
        contenders = {
            "prisma-batch validate (no cache yet)": lambda: first_check(root),
            "prisma-batch validate --no-cache": lambda: ours(root, "--no-cache"),
            "prisma-batch validate --no-cache, one core": lambda: ours(root, "--no-cache", one_core=True),
            "check-jsonschema, one call for each schema": lambda: check_jsonschema(root),
        }
        measured = alternately({name: after_reading(root, item) for name, item in contenders.items()}, rounds)
    peer = measured["check-jsonschema, one call for each schema"].seconds
    rows = [
        (name, f"{item.seconds:.2f}", f"{peer / item.seconds:.1f} ×", f"{item.memory_mb:.0f}")
        for name, item in measured.items()
    ]
    print(f"Cold, {counts(records_count)}\n")
    print(table(("", "seconds", "faster", "peak MB"), rows))


def warm(records_count: int, rounds: int) -> None:
    """Print what a check costs when nearly everything was checked before."""
    with repository(records_count) as root:
        measured, imports = measured_warm(root, rounds)
    rows = [(name, f"{item.seconds:.2f}", f"{item.memory_mb:.0f}") for name, item in measured.items()]
    print(f"Warm, {counts(records_count)}\n")
    print(table(("", "seconds", "peak MB"), rows))
    print(f"Imports of the last one: {imports:.2f} s.\n")


def curve(rounds: int) -> None:
    """Print how the cost grows."""
    rows = []
    for records_count in CURVE:
        with repository(records_count) as root:
            first = alternately({"cold": lambda root=root: first_check(root)}, rounds)["cold"].seconds
            measured, _ = measured_warm(root, rounds)
        seconds = [first, *(item.seconds for item in measured.values())]
        rows.append((f"{records_count:,}", *(f"{item:.2f}" for item in seconds), f"{first / records_count * 1e6:.0f}"))
    print("From 1,000 to 100,000 records\n")
    head = (
        "records",
        "cold, s",
        "nothing changed, s",
        "one file changed, s",
        "one in a request, s",
        "cold, µs a record",
    )
    print(table(head, rows))


def measured_warm(root: Path, rounds: int) -> tuple[dict[str, Measured], float]:
    """Measure the checks after changes; each change is a new one, and the cache is as before it."""
    in_git(root, "checkout", "-q", "main")
    settle(root)
    ours(root)
    ours(root)
    cache = root / ".prisma-cache" / "validate.sqlite"
    kept = shutil.copy(cache, root.parent / "kept.sqlite")
    file = root / "contacts" / "A000007.yaml"
    content = file.read_text(encoding="utf-8")

    def one_changed() -> Measured:
        shutil.copy(kept, cache)
        file.write_text(content.replace("language: ", "language:  "), encoding="utf-8")
        measured = ours(root)
        file.write_text(content, encoding="utf-8")
        return measured

    def one_requested() -> Measured:
        shutil.copy(kept, cache)
        return ours(root, "--base", "main", "--actor", "1001")

    unchanged = alternately({"nothing changed": lambda: ours(root)}, rounds)
    changed = alternately({"one file changed": one_changed}, rounds)
    in_git(root, "checkout", "-q", "request")
    requested = alternately({"one file changed in a request: --base": one_requested}, rounds)
    shutil.copy(kept, cache)
    imports = import_seconds([*OURS, "--base", "main", "--actor", "1001"], root, ENVIRONMENT)
    return unchanged | changed | requested, imports


def after_reading(root: Path, contender: Callable[[], Measured]) -> Callable[[], Measured]:
    """Have every file read before a contender runs: the first to come after a long one would pay for what idled."""

    def prepared() -> Measured:
        for folder in SCHEMAS:
            for file in (root / folder).rglob("*.yaml"):
                file.read_bytes()
        return contender()

    return prepared


def first_check(root: Path) -> Measured:
    """Check without a cache, and write one."""
    shutil.rmtree(root / ".prisma-cache", ignore_errors=True)
    return ours(root)


def ours(root: Path, *options: str, one_core: bool = False) -> Measured:
    pinned = ["taskset", "-c", "0"] if one_core else []
    return run([*pinned, *OURS, *options], root, ENVIRONMENT)


def check_jsonschema(root: Path) -> Measured:
    """Run check-jsonschema as its users do: a call for each schema with all the files."""
    parts = []
    for folder, schema in SCHEMAS.items():
        files = sorted(path.relative_to(root / folder) for path in (root / folder).rglob("*.yaml"))
        command = [Path(sys.executable).parent / "check-jsonschema", "--schemafile", schema_file(schema), *files]
        parts.append(run(command, root / folder))
    return Measured(seconds=sum(part.seconds for part in parts), memory_mb=max(part.memory_mb for part in parts))


def schema_file(name: str) -> Path:
    return ROOT / "schemas" / f"{name}.schema.json"


@contextmanager
def repository(records_count: int) -> Iterator[Path]:
    """Give a repository of about so many records, and a branch ``request`` that changes one of them."""
    with tempfile.TemporaryDirectory(prefix="prisma-benchmark-") as scratch:
        root = Path(scratch) / "repository"
        write_repository(root, records_count)
        (root / ".gitignore").write_text("/.prisma-cache/\n", encoding="utf-8")
        in_git(root, "init", "-q", "-b", "main")
        commit(root)
        in_git(root, "checkout", "-q", "-b", "request")
        file = root / "contacts" / "A000003.yaml"
        file.write_text(file.read_text(encoding="utf-8").replace("first_name: ", "first_name: Jo"), encoding="utf-8")
        commit(root)
        in_git(root, "checkout", "-q", "main")
        settle(root)
        yield root


def commit(root: Path) -> None:
    in_git(root, "add", "-A")
    in_git(root, "-c", "user.name=Nora", "-c", "user.email=nora@northwind.example", "commit", "-qm", "records")


def settle(root: Path) -> None:
    subprocess.run(["sleep", SETTLED_S], cwd=root, check=True)


def in_git(root: Path, *arguments: str) -> None:
    # Nothing is to be tidied up in the background while others are measured.
    subprocess.run(["git", "-c", "gc.auto=0", *arguments], cwd=root, check=True)


def counts(records_count: int) -> str:
    accounts = records_count // 4
    return f"{accounts:,} contact files, {accounts:,} agreements, {2 * accounts:,} invoices"


if __name__ == "__main__":
    main()
