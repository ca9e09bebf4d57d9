"""Floor 1: money, periods, marks, findings and errors. Imports nothing of the project."""
