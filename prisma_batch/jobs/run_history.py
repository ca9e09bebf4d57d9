"""The control totals of the runs before one, found by following the hashes from manifest to manifest."""

import json
from collections.abc import Iterator
from datetime import date
from itertools import chain, islice

from prisma_batch.base.periods import Period
from prisma_batch.jobs.recorded import RecordedRun
from prisma_batch.readers.files import sha256
from prisma_batch.views.trend import RunTotal, run_totals
from prisma_batch.writers.publish import MANIFEST

_RUNS_BEFORE = 23  # with the run itself two years of months


def totals_before(recorded: RecordedRun | None) -> tuple[RunTotal, ...]:
    """Return what earlier runs came to, newest first.

    The chain of manifests ends where one is gone or is not what the next one says: nothing else is named by the run.
    """
    return tuple(chain.from_iterable(islice(_each_before(recorded), _RUNS_BEFORE)))


def _each_before(recorded: RecordedRun | None) -> Iterator[tuple[RunTotal, ...]]:
    if recorded is None:
        return
    period, digest = str(recorded.period), recorded.manifest_sha256
    while True:
        file = recorded.reports / period / MANIFEST
        content = file.read_bytes() if file.is_file() else b""
        if sha256(content) != digest:
            return
        manifest = json.loads(content)
        as_of = date.fromisoformat(manifest["as_of"])
        yield run_totals(Period.parse(period), as_of, manifest["control_totals"])
        if manifest["previous"] is None:
            return
        period, digest = manifest["previous"]["period"], manifest["previous"]["sha256"]
