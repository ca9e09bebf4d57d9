"""The declared tables: columns, dtypes and units. Siblings on a floor exchange nothing else.

Dates are ``datetime64[s]`` (NaT where absent), amounts are int64 minor units of the row's ``currency``, quantities are
int64 at the scale beside them (``quantity_scaled`` ÷ 10^``quantity_scale``), text is pandas' ``str``, or coded where
few texts stand in many rows (``records.coded``). ``source`` is a path relative to the workspace root; ``pointer`` a
JSON pointer into a YAML record, or the line of another file as text.
"""

from prisma_batch.records.table import CODED, DATE, FLAG, INT, MAYBE_INT, TEXT, Table, coded_texts, integers, texts

USAGE_ROWS = Table(  # metered usage, one row an event or an aggregate of the source
    "usage_rows",
    {
        **texts("account", "program", "sku"),
        "usage_date": DATE,
        **integers("quantity_scaled", "quantity_scale"),
        **texts("unit", "source"),
        "row": INT,
    },
)

SOURCE_COSTS = Table(  # what a provider billed according to its own export; cost_scaled at cost_scale
    "source_costs",
    {**texts("source", "billing_account", "invoice", "currency"), "cost_scaled": INT, "cost_scale": INT},
)

USAGE_TOTALS = Table(  # usage added up per interval: a day for keys whose price depends on days, else a whole month
    "usage_totals",
    {
        **coded_texts("account", "program", "sku", "unit"),
        "service_from": DATE,
        "service_to": DATE,
        **integers("quantity_scaled", "quantity_scale"),
        "source": CODED,
        "row": INT,  # of the first usage row
    },
)

USAGE_ROW_COUNTS = Table("usage_row_counts", {**texts("source", "program"), "rows": INT})  # of metered files

CHARGES = Table(  # what is to be billed; amount_minor is null where nothing says the price. period: where it is matched
    "charges",
    {
        **coded_texts("account", "program", "sku", "period", "kind", "bills"),
        "service_from": DATE,
        "service_to": DATE,
        **integers("quantity_scaled", "quantity_scale"),
        "unit": CODED,
        "price_scaled": MAYBE_INT,
        "price_scale": MAYBE_INT,
        **coded_texts("model", "rounding"),
        "terms": MAYBE_INT,
        "fx_scaled": MAYBE_INT,  # the rate of exchange, 1 if there is none; null where it is not known
        "fx_scale": MAYBE_INT,
        "charged_days": INT,  # of period_days, as the terms count days; both 1 where nothing is prorated
        "period_days": INT,
        "granted_scaled": INT,  # temporary discount: percent × days, 12 decimals
        "amount_minor": MAYBE_INT,
        **coded_texts("currency", "rate_source", "rate_pointer", "source"),
        "pointer": TEXT,
    },
)

INVOICE_LINES = Table(  # lines of invoices and credit notes, signed: what they add to the debt
    "invoice_lines",
    {
        "document": TEXT,
        "kind": CODED,
        "line": INT,
        **coded_texts("account", "service_account", "program", "sku"),
        "service_from": DATE,
        "service_to": DATE,
        **integers("quantity_scaled", "quantity_scale"),
        "price_scaled": MAYBE_INT,
        "price_scale": MAYBE_INT,
        "amount_minor": INT,
        "currency": CODED,
        "corrects": TEXT,
        "corrects_line": INT,  # 0 where it names none
        **coded_texts("source", "pointer"),
    },
)

BANK_ENTRIES = (
    Table(  # booked entries of bank statements, money in positive; detail counts a batch's details from 1, else 0
        "bank_entries",
        {
            "bank_reference": TEXT,
            "detail": INT,
            **texts("account_iban", "statement"),
            "booking_date": DATE,
            "value_date": DATE,
            "amount_minor": INT,
            **texts(
                "currency",
                "counterparty_name",
                "counterparty_iban",
                "end_to_end_id",
                "structured_reference",
                "text",
                "bank_code",
            ),
            "reversal": FLAG,
            **texts("source", "pointer"),
        },
    )
)

BANK_STATEMENTS = Table(  # one row a statement; balances are null where the file carries none
    "bank_statements",
    {
        **texts("account_iban", "statement", "currency"),
        "opened_on": DATE,
        "closed_on": DATE,
        "opening_minor": MAYBE_INT,
        "closing_minor": MAYBE_INT,
        "entries_minor": INT,
        **texts("source", "pointer"),
    },
)

REMITTANCE_ADVICES = Table(  # lines of remittance advices as their files have them; the currency is the payment's
    "remittance_advices",
    {
        **texts("payment", "invoice_reference"),
        "amount_scaled": INT,
        "amount_scale": INT,
        **texts("memo", "source", "pointer"),
    },
)

