"""Read from a record the facts that checks across files need."""

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from prisma_batch.base.findings import pointer
from prisma_batch.records.agreements import Agreement, PriceList, Rate
from prisma_batch.records.allocations import AllocationDecision
from prisma_batch.records.cases import Announcement, Case, Incident, Outcome
from prisma_batch.records.contacts import Customer, Listing
from prisma_batch.records.documents import Document
from prisma_batch.records.facts import (
    AgreementFacts,
    Claim,
    ContactEntry,
    Coverage,
    Definition,
    DocumentFacts,
    FileFacts,
    Granted,
    Plan,
    Reference,
    ReportFacts,
    Thing,
)
from prisma_batch.records.settings import Settings
from prisma_batch.records.usage_reports import UsageReport


def facts_of(source: str, kind: str, stem: str, record: Any) -> FileFacts:
    """Return the facts of one file; a record of None stands for a file that could not be read."""
    if record is None:
        return FileFacts(source=source, kind=kind, stem=stem, readable=False)
    read = _READERS.get(type(record))
    facts = read(record) if read else {"definitions": (Definition(thing="fx_table", id=stem, pointer=""),)}
    return FileFacts(source=source, kind=kind, stem=stem, **facts)


def _of_settings(settings: Settings) -> dict[str, Any]:
    partners = (_defines("partner", name, "partners", name) for name in settings.partners)
    programs = (_defines("program", name, "programs", name) for name in settings.programs)
    return {"definitions": (*partners, *programs), "verification": settings.verification_rules}


def _of_customer(customer: Customer) -> dict[str, Any]:
    return {
        "account": customer.account,
        "definitions": (_defines("account", customer.account, "account"),),
        "references": (_refers("partner", customer.partner, "partner"),),
        "coverage": tuple(
            Coverage(contact_type=name, intervals=tuple((contact.valid_from, contact.valid_to) for contact in contacts))
            for name, contacts in customer.contacts.items()
        ),
        "people": tuple(tuple(map(_entry, listings)) for listings in customer.people()),
    }


def _entry(listing: Listing) -> ContactEntry:
    contact = listing.contact
    return ContactEntry(
        pointer=pointer("contacts", listing.contact_type, listing.position),
        verified_on=contact.verified_on,
        valid_from=contact.valid_from,
        valid_to=contact.valid_to,
    )


def _of_agreement(agreement: Agreement) -> dict[str, Any]:
    references = [_refers("account", agreement.account, "account")]
    if agreement.billed_to:
        references.append(_refers("account", agreement.billed_to, "billed_to"))
    for index, use in enumerate(agreement.price_lists):
        references.append(_refers("price_list", use.id, "price_lists", index, "id"))
    for index, commitment in enumerate(agreement.commitments):
        references += _each("program", commitment.programs, "commitments", index, "programs")
    for index, promise in enumerate(agreement.service_credits):
        references.append(_refers("program", promise.program, "service_credits", index, "program"))
    return {
        "account": agreement.account,
        "definitions": (_defines("agreement", agreement.account, "account"),),
        "references": (*references, *_of_rates(agreement.rates)),
        "agreement": AgreementFacts(billed_to=agreement.billed_to, closed_on=agreement.closed_on),
    }


def _of_price_list(price_list: PriceList) -> dict[str, Any]:
    return {
        "definitions": (_defines("price_list", price_list.id, "id"),),
        "references": tuple(_of_rates(price_list.rates)),
    }


def _of_rates(rates: tuple[Rate, ...]) -> Iterator[Reference]:
    for index, rate in enumerate(rates):
        yield _refers("program", rate.program, "rates", index, "program")
        if rate.fx:
            yield _refers("fx_table", rate.fx, "rates", index, "fx")


def _of_document(document: Document) -> dict[str, Any]:
    corrects = (*_each("document", document.corrects, "corrects"), *_corrected_lines(document))
    total = document.open_amount if document.kind == "opening_item" else document.total
    return {
        "account": document.account,
        "definitions": (_defines("document", document.number, "number"),),
        "references": (_refers("account", document.account, "account"), *_of_lines(document), *corrects),
        "document": DocumentFacts(
            number=document.number,
            kind=document.kind,
            account=document.account,
            currency=document.currency,
            total=total,
            lines=tuple(line.line for line in document.lines),
            corrects=corrects,
        ),
    }


def _of_lines(document: Document) -> Iterator[Reference]:
    for index, line in enumerate(document.lines):
        if line.service_account:
            yield _refers("account", line.service_account, "lines", index, "service_account")
        if line.program:
            yield _refers("program", line.program, "lines", index, "program")


def _corrected_lines(document: Document) -> Iterator[Reference]:
    for index, line in enumerate(document.lines):
        if line.corrects_invoice:
            key = "corrects_line" if line.corrects_line else "corrects_invoice"
            at = pointer("lines", index, key)
            yield Reference(thing="document", target=line.corrects_invoice, line=line.corrects_line, pointer=at)


