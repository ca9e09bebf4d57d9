"""Every code has an example that passes and one that fails; what is found lies next to the latter in expected.txt.

An example is a few files laid over ``tests/examples/_base``, a workspace without findings; ``DELETE`` lists files of it
that are left out.
"""

import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from prisma_batch.checks.registry import CROSS_FILE, PER_FILE
from prisma_batch.jobs.validate import validate

EXAMPLES = Path(__file__).parents[1] / "examples"
CODES = {code for entry in (*PER_FILE, *CROSS_FILE) for code in entry.codes}
FOLDERS = sorted(path.name for path in EXAMPLES.iterdir() if path.name != "_base")
AS_OF = date(2026, 11, 30)


def laid_over_base(example: Path, workspace: Path) -> Path:
    shutil.copytree(EXAMPLES / "_base", workspace)
    shutil.copytree(example, workspace, dirs_exist_ok=True, ignore=shutil.ignore_patterns("expected.txt", "DELETE"))
    deleted = example / "DELETE"
    for name in deleted.read_text(encoding="utf-8").split() if deleted.exists() else ():
        (workspace / name).unlink()
    return workspace


def found_in(workspace: Path) -> list[str]:
    findings = validate(workspace, (), AS_OF).findings
    # No address of a person is shown.
    assert not [item.message for item in findings if "@" in item.message]
    return [f"{item.source}:{item.line}:{item.column}: {item.code}" for item in findings]


@pytest.mark.parametrize("code", sorted(CODES))
def test_code_has_examples(code: str) -> None:
    assert {"pass", "fail"} <= {path.name for path in (EXAMPLES / code).glob("*")}


@pytest.mark.parametrize("code", FOLDERS)
def test_pass_example(code: str, tmp_path: Path) -> None:
    assert found_in(laid_over_base(EXAMPLES / code / "pass", tmp_path / "workspace")) == []


@pytest.mark.parametrize("code", FOLDERS)
def test_fail_example(code: str, tmp_path: Path, golden: Callable[[Path, str], None]) -> None:
    example = EXAMPLES / code / "fail"
    found = found_in(laid_over_base(example, tmp_path / "workspace"))
    assert any(line.endswith(f": {code}") for line in found)
    golden(example / "expected.txt", "".join(f"{line}\n" for line in found))


def test_base_has_no_findings(tmp_path: Path) -> None:
    assert found_in(shutil.copytree(EXAMPLES / "_base", tmp_path / "workspace")) == []
