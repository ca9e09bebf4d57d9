"""Look up customers and their contacts: reads contact files and prisma.yaml, and nothing else."""

from dataclasses import dataclass
from pathlib import Path

from prisma_batch.base.errors import Refused
from prisma_batch.base.findings import Finding, errors_in
from prisma_batch.base.identifiers import ACCOUNT_ID
from prisma_batch.jobs.contacts_judge import is_absent
from prisma_batch.jobs.findings import placed
from prisma_batch.readers.files import read_record
from prisma_batch.readers.given_tree import GivenTree
from prisma_batch.readers.places import SETTINGS_FILE
from prisma_batch.readers.workspace import load, require_workspace
from prisma_batch.records.contacts import Customer
from prisma_batch.records.settings import Settings

_OUTCOME = "nothing was found"


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """Customers by account, the settings where they can be read, and what is wrong with files that cannot."""

    customers: tuple[Customer, ...]
    settings: Settings | None = None
    unreadable: tuple[Finding, ...] = ()


def find_customers(root: Path, account: str | None = None, partner: str | None = None) -> Found:
    """Return the customers of a workspace, of one partner, or one by its account.

    Raises:
        Refused: there is no such account or partner.
        NotAWorkspace: root is none.
    """
    require_workspace(root)
    sources = _sources(root, account)
    if not sources:
        return Found(customers=())
    loaded = load(GivenTree({source: read_record(root, source) for source in (SETTINGS_FILE, *sources)}))
    records = [file.record for file in loaded.files]
    settings = next((record for record in records if isinstance(record, Settings)), None)
    if partner is not None and settings is not None and partner not in settings.partners:
        remedy = f"one of: {', '.join(sorted(settings.partners)) or 'prisma.yaml names none yet'}"
        raise Refused([_refusal("unknown-partner", "there is no such partner", remedy, SETTINGS_FILE)], _OUTCOME)
    customers = (record for record in records if isinstance(record, Customer))
    wanted = [customer for customer in customers if partner in {None, customer.partner}]
    return Found(
        customers=tuple(sorted(wanted, key=lambda customer: customer.account)),
        settings=settings,
        unreadable=tuple(placed(root, errors_in(loaded.findings))),
    )


def _sources(root: Path, account: str | None) -> list[str]:
    if account is None:
        return sorted(f"contacts/{path.name}" for path in (root / "contacts").glob("*.yaml"))
    source = f"contacts/{account}.yaml"
    if not ACCOUNT_ID.fullmatch(account) or is_absent(read_record(root, source)):
        remedy = "see which there are: prisma-batch contacts list"
        raise Refused([_refusal("unknown-account", "there is no such account", remedy, "contacts")], _OUTCOME)
    return [source]


def _refusal(code: str, message: str, remedy: str, source: str) -> Finding:
    return Finding(code=code, message=message, remedy=remedy, source=source)
