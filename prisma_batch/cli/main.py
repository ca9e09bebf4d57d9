"""The command line: its commands, and the one place where failures become exit statuses."""

import contextlib
import errno
import sys
import tempfile
import traceback
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from prisma_batch import __version__
from prisma_batch.base.errors import PrismaError, RecordsNotRight, Refused, UsageProblem
from prisma_batch.cli.options import emit, say, say_refused

COMMANDS = {
    "allocate": "prisma_batch.cli.allocate:allocate_command",
    "case": "prisma_batch.cli.case.group:case_group",
    "contacts": "prisma_batch.cli.contacts.group:contacts_group",
    "estimate": "prisma_batch.cli.estimate:estimate_command",
    "explain": "prisma_batch.cli.explain:explain_command",
    "export": "prisma_batch.cli.export:export_command",
    "fmt": "prisma_batch.cli.fmt:fmt_command",
    "init": "prisma_batch.cli.init:init_command",
    "notify": "prisma_batch.cli.notify:notify_command",
    "run": "prisma_batch.cli.run:run_command",
    "send": "prisma_batch.cli.send:send_command",
    "validate": "prisma_batch.cli.validate:validate_command",
}
# What these print is for reading, their findings too; the output of the others is kept, or read by programs.
_FINDINGS_ON_STDOUT = ("init", "notify", "run")
BUG_STATUS = 3
# What the machine refuses whatever the program does; a file that is not there may be our mistake, so it is not here.
_MACHINE_ERRORS = frozenset(
    getattr(errno, name)
    for name in "EACCES EDQUOT EEXIST EFBIG EIO EISDIR EMFILE ENFILE ENOSPC ENOTDIR EPERM EROFS".split()
)


class CommandGroup(click.Group):
    """Imports a command when it is named, and turns failures into exit statuses: 1 records, 2 usage, 3 a bug."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - as click calls it
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - as click calls it
        if cmd_name not in COMMANDS:
            return None
        module, _, function = COMMANDS[cmd_name].partition(":")
        command: click.Command = getattr(import_module(module), function)
        return command

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except PrismaError as error:
            _explain(error, findings_on_stdout=ctx.invoked_subcommand in _FINDINGS_ON_STDOUT)
            ctx.exit(error.exit_status)

    def main(self, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().main(*args, **kwargs)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except Exception as error:  # noqa: BLE001 - the last line of defence: a user never sees a traceback
            if isinstance(error, OSError) and error.errno in _MACHINE_ERRORS:
                say(f"prisma-batch: {error.filename or 'the output'} cannot be read or written: {error.strerror}")
                sys.exit(UsageProblem.exit_status)
            say(f"prisma-batch: this is a bug ({type(error).__name__}); what happened is in {_written_log(error)}")
            sys.exit(BUG_STATUS)


@click.group(
    cls=CommandGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option("-C", "directory", metavar="DIR", type=click.Path(exists=True, file_okay=False), help="Run in DIR.")
@click.version_option(__version__, prog_name="prisma-batch")
@click.pass_context
def main(ctx: click.Context, directory: str | None) -> None:
    """Contacts and invoices as records in git; usage, invoices and payments reconciled every month.

    A folder with prisma.yaml is a workspace. Commands work in the current folder, or in the one named by -C.

    Exit status: 0 fine; 1 records, totals or messages are not right; 2 wrong usage or configuration; 3 a bug.

    \b
    Examples:
      prisma-batch validate
      prisma-batch -C records run 2026-10
    """
    try:
        Path.cwd()
    except FileNotFoundError:
        raise UsageProblem("the current folder is not there any more: change to another one") from None
    if directory:
        ctx.with_resource(contextlib.chdir(directory))


def _explain(error: PrismaError, *, findings_on_stdout: bool) -> None:
    if isinstance(error, RecordsNotRight):
        from prisma_batch.writers.findings import findings_text  # noqa: PLC0415 - not at start

        text = findings_text(error.findings, "text")
        if findings_on_stdout:
            emit(text)
        else:
            for line in text.splitlines():
                say(line)
    if isinstance(error, Refused):
        say_refused(error.findings)
    say(f"prisma-batch: {error}")


def _written_log(error: Exception) -> str:
    try:
        with tempfile.NamedTemporaryFile(
            "w", encoding="utf-8", prefix="prisma-batch-", suffix=".log", delete=False
        ) as log:
            traceback.print_exception(error, file=log)
    except OSError:
        return "no log: none could be written"
    return str(Path(log.name))
