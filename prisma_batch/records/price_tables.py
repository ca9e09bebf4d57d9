"""What was agreed about prices, as declared tables; see ``records.tables`` for how to read them."""

from prisma_batch.records.table import DATE, INT, Table, coded_texts

RATES = Table(  # terms is a position in Rates.terms; billing periods of several months are counted from counted_from
    "rates",
    {
        **coded_texts("account", "program", "sku", "unit"),
        "starts_on": DATE,
        "ends_on": DATE,
        "counted_from": DATE,
        **coded_texts("bills", "model"),
        "price_scaled": INT,
        "price_scale": INT,
        **coded_texts("currency", "rounding"),
        "terms": INT,
        **coded_texts("source", "pointer"),
    },
)

SUBSCRIBED = Table(  # quantities of subscriptions by date; rate is a position in Rates.subscriptions
    "subscribed",
    {"rate": INT, "starts_on": DATE, "ends_on": DATE, "quantity_scaled": INT, "quantity_scale": INT},
)
