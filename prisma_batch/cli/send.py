"""``prisma-batch send``."""

import os
import re
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click

from prisma_batch.cli.clock import now
from prisma_batch.cli.options import emit, say

if TYPE_CHECKING:
    from prisma_batch.jobs.send import Fate

_NAME = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])(-[0-9]{2})?")
_NEED_A_PERSON = ("bounced", "failed", "unclear", "unknown", "waiting")


@click.command("send", short_help="Send the mails of a run, each at most once.")
@click.argument("name", metavar="PERIOD|DATE")
@click.option("--smtp", metavar="URL", help="smtp://HOST:PORT (STARTTLS) or smtps://HOST:PORT.")
@click.option("--confirm", is_flag=True, help="Send. Without it nothing is sent, only listed.")
@click.option("--resend", metavar="KEY", multiple=True, help="Send only this message, also again. Repeatable.")
@click.option(
    "--bounces", metavar="DIR", type=click.Path(path_type=Path), help="Mark what came back, by the reports in DIR."
)
@click.option(
    "--remote",
    metavar="NAME",
    default="",
    help="Claim messages by pushes to this remote of git: several machines may send.",
)
@click.option("--per-minute", metavar="N", type=click.IntRange(1, 6000), default=60, show_default=True, help="Mails.")
@click.pass_context
def send_command(
    ctx: click.Context,
    name: str,
    smtp: str | None,
    confirm: bool,
    resend: tuple[str, ...],
    bounces: Path | None,
    remote: str,
    per_minute: int,
) -> None:
    """Send the outbox of a period, or of the notices of a day; without --confirm only say what would be sent.

    Every step of every message is in reports/sent/ before it happens: a message that a broken connection or a crash
    left on its way is listed and never sent again by itself. In a git repository that file is committed; with --remote
    it is pushed too, and each message is claimed by a push before it is sent. The user and the password come from
    PRISMA_SMTP_USER and PRISMA_SMTP_PASSWORD. Exit status 1: some message needs a person, or waits for the next time.

    --bounces reads what mail servers reported (RFC 3464), each mail a file: the addresses are marked in the journal,
    and no reminder builds on one that came back. With --confirm and without --smtp that is all that is done.

    \b
    Examples:
      prisma-batch send 2026-10
      prisma-batch send 2026-10 --smtp smtp://mail.example.com:587 --confirm
      prisma-batch send 2026-10 --bounces bounces --confirm
    """
    from prisma_batch.jobs.bounces import mark_bounces  # noqa: PLC0415 - not at start
    from prisma_batch.jobs.send import Clock, SendOptions, send  # noqa: PLC0415 - not at start
    from prisma_batch.writers.smtp import SmtpServer  # noqa: PLC0415 - not at start

    if not _NAME.fullmatch(name):
        raise click.BadParameter("a period is written YYYY-MM, a day YYYY-MM-DD", param_hint="PERIOD|DATE")
    if confirm and not (smtp or bounces):
        raise click.UsageError("--confirm needs --smtp")
    user, password = (os.environ.get(f"PRISMA_SMTP_{part}", "") for part in ("USER", "PASSWORD"))
    server = SmtpServer.parse(smtp, user, password) if smtp else None
    options = SendOptions(
        server=server if confirm else None, resend=frozenset(resend), per_minute=per_minute, remote=remote
    )
    clock, counts = Clock(now=now, pause=time.sleep), Counter[str]()

    if bounces:
        counts += mark_bounces(Path.cwd(), bounces, name, remote if confirm else None, clock, _tell)
    if smtp or not (bounces and confirm):
        counts += send(Path.cwd(), name, options, clock, _tell)
    say(", ".join(f"{count} {state}" for state, count in sorted(counts.items())) or "no messages")
    if not confirm:
        say("a dry run: nothing was sent (--smtp URL --confirm sends)")
    if any(counts[state] for state in _NEED_A_PERSON):
        ctx.exit(1)


def _tell(fate: "Fate") -> None:
    from prisma_batch.writers.visible import masked_addresses, visible  # noqa: PLC0415 - not at start

    told = masked_addresses(f"{fate.state}: {fate.key}{f' ({fate.why})' if fate.why else ''}")
    emit(f"{visible(told)}\n")
