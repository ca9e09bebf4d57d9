"""Engines map a pure function over the parts of the input; none of them knows what it computes."""
