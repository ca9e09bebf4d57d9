"""Documents and mails of a run are the same bytes whatever the number of processes, and errors publish nothing."""

import os
import pickle
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from prisma_batch.base.periods import Period
from prisma_batch.jobs import run_documents
from prisma_batch.jobs.reconcile import Reconciled, RunOptions, reconcile
from prisma_batch.jobs.run_documents import document_orders, rendered_documents
from prisma_batch.jobs.run_publication import look_of
from tests.jobs.recipes import OCTOBER, REPOSITORY, contents, edit, prisma_batch, published


@pytest.fixture
def _two_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    """However little there is to do, two processes do it."""
    monkeypatch.setattr(run_documents, "_ORDERS_MIN", 0)
    monkeypatch.setattr(run_documents, "_ORDERS_AT_ONCE", 3)
    monkeypatch.setattr(run_documents, "processors", lambda: 2)


def october(workspace: Path) -> Reconciled:
    return reconcile(workspace, Period.parse("2026-10"), None, RunOptions(), lambda _: None)


@pytest.mark.usefixtures("_two_processes")
@pytest.mark.parametrize("known", [True, False])
def test_two_processes_publish_the_same(workspace: Path, example: Path, *, known: bool) -> None:
    if not known:
        shutil.rmtree(workspace / ".prisma-cache")
    published(workspace, "run", "2026-10")
    assert contents(workspace / OCTOBER) == contents(example / OCTOBER)


def test_any_number_of_processes_makes_the_same(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reconciled = october(workspace)
    made = []
    for processes, at_once in ((1, 16), (2, 5), (3, 1)):
        monkeypatch.setattr(run_documents, "_ORDERS_AT_ONCE", at_once)
        with rendered_documents(reconciled, look_of(reconciled, {}), processes) as documents:
            made.append(list(documents))
    assert made[0] == made[1] == made[2]
    assert sum(len(document.rows) for document in made[0]) > 20


def test_each_message_is_made_once(workspace: Path) -> None:
    reconciled = october(workspace)
    told = [message.key for order in document_orders(reconciled) for message in order.messages]
    assert sorted(told) == [message.key for message in reconciled.messages if not message.skipped_because]


@pytest.mark.usefixtures("_two_processes")
def test_an_error_elsewhere_is_told_as_it_is_here_and_publishes_nothing(workspace: Path, example: Path) -> None:
    (workspace / "fonts").mkdir()
    (workspace / "fonts/broken.ttf").write_bytes(b"no font")
    edit(workspace / "prisma.yaml", "issuer:\n", "issuer:\n  fonts: fonts\n")
    refused = prisma_batch(workspace, "run", "2026-10")
    assert refused.exit_code == 2
    assert "fonts/broken.ttf is no font" in refused.stderr
    assert contents(workspace / OCTOBER) == contents(example / OCTOBER)


def test_a_process_that_makes_documents_needs_no_tables(workspace: Path) -> None:
    reconciled = october(workspace)
    handed = pickle.dumps((look_of(reconciled, {}), list(document_orders(reconciled))))
    program = "import pickle, sys; pickle.load(sys.stdin.buffer); print(sorted({'pandas', 'pyarrow'} & {*sys.modules}))"
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    told = subprocess.run(
        [sys.executable, "-c", program], input=handed, env=environment, capture_output=True, check=True
    )
    assert told.stdout == b"[]\n"
