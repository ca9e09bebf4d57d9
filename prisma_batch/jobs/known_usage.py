"""Which usage the run before knew as it is now: what is wrong with it was told by then."""

from dataclasses import replace

from prisma_batch.base.periods import Period
from prisma_batch.jobs.month_inputs import MonthInputs
from prisma_batch.jobs.recorded import RecordedRun


def with_known_usage(inputs: MonthInputs, period: Period, recorded: RecordedRun | None) -> MonthInputs:
    """Name the files, each with a program, all of whose rows were read before and judged by the same settings.

    A file that has changed is not among them, nor one with usage of the program in a month that is new to this run.
    """
    if recorded is None:
        return inputs
    unchanged = {file.path for file in inputs.files if recorded.inputs.get(file.path) == file.sha256}
    if inputs.snapshot.settings.source not in unchanged:
        return inputs
    months = inputs.metered.months
    read = {(report.source, report.program) for report in inputs.snapshot.usage_reports}
    read |= {(source, program) for source, program, _ in months}
    since = recorded.period.last_day
    new = {(source, program) for source, program, month in months if since < month <= period.last_day}
    return replace(inputs, known_usage=frozenset(pair for pair in read - new if pair[0] in unchanged))
