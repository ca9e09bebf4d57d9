"""What the verbs of ``contacts`` share: their options, and how a change is told."""

import unicodedata
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from prisma_batch.cli.clock import today
from prisma_batch.cli.options import DATE, DAY, say, say_refused
from prisma_batch.records.contacts import CONTACT_TYPES, Contact

if TYPE_CHECKING:
    from prisma_batch.jobs.contacts_change import Changed

_Command = TypeVar("_Command", bound=Callable[..., Any])


class TextType(click.ParamType[str]):
    """Text in Unicode normal form C, as records hold it."""

    name = "text"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        try:
            value.encode()
        except UnicodeEncodeError:
            self.fail("this is not UTF-8", param, ctx)
        return unicodedata.normalize("NFC", value)


TEXT = TextType()
TYPE = click.Choice(CONTACT_TYPES)

account_argument = click.argument("account", metavar="ACCOUNT", type=TEXT)
email_option = click.option("--email", metavar="ADDRESS", required=True, type=TEXT, help="The person's e-mail address.")
types_option = click.option(
    "--type", "contact_types", type=TYPE, multiple=True, required=True, help="The contact type. Repeatable."
)
at_option = click.option("--at", type=DAY, default=today, help="The day on which this happens.  [default: today]")
on_day_option = click.option(
    "--at", type=DAY, default=today, help="The day that dates are held against.  [default: today]"
)
one_type_option = click.option("--type", "contact_type", type=TYPE, help="Only this contact type.")
partner_option = click.option("--partner", metavar="ID", type=TEXT, help="Only this partner's customers.")


def person_options(command: _Command) -> _Command:
    """Add the options that describe a contact."""
    options = (
        email_option,
        click.option("--first-name", metavar="NAME", required=True, type=TEXT, help="The person's first name."),
        click.option("--last-name", metavar="NAME", required=True, type=TEXT, help="The person's last name."),
        click.option("--phone", metavar="NUMBER", type=TEXT, help="In international form: +31201234567."),
        click.option("--valid-from", type=DATE, help="The first day of this contact.  [default: from the beginning]"),
        click.option("--valid-to", type=DATE, help="The last day of this contact.  [default: without end]"),
        click.option("--verified-on", type=DATE, help="The day on which the contact was confirmed to be right."),
    )
    for option in reversed(options):
        command = option(command)
    return command


def contact_of(fields: dict[str, Any]) -> Contact:
    """Return the contact that ``person_options`` describe."""
    return Contact(**fields)


def tell(changed: "Changed", *, initials: bool = False) -> None:
    """Say what was changed, and what to know about it; people by name or by initials."""
    from prisma_batch.views.change_words import changes_in_words  # noqa: PLC0415 - not at start

    before = {changed.source: changed.before} if changed.before else {}
    words = changes_in_words(before, {changed.source: changed.after}, initials=initials)
    for line in words or ["nothing to change"] * (not changed.refused):
        say(line)
    if words and not changed.was_canonical:
        say(f"note: {changed.source} was not canonical, so its layout changed too: compare with git diff, or run fmt")
    for warning in changed.warnings:
        say(f"warning: {warning.code}: {warning.message}")
        say(f"    {warning.remedy}")
    say_refused(changed.refused)
