"""Floor 7: the command line. A command parses, calls one job, and exits."""
