"""Floor 6: one use case a file: read, ask the core, write."""
