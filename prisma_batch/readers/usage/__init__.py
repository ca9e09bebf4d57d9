"""Metered usage files: one module a format, each with the same two functions."""
