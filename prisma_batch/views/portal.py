"""The self-service portal: one page an account for its customer, and an index of all for finance."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from pandas import NA, DataFrame

from prisma_batch.base.identifiers import file_stem
from prisma_batch.base.periods import Period
from prisma_batch.receivables import standing as receivables
from prisma_batch.receivables.reasons import Owed, Reason
from prisma_batch.records.cases import Case
from prisma_batch.records.contacts import CONTACT_TYPES, Customer
from prisma_batch.records.settings import ContactPoint
from prisma_batch.records.snapshot import Snapshot
from prisma_batch.records.table import rows_of
from prisma_batch.views.amounts import Money
from prisma_batch.views.charts import balance_line, bars
from prisma_batch.views.notices.layout import Text
from prisma_batch.views.parties import bill_to, customer_name, language_of, program_name
from prisma_batch.views.portal_parts import (
    AccountPage,
    AgingChart,
    Balances,
    CaseLine,
    DiscrepancyPage,
    DiscrepancyRow,
    FileLink,
    Installment,
    PortalIndex,
    ReportLine,
    Standing,
    UsageComparison,
)
from prisma_batch.views.rows import Row, day
from prisma_batch.views.statement import Section, Statement, StatementSpan
from prisma_batch.views.summary import AgingSummary, RunSummary
from prisma_batch.views.trend import RunTotal, trends


@dataclass(frozen=True, kw_only=True, slots=True)
class PortalTables:
    """What a run found, as the portal shows it: USAGE_REPORT_STATES, CHARGES and INVOICE_LINES of the period.

    ``standings``: the status of accounts, by account.
    """

    usage_reports: DataFrame
    charges: DataFrame
    lines: DataFrame
    standings: Mapping[str, Standing] = field(default_factory=dict)


def build_account_pages(
    snapshot: Snapshot, statements: Iterable[Statement], tables: PortalTables, span: StatementSpan
) -> tuple[AccountPage, ...]:
    """Build the page of every account with a contact record, an agreement or a statement, sorted by account."""
    by_account = {statement.account: statement for statement in statements}
    reports = _reports(tables.usage_reports, snapshot)
    usage = _usage(tables, snapshot)
    cases = _cases(snapshot, span)
    files = _files(snapshot, span)
    pages = []
    for account in sorted({*by_account, *snapshot.customers, *snapshot.agreements}):
        statement, customer = by_account.get(account), snapshot.customers.get(account)
        pages.append(
            AccountPage(
                account=account,
                customer_name=customer_name(snapshot, account),
                partner=_partner_name(snapshot, customer),
                language=language_of(snapshot, account),
                span=span,
                issuer=snapshot.settings.issuer,
                contact_point=snapshot.settings.contact_point,
                bill_to=bill_to(snapshot, account),
                standing=tables.standings.get(account),
                balances=tuple(_balances(statement, section) for section in statement.sections) if statement else (),
                files=(*_statement_files(statement), *files.get(account, ())),
                contacts={kind: customer.contacts_on(kind, span.as_of) for kind in CONTACT_TYPES} if customer else {},
                change_url=_change_url(snapshot.settings.contact_point, account),
                reports=tuple(reports.get(account, ())),
                usage=tuple(usage.get(account, ())),
                cases=tuple(cases.get(account, ())),
            )
        )
    return tuple(pages)


def build_index(
    summary: RunSummary, snapshot: Snapshot, pages: Sequence[AccountPage], runs: Iterable[RunTotal] = ()
) -> PortalIndex:
    """Build the index of all accounts; ``runs`` are this one and those before it."""
    return PortalIndex(
        summary=summary,
        issuer=snapshot.settings.issuer,
        contact_point=snapshot.settings.contact_point,
        accounts=tuple(pages),
        aging=tuple(map(_aging_chart, summary.aging)),
        trends=trends(runs),
    )


def _aging_chart(total: AgingSummary) -> AgingChart:
    overdue = sum(share.amount.minor for share in total.shares[1:])
    return AgingChart(
        currency=total.currency,
        bars=bars((share.bucket, share.amount) for share in total.shares),
        balance=total.balance,
        overdue=Money(overdue, total.currency),
    )


def build_discrepancy_page(
    discrepancies: DataFrame, snapshot: Snapshot, pages: Sequence[AccountPage], period: Period
) -> DiscrepancyPage:
    """Build the report of DISCREPANCIES, whose ``source`` is printed as it stands."""
    counted = discrepancies[discrepancies["difference_minor"].notna() & discrepancies["currency"].ne("")]
    sums = counted.groupby(["currency", "kind"])["difference_minor"].sum()
    by_currency: dict[str, list[tuple[str, Money]]] = defaultdict(list)
    for (currency, kind), minor in dict(sums).items():
        by_currency[currency].append((kind, Money(int(minor), currency)))
    return DiscrepancyPage(
        period=period,
        issuer=snapshot.settings.issuer,
        contact_point=snapshot.settings.contact_point,
        impact=tuple((currency, bars(amounts)) for currency, amounts in sorted(by_currency.items())),
        rows=tuple(_discrepancy(row) for row in rows_of(discrepancies)),
        accounts=frozenset(page.account for page in pages),
    )


def _discrepancy(row: Row) -> DiscrepancyRow:
    has_amount = row.currency and row.difference_minor is not NA
    return DiscrepancyRow(
        id=row.id,
        kind=row.kind,
        severity=row.severity,
        state=row.state,
        account=row.account,
        message=row.message,
        difference=Money(int(row.difference_minor), row.currency) if has_amount else None,
        source=row.source,
    )


def standing(found: receivables.Standing) -> Standing:
    """Take an account's status, its reasons as sentences of the catalogs."""
    return Standing(
        status=found.status,
        reasons=tuple(map(_reason, found.reasons)),
        next_change_on=found.next_change_on,
        next_status=found.next_status,
    )


