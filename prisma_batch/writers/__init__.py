"""Floor 5 (writers): everything that leaves the program: findings, tables, documents, mail. Reads no record."""
