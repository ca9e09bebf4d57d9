"""The table of credits beside the lines that they correct."""

from prisma_batch.records.table import INT, TEXT, Table, integers, texts

CREDITED_LINES = Table(  # what credits take back, negative; corrected_line 0 where it is of no line alone
    "credited_lines",
    {
        "document": TEXT,
        "line": INT,
        **texts("account", "program", "sku", "period"),
        **integers("quantity_scaled", "quantity_scale", "amount_minor"),
        **texts("currency", "corrected_invoice"),
        "corrected_line": INT,
        **texts("applied_by", "source", "pointer"),
    },
)
