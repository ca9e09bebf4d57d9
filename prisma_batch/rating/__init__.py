"""Floor 3: usage against agreements, and the three-way match with invoices."""
