"""A run as views and writers see it: three accounts, two currencies, disputes, holds, credits and returned money."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from pandas import concat

from prisma_batch.base.periods import Period
from prisma_batch.receivables.result import Receivables
from prisma_batch.records.agreements import Agreement, BillingPreferences, BillTo, PaymentTerms, TaxTreatment
from prisma_batch.records.contacts import Contact, Customer
from prisma_batch.records.documents import Document, Line, TaxGroup
from prisma_batch.records.settings import (
    BankAccount,
    ContactPoint,
    Hours,
    Issuer,
    Policies,
    Program,
    Settings,
    Targets,
    VerificationPolicy,
)
from prisma_batch.records.snapshot import Snapshot
from prisma_batch.records.tables import (
    ADJUSTMENTS,
    AGING,
    ALLOCATIONS,
    BALANCES,
    BUCKETS,
    DISCREPANCIES,
    MOVEMENTS,
    OPEN_ITEMS,
    PAYMENTS,
    UNAPPLIED,
    USAGE_REPORT_STATES,
)
from prisma_batch.views.statement import StatementSpan

PERIOD = Period(2026, 10)
AS_OF = date(2026, 11, 15)
SPAN = StatementSpan(period=PERIOD, opened_on=date(2026, 10, 16), as_of=AS_OF)
BUCKET_ENDS = (0, 30, 60, 90, 120)

# document, kind, issued on, due on, amount and what is open of it (cents), disputed, hold
EUR_ITEMS: list[tuple[str, str, date, date, int, int, int, str]] = [
    (
        "INV-2026-00061",
        "invoice",
        date(2026, 5, 12),
        date(2026, 6, 11),
        120_000,
        45_050,
        0,
        "until 2026-12-01 CASE-2026-0007",
    ),
    (
        "INV-2026-00074",
        "invoice",
        date(2026, 6, 10),
        date(2026, 7, 10),
        98_411,
        98_411,
        98_411,
        "dispute CASE-2026-0042",
    ),
    ("INV-2026-00081", "invoice", date(2026, 7, 10), date(2026, 8, 9), 76_230, 76_230, 0, ""),
    ("INV-2026-00090", "invoice", date(2026, 8, 10), date(2026, 9, 9), 34_049, 34_049, 5_675, "dispute CASE-2026-0042"),
    ("INV-2026-00101", "invoice", date(2026, 9, 10), date(2026, 10, 10), 340_490, 340_490, 0, ""),
    ("FEE-2026-00004", "fee", date(2026, 10, 20), date(2026, 11, 3), 4_000, 4_000, 0, ""),
    ("INV-2026-00115", "invoice", date(2026, 10, 15), date(2026, 11, 14), 81_200, 81_200, 0, ""),
    ("INV-2026-00119", "invoice", date(2026, 10, 21), date(2026, 11, 20), 22_519, 22_519, 0, ""),
    ("INV-2026-00123", "invoice", date(2026, 11, 10), date(2026, 12, 10), 34_049, 34_049, 0, ""),
    ("INV-2026-00124", "invoice", date(2026, 11, 10), date(2026, 12, 10), 1_250_000, 1_250_000, 0, ""),
    ("INV-2026-00125", "invoice", date(2026, 11, 12), date(2026, 12, 12), 9_999, 9_999, 0, ""),
    ("CN-2026-00011", "credit_note", date(2026, 11, 12), date(2026, 11, 12), -15_000, -15_000, 0, ""),
]
USD_ITEMS: list[tuple[str, str, date, date, int, int, int, str]] = [
    ("INV-2026-00120", "invoice", date(2026, 11, 1), date(2026, 12, 1), 123_456, 123_456, 0, ""),
]
EUR_MOVEMENTS: list[tuple[date, str, str, int, bool]] = [
    (date(2026, 10, 2), "payment", "NTRY-31", -51_000, True),
    *(
        (date(2026, 10, 16) + timedelta(days=2 * n), "payment", f"NTRY-{40 + n}", -10_000 - 37 * n, False)
        for n in range(9)
    ),
    (date(2026, 10, 20), "fee", "FEE-2026-00004", 4_000, False),
    (date(2026, 10, 21), "invoice", "INV-2026-00119", 22_519, False),
    (date(2026, 10, 28), "reversal", "NTRY-52", 10_037, False),
    (date(2026, 11, 2), "write_off", "INV-2026-00055", -3, False),
    (date(2026, 11, 3), "discount", "INV-2026-00099", -1_250, False),
    (date(2026, 11, 5), "refund", "NTRY-60", 2_500, False),
    (date(2026, 11, 10), "invoice", "INV-2026-00123", 34_049, False),
    (date(2026, 11, 10), "invoice", "INV-2026-00124", 1_250_000, False),
    (date(2026, 11, 12), "invoice", "INV-2026-00125", 9_999, False),
    (date(2026, 11, 12), "credit_note", "CN-2026-00011", -15_000, False),
]
USD_MOVEMENTS = [(date(2026, 11, 1), "invoice", "INV-2026-00120", 123_456, False)]
JPY_MOVEMENTS = [
    (date(2026, 11, 1), "invoice", "INV-2026-00130", 5_000, False),
    (AS_OF, "payment", "NTRY-90", -5_000, False),
]


def receivables() -> Receivables:
    """The tables of the run; money in hand: EUR 25.00 of ACME-001, EUR 77.00 of nobody."""
    open_items = [*_open_items("ACME-001", "EUR", EUR_ITEMS), *_open_items("ACME-001", "USD", USD_ITEMS)]
    unapplied = [
        ("NTRY-56", date(2026, 11, 1), "ACME-001", 2_500, "EUR", "over_payment", ""),
        ("NTRY-77", date(2026, 11, 9), "", 7_700, "EUR", "unidentified_payment", "INV-2026-00101"),
    ]
    aging = [
        _aging("ACME-001", "EUR", EUR_ITEMS, 2_500),
        _aging("ACME-001", "USD", USD_ITEMS, 0),
        ("LOST-009", "JPY", *[0] * 8),
    ]
    movements = [
        *(
            ("ACME-001", "EUR", kind, reference, on, minor, prior)
            for on, kind, reference, minor, prior in EUR_MOVEMENTS
        ),
        *(
            ("ACME-001", "USD", kind, reference, on, minor, prior)
            for on, kind, reference, minor, prior in USD_MOVEMENTS
        ),
        *(
            ("LOST-009", "JPY", kind, reference, on, minor, prior)
            for on, kind, reference, minor, prior in JPY_MOVEMENTS
        ),
    ]
    return Receivables(
        payments=PAYMENTS.of([]),
        allocations=ALLOCATIONS.of(
            ("NTRY-40", date(2026, 10, 16), "ACME-001", document, 5_000, "EUR", 5_000, "exact_reference", "certain")
            for document in ("INV-2026-00050", "INV-2026-00061")
        ),
        unapplied=UNAPPLIED.of(unapplied),
        adjustments=ADJUSTMENTS.of([]),
        open_items=OPEN_ITEMS.of(open_items),
        aging=AGING.of(aging),
        movements=MOVEMENTS.of(movements),
        balances=BALANCES.of(
            [_balance(aging[0], EUR_MOVEMENTS), _balance(aging[1], USD_MOVEMENTS), ("LOST-009", "JPY", 0, 0)]
        ),
        discrepancies=DISCREPANCIES.of([]),
    )


def receivables_with(number: str, /, **change: Any) -> Receivables:
    """The tables of the run with another state of one open item; sums that nobody looks at stay."""
    tables = receivables()
    of_document = tables.open_items["document"].eq(number)
    own = tables.open_items[of_document].assign(**change).astype(tables.open_items.dtypes)
    return replace(tables, open_items=concat([tables.open_items[~of_document], own], ignore_index=True))


def paid_by(method: str) -> Snapshot:
    """The records, but what ACME-001 owes is collected."""
    records = snapshot()
    agreement = records.agreements["ACME-001"]
    agreement = replace(agreement, billing=replace(agreement.billing, payment_method=method))
    return replace(records, agreements={**records.agreements, "ACME-001": agreement})


def usage_report_states() -> Any:
    """One missing report, one that came."""
    return USAGE_REPORT_STATES.of(
        [
            ("ACME-001", "microsoft-spla", "2026-10", "expected", date(2026, 11, 10), None, "agreements/ACME-001.yaml"),
            (
                "ZERO-002",
                "microsoft-spla",
                "2026-10",
                "in_time",
                date(2026, 11, 10),
                date(2026, 11, 4),
                "usage/2026-10/z.yaml",
            ),
        ]
    )


def invoice() -> Document:
    """The invoice of the contract, with a payment reference of its own."""
    line = Line(
        line=1,
        description="Windows Server Datacenter, per core pair",
        amount=Decimal("281.40"),
        tax="standard",
        program="microsoft-spla",
        sku="9EA-00039",
        service_account="TENANT-1",
        service_from=date(2026, 10, 1),
        service_to=date(2026, 10, 31),
        quantity=Decimal(12),
        unit="core-pair",
        unit_price=Decimal("23.45"),
    )
    return Document(
        source="invoices/ACME-001/INV-2026-00123.yaml",
        number="INV-2026-00123",
        kind="invoice",
        account="ACME-001",
        issued_on=date(2026, 11, 10),
        due_on=date(2026, 12, 10),
        currency="EUR",
        purchase_order="PO-77",
        payment_reference="RF18539007547034",
        lines=(line,),
        taxes=(TaxGroup(code="standard", rate=Decimal(21), base=Decimal("281.40"), amount=Decimal("59.09")),),
        net=Decimal("281.40"),
        tax=Decimal("59.09"),
        total=Decimal("340.49"),
    )


def credit_note() -> Document:
    line = Line(
        line=1,
        description="Goodwill for the outage",
        amount=Decimal("150.00"),
        tax="zero",
        corrects_invoice="INV-2026-00101",
        corrects_line=2,
    )
    return Document(
        source="invoices/ACME-001/CN-2026-00011.yaml",
        number="CN-2026-00011",
        kind="credit_note",
        account="ACME-001",
        issued_on=date(2026, 11, 12),
        due_on=date(2026, 11, 12),
        currency="EUR",
        corrects=("INV-2026-00101",),
        reason="Outage of 3 October",
        lines=(line,),
        taxes=(TaxGroup(code="zero", rate=Decimal(0), base=Decimal("150.00"), amount=Decimal("0.00")),),
        net=Decimal("150.00"),
        tax=Decimal("0.00"),
        total=Decimal("150.00"),
    )


def snapshot(*, language: str = "en", name: str = "Acme Hosting B.V.") -> Snapshot:
    """Three customers: ACME-001 owes, ZERO-002 wants a statement of nothing, TENANT-1 is billed to ACME-001."""
    customers = [
        _customer("ACME-001", name, language),
        _customer("ZERO-002", "Zero GmbH", "de"),
        _customer("TENANT-1", "Tenant", "en"),
    ]
    agreements = [_agreement("ACME-001", name), _agreement("ZERO-002", "Zero GmbH"), _agreement("TENANT-1", "Tenant")]
    zero = BillingPreferences(send_zero_statement=True)
    return Snapshot(
        settings=_settings(),
        customers={customer.account: customer for customer in customers},
        agreements={
            "ACME-001": agreements[0],
            "ZERO-002": replace(agreements[1], billing=zero),
            "TENANT-1": replace(agreements[2], billed_to="ACME-001"),
        },
        price_lists={},
        documents=(credit_note(), invoice()),
        usage_reports=(),
        allocations=(),
        cases=(),
        incidents=(),
        announcements=(),
        exchange_rates={},
    )


def _settings() -> Settings:
    weekdays = ("monday", "tuesday", "wednesday", "thursday")
    weekly = {**dict.fromkeys(weekdays, ("09:00-12:00", "13:00-17:00")), "friday": ("09:00-15:00",)}
    return Settings(
        source="prisma.yaml",
        issuer=Issuer(
            legal_name="Example Services GmbH",
            finance_email="finance@issuer.example",
            address=("Beispielweg 1", "10115 Berlin"),
            country="DE",
            tax_id="DE123456789",
            bank_accounts=(
                BankAccount(name="Example Bank", iban="DE02120300000000202051", bic="BYLADEM1001", currency="EUR"),
                BankAccount(name="Example Bank", number="000123456789", currency="USD"),
            ),
        ),
        contact_point=ContactPoint(
            email="billing@issuer.example",
            phone="+493012345678",
            chat="https://chat.issuer.example/billing",
            hours=Hours(timezone="Europe/Berlin", weekly=weekly),
            targets=Targets(first_reply_hours=8, resolution_hours=40),
        ),
        programs={"microsoft-spla": Program(name="Microsoft SPLA", source="reported")},
        partners={},
        first_period=Period(2026, 9),
        policies=Policies(verification=VerificationPolicy(every_days=365)),
    )


def _customer(account: str, name: str, language: str) -> Customer:
    domain = f"{account.lower()}.example"
    # Verifications of ACME-001 fell due on 2026-11-10: one that is old, and one of a contact who never was verified.
    verified_on = date(2025, 11, 10) if account == "ACME-001" else date(2026, 9, 1)
    jane = Contact(first_name="Jane", last_name="Doe", email=f"jane.doe@{domain}", verified_on=verified_on)
    john = Contact(first_name="John, Jr.", last_name="O'Neil", email=f"john@{domain}", valid_from=verified_on)
    gone = Contact(first_name="Gone", last_name="Away", email=f"gone@{domain}", valid_to=date(2026, 11, 14))
    contacts = {"billing": (jane, john, gone), "statement": (jane,), "usage_reporting": (gone,)}
    return Customer(
        source=f"contacts/{account}.yaml",
        account=account,
        name=name,
        partner="northwind",
        language=language,
        contacts=contacts,
    )


def _agreement(account: str, name: str) -> Agreement:
    return Agreement(
        source=f"agreements/{account}.yaml",
        account=account,
        bill_to=BillTo(legal_name=name, address=("Kade 1", "1011 AA Amsterdam"), country="NL", tax_id="NL001234567B01"),
        active_from=date(2026, 1, 1),
        currency="EUR",
        payment_terms=(PaymentTerms(starts_on=date(2026, 1, 1), net_days=30),),
        tax=(TaxTreatment(starts_on=date(2026, 1, 1), code="standard", rate=Decimal(21)),),
    )


def _days_overdue(due_on: date, open_minor: int) -> int:
    return max(0, (AS_OF - due_on).days) if open_minor > 0 else 0


def _bucket(due_on: date, open_minor: int) -> str:
    if open_minor < 0:
        return "unapplied"
    return BUCKETS[sum(_days_overdue(due_on, open_minor) > end for end in BUCKET_ENDS)]


def _open_items(account: str, currency: str, items: Iterable[tuple[Any, ...]]) -> Iterable[tuple[Any, ...]]:
    for document, kind, issued_on, due_on, minor, open_minor, disputed, hold in items:
        age = (_days_overdue(due_on, open_minor), _bucket(due_on, open_minor))
        row = (account, document, "", kind, issued_on, due_on, currency, minor, open_minor, *age, disputed, hold)
        yield (*row, due_on, "")


def _aging(account: str, currency: str, items: Iterable[tuple[Any, ...]], cash: int) -> tuple[Any, ...]:
    sums = dict.fromkeys((*BUCKETS, "unapplied"), 0)
    sums["unapplied"] = -cash
    for item in items:
        sums[_bucket(item[3], item[5])] += item[5]
    return (account, currency, *sums.values(), sum(sums.values()))


def _balance(aging: tuple[Any, ...], movements: Iterable[tuple[date, str, str, int, bool]]) -> tuple[Any, ...]:
    return (aging[0], aging[1], aging[-1] - sum(movement[3] for movement in movements), aging[-1])
