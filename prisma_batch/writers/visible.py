"""Text for logs and terminals: nothing hidden, nothing that a runner takes for a command, nobody's personal data."""

import re

# Controls, line and paragraph separators, text direction and other invisible characters, halves of surrogate pairs,
# and the two that XML cannot hold.
_HIDDEN_RANGES = r"\x00-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff\ufffe\uffff"
_HIDDEN = re.compile(f"[{_HIDDEN_RANGES}]")
# A runner takes what follows for a command, at the beginning of a line or (the older form) anywhere in it.
_COMMAND_STARTS = re.compile(r"^\s*::|##\[", re.MULTILINE)
# E-mail addresses, account numbers (ISO 13616) and telephone numbers in international form.
_PERSONAL = re.compile(
    r"[^\s@<>()\"`,;:]+@[^\s@<>()\"'`,;:]+"
    r"|\b[A-Z]{2}[0-9]{2}(?: ?[A-Z0-9]){11,30}\b"
    r"|\+[0-9](?:[ ()./-]{0,2}[0-9]){6,14}"
)
_ADDRESS = re.compile(r"([^\s@<>()\"`,;:])[^\s@<>()\"`,;:]*@([^\s@<>()\"'`,;:]+)")
# What remedies and schemas show as examples of the form.
_SAMPLES = frozenset({"name@domain.example", "+31201234567"})


def visible(text: str) -> str:
    """Return a text for one line of output: hidden characters are written out, and no runner takes it for a command."""
    escaped = _HIDDEN.sub(lambda found: _written_out(found[0]), text)
    return _COMMAND_STARTS.sub(lambda found: found[0].replace(":", "\\x3a", 1).replace("[", "\\x5b"), escaped)


def masked(text: str) -> str:
    """Return a text without e-mail addresses, bank accounts and telephone numbers; ``…`` stands for each."""
    return _PERSONAL.sub(lambda found: found[0] if found[0] in _SAMPLES else "…", text)


def masked_addresses(text: str) -> str:
    """Return a text in which e-mail addresses show no more than a letter and the domain."""
    return _ADDRESS.sub(lambda found: f"{found[1]}…@{found[2]}", text)


def _written_out(character: str) -> str:
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
