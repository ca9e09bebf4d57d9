"""Rows of one booked camt entry: one, or one for each detail of a batch whose details add up to it."""

from typing import Any

from prisma_batch.readers.bank.amounts import Refused
from prisma_batch.readers.bank.camt_values import account_number, day, flag, required, signed_minor
from prisma_batch.readers.bank.xml_tree import Fields
from prisma_batch.readers.csv_text import Refusal

_UNDATED = Refusal("missing-element", "BookgDt and ValDt are missing", "ask the bank for a corrected file")
_DETAIL_AMOUNTS = ("Amt", "AmtDtls/TxAmt/Amt", "AmtDtls/InstdAmt/Amt")


def entry_rows(entry: Fields, amount_minor: int, currency: str) -> list[dict[str, Any]]:
    """Return BANK_ENTRIES columns, but for account, statement, source and pointer.

    A batch becomes a row for each detail, and one for its charges, where every detail has an amount in the entry's
    currency and they add up to the entry; anything else stays one row. Raises Refused.
    """
    shared = _shared(entry) | {"currency": currency}
    details = entry.all("NtryDtls/TxDtls") or entry.all("TxDtls")
    parts = _parts(entry, details, amount_minor, currency) if len(details) > 1 else []
    if not parts:
        only = details[0] if len(details) == 1 else None
        return [shared | {"detail": 0, "amount_minor": amount_minor} | _told(entry, only, amount_minor)]
    return [
        shared | {"detail": number, "amount_minor": minor} | _told(entry, part, minor)
        for number, (part, minor) in enumerate(parts, 1)
    ]


def _shared(entry: Fields) -> dict[str, Any]:
    booked_on, valued_on = day(entry, "BookgDt/Dt", "BookgDt/DtTm"), day(entry, "ValDt/Dt", "ValDt/DtTm")
    if booked_on is None and valued_on is None:
        raise Refused(_UNDATED, entry.line)
    return {
        "bank_reference": entry.text("AcctSvcrRef", "NtryRef"),
        "booking_date": booked_on or valued_on,
        "value_date": valued_on or booked_on,
        "bank_code": _bank_code(entry),
    }


def _bank_code(entry: Fields) -> str:
    """Return the bank's own code, else the ISO codes of domain, family and sub-family."""
    paths = ("Domn/Cd", "Domn/Fmly/Cd", "Domn/Fmly/SubFmlyCd")
    iso = "-".join(text for path in paths if (text := entry.text(f"BkTxCd/{path}")))
    return entry.text("BkTxCd/Prtry/Cd") or iso


def _parts(entry: Fields, details: list[Fields], amount_minor: int, currency: str) -> list[tuple[Fields, int]]:
    side = required(entry, "CdtDbtInd")
    amounts = [_detail_minor(detail, side, currency) for detail in details]
    parts = [(detail, minor) for detail, minor in zip(details, amounts, strict=True) if minor is not None]
    if len(parts) < len(details):
        return []
    missing = amount_minor - sum(minor for _, minor in parts)
    if missing == 0:
        return parts
    for holders in ([entry], details):
        charges = [charge for holder in holders for charge in _charges(holder)]
        if charges and missing == sum(_charge_minor(charge, currency) for charge in charges):
            return [*parts, (charges[0], missing)]
    return []


def _detail_minor(detail: Fields, side: str, currency: str) -> int | None:
    path = next((path for path in _DETAIL_AMOUNTS if detail.has(path)), None)
    if path is None:
        return None
    minor, own_currency = signed_minor(detail, path, side)
    return minor if own_currency == currency else None


def _charges(holder: Fields) -> list[Fields]:
    # Version 2 repeats Chrgs; from version 3 on one Chrgs holds records.
    return [charge for charges in holder.all("Chrgs") for charge in charges.all("Rcrd") or [charges]]


def _charge_minor(charge: Fields, currency: str) -> int:
    path = "Amt" if charge.has("Amt") else "TtlChrgsAndTaxAmt"
    minor, own_currency = signed_minor(charge, path, "DBIT")
    return minor if own_currency == currency else 0


def _told(entry: Fields, detail: Fields | None, minor: int) -> dict[str, Any]:
    told = detail or entry
    reversal = flag(entry, "RvslInd") or told.has("RtrInf")
    # A returned direct debit is a debit of what was a credit: its parties keep their roles.
    role = "Dbtr" if (minor > 0) != reversal else "Cdtr"
    end_to_end_id = told.text("Refs/EndToEndId")
    return {
        "counterparty_name": told.text(f"RltdPties/{role}/Nm", f"RltdPties/{role}/Pty/Nm"),
        "counterparty_iban": account_number(told, f"RltdPties/{role}Acct"),
        "end_to_end_id": "" if end_to_end_id == "NOTPROVIDED" else end_to_end_id,
        "structured_reference": _joined(told, "RmtInf/Strd/CdtrRefInf/Ref", "RmtInf/Strd/CdtrRefInf/CdtrRef"),
        "text": _text(entry, told),
        "reversal": reversal,
    }


def _text(entry: Fields, told: Fields) -> str:
    paths = ("RmtInf/Ustrd", "RmtInf/Strd/RfrdDocInf/Nb", "RmtInf/Strd/AddtlRmtInf")
    return _joined(told, *paths) or told.text("AddtlTxInf") or entry.text("AddtlNtryInf")


def _joined(holder: Fields, *paths: str) -> str:
    return " ".join(text for path in paths for text in holder.texts(path))
