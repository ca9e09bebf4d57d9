"""The records of one workspace, read once."""

from collections.abc import Mapping
from dataclasses import dataclass

from prisma_batch.records.agreements import Agreement, ExchangeRate, PriceList
from prisma_batch.records.allocations import AllocationDecision
from prisma_batch.records.cases import Announcement, Case, Incident
from prisma_batch.records.contacts import Customer
from prisma_batch.records.documents import Document
from prisma_batch.records.settings import Settings
from prisma_batch.records.usage_reports import UsageReport


@dataclass(frozen=True, kw_only=True, slots=True)
class Snapshot:
    """Every record of a workspace, each sequence sorted by source so that file order never matters."""

    settings: Settings
    customers: Mapping[str, Customer]
    agreements: Mapping[str, Agreement]
    price_lists: Mapping[str, PriceList]
    documents: tuple[Document, ...]
    usage_reports: tuple[UsageReport, ...]
    allocations: tuple[AllocationDecision, ...]
    cases: tuple[Case, ...]
    incidents: tuple[Incident, ...]
    announcements: tuple[Announcement, ...]
    exchange_rates: Mapping[str, tuple[ExchangeRate, ...]]
