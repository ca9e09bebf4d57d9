"""``prisma-batch case``: what its verbs share is in ``options``."""

import click

from prisma_batch.cli.verbs import VerbGroup

_VERBS = ("open", "log", "resolve", "list", "assess")


@click.group(
    "case", cls=VerbGroup, package="prisma_batch.cli.case", verbs=_VERBS, short_help="Answer inquiries, on time."
)
def case_group() -> None:
    """Open inquiries, log what was said, resolve them, and see which are due.

    A case is a record, cases/ACCOUNT/ID.yaml. Its log is only ever added to. First replies and resolutions are due in
    business hours (contact_point in prisma.yaml); the time in which the customer is waited for does not count.

    \b
    Examples:
      prisma-batch case list
      prisma-batch case open ACME-001 --kind invoice_discrepancy --subject "Overcharged core pairs"
    """
