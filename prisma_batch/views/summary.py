"""The summary of a run: what needs a person first, then the totals that prove the rest."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, fields, is_dataclass
from datetime import date
from typing import Any, Protocol, TypeAlias, TypeVar

from pandas import NA, DataFrame

from prisma_batch.base.findings import Finding
from prisma_batch.base.money import divide
from prisma_batch.base.periods import Period
from prisma_batch.records.anomalies import Anomaly
from prisma_batch.records.discrepancies import ALERTED_STATES
from prisma_batch.records.table import rows_of
from prisma_batch.records.tables import BUCKETS
from prisma_batch.views.amounts import Money
from prisma_batch.views.figures import AgingTotal, DiscrepancyCount, RunFigures, SourceCost, UsageCount

# A broken bank statement makes all that follows from it unsure; then money that went wrong or belongs to nobody.
_URGENT_KINDS = (
    "statement_unbalanced",
    "statement_gap",
    "returned_payment",
    "unidentified_payment",
    "duplicate_payment",
)
_SEVERITIES = ("error", "high", "warning", "medium", "low")
_USAGE_COUNTS = ("read", "used", "refused", "duplicate")

TotalRow: TypeAlias = dict[str, Any]  # a total's columns by name, amounts as Money


@dataclass(frozen=True, kw_only=True, slots=True)
class Attention:
    """One thing for a person: the code it is found by, how often, and the money it is about."""

    code: str
    severity: str
    text: str
    count: int = 1
    amount: Money | None = None
    currency: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class AgingShare:
    bucket: str
    amount: Money
    percent: int


@dataclass(frozen=True, kw_only=True, slots=True)
class AgingSummary:
    """What is open in one currency; each bucket with its share of all buckets."""

    currency: str
    shares: tuple[AgingShare, ...]
    unapplied: Money
    balance: Money


@dataclass(frozen=True, kw_only=True, slots=True)
class RunSummary:
    """What both summaries print, in their order; totals by currency."""

    period: Period
    opened_on: date
    as_of: date
    headline: tuple[Attention, ...]
    ledger: tuple[TotalRow, ...]
    payments: tuple[TotalRow, ...]
    aging: tuple[AgingSummary, ...]
    discrepancies: tuple[TotalRow, ...]
    anomalies: tuple[TotalRow, ...]
    usage: dict[str, int]
    usage_files: tuple[UsageCount, ...]
    source_costs: tuple[SourceCost, ...]
    messages: dict[str, int]
    files_read: dict[str, int]


class _OfCurrency(Protocol):
    @property
    def currency(self) -> str: ...


_Total = TypeVar("_Total", bound=_OfCurrency)


def build_summary(figures: RunFigures) -> RunSummary:
    """Build the summary; nothing depends on the order in which figures were handed over."""
    return RunSummary(
        period=figures.period,
        opened_on=figures.opened_on,
        as_of=figures.as_of,
        headline=_headline(figures),
        ledger=tuple(map(_with_money, _by_currency(figures.ledger))),
        payments=tuple(map(_with_money, _by_currency(figures.payments))),
        aging=tuple(map(_aging, _by_currency(figures.aging))),
        discrepancies=tuple(map(_with_money, sorted(figures.discrepancies, key=_count_urgency))),
        anomalies=tuple(map(_anomaly, sorted(figures.anomalies, key=_anomaly_urgency))),
        usage={name: sum(getattr(count, name) for count in figures.usage) for name in _USAGE_COUNTS},
        usage_files=tuple(sorted(figures.usage, key=lambda count: count.source)),
        source_costs=tuple(
            sorted(figures.source_costs, key=lambda c: (c.source, c.billing_account, c.invoice, c.currency))
        ),
        messages={"planned": figures.messages_planned, "skipped": figures.messages_skipped},
        files_read=dict(sorted(figures.files_read)),
    )


def summary_json(figures: RunFigures) -> dict[str, Any]:
    """Return ``summary.json``: keys in a fixed order, amounts as decimal strings, dates in ISO form."""
    summary: dict[str, Any] = _plain(build_summary(figures))
    return summary


def count_discrepancies(discrepancies: DataFrame) -> tuple[DiscrepancyCount, ...]:
    """Count DISCREPANCIES rows by kind, severity, state and currency, and add up their differences."""
    by = ["kind", "severity", "state", "currency"]
    return tuple(_count(dict(zip(by, key, strict=True)), rows) for key, rows in discrepancies.groupby(by))


def _count(about: dict[str, Any], rows: DataFrame) -> DiscrepancyCount:
    differences = rows["difference_minor"].dropna()
    largest = max(rows_of(rows), key=lambda row: 0 if row.difference_minor is NA else abs(row.difference_minor))
    return DiscrepancyCount(
        **about,
        count=len(rows),
        difference_minor=int(differences.sum()) if len(differences) else None,
        largest=f"{largest.account}: {largest.message}".removeprefix(": "),
    )


def _headline(figures: RunFigures) -> tuple[Attention, ...]:
    counts = [count for count in figures.discrepancies if count.state in ALERTED_STATES and count.severity != "low"]
    attentions = [*map(_of_finding, figures.findings), *map(_of_count, counts), *_alerts(figures)]
    return tuple(sorted(attentions, key=_attention_urgency))


def _attention_urgency(attention: Attention) -> tuple[Any, ...]:
    money = abs(attention.amount.minor) if attention.amount else 0
    urgency = _urgency(attention.code.replace("-", "_"), attention.severity)
    return (urgency, -money, attention.code, attention.text, attention.currency)


def _count_urgency(count: DiscrepancyCount) -> tuple[Any, ...]:
    urgency = _urgency(count.kind, count.severity)
    is_settled = count.state not in ALERTED_STATES
    return (is_settled, urgency, -abs(count.difference_minor or 0), count.kind, count.currency, count.state)


def _urgency(kind: str, severity: str) -> tuple[int, int]:
    place = _URGENT_KINDS.index(kind) if kind in _URGENT_KINDS else len(_URGENT_KINDS)
    return place, _SEVERITIES.index(severity)


def _of_finding(finding: Finding) -> Attention:
    place = finding.source if finding.line is None else f"{finding.source}:{finding.line}"
    text = "; ".join(filter(None, (finding.message, finding.remedy)))
    return Attention(code=finding.code, severity=finding.severity, text=f"{place}: {text}")


def _of_count(count: DiscrepancyCount) -> Attention:
    more = f" (and {count.count - 1} more)" if count.count > 1 else ""
    return Attention(
        code=count.kind,
        severity=count.severity,
        text=count.largest + more,
        count=count.count,
        amount=_money(count.difference_minor, count.currency),
        currency=count.currency,
    )


def _alerts(figures: RunFigures) -> Iterator[Attention]:
    """Yield what needs a person of each kind of anomaly that is configured to: the largest, and how many more."""
    for kind in sorted(figures.alerts):
        found = sorted((item for item in figures.anomalies if item.kind == kind), key=_anomaly_urgency)
        if found:
            more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
            about = " ".join(filter(None, (found[0].account, found[0].sku)))
            text = f"{about}: {found[0].message}{more}"
            yield Attention(code=kind, severity="warning", text=text, count=len(found))


def _anomaly(anomaly: Anomaly) -> TotalRow:
    about = {name: getattr(anomaly, name) for name in ("kind", "account", "program", "sku")}
    amount, usual = Money(anomaly.amount_minor, anomaly.currency), Money(anomaly.usual_minor, anomaly.currency)
    return {**about, "amount": amount, "usual": usual, "currency": anomaly.currency, "message": anomaly.message}


def _anomaly_urgency(anomaly: Anomaly) -> tuple[Any, ...]:
    change = abs(anomaly.amount_minor - anomaly.usual_minor)
    return (-change, anomaly.account, anomaly.kind, anomaly.program, anomaly.sku, anomaly.currency)


def _aging(total: AgingTotal) -> AgingSummary:
    aged = sum(total.buckets_minor)
    return AgingSummary(
        currency=total.currency,
        shares=tuple(
            AgingShare(
                bucket=bucket, amount=Money(minor, total.currency), percent=divide(minor * 100, aged) if aged > 0 else 0
            )
            for bucket, minor in zip(BUCKETS, total.buckets_minor, strict=True)
        ),
        unapplied=Money(total.unapplied_minor, total.currency),
        balance=Money(total.balance_minor, total.currency),
    )


def _by_currency(totals: Iterable[_Total]) -> list[_Total]:
    return sorted(totals, key=lambda total: total.currency)


def _with_money(total: Any) -> TotalRow:
    return {
        name.removesuffix("_minor"): _money(value, total.currency) if name.endswith("_minor") else value
        for name, value in asdict(total).items()
    }


def _money(minor: int | None, currency: str) -> Money | None:
    # Differences in quantity or date have no amount.
    return Money(minor, currency) if currency and minor is not None else None


def _plain(value: Any) -> Any:
    if isinstance(value, Money):
        return value.text
    if isinstance(value, date | Period):
        return str(value)
    if isinstance(value, dict):
        return {name: _plain(own) for name, own in value.items()}
    if isinstance(value, tuple):
        return [_plain(own) for own in value]
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    return value
