"""A workspace drafted from a FOCUS export: accounts, programs, agreements and the invoices that it implies."""

import hashlib
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from prisma_batch.base.counts import counted
from prisma_batch.base.identifiers import account_slug
from prisma_batch.base.periods import Period
from prisma_batch.rating.focus_draft import (
    DERIVED,
    DRAFT_TAX,
    BilledCharge,
    DraftedRate,
    draft_documents,
    draft_rates,
    main_currency,
)
from prisma_batch.readers.usage.focus import SYSTEM, FocusCharge
from prisma_batch.records.agreements import PaymentTerms
from prisma_batch.records.contacts import CONTACT_TYPES
from prisma_batch.records.documents import Document
from prisma_batch.writers.document_text import document_text
from prisma_batch.writers.starter_texts import SETTINGS_HEAD
from prisma_batch.writers.yaml_text import Flow, yaml_block, yaml_text

DRAFT_PARTNER = "direct"
NET_DAYS = 30
_TEXT_LENGTH = 250
_NOTES_PER_KIND = 10
_NOT_CONTRACTED = ("Credit", "Adjustment")
# Letters and marks that are printable to Unicode, but show nothing.
_BLANK = dict.fromkeys(map(ord, "\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0"), " ")


@dataclass(frozen=True, kw_only=True, slots=True)
class FocusDraft:
    """The records of a drafted workspace by path, its months in order, and what a person should know."""

    files: Mapping[str, str]
    months: tuple[Period, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Account:
    id: str
    external_id: str
    name: str
    terms: PaymentTerms
    charges: tuple[BilledCharge, ...]
    rates: tuple[DraftedRate, ...]
    documents: tuple[Document, ...]


def draft_workspace(charges: Sequence[FocusCharge], email: str) -> FocusDraft:
    """Draft the records that explain an export: an account per sub-account, a metered program per provider.

    Args:
        charges: every row of the export, at least one.
        email: the one contact of every account, under each type.
    """
    months = tuple(sorted({charge.charge_month for charge in charges}))
    programs = own_ids((charge.provider for charge in charges), _program_slug, 64)
    accounts = _accounts(charges, programs, months[0].first_day)
    files = {"prisma.yaml": _settings(programs, months[0])}
    for account in accounts:
        files[f"contacts/{account.id}.yaml"] = yaml_text(_customer(account, email), "../schemas/contacts.schema.json")
        files[f"agreements/{account.id}.yaml"] = yaml_text(_agreement(account), "../schemas/agreements.schema.json")
        for document in account.documents:
            files[document.source] = document_text(document)
    return FocusDraft(files=files, months=months, notes=tuple(_notes(accounts)))


def own_ids(foreign: Iterable[str], slug: Callable[[str], str], length: int) -> dict[str, str]:
    """Give each foreign id one of ours, of at most that length; ids with the same slug are told apart by a hash."""
    ids = sorted(set(foreign))
    counts = Counter(map(slug, ids))
    chosen = {raw: slug(raw) if counts[slug(raw)] == 1 and slug(raw) else _hashed(raw, slug, length) for raw in ids}
    if len(set(chosen.values())) == len(ids):
        return chosen
    return {raw: _hashed(raw, slug, length) for raw in ids}


def one_line(text: str) -> str:
    """Return a text as a record can hold it: one line of characters that show, not too long."""
    shown = unicodedata.normalize("NFC", text).translate(_BLANK)
    return " ".join("".join(c if c.isprintable() else " " for c in shown).split())[:_TEXT_LENGTH].rstrip()


def _hashed(raw: str, slug: Callable[[str], str], length: int) -> str:
    digest = slug(hashlib.sha256(raw.encode()).hexdigest()[:8])
    return f"{slug(raw)[: length - 9].strip('-')}-{digest}".strip("-")


def _program_slug(provider: str) -> str:
    kept = "".join(c if c.isascii() and c.isalnum() else " " for c in provider.lower())
    return "-".join(kept.split())[:64].strip("-")


def _accounts(charges: Sequence[FocusCharge], programs: Mapping[str, str], first_day: date) -> list[_Account]:
    by_sub_account: dict[str, list[FocusCharge]] = defaultdict(list)
    for charge in charges:
        by_sub_account[charge.sub_account].append(charge)
    ids = own_ids(by_sub_account, account_slug, 32)
    accounts = (_account(ids[raw], rows, programs, first_day) for raw, rows in by_sub_account.items())
    return sorted(accounts, key=lambda account: account.id)


def _account(account_id: str, rows: Sequence[FocusCharge], programs: Mapping[str, str], first_day: date) -> _Account:
    charges = tuple(_billed(row, programs) for row in rows)
    terms = PaymentTerms(starts_on=first_day, net_days=NET_DAYS)
    names = (one_line(row.sub_account_name) for row in rows)
    return _Account(
        id=account_id,
        external_id=rows[0].sub_account,
        name=next((name for name in names if name), account_id),
        terms=terms,
        charges=charges,
        rates=tuple(draft_rates(charges)),
        documents=tuple(draft_documents(account_id, charges, terms)),
    )


def _billed(row: FocusCharge, programs: Mapping[str, str]) -> BilledCharge:
    price = row.contracted_unit_price
    is_contracted = price is not None and price > 0 and row.charge_category not in _NOT_CONTRACTED
    return BilledCharge(
        program=programs[row.provider],
        sku=row.sku,
        unit=row.pricing_unit,
        currency=row.currency,
        month=row.charge_month,
        quantity=row.pricing_quantity,
        cost=row.billed_cost,
        unit_price=price if is_contracted else None,
        description=one_line(row.description),
    )


def _settings(programs: Mapping[str, str], first_period: Period) -> str:
    settings = {
        "programs": {
            program: {
                "name": one_line(provider) or program,
                "source": "metered",
                "external_ids": Flow({SYSTEM: [provider]}),
            }
            for provider, program in programs.items()
        },
        "partners": {DRAFT_PARTNER: Flow({"name": "Direct customers", "members": [], "account_prefixes": []})},
        "first_period": str(first_period),
        "policies": {"closing_day": "end"},
    }
    return SETTINGS_HEAD + yaml_block(settings)


def _customer(account: _Account, email: str) -> dict[str, Any]:
    contacts = {
        kind: [{"first_name": kind.replace("_", " ").capitalize(), "last_name": "Contact", "email": email}]
        for kind in CONTACT_TYPES
    }
    return {"account": account.id, "name": account.name, "partner": DRAFT_PARTNER, "contacts": contacts}


def _agreement(account: _Account) -> dict[str, Any]:
    terms, currency = account.terms, main_currency(account.charges)
    return {
        "account": account.id,
        "bill_to": {"legal_name": account.name},
        "active_from": terms.starts_on,
        "currency": currency,
        "payment_terms": [Flow({"starts_on": terms.starts_on, "net_days": terms.net_days})],
        "tax": [Flow({"starts_on": terms.starts_on, "code": DRAFT_TAX, "rate": Decimal(0)})],
        "external_ids": Flow({SYSTEM: [account.external_id]}),
        "rates": [_rate(drafted, currency) for drafted in account.rates],
    }


def _rate(drafted: DraftedRate, usual_currency: str) -> dict[str, Any]:
    rate = drafted.rate
    return {
        "program": rate.program,
        "sku": rate.sku,
        "unit": rate.unit,
        "starts_on": rate.starts_on,
        "ends_on": rate.ends_on,
        "currency": rate.currency if rate.currency != usual_currency else None,
        "pricing": Flow({"model": rate.pricing.model, "price": rate.pricing.price}, drafted.comment),
    }


def _notes(accounts: Sequence[_Account]) -> Iterator[str]:
    rates = [(account.id, drafted) for account in accounts for drafted in account.rates]
    documents = sum(len(account.documents) for account in accounts)
    records = (counted(len(accounts), "account"), counted(len(rates), "rate"), counted(documents, "document"))
    yield f"drafted: {', '.join(records)}"
    derived = sum(drafted.comment.startswith(DERIVED) for _, drafted in rates)
    if derived:
        yield f"{counted(derived, 'rate')} without a contracted price: flat, derived from cost, for one month alone"
    yield from _listed("a mean of contracted prices, rounded to 12 decimals", [i for i in rates if i[1].rounded])
    yield from _listed(
        "billed in several units or currencies; the rate is for one of them", [i for i in rates if i[1].other_variants]
    )
    yield "not in the export; what stands there is a guess:"
    yield "  names and telephone numbers of contacts, and the languages they read (contacts/)"
    yield "  legal names, addresses and tax ids of customers (agreements/, bill_to)"
    yield f"  tax (drafted: {DRAFT_TAX}) and payment terms (drafted: {NET_DAYS} days net) (agreements/)"
    yield f"  partners (drafted: {DRAFT_PARTNER}), your own company and its billing contact point (prisma.yaml)"
    yield "  numbers and dates of the invoices, if any were issued (invoices/)"


def _listed(what: str, rates: Sequence[tuple[str, DraftedRate]]) -> Iterator[str]:
    for account, drafted in rates[:_NOTES_PER_KIND]:
        yield f"{account} {drafted.rate.program} {drafted.rate.sku}: {what}"
    if len(rates) > _NOTES_PER_KIND:
        yield f"and {len(rates) - _NOTES_PER_KIND} more: {what}"
