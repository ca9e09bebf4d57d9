"""Floor 3 (checks): generators of findings, per file or across files, declared in the registry. Pure."""
