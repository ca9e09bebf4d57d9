"""References as their kinds define them: written in many ways, compared in one."""

from stdnum import iso11649
from stdnum.be import ogm_vcs
from stdnum.ch import esr

_ESR_LENGTH = 27
_LONGEST = 140
_MARKS = ("+", "*")
# What banks write where nobody gave a reference.
_PLACEHOLDERS = frozenset(["NOTPROVIDED", "NOTAPPLICABLE", "NONREF", "NONE", "NULL"])


def normal(text: str) -> str:
    """Return a reference without blanks and in capitals; nothing for a placeholder.

    Banks group references in blocks of four and change their case: RF18 5390 0754 7034 is RF18539007547034.
    """
    compact = "".join(text.split()).upper()
    return "" if compact in _PLACEHOLDERS else compact


def spellings(reference: str) -> tuple[str, ...]:
    """Return every normal form of a reference: as it is written, and as its kind is written elsewhere.

    An ISO 11649 reference may have zeros before its body, a Swiss reference before all of it; a Belgian structured
    communication is also written without its marks.
    """
    written = normal(reference)
    if not written or len(written) > _LONGEST:
        return ()
    # Only where it would change the spelling are check digits worth their time.
    if "/" not in written and not written.startswith(("RF", "0", *_MARKS)) and not written.endswith(_MARKS):
        return (written,)
    forms = [written]
    if written.startswith("RF") and written[4:5] == "0" and iso11649.is_valid(written):
        forms.append(written[:4] + written[4:].lstrip("0"))
    bare = written.strip("".join(_MARKS)).replace("/", "")
    if bare != written and ogm_vcs.is_valid(bare):
        forms.append(bare)
    if len(bare) == _ESR_LENGTH and bare.startswith("0") and esr.is_valid(bare):
        forms.append(bare.lstrip("0"))
    return tuple(dict.fromkeys(forms))
