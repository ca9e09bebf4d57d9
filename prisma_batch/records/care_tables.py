"""Declared tables of what cases granted and what follows for an account; units as in ``records.tables``."""

from prisma_batch.records.table import DATE, INT, TEXT, Table, texts

HOLDS = Table(  # why reminders are held; document is empty for a whole account, until is null for an open case
    "holds",  # kind: hold (a person's), promise, case
    {**texts("account", "document", "kind"), "until": DATE, "case": TEXT},
)

EXTENSIONS = Table("extensions", {"document": TEXT, "due_on": DATE, "on": DATE, "case": TEXT})

PLANS = Table(  # a payment plan a row and document; plan names it: the case and the place of its outcome
    "plans",
    {**texts("plan", "case", "document"), "on": DATE},
)

WAIVERS = Table(
    "waivers",  # amount_minor: all of the fee; expires_on: the last day on which the debt may be open
    {
        "document": TEXT,
        "amount_minor": INT,
        "on": DATE,
        "expires_on": DATE,
        **texts("approved_by", "source", "pointer"),
    },
)

INSTALLMENTS = Table(  # number counts from 1; the amount is in the currency of the plan's documents
    "installments",
    {"plan": TEXT, "number": INT, "due_on": DATE, "amount_minor": INT},
)

PLAN_STATES = Table(  # state: on_time, broken, kept; broken_on is the first day on which the plan does not hold
    "plan_states",
    {
        **texts("plan", "case", "account", "currency", "documents", "state"),  # documents: a line each
        "open_minor": INT,
        "missed": INT,  # the installment that broke it, else 0
        "broken_on": DATE,
    },
)

ACCOUNT_STATUS = Table(
    "account_status",
    {**texts("account", "status", "reasons"), "next_change_on": DATE, "next_status": TEXT},
)
