"""Floor 3: what open cases change: disputes, holds, outcomes."""