def _reason(reason: Reason) -> Text:
    said = {name: Money(*value) if isinstance(value, Owed) else value for name, value in reason.said.items()}
    return Text(reason.message, said)


def _partner_name(snapshot: Snapshot, customer: Customer | None) -> str:
    partner = snapshot.settings.partners.get(customer.partner) if customer else None
    return partner.name if partner else customer.partner if customer else ""


def _balances(statement: Statement, section: Section) -> Balances:
    span = statement.span
    aged = [(bucket, money) for bucket, money in section.aging.items() if bucket != "balance"]
    history = balance_line(section.opening, section.movements, span.opened_on, span.as_of)
    return Balances(section=section, aging=bars(aged), history=history)


def _statement_files(statement: Statement | None) -> tuple[FileLink, ...]:
    if statement is None:
        return ()
    paths = tuple(f"statements/{statement.account}.{suffix}" for suffix in ("pdf", "html", "csv"))
    return (FileLink(title="", kind="statement_of_account", issued_on=statement.span.as_of, amount=None, paths=paths),)


def _files(snapshot: Snapshot, span: StatementSpan) -> Mapping[str, list[FileLink]]:
    found: dict[str, list[FileLink]] = defaultdict(list)
    for document in snapshot.documents:
        if span.tells_of(document):
            paths = tuple(f"invoices/{file_stem(document.number)}.{suffix}" for suffix in ("pdf", "html"))
            found[document.account].append(
                FileLink(
                    title=document.number,
                    kind=document.kind,
                    issued_on=document.issued_on,
                    amount=Money.of(document.total, document.currency),
                    paths=paths,
                )
            )
    return found


def _change_url(contact_point: ContactPoint, account: str) -> str:
    # Account ids hold nothing that an address would have to escape.
    return contact_point.change_url.replace("{account}", account) if contact_point.change_url else ""


def _reports(states: DataFrame, snapshot: Snapshot) -> Mapping[str, list[ReportLine]]:
    found: dict[str, list[ReportLine]] = defaultdict(list)
    for row in rows_of(states):
        found[str(row.account)].append(
            ReportLine(
                program=program_name(snapshot, row.program),
                period=Period.parse(row.period),
                state=row.state,
                due_on=day(row.due_on),
                submitted_on=day(row.submitted_on),
            )
        )
    return found


def _usage(tables: PortalTables, snapshot: Snapshot) -> Mapping[str, list[UsageComparison]]:
    """Add up charges and invoice lines by account, program and currency."""
    keys = ["account", "program", "currency"]
    used = tables.charges[tables.charges["amount_minor"].notna()].groupby(keys)["amount_minor"].sum()
    lines = tables.lines.assign(account=tables.lines["service_account"])
    billed = lines.groupby(keys)["amount_minor"].sum()
    found: dict[str, list[UsageComparison]] = defaultdict(list)
    for key in sorted({*used.index, *billed.index}):
        account, name, currency = map(str, key)
        pair = [Money(int(totals.get(key, 0)), currency) for totals in (used, billed)]
        both = bars(zip(("usage", "invoiced"), pair, strict=True))
        found[account].append(UsageComparison(program=program_name(snapshot, name), bars=(both[0], both[1])))
    return found


def _cases(snapshot: Snapshot, span: StatementSpan) -> Mapping[str, list[CaseLine]]:
    """List cases that are open, or were until this statement began."""
    found: dict[str, list[CaseLine]] = defaultdict(list)
    currencies = {document.number: document.currency for document in snapshot.documents}
    for case in snapshot.cases:
        is_recent = any(interaction.at.date() >= span.opened_on for interaction in case.interactions)
        if case.is_open or is_recent or _installments(case, currencies):
            found[case.account].append(
                CaseLine(
                    id=case.id,
                    kind=case.kind,
                    subject=case.subject,
                    status=case.status,
                    opened_on=case.opened_at.date(),
                    is_open=case.is_open,
                    installments=_installments(case, currencies),
                )
            )
    return found


def _installments(case: Case, currencies: Mapping[str, str]) -> tuple[Installment, ...]:
    plans = [outcome for outcome in case.outcome if outcome.kind == "payment_plan" and outcome.installments]
    if not plans:
        return ()
    named = [currencies[number] for number in plans[-1].invoices if number in currencies]
    return tuple(
        Installment(due_on=installment.due_on, amount=Money.of(installment.amount, currency))
        for currency in named[:1]
        for installment in plans[-1].installments
    )
