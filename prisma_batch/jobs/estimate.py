"""Estimate the coming invoice of an account from its usage so far, priced as ``run`` does; nothing is written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from difflib import get_close_matches
from pathlib import Path

from pandas import DataFrame

from prisma_batch.base.errors import RecordsNotRight, UsageProblem
from prisma_batch.base.findings import errors_in
from prisma_batch.base.money import to_scaled
from prisma_batch.base.periods import Period
from prisma_batch.engines.local import LocalEngine
from prisma_batch.jobs.findings import findings_in, placed
from prisma_batch.jobs.metered_usage import read_metered
from prisma_batch.jobs.month_inputs import known_records, load_settings, usage_names
from prisma_batch.jobs.rated import due_charges, known_months, snapshot_rates
from prisma_batch.jobs.usage_rows import rows_of_accounts
from prisma_batch.rating.grain import daily_keys
from prisma_batch.rating.invoice_lines import invoice_lines
from prisma_batch.rating.placement import with_period
from prisma_batch.rating.projection import MonthSoFar, Projection, projected_usage
from prisma_batch.rating.rates import Rates, with_last_exchange
from prisma_batch.rating.totals import KEY, Key, usage_totals
from prisma_batch.rating.usage import accept_sources, reported_rows
from prisma_batch.readers.usage.files import UsageFile, usage_files
from prisma_batch.readers.workspace import Loaded
from prisma_batch.records.snapshot import Snapshot
from prisma_batch.records.table import with_texts
from prisma_batch.views.estimate import Estimate, EstimateInput, build_estimate


@dataclass(frozen=True, kw_only=True, slots=True)
class EstimateOptions:
    """``as_of`` leaves out what was used, reported or issued later; ``wanted`` are quantities by SKU or PROGRAM/SKU."""

    as_of: date | None = None
    wanted: tuple[tuple[str, Decimal], ...] = ()


def estimate(root: Path, account: str, period: Period, options: EstimateOptions) -> Estimate:
    """Estimate what an account will be invoiced for a period, beside its last invoice.

    Raises:
        UsageProblem: no workspace, an unknown account, a period before the first, or a SKU that is not agreed.
        RecordsNotRight: with every error of every record and file.
        InvariantBroken, AmountOverflow: as for a run.
    """
    loaded, settings = load_settings(root)
    if period < settings.first_period:
        raise UsageProblem(f"the first period is {settings.first_period} (prisma.yaml, first_period)")
    files = _checked_usage(root, loaded, options.as_of or period.last_day)
    snapshot = _known(loaded.snapshot(), period, options.as_of)
    accounts = _billed_accounts(snapshot, account)
    own = replace(snapshot, agreements={name: snapshot.agreements[name] for name in accounts})
    used, covered = rows_of_accounts(files, usage_names(loaded), accounts, period, options.as_of or date.max)
    if options.as_of and options.as_of >= period.last_day:
        covered = dict.fromkeys(covered, period.last_day)
    month = _month(own, period, covered)
    reports = reported_rows(report for report in own.usage_reports if report.account in accounts)
    rates, exchanged_in = with_last_exchange(snapshot_rates(own), period)
    rows = accept_sources(used, reports, settings).rows
    wanted = _wanted_keys(account, options.wanted, rates, rows)
    as_recorded, projections = _charges(rows, month, (own, rates), {})
    charges = as_recorded
    if wanted:
        charges, projections = _charges(rows, month, (own, rates), wanted)
    lines = with_period(invoice_lines(snapshot.documents), rates.in_advance)
    is_own = lines["service_account"].isin(sorted(accounts)) & lines["kind"].eq("invoice")
    lines = with_texts(lines[is_own])
    return build_estimate(
        EstimateInput(
            account=account,
            period=period,
            snapshot=snapshot,
            charges=charges,
            charges_as_recorded=as_recorded,
            terms=rates.terms,
            projections=projections,
            exchanged_in=exchanged_in,
            covered_until=month.covered_until,
            wanted=options.wanted,
            lines=lines[lines["period"].lt(str(period))],
        )
    )


def _checked_usage(root: Path, loaded: Loaded, as_of: date) -> list[UsageFile]:
    """Return the usage files that count, having checked records and files as a run does."""
    files, faults = usage_files(root, None)
    metered = read_metered(files, usage_names(loaded), frozenset(), date.max, (LocalEngine(), _silent))
    found = errors_in([*findings_in(loaded, as_of), *faults, *metered.findings])
    if found:
        raise RecordsNotRight(placed(root, found))
    return [file for file in files if file.source in metered.hashes]


def _silent(_doing: str) -> None:
    pass


def _known(snapshot: Snapshot, period: Period, as_of: date | None) -> Snapshot:
    """Leave out what was not known yet on a day that was named; else all records are, whatever their dates."""
    if as_of is None:
        return snapshot
    known = known_records(snapshot, period, as_of)
    return replace(
        known,
        documents=tuple(document for document in known.documents if document.issued_on <= as_of),
        usage_reports=tuple(report for report in known.usage_reports if report.submitted_on <= as_of),
    )


def _billed_accounts(snapshot: Snapshot, account: str) -> frozenset[str]:
    """Return the account and those whose invoices it owes."""
    if account not in snapshot.agreements:
        near = get_close_matches(account, snapshot.agreements, n=3)
        meant = f" (did you mean {', '.join(near)}?)" if near else ""
        raise UsageProblem(f"no agreement is of account {account}{meant}")
    tenants = (name for name, agreement in snapshot.agreements.items() if agreement.billed_to == account)
    return frozenset([account, *tenants])


def _month(snapshot: Snapshot, period: Period, covered: Mapping[str, date]) -> MonthSoFar:
    programs, agreements = snapshot.settings.programs, snapshot.agreements.values()
    reported = frozenset(name for name, program in programs.items() if program.source == "reported")
    return MonthSoFar(
        period=period,
        reported_programs=reported,
        reported=frozenset((item.account, item.program) for item in snapshot.usage_reports if item.period == period),
        covered_until={name: day for name, day in covered.items() if name not in reported},
        ends={agreement.account: agreement.closed_on for agreement in agreements if agreement.closed_on},
    )


def _charges(
    rows: DataFrame, month: MonthSoFar, agreed: tuple[Snapshot, Rates], wanted: Mapping[Key, Decimal]
) -> tuple[DataFrame, dict[Key, Projection]]:
    """Return the CHARGES of the month, of usage carried to its end, and how each quantity came about."""
    snapshot, rates = agreed
    subscribed = {key: quantity for key, quantity in wanted.items() if key in _keys(rates.subscriptions)}
    used = {key: quantity for key, quantity in wanted.items() if key not in subscribed}
    usage, projections = projected_usage(rows, month, rates, used)
    asked = _with_quantities(rates, subscribed)
    months = known_months(snapshot, month.period, usage_named=False)
    charges = due_charges(usage_totals(usage, daily_keys(asked)), asked, snapshot, months)
    return charges[charges["period"].eq(str(month.period))], projections


def _with_quantities(rates: Rates, wanted: Mapping[Key, Decimal]) -> Rates:
    """Return the rates with other quantities of subscriptions."""
    if not wanted:
        return rates
    keys = [*zip(*(rates.subscriptions[column] for column in KEY), strict=True)]
    rows = rates.subscribed.copy()
    for index, rate in rows["rate"].items():
        if keys[rate] in wanted:
            rows.loc[index, ["quantity_scaled", "quantity_scale"]] = to_scaled(wanted[keys[rate]])
    return replace(rates, subscribed=rows)


def _wanted_keys(
    account: str, wanted: Sequence[tuple[str, Decimal]], rates: Rates, rows: DataFrame
) -> dict[Key, Decimal]:
    """Find what is meant by ``SKU``, ``PROGRAM/SKU`` or ``ACCOUNT/PROGRAM/SKU``."""
    known = sorted({*_keys(rates.table), *_keys(rates.subscriptions), *_keys(rows)})
    found = {}
    for name, quantity in wanted:
        meant = [key for key in known if name in (key[2], "/".join(key[1:]), "/".join(key))]
        own = [key for key in meant if key[0] == account] or meant
        if not own:
            near = get_close_matches(name, [key[2] for key in known], n=3)
            raise UsageProblem(
                f"{account} has no SKU {name}: it has {', '.join(near or sorted({k[2] for k in known}))}"
            )
        if len(own) > 1:
            raise UsageProblem(f"{name} may be {' or '.join('/'.join(key) for key in own)}: name one of them")
        found[own[0]] = quantity
    return found


def _keys(table: DataFrame) -> set[Key]:
    return set(zip(*(table[column] for column in KEY), strict=True))
