"""What banks write into :86: of MT940: sub-fields, /KEY/ words, labels of some countries, or plain text."""

import re
from collections.abc import Mapping
from typing import Any

_SLASH_KEYS = (
    "TRTP TRCD BENM ORDP NAME ADDR CITY REMI EREF IREF KREF PREF PURP MARF CSID CNTP CPRP RTRN ISDT OCMT CHGS EXCH ID "
    "ULTC ULTB ULTD SVCL IBAN BIC INIT PREC ACCW BUSP CHG AMT RREF ORIG MREF CRED DEBT SVWZ"
).split()
_SLASH = re.compile(rf"/({'|'.join(_SLASH_KEYS)})/")
_STRUCTURED = re.compile(r"(?:STRD/(?:CUR|ISO|SCOR)/)([^/]+)")
_UNSTRUCTURED = re.compile(r"^USTD/+")
_LABELLED: tuple[tuple[re.Pattern[str], ...], ...] = (
    (  # Poland
        re.compile(r"Z RACH\.:\s*(?P<counterparty_iban>[A-Z0-9 ]+?)\s*;"),
        re.compile(r"\bOD:\s*(?P<counterparty_name>[^;]+?)\s*;"),
        re.compile(r"TYT\.:\s*(?P<text>[^;]+?)\s*;"),
    ),
    (  # the Netherlands
        re.compile(r"\bREK:\s*(?P<counterparty_iban>[A-Z0-9]+)"),
        re.compile(r"/NAAM:\s*(?P<counterparty_name>.+)$"),
    ),
)
_NOTHING = {"NONREF", "NOTPROVIDED", "EREF", "KREF", "MREF"}


def described(lines: str, fields: Mapping[str, Any]) -> dict[str, str]:
    """Return counterparty, references and text of an entry.

    Args:
        lines: the text of :86: with its line ends.
        fields: what the parser made of it: sub-fields of a text that has any.
    """
    if fields.get("transaction_code"):
        return _from_sub_fields(fields)
    joined = lines.replace("\n", "")
    if len(_SLASH.findall(joined)) > 1:
        return _from_keys(joined)
    return _from_labels(" ".join(lines.split()))


def _from_sub_fields(fields: Mapping[str, Any]) -> dict[str, str]:
    def text(name: str) -> str:
        return " ".join(str(fields.get(name) or "").split())

    said = [text(name) for name in ("purpose", "additional_purpose", "posting_text")]
    return {
        "counterparty_name": text("applicant_name"),
        "counterparty_iban": text("applicant_iban"),
        "end_to_end_id": known(text("end_to_end_reference")),
        "structured_reference": "",
        "text": next(filter(None, [" ".join(filter(None, said[:2])), said[2]]), ""),
    }


def _from_keys(joined: str) -> dict[str, str]:
    _, *parts = _SLASH.split(joined)
    values: dict[str, str] = {}
    for key, value in zip(parts[::2], parts[1::2], strict=True):
        values.setdefault(key, " ".join(value.strip("/ ").split()))
    remittance = values.get("REMI", "")
    structured = _STRUCTURED.search(remittance)
    # /CNTP/ has account, bank, name and place of the other party, each after a slash.
    party = values.get("CNTP", "").split("/")
    return {
        "counterparty_name": values.get("NAME") or (party[2] if len(party) > 2 else ""),
        "counterparty_iban": values.get("IBAN") or party[0],
        "end_to_end_id": known(values.get("EREF", "")),
        "structured_reference": structured[1].strip() if structured else "",
        "text": "" if structured else _UNSTRUCTURED.sub("", remittance),
    }


def _from_labels(text: str) -> dict[str, str]:
    found = {"counterparty_name": "", "counterparty_iban": "", "end_to_end_id": "", "structured_reference": ""}
    found["text"] = text
    for patterns in _LABELLED:
        matches = [matched.groupdict() for pattern in patterns if (matched := pattern.search(text))]
        if len(matches) > 1:
            for groups in matches:
                found |= groups
    return found | {"counterparty_iban": found["counterparty_iban"].replace(" ", "")}


def known(reference: str) -> str:
    """Return a reference, "" where it only says that there is none."""
    return "" if reference.strip().upper() in _NOTHING else reference.strip()
