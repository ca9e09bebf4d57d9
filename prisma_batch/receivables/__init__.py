"""Floor 3: payments, allocations, the ledger and aging."""