def _of_report(report: UsageReport) -> dict[str, Any]:
    return {
        "account": report.account,
        "references": (_refers("account", report.account, "account"), _refers("program", report.program, "program")),
        "report": ReportFacts(program=report.program, period=str(report.period), revision=report.revision),
    }


def _of_decision(decision: AllocationDecision) -> dict[str, Any]:
    references: list[Reference] = []
    claims: list[Claim] = []
    for index, item in enumerate(decision.items):
        if item.account:
            references.append(_refers("account", item.account, "items", index, "account"))
        if item.document:
            references.append(_refers("document", item.document, "items", index, "document"))
            key = "amount" if item.settles_amount is None else "settles_amount"
            amount = item.amount if item.settles_amount is None else item.settles_amount
            at = pointer("items", index, key)
            claims.append(Claim(item.kind, item.document, amount, at, item.account or ""))
    return {"references": tuple(references), "claims": tuple(claims)}


def _of_case(case: Case) -> dict[str, Any]:
    outcomes = list(enumerate(case.outcome))
    return {
        "account": case.account,
        "definitions": (_defines("case", case.id, "id"),),
        "references": (
            _refers("account", case.account, "account"),
            *_each("document", case.documents, "documents"),
            *_disputed(case),
            *(reference for index, outcome in outcomes for reference in _of_outcome(outcome, index)),
        ),
        "claims": (*_disputes(case), *_granted(case), *_installments(case)),
        "plans": tuple(_plans(case)),
        "granted": tuple(
            Granted(kind=outcome.kind, document=outcome.document, pointer=pointer("outcome", index, "document"))
            for index, outcome in outcomes
            if outcome.document
        ),
    }


def _disputed(case: Case) -> Iterator[Reference]:
    for index, dispute in enumerate(case.disputes):
        at = pointer("disputes", index, "line" if dispute.line else "invoice")
        yield Reference(thing="document", target=dispute.invoice, line=dispute.line, pointer=at)


def _disputes(case: Case) -> Iterator[Claim]:
    for index, dispute in enumerate(case.disputes):
        at = pointer("disputes", index, "amount")
        yield Claim(kind="dispute", document=dispute.invoice, amount=dispute.amount, pointer=at)


def _granted(case: Case) -> Iterator[Claim]:
    for index, outcome in enumerate(case.outcome):
        if outcome.document and outcome.amount is not None:
            at = pointer("outcome", index, "amount")
            yield Claim(kind=outcome.kind, document=outcome.document, amount=outcome.amount, pointer=at)


def _of_outcome(outcome: Outcome, index: int) -> Iterator[Reference]:
    yield from _each("document", outcome.invoices, "outcome", index, "invoices")
    if outcome.document:
        yield _refers("document", outcome.document, "outcome", index, "document")
    if outcome.program:
        yield _refers("program", outcome.program, "outcome", index, "program")


def _plans(case: Case) -> Iterator[Plan]:
    for index, outcome in enumerate(case.outcome):
        if outcome.kind == "payment_plan":
            amount = sum((installment.amount for installment in outcome.installments), Decimal(0))
            at = pointer("outcome", index, "installments")
            yield Plan(documents=outcome.invoices, amount=amount, pointer=at)


def _installments(case: Case) -> Iterator[Claim]:
    for index, outcome in enumerate(case.outcome):
        for number, installment in enumerate(outcome.installments if outcome.invoices else ()):
            at = pointer("outcome", index, "installments", number, "amount")
            yield Claim(kind="installment", document=outcome.invoices[0], amount=installment.amount, pointer=at)


def _of_incident(incident: Incident) -> dict[str, Any]:
    accounts = _each("account", incident.accounts, "accounts")
    return {"references": (*accounts, *_each("program", incident.programs, "programs"))}


def _of_announcement(announcement: Announcement) -> dict[str, Any]:
    audience = announcement.audience
    return {
        "references": (
            *_each("account", audience.accounts, "audience", "accounts"),
            *_each("partner", audience.partners, "audience", "partners"),
            *_each("program", audience.programs, "audience", "programs"),
        )
    }


def _defines(thing: Thing, identifier: str, *at: str | int) -> Definition:
    return Definition(thing=thing, id=identifier, pointer=pointer(*at))


def _refers(thing: Thing, target: str, *at: str | int) -> Reference:
    return Reference(thing=thing, target=target, pointer=pointer(*at))


def _each(thing: Thing, targets: tuple[str, ...], *at: str | int) -> Iterator[Reference]:
    return (_refers(thing, target, *at, index) for index, target in enumerate(targets))


_READERS: Mapping[type, Callable[[Any], dict[str, Any]]] = {
    Settings: _of_settings,
    Customer: _of_customer,
    Agreement: _of_agreement,
    PriceList: _of_price_list,
    Document: _of_document,
    UsageReport: _of_report,
    AllocationDecision: _of_decision,
    Case: _of_case,
    Incident: _of_incident,
    Announcement: _of_announcement,
}
