"""``prisma-batch contacts``: a verb a file."""
