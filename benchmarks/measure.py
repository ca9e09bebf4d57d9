"""Run a command and measure it: seconds, and memory of all its processes together."""

import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from threading import Event, Thread

_SAMPLED_EVERY_S = 0.1
_PSS = re.compile(r"^Pss:\s+(\d+) kB", re.MULTILINE)
_SELF_US = re.compile(r"^import time:\s+(\d+) \|", re.MULTILINE)


@dataclass(frozen=True, kw_only=True, slots=True)
class Measured:
    """The median of several runs, and the highest memory of all of them."""

    seconds: float
    memory_mb: float


def run(command: Sequence[str | Path], folder: Path, environment: Mapping[str, str] | None = None) -> Measured:
    """Run a command once; it has to end with status 0.

    Memory is the proportional set size, so that what processes share counts once.
    """
    started = time.perf_counter()
    with subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as process:
        peak_kb, stop = [0], Event()
        sampler = Thread(target=_sample, args=(process.pid, peak_kb, stop))
        sampler.start()
        output, _ = process.communicate()
        seconds = time.perf_counter() - started
        stop.set()
        sampler.join()
    if process.returncode:
        sys.exit(f"{command[:6]} ended with status {process.returncode}:\n{output.decode()[-2000:]}")
    return Measured(seconds=seconds, memory_mb=peak_kb[0] / 1024)


def alternately(contenders: Mapping[str, Callable[[], Measured]], rounds: int) -> dict[str, Measured]:
    """Run every contender in turn, several rounds, so that all of them see the same machine; return medians."""
    results: dict[str, list[Measured]] = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, contender in contenders.items():
            results[name].append(contender())
    return {name: summed_up(measured) for name, measured in results.items()}


def summed_up(measured: Sequence[Measured]) -> Measured:
    """Return the median of the seconds and the peak of the memory."""
    return Measured(
        seconds=median(item.seconds for item in measured), memory_mb=max(item.memory_mb for item in measured)
    )


def import_seconds(command: Sequence[str | Path], folder: Path, environment: Mapping[str, str] | None = None) -> float:
    """Return how long a Python command spends in imports, as Python itself measures them."""
    started = [command[0], "-X", "importtime", *command[1:]]
    finished = subprocess.run(started, cwd=folder, env=environment, check=True, capture_output=True, text=True)
    return sum(map(int, _SELF_US.findall(finished.stderr))) / 1e6


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Return a Markdown table."""
    lines = [head, ["---"] + ["---:"] * (len(head) - 1), *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines) + "\n"


def _sample(pid: int, peak_kb: list[int], stop: Event) -> None:
    while not stop.wait(_SAMPLED_EVERY_S):
        peak_kb[0] = max(peak_kb[0], sum(map(_pss_kb, _family(pid))))


def _family(pid: int) -> Iterator[int]:
    yield pid
    try:
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text(encoding="ascii").split():
                yield from _family(int(child))
    except OSError:
        return


def _pss_kb(pid: int) -> int:
    try:
        found = _PSS.search(Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii"))
    except OSError:
        return 0
    return int(found[1]) if found else 0
