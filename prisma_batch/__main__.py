"""``python -m prisma_batch``: the same as the command ``prisma-batch``."""

from prisma_batch.cli.main import main

if __name__ == "__main__":
    main(prog_name="prisma-batch")
