"""Floor 2: records as frozen dataclasses, the declared tables, and the snapshot of a workspace."""
