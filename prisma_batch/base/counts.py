"""How many of something, in words."""


def counted(number: int, noun: str) -> str:
    """Return ``1 mail``, ``2 mails``: a noun whose plural ends in s."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
