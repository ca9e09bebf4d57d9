"""How far a long command is: shown on a terminal, never to what reads a pipe."""

import io
import os
import sys
import time

import pytest

from prisma_batch.cli.options import counting


@pytest.mark.parametrize(("seconds", "is_shown"), [(0.2, False), (1.1, True)])
def test_a_bar_is_shown_of_what_takes_over_a_second(
    monkeypatch: pytest.MonkeyPatch, seconds: float, is_shown: bool
) -> None:
    reader, writer = os.openpty()
    terminal = os.fdopen(writer, "w")
    monkeypatch.setattr(sys, "stderr", terminal)
    with counting("checking") as tell:
        time.sleep(seconds)
        tell(4, 4)
    terminal.write("done")
    terminal.flush()
    shown = ""
    while not shown.endswith("done"):  # a terminal hands over what it was given in pieces
        shown += os.read(reader, 10_000).decode()
    terminal.close()
    os.close(reader)
    assert ("checking" in shown, "100%" in shown) == (is_shown, is_shown)


def test_nothing_is_shown_when_piped(monkeypatch: pytest.MonkeyPatch) -> None:
    pipe = io.StringIO()
    monkeypatch.setattr(sys, "stderr", pipe)
    with counting("checking") as tell:
        tell(1, 4)
        time.sleep(1.1)
        tell(4, 4)
    assert pipe.getvalue() == ""
