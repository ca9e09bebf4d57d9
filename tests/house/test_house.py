"""The rules of the house: floors, purity, budgets, workflows. Each check is shown to fail on a planted violation."""

import ast
import shutil
import statistics
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PURE_FLOORS = ("base", "records", "cases", "checks", "rating", "receivables", "views")
IMPURE_NAMES = {"open", "print", "input", "breakpoint", "eval", "exec", "__import__"}
IMPURE_ATTRIBUTES = {"now", "today", "utcnow", "open", "read_csv", "read_json", "read_parquet", "to_parquet"}


def python_files(package: Path, floors: tuple[str, ...] = ("",)) -> list[Path]:
    return sorted(path for floor in floors for path in (package / floor).rglob("*.py"))


def impure_calls(package: Path) -> list[str]:
    """List ``file:line: name`` of calls in floors 1 to 4 that read or write something, or ask the clock."""
    return [
        f"{path.relative_to(package)}:{node.lineno}: {name}"
        for path in python_files(package, PURE_FLOORS)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and (name := impure_name(node.func))
    ]


def impure_name(called: ast.expr) -> str | None:
    if isinstance(called, ast.Name) and called.id in IMPURE_NAMES:
        return called.id
    if isinstance(called, ast.Attribute) and called.attr in IMPURE_ATTRIBUTES:
        return called.attr
    return None


def function_sizes(package: Path) -> Iterator[tuple[str, int]]:
    """Yield ``file:line name`` and the lines of each function without its docstring."""
    for path in python_files(package):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                docstring = ast.get_docstring(node, clean=False)
                size = node.end_lineno - node.lineno + 1 - (docstring.count("\n") + 1 if docstring else 0)
                yield f"{path.relative_to(package)}:{node.lineno} {node.name}", size


def lint_imports(directory: Path) -> subprocess.CompletedProcess[str]:
    # By -c and not by its script: the current directory comes first on the path, so the copy is what is looked at.
    command = "from importlinter.cli import lint_imports; import sys; sys.exit(lint_imports(no_cache=True))"
    return subprocess.run([sys.executable, "-c", command], cwd=directory, capture_output=True, text=True, check=False)


@pytest.fixture
def copied(repository: Path, tmp_path: Path) -> Path:
    """The package and its contracts in a directory where a violation can be planted."""
    shutil.copy(repository / "pyproject.toml", tmp_path)
    without_caches = shutil.ignore_patterns("__pycache__")
    shutil.copytree(repository / "prisma_batch", tmp_path / "prisma_batch", ignore=without_caches)
    return tmp_path


def plant(path: Path, line: str) -> None:
    path.write_text(path.read_text(encoding="utf-8") + f"\n{line}\n", encoding="utf-8")


def test_contracts_are_kept(copied: Path) -> None:
    finished = lint_imports(copied)
    assert finished.returncode == 0, finished.stdout


@pytest.mark.parametrize(
    ("module", "line", "contract"),
    [
        ("base/money.py", "import prisma_batch.cli.main", "floors"),
        ("rating/__init__.py", "import prisma_batch.jobs", "floors"),
        ("checks/__init__.py", "import prisma_batch.receivables", "floors"),
        ("readers/__init__.py", "import prisma_batch.writers", "floors"),
        ("jobs/__init__.py", "import click", "click stays in cli"),
        ("views/__init__.py", "from pathlib import Path", "no input or output below the readers"),
        ("receivables/__init__.py", "import time", "no input or output below the readers"),
        ("records/contacts.py", "import pandas", "records are dataclasses without pandas"),
        ("cli/main.py", "import pandas", "no pandas in cli"),
    ],
)
def test_contracts_fail_on_a_planted_import(copied: Path, module: str, line: str, contract: str) -> None:
    plant(copied / "prisma_batch" / module, line)
    finished = lint_imports(copied)
    assert finished.returncode == 1
    assert f"{contract} BROKEN" in finished.stdout


def test_contracts_fail_on_an_undeclared_package(copied: Path) -> None:
    (copied / "prisma_batch" / "helpers").mkdir()
    (copied / "prisma_batch" / "helpers" / "__init__.py").touch()
    finished = lint_imports(copied)
    assert finished.returncode == 1
    assert "floors BROKEN" in finished.stdout


def test_core_is_pure(repository: Path) -> None:
    assert impure_calls(repository / "prisma_batch") == []


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ('open("records.yaml")', "open"),
        ("print(1)", "print"),
        ("date.today()", "today"),
        ("datetime.now(UTC)", "now"),
        ("pandas.read_csv(path)", "read_csv"),
    ],
)
def test_purity_fails_on_a_planted_call(copied: Path, line: str, name: str) -> None:
    money = copied / "prisma_batch" / "base" / "money.py"
    plant(money, line)
    last_line = money.read_text(encoding="utf-8").count("\n")
    assert impure_calls(copied / "prisma_batch") == [f"base/money.py:{last_line}: {name}"]


def test_functions_are_short(repository: Path) -> None:
    sizes = dict(function_sizes(repository / "prisma_batch"))
    assert {place: size for place, size in sizes.items() if size > 50} == {}
    assert statistics.quantiles(sizes.values(), n=20)[-1] <= 35
    assert statistics.median(sizes.values()) <= 8


def test_function_sizes_leave_out_docstrings(tmp_path: Path) -> None:
    body = '    """One.\n\n    Two.\n    """\n    first = 1\n    return first\n'
    (tmp_path / "module.py").write_text(f"def function():\n{body}", encoding="utf-8")
    assert list(function_sizes(tmp_path)) == [("module.py:1 function", 3)]


def test_modules_are_short(repository: Path) -> None:
    lines = {path: path.read_text(encoding="utf-8").count("\n") for path in python_files(repository / "prisma_batch")}
    assert {path: count for path, count in lines.items() if count > 300} == {}


@pytest.mark.parametrize("arguments", [["--help"], ["validate", "--help"], ["validate"]], ids=" ".join)
def test_validate_starts_without_pandas(repository: Path, arguments: list[str]) -> None:
    command = (
        "import sys; from prisma_batch.cli.main import main; main.main(sys.argv[1:], standalone_mode=False);"
        "sys.exit(' '.join({'pandas', 'pyarrow'} & set(sys.modules)) or None)"
    )
    started = [sys.executable, "-c", command, *arguments]
    finished = subprocess.run(started, cwd=repository, capture_output=True, text=True, check=False)
    assert (finished.returncode, "Traceback" in finished.stderr) == (0, False), finished.stderr