REMITTANCE_LINES = Table(  # what a payer says a payment is for, in the payer's words; deductions are negative
    "remittance_lines",
    {**texts("payment", "invoice_reference"), "amount_minor": INT, **texts("currency", "memo", "source", "pointer")},
)

DOCUMENTS = Table(  # issued documents as receivables; debt_minor is negative for credits; discount for early payment
    "documents",
    {
        **texts("document", "account", "kind"),
        "issued_on": DATE,
        "due_on": DATE,
        "currency": TEXT,
        "debt_minor": INT,
        **texts("payment_reference", "purchase_order", "corrects"),
        "discount_minor": INT,
        "discount_until": DATE,
        "source": TEXT,
    },
)

DECISIONS = Table(  # a person's allocation items; amount in the payment's currency, settles in the document's
    "decisions",
    {
        "decided_on": DATE,
        **texts("payment", "account", "document", "kind"),
        "amount_minor": INT,
        "settles_minor": INT,
        **texts("currency", "decided_by", "source", "pointer"),
    },
)

DISPUTES = Table(  # amounts that open cases dispute, tax included
    "disputes",
    {"document": TEXT, "amount_minor": INT, "case": TEXT},
)

REFUNDS = Table(  # refunds that cases granted against a document with a credit
    "refunds",
    {"account": TEXT, "document": TEXT, "amount_minor": INT, "on": DATE, "case": TEXT},
)

PAYMENTS = Table(
    "payments",
    {
        **texts("payment", "source", "pointer", "statement"),
        "booking_date": DATE,
        "value_date": DATE,
        "amount_minor": INT,
        **texts("currency", "account", "state"),
    },
)

ALLOCATIONS = Table(  # money applied to a document; settled_minor is in the document's currency
    "allocations",
    {
        "payment": TEXT,
        "value_date": DATE,
        **texts("account", "document"),
        "amount_minor": INT,
        "currency": TEXT,
        "settled_minor": INT,
        **texts("method", "confidence"),
    },
)

UNAPPLIED = Table(
    "unapplied",
    {
        "payment": TEXT,
        "value_date": DATE,
        "account": TEXT,
        "amount_minor": INT,
        **texts("currency", "reason", "suggestion"),
    },
)

ADJUSTMENTS = Table(  # what reduces a debt without money: amount_minor positive reduces
    "adjustments",
    {
        **texts("document", "account", "kind"),
        "amount_minor": INT,
        "currency": TEXT,
        "on": DATE,
        **texts("approved_by", "source", "pointer"),
    },
)

OPEN_ITEMS = Table(
    "open_items",
    {
        **texts("account", "document", "installment", "kind"),
        "issued_on": DATE,
        "due_on": DATE,
        "currency": TEXT,
        "amount_minor": INT,
        "open_minor": INT,
        "days_overdue": INT,
        "bucket": TEXT,
        "disputed_minor": INT,
        "hold": TEXT,
        "agreed_due_on": DATE,  # without the plan that due_on may be of
        "plan": TEXT,
    },
)

BUCKETS = ("not_due", "1_30", "31_60", "61_90", "91_120", "over_120")

AGING = Table(
    "aging",
    {"account": TEXT, "currency": TEXT, **dict.fromkeys((*BUCKETS, "unapplied", "balance"), INT)},
)

LEDGER_ENTRIES = Table(  # everything that makes a balance; amount_minor is what it adds to the debt
    "ledger_entries",
    {"account": TEXT, "currency": TEXT, "kind": TEXT, "reference": TEXT, "on": DATE, "amount_minor": INT},
)

MOVEMENTS = Table(  # what changed a balance; prior_period marks what is dated before the period but was not known then
    "movements",
    {
        **texts("account", "currency", "kind", "reference"),
        "on": DATE,
        "amount_minor": INT,
        "prior_period": FLAG,
    },
)

BALANCES = Table("balances", {"account": TEXT, "currency": TEXT, "opening_minor": INT, "closing_minor": INT})

USAGE_REPORT_STATES = Table(
    "usage_report_states",
    {
        "account": TEXT,
        "program": TEXT,
        "period": TEXT,
        "state": TEXT,
        "due_on": DATE,
        "submitted_on": DATE,
        "source": TEXT,
    },
)

DISCREPANCIES = Table(
    "discrepancies",
    {
        **texts(
            "id",
            "kind",
            "severity",
            "state",
            "account",
            "program",
            "sku",
            "period",
            "invoice",
            "line",
            "payment",
            "expected_quantity",
            "invoiced_quantity",
        ),
        "expected_minor": MAYBE_INT,
        "invoiced_minor": MAYBE_INT,
        "difference_minor": MAYBE_INT,
        "granted_minor": INT,  # of the difference: credited before in lines that name no program, and less than it
        **texts("currency", "fingerprint", "message", "source", "pointer"),
    },
)
