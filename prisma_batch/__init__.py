"""Contacts and invoices as records in git; usage, invoices and payments reconciled every month."""

__version__ = "0.1.0"
