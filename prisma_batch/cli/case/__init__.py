"""``prisma-batch case``: a verb a file."""
