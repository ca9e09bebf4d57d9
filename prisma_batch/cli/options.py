"""What the commands share: types of parameters, and where text goes."""

import re
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click

from prisma_batch.base.findings import Finding
from prisma_batch.base.periods import Period

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DATE_TIME = re.compile(rf"{_DATE.pattern}T[0-9]{{2}}:[0-9]{{2}}(:[0-9]{{2}})?(Z|[+-][0-9]{{2}}:[0-9]{{2}})")


# Of what is done or looked at: years before and after it are reckoned with.
_YEARS = range(1900, 3000)
_YEARS_TOLD = f"its year is from {_YEARS[0]} to {_YEARS[-1]}"


class DateType(click.ParamType[date]):
    """A day as a record may hold it, written YYYY-MM-DD."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        if isinstance(value, date):
            return value
        try:
            # fromisoformat also reads weeks and dates without hyphens.
            return date.fromisoformat(value if _DATE.fullmatch(value) else "")
        except ValueError:
            self.fail("a date is written YYYY-MM-DD, such as 2026-11-10", param, ctx)


class DayType(DateType):
    """A day on which something is done or looked at."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        day = super().convert(value, param, ctx)
        return day if day.year in _YEARS else self.fail(_YEARS_TOLD, param, ctx)


class PeriodType(click.ParamType[Period]):
    """A month, written YYYY-MM."""

    name = "period"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Period:
        if isinstance(value, Period):
            return value
        try:
            period = Period.parse(value)
        except ValueError:
            self.fail("a period is written YYYY-MM, such as 2026-10", param, ctx)
        return period if period.year in _YEARS else self.fail(_YEARS_TOLD, param, ctx)


class DateTimeType(click.ParamType[datetime]):
    """A moment as in records: RFC 3339 with an offset, so that nobody has to guess a time zone."""

    name = "moment"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        if isinstance(value, datetime):
            return value
        try:
            moment = datetime.fromisoformat(value if _DATE_TIME.fullmatch(value) else "")
        except ValueError:
            self.fail("a moment is written with its offset, such as 2026-11-10T09:12:00+01:00", param, ctx)
        return moment if moment.year in _YEARS else self.fail(_YEARS_TOLD, param, ctx)


class FileOrAddress(click.ParamType["Path | str"]):
    """A path, or the address of an object store as text: a path would lose one of its slashes."""

    name = "path"

    def convert(self, value: Any, _param: click.Parameter | None, _ctx: click.Context | None) -> Path | str:
        return value if isinstance(value, Path) or value.startswith(("s3://", "gs://")) else Path(value)


DATE = DateType()
DAY = DayType()
MOMENT = DateTimeType()
PERIOD = PeriodType()
FILES = click.Path(path_type=Path)
FILES_OR_ADDRESS = FileOrAddress()


def emit(text: str) -> None:
    """Write to stdout in UTF-8, whatever the locale, without adding anything."""
    click.echo(text.encode(), nl=False)


def say(text: str) -> None:
    """Write one line of talk to stderr; characters that would not show are written out."""
    from prisma_batch.writers.visible import visible  # noqa: PLC0415 - not at start

    # Where nobody listens any more, the command goes on and ends as it would.
    with suppress(OSError):
        click.echo(visible(text).encode(), err=True)


def say_refused(findings: Iterable[Finding]) -> None:
    """Say on stderr why something was not done, and what to do."""
    for finding in findings:
        say(f"refused: {finding.code}: {finding.message}")
        say(f"    {finding.remedy}")
        if finding.pointer:
            say(f"    in {finding.source} at {finding.pointer}")


def _on_terminal() -> bool:
    # A job may be started with stderr closed: then there is none.
    return sys.stderr is not None and sys.stderr.isatty()


def _silent(*_told: object) -> None:
    pass


@contextmanager
def counting(label: str) -> Iterator[Callable[[int, int], None]]:
    """Show a bar on a terminal for what takes over a second; say nothing when piped."""
    if not _on_terminal():
        yield _silent
        return
    shown_from = time.monotonic() + 1
    bars: list[Any] = []
    with ExitStack() as open_bars:

        def count(done: int, total: int) -> None:
            if not bars and time.monotonic() > shown_from:
                bars.append(open_bars.enter_context(click.progressbar(length=total, label=label, file=sys.stderr)))
            for bar in bars:
                bar.length = total
                bar.update(done - bar.pos)

        yield count


@contextmanager
def progress() -> Iterator[Callable[[str], None]]:
    """Show on a terminal what a command is doing; say nothing when piped."""
    if not _on_terminal():
        yield _silent
        return
    from rich.console import Console  # noqa: PLC0415 - not at start

    with Console(stderr=True).status("starting") as status:
        yield status.update
