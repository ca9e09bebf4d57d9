"""Floor 5 (readers): strict YAML, schemas, git, cache, usage and bank files. Reads, and never writes a record."""
